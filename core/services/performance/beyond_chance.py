"""A matured month's results held against chance: the second half of a model-month.

When a month is over, its inputs and outputs are judged (:mod:`core.services.drift_alarms`); when
its outcomes have come, its results are, at what is left of the model-month's rate. So the month has
one rate of false alarms, and nobody waits for labels to hear of a broken input.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from core.domain.identity import Actor, Permission
from core.domain.windows import Chunk, Window, calendar_chunks
from core.errors import NotComputable
from core.i18n import N_
from core.lake.labels.binary import LabelledCells, labelled_cells
from core.lake.labels.score_grid import NO_SCORE
from core.metrics.alarms import (
    AlarmEvidence,
    Counts,
    FamilyNull,
    Series,
    Verdict,
    check_of,
    draw_family,
    evidence_of,
    judge,
    members_of,
    results_rate,
    score_series,
)
from core.metrics.alarms.watched import RESULTS_DRAWS
from core.metrics.arrays import Integers
from core.metrics.performance import ScoreCounts
from core.services import access
from core.services.performance.blocks import blocks
from core.services.performance.counting import labelled_of, labelled_rows
from core.services.performance.measure import known_maturity, labelled_view
from core.services.questions import Question, View, resolve
from core.services.reference.counts import calendar_only, row_filter
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace

SERIES = "@score"
BINS = 50
"""Groups of the score, of about as many rows of the reference each; figures of order need them."""

METRIC_OF: Mapping[str, str] = {"positive_rate": "outcome_rate", "brier": "brier_score"}
"""Figure of an alarm → id of the metric that shows it, where that is another."""

ONLY_BINARY = N_("Results are held against chance for models with two outcomes.")
NOT_MATURED = N_("No period after the reference has all its labels yet.")
NO_LABELS = N_("The reference has no days whose labels have come.")
REMEDY = N_("Name a period whose outcomes have come as 'performance_reference'.")


@dataclass(frozen=True, slots=True, eq=False)
class JudgedResults:
    """What became of the results of a matured period.

    Parameters
    ----------
    view : View
        The question made exact.
    chunk : Chunk
        The period.
    verdicts : tuple of Verdict
        One a figure, those furthest out first.
    family : FamilyNull
        What the period would look like if nothing changed.
    reference : mapping of str to Series
        Labelled rows of the reference by day, under :data:`SERIES`.
    current : Counts
        Labelled rows of the period.
    expected : float
        False alarms that such a period raises on average if nothing changed.
    """

    view: View
    chunk: Chunk
    verdicts: tuple[Verdict, ...]
    family: FamilyNull
    reference: Mapping[str, Series]
    current: Counts
    expected: float

    @property
    def alarms(self) -> tuple[Verdict, ...]:
        """The figures that are significant and large enough, those furthest out first."""
        return tuple(verdict for verdict in self.verdicts if verdict.alarm)

    def evidence(self, verdict: Verdict) -> AlarmEvidence:
        """Return what is stored with an alarm."""
        return evidence_of(
            verdict, self.family, self.reference, self.current, expected_alarms=self.expected
        )


@retry_when_stale
def judged_results(
    workspace: Workspace,
    question: Question,
    *,
    actor: Actor,
    at: str | None = None,
    rate: float | None = None,
) -> JudgedResults:
    """Hold the results of one matured period against chance; remembered.

    A month is judged as a whole, whatever days of it are asked for.

    Parameters
    ----------
    workspace : Workspace
        Where.
    question : Question
        Which model, chunks, version and slice, as known when; days and weeks are judged by their
        month, which has one rate.
    actor : Actor
        Who asks.
    at : str, optional
        Key of a period; the newest whose labels are final by default.
    rate : float
        False alarms in a model-month, by default the contract's; results are judged at their
        part of it.

    Raises
    ------
    NothingYet
        If there are no predictions.
    NotComputable
        If the model has not two outcomes, no period after the reference is matured, or the
        reference is too short or has no labels.
    """
    access.require(actor, Permission.performance_view, model=question.model)
    by_month = replace(question, by="month") if question.by in {"day", "week"} else question
    asked = resolve(workspace, by_month, Permission.performance_view, actor=actor)
    view = labelled_view(workspace, by_month.of_whole_chunks, actor=actor)
    if view.contract.task != "binary_classification":
        raise NotComputable(ONLY_BINARY)
    calendar_only(view)
    after, maturity = _window(view).end, known_maturity(workspace, view)
    matured = [
        chunk
        for chunk in view.chunks
        if maturity[chunk.index].state == "matured"
        and chunk.start >= after
        and chunk.overlaps(asked.window)
        and (at is None or chunk.key == at)
    ]
    if not matured:
        raise NotComputable(NOT_MATURED)
    wanted = view.contract.alarms.rate if rate is None else rate
    key = ("judged results", view.key, matured[-1].key, wanted)
    return workspace.memo.get_or_refuse(key, lambda: _judged(workspace, view, matured[-1], wanted))


def results_reference(workspace: Workspace, view: View) -> tuple[Series, Integers, Integers]:
    """Return the labelled reference by day, its cells of the score, and the group of each.

    Raises
    ------
    NotComputable
        If it has no days whose labels have come.
    """
    key = ("results by day", view.spec_sha256, view.generation, view.as_of)
    return workspace.memo.get(
        (*key, view.jurisdictions, view.slice), lambda: _reference(workspace, view)
    )


def _window(view: View) -> Window:
    """Return the labelled period of the contract, or else the reference that drift has."""
    wanted = view.contract.performance_reference
    if wanted is not None and wanted.start is not None and wanted.end is not None:
        return Window.of_days(wanted.start, wanted.end, view.timezone)
    return view.reference_window


def _reference(workspace: Workspace, view: View) -> tuple[Series, Integers, Integers]:
    days = calendar_chunks(_window(view), "day", view.timezone)
    wanted = replace(
        labelled_rows(workspace, view),
        chunks=days,
        rows=row_filter(workspace, view, of_reference=True),
    )
    cells = labelled_cells(workspace.duck, wanted)
    cells = cells.where(cells.matured & (cells.cell != NO_SCORE))
    if not cells.n.sum():
        raise NotComputable(NO_LABELS, remedy=REMEDY)
    known, place = np.unique(cells.cell, return_inverse=True)
    rows = np.bincount(place, cells.n)
    middle = (np.cumsum(rows) - rows / 2) / rows.sum()
    groups = np.minimum((middle * BINS).astype(np.int64), BINS - 1)
    return score_series(SERIES, _laid(cells, len(days), known, groups)), known, groups


def _laid(cells: LabelledCells, periods: int, known: Integers, groups: Integers) -> ScoreCounts:
    """Return labelled rows by period and group; a cell between known ones joins the next."""
    place = np.minimum(np.searchsorted(known, cells.cell), known.size - 1)
    grouped = replace(cells, cell=groups[place])
    parts = [block.counts for block in blocks(grouped, periods, np.arange(BINS))]
    return ScoreCounts(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ScoreCounts.__dataclass_fields__
        )
    )


def _judged(workspace: Workspace, view: View, chunk: Chunk, rate: float) -> JudgedResults:
    series, known, groups = results_reference(workspace, view)
    reference = {SERIES: series}
    cells = labelled_of(workspace, view)
    chosen = cells.matured & (cells.cell != NO_SCORE) & (cells.period == chunk.index)
    within = cells.where(chosen)
    alone = replace(within, period=np.zeros_like(within.period))
    current = score_series(SERIES, _laid(alone, 1, known, groups)).counts.merged()
    days = max((chunk.end - chunk.start).days, 1)
    check = check_of(chunk.key, 0, days, {SERIES: current})
    family = draw_family(
        reference, members_of(reference), [check], rate=results_rate(rate), draws=RESULTS_DRAWS
    )
    return JudgedResults(
        view=view,
        chunk=chunk,
        verdicts=judge(family, reference, {chunk.key: {SERIES: current}}),
        family=family,
        reference=reference,
        current=current,
        expected=family.expected_alarms(),
    )
