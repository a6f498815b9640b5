"""The run behind docs/conformance.md, and the page itself."""

from itertools import chain
from math import inf, nan

import pytest

from core.metrics.registry import METRICS
from tests.conformance.measure import Comparison, pairs
from tests.conformance.page import PAGE, QUICK, alone, comparisons, differences, rendered
from tests.conformance.words import AFTER, BEFORE, WITHOUT_PEER


@pytest.mark.slow
def test_no_difference_is_larger_than_its_tolerance() -> None:
    outside = {
        (line.metric, line.figure, line.peer): line.outside
        for line in comparisons()
        if line.outside
    }
    assert not outside


@pytest.mark.slow
def test_each_metric_is_compared_or_listed() -> None:
    compared = {line.metric for line in comparisons()}
    assert not compared & set(WITHOUT_PEER)
    assert compared | set(WITHOUT_PEER) == set(METRICS)


@pytest.mark.slow
def test_each_comparison_says_what_it_is_once_and_why() -> None:
    names = [(line.metric, line.figure, line.peer) for line in comparisons()]
    assert len(names) == len(set(names))
    for line in comparisons():
        assert line.reason
        assert 0 < line.tolerance <= 0.05
        assert 2 * line.told >= len(line.pairs), f"{line.metric} of {line.peer}: mostly NaN"


def test_the_page_has_what_a_quick_part_of_the_run_gives() -> None:
    written = PAGE.read_text(encoding="utf-8")
    found = list(chain.from_iterable(part() for part in QUICK))
    assert len(found) > 60
    assert [line.metric for line in found if line.outside] == []
    missing = set(differences(found).splitlines()) - set(written.splitlines())
    assert not missing, "run python -m tests.conformance --write"
    named = {metric for metric in METRICS if f"[`{metric}`](metrics/{metric}.md)" in written}
    assert named == set(METRICS)  # compared, or said to have no peer
    for part in (BEFORE.strip(), alone(), AFTER.strip()):
        assert part in written


@pytest.mark.slow
def test_the_page_is_what_the_run_gives() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == rendered(comparisons()), "run python -m tests.conformance --write"


def one(*both: tuple[float, float], tolerance: float = 0.01) -> Comparison:
    named = ((str(place), *pair) for place, pair in enumerate(both))
    return Comparison("psi", "", "", "", pairs(named), tolerance)


def test_the_largest_difference_is_taken() -> None:
    # By hand: 0.5 of 10 is 0.05, 0.1 of 0.2 is 0.5.
    line = one((10.5, 10.0), (0.1, 0.2))
    assert (line.absolute, line.relative) == (0.5, 0.5)
    assert [case for case, _, _ in line.outside] == ["0", "1"]


@pytest.mark.parametrize(
    ("ours", "theirs", "apart"),
    [(nan, nan, 0.0), (nan, 1.0, inf), (1.0, nan, inf), (inf, inf, 0.0), (inf, 1.0, inf)],
)
def test_what_is_no_number_agrees_with_its_like_only(
    ours: float, theirs: float, apart: float
) -> None:
    line = one((ours, theirs))
    assert line.absolute == apart
    assert bool(line.outside) == bool(apart)


def test_a_tolerance_is_of_the_figure_where_that_is_above_one() -> None:
    # By hand: a hundredth of 200 is 2; below 1 it is a hundredth itself.
    assert not one((201.9, 200.0), (0.109, 0.1)).outside
    assert len(one((202.1, 200.0), (0.111, 0.1)).outside) == 2


def test_cases_without_a_figure_show_nothing() -> None:
    assert one((nan, nan), (inf, inf), (0.1, 0.1), (nan, 1.0)).told == 1


def test_rounding_is_told_from_a_difference() -> None:
    assert one((1e6 + 1e-9, 1e6), (0.1, 0.1)).only_rounding
    assert not one((1e6 + 1e-4, 1e6)).only_rounding
    assert one((1e-13, 0.0)).relative == 0
