"""The parts of ``python -m bench``: what each measures, in the order of the page."""

from bench.parts.load import LOAD, QUEUE, REVIEWERS
from bench.parts.log import LOG, LOG_LARGE
from bench.parts.pages import PAGES, PAGES_LARGE
from bench.parts.part import Bench, Part
from bench.parts.proofs import CYCLES, FUZZ, TAMPER
from bench.parts.quality import COVERAGE, MUTATION, TESTS
from bench.parts.questions import KPIS, LABELS, REASONS
from bench.parts.setting_up import MAKE_TEST, SETUP, START
from bench.parts.truth import ALARMS, ESTIMATES

PARTS = (
    *(SETUP, MAKE_TEST, START),
    *(PAGES, PAGES_LARGE),
    *(LOG, LOG_LARGE, LABELS, KPIS, REASONS),
    *(LOAD, REVIEWERS, QUEUE),
    *(CYCLES, TAMPER, FUZZ),
    *(ALARMS, ESTIMATES),
    *(TESTS, COVERAGE, MUTATION),
)

__all__ = ["PARTS", "Bench", "Part"]
