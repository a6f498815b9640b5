"""What holds for performance, fairness, segments, confidence and skew, whatever is asked of a log.

Each figure lies in the range that the registry states and within its own limits, and what the
months say adds up to what the whole period says. The neighbour ``test_every_figure`` has the rest.
"""

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.domain.identity import Actor, Role
from core.errors import NothingYet
from core.services.confidence import confidence
from core.services.drift.skew import skew
from core.services.fairness.measure import FairnessTable, fairness
from core.services.performance import Performance, performance
from core.services.performance.matrix import outcome_matrix
from core.services.questions import Question
from core.services.segments import segments
from core.services.workspace import Workspace
from tests.core.services.test_every_figure import (
    DAYS,
    PERIODS,
    VERSIONS,
    asked,
    in_range,
    questions,
    weighted,
)
from tests.support.builders import a_workspace
from tests.support.demo_slices import SBA, put, sba_log
from tests.support.harbour import Harbour
from tests.support.lender import Lender

OWNER = Actor("u-1", "ada", frozenset({Role.admin}), origin="cli")
LOANS = sba_log(every=50)
FIRST = date(2006, 1, 1)


@given(period=PERIODS, version=VERSIONS, as_of=st.one_of(st.none(), DAYS))
@asked
def test_performance(
    lender: Lender, period: tuple[date, date], version: str | None, as_of: date | None
) -> None:
    try:
        months, whole = (
            performance(lender.workspace, each, actor=lender.actor)
            for each in questions(period, version, as_of)
        )
    except NothingYet:
        return  # as of a day before the first prediction
    for found in (months, whole):
        in_range({name: figure.value for name, figure in found.figures.items()})
        for figure in found.figures.values():
            known = np.isfinite(figure.low) & np.isfinite(figure.high)
            assert np.all(figure.low[known] <= figure.value[known] + 1e-12)
            assert np.all(figure.value[known] <= figure.high[known] + 1e-12)
    for count in ("n", "matured", "labelled"):
        parts = [getattr(each, count) for each in months.maturity]
        assert sum(parts) == sum(getattr(each, count) for each in whole.maturity)
    _adds_up(lender.workspace, months, whole)


def _adds_up(workspace: Workspace, months: Performance, whole: Performance) -> None:
    """Hold the months with mature rows against the whole period, if that has mature rows."""
    if not whole.maturity or whole.maturity[0].basis != "matured":
        return
    final = np.asarray([each.basis == "matured" for each in months.maturity])
    for name in ("outcome_rate", "accuracy", "brier_score", "log_loss"):
        part, figure = months.figures[name], whole.figures[name]
        rows = np.where(final, np.nan_to_num(part.n), 0.0)
        assert rows.sum() == figure.n[0]
        assert weighted(part.value, rows) == pytest.approx(figure.value[0], rel=1e-9)
    cells = [outcome_matrix(workspace, found) for found in (months, whole)]
    assert cells[0] is not None
    assert cells[1] is not None
    assert cells[0].counts[final].sum(axis=0) == pytest.approx(cells[1].counts[0])


def _in_limits(table: FairnessTable) -> None:
    for row in table.rows():
        in_range({row.metric: np.asarray([row.value])})
        if np.isfinite([row.lower, row.value, row.upper]).all():
            assert row.lower <= row.value + 1e-12
            assert row.value <= row.upper + 1e-12
        if np.isfinite(row.ratio):
            assert 0 <= row.ratio <= 1
            assert row.ratio_lower <= row.ratio + 1e-12
            assert row.ratio <= row.ratio_upper + 1e-12
        assert not row.labelled_share > row.matured_share


@given(period=PERIODS, version=VERSIONS, as_of=st.one_of(st.none(), DAYS))
@asked
def test_fairness(
    harbour: Harbour, period: tuple[date, date], version: str | None, as_of: date | None
) -> None:
    try:
        months, whole = (
            fairness(harbour.workspace, each, actor=harbour[Role.compliance])
            for each in questions(period, version, as_of)
        )
    except NothingYet:
        return
    for table in (months, whole):
        _in_limits(table)
    assert (months.n, months.labelled) == (whole.n, whole.labelled)
    for part, found in zip(months.attributes, whole.attributes, strict=True):
        # Of the whole period both say the same, however it is cut.
        assert part.overall.counts.groups == found.overall.counts.groups
        assert part.overall.counts.n.tolist() == found.overall.counts.n.tolist()
        assert part.ratio == found.ratio or np.isnan(part.ratio.value)
        assert found.n == found.beside + found.overall.counts.n.sum()
        shown = [figures.counts for _, figures in part.chunks]
        for place, group in enumerate(found.overall.counts.groups):
            counts = [each.n[each.groups.index(group)] for each in shown if group in each.groups]
            if len(counts) == len(shown):
                assert sum(counts) == found.overall.counts.n[place]
            else:
                assert sum(counts) <= found.overall.counts.n[place]


@given(period=PERIODS, version=VERSIONS)
@asked
def test_segments(lender: Lender, period: tuple[date, date], version: str | None) -> None:
    by_month, whole = questions(period, version)
    table = segments(lender.workspace, whole, actor=lender.actor)
    # No months: a slice is told of one period, whatever the length that was asked for.
    assert segments(lender.workspace, by_month, actor=lender.actor).n == table.n
    judged = 0
    for name, rows in table.figures.items():
        for row in rows:
            in_range({name: np.asarray([row.value, row.rest])})
            assert 0 <= row.affected <= row.n <= table.n
            if row.status == "ok":
                judged += 1
                assert row.low - 1e-12 <= row.difference <= row.high + 1e-12
                assert 0 <= row.p_value <= row.adjusted <= 1
                assert row.significant == (row.adjusted <= table.level)
        by_segment: dict[str, int] = {}
        for row in rows:
            by_segment[row.slice[0][0]] = by_segment.get(row.slice[0][0], 0) + row.n
        assert all(n <= table.n for n in by_segment.values())
    assert judged == table.comparisons


@given(period=PERIODS, version=VERSIONS, band=st.one_of(st.none(), st.floats(0, 1)))
@asked
def test_confidence(
    lender: Lender, period: tuple[date, date], version: str | None, band: float | None
) -> None:
    months, whole = (
        confidence(lender.workspace, each, actor=lender.actor, band=band)
        for each in questions(period, version)
    )
    assert months.scores.sum() == whole.scores.sum()
    for found in (months, whole):
        for figure in found.figures.values():
            known = figure.value[np.isfinite(figure.value)]
            assert np.all((known >= 0) & (known <= 1))
            both = np.isfinite(figure.lower) & np.isfinite(figure.upper)
            assert np.all(figure.lower[both] <= figure.value[both] + 1e-12)
            assert np.all(figure.value[both] <= figure.upper[both] + 1e-12)
    if not whole.scores.sum():
        return
    mean = whole.figures["score_mean"].value[0]
    assert weighted(months.figures["score_mean"].value, months.scores) == pytest.approx(mean)
    for name in ("entropy", "margin", "near_cut_off"):
        part, one = months.figures[name], whole.figures[name]
        # The exact figure lies between the limits of both.
        assert weighted(part.lower, months.scores) <= one.upper[0] + 1e-9
        assert weighted(part.upper, months.scores) >= one.lower[0] - 1e-9


@pytest.fixture(scope="module")
def sba(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """The demo's loans, which have a training set."""
    folder = tmp_path_factory.mktemp("skewed")
    workspace = a_workspace(folder / "home")
    put(workspace, folder, SBA, LOANS, actor=OWNER)
    yield workspace
    workspace.store.close()


@given(start=st.integers(0, 1400), length=st.integers(30, 400))
@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_skew(sba: Workspace, start: int, length: int) -> None:
    first = FIRST + timedelta(days=start)
    days = {"start": first.isoformat(), "end": (first + timedelta(days=length)).isoformat()}
    methods = ("psi", "jensen_shannon")
    months, whole = (
        skew(sba, Question(SBA, by=grain, **days), actor=OWNER, methods=methods)
        for grain in ("month", "all")
    )
    rows = {"month": months.rows(), "all": whole.rows()}
    for row in (*rows["month"], *rows["all"]):
        in_range({row.method: np.asarray([row.value])})
        assert row.n_training > 0
    for column in {row.column for row in rows["all"]}:
        n = {
            grain: sum(
                int(str(row.chunk["n"]))
                for row in found
                if (row.column, row.method) == (column, "psi")
            )
            for grain, found in rows.items()
        }
        assert n["month"] == n["all"], column
