"""Counts that questions share are those of each question counted by itself."""

from collections import Counter
from dataclasses import fields, replace

import pytest

from core.domain.identity import Role
from core.lake.labels.binary import LabelledCells
from core.lake.labels.predicted import PredictedCells
from core.lake.labels.score_grid import whole_cells
from core.services.performance import performance
from core.services.performance.counting import (
    counted_labelled,
    labelled_of,
    labelled_rows,
    predicted_of,
)
from core.services.performance.whole_chunks import shared
from core.services.questions import Question, View
from tests.support.harbour import SECTORS, Harbour

PERIODS = [
    ("2024-03-11", "2024-09-17", "month"),
    ("2024-03-01", "2024-09-30", "month"),  # cuts nothing
    ("2024-05-04", "2024-05-20", "month"),  # within one
    ("2023-11-15", "2024-02-10", "month"),  # from before the log
    ("2024-10-20", "2025-03-01", "month"),  # beyond its end
    ("2023-01-01", "2023-02-28", "month"),  # before it
    ("2024-02-15", "2024-12-15", "quarter"),
    ("2024-03-11", "2024-04-17", "week"),
]


def view_of(harbour: Harbour, start: str, end: str, by: str, **more: str) -> View:
    question = Question("loans", start=start, end=end, by=by, **more)
    return performance(harbour.workspace, question, actor=harbour[Role.data_scientist]).view


def sums(found: LabelledCells | PredictedCells) -> Counter[tuple[object, ...]]:
    """Rows by everything that they are counted by, parts of a cell together."""
    names = [each.name for each in fields(found)]
    keys = names[: names.index("cell")]
    columns = [getattr(found, name).tolist() for name in keys]
    counted: Counter[tuple[object, ...]] = Counter()
    entries = zip(*columns, whole_cells(found.cell).tolist(), found.n, strict=True)
    for *key, n in entries:
        counted[tuple(key)] += int(n)
    return counted


@pytest.mark.parametrize(("start", "end", "by"), PERIODS)
def test_shared_counts_are_those_of_the_period_alone(
    harbour: Harbour, start: str, end: str, by: str
) -> None:
    view = view_of(harbour, start, end, by)
    alone = counted_labelled(harbour.workspace, labelled_rows(harbour.workspace, view))
    found = labelled_of(harbour.workspace, view)
    assert sums(found) == sums(alone)
    assert found.score.sum() == pytest.approx(alone.score.sum())
    assert found.amount.sum() == pytest.approx(alone.amount.sum())


@pytest.mark.parametrize("more", [{}, {"slice": f"sector={SECTORS[0]}"}, {"version": "1"}])
def test_predictions_are_shared_within_a_slice_and_a_version(
    harbour: Harbour, more: dict[str, str]
) -> None:
    view = view_of(harbour, "2024-03-11", "2024-06-17", "month", **more)
    log = view.of_whole_chunks
    found, whole = predicted_of(harbour.workspace, view), predicted_of(harbour.workspace, log)
    for chunk in view.chunks[1:-1]:
        (same,) = (each for each in log.chunks if each.key == chunk.key)
        here, there = (
            each.where(each.period == place)
            for each, place in ((found, chunk.index), (whole, same.index))
        )
        assert here.n.sum() > 0
        assert here.n.tolist() == there.n.tolist()
    first = found.where(found.period == 0)
    assert 0 < first.n.sum() < whole.where(whole.period == 2).n.sum()


def test_only_chunks_that_are_cut_are_counted_anew(harbour: Harbour) -> None:
    view = view_of(harbour, "2024-03-11", "2024-09-17", "month")
    counted: list[str] = []

    def count(chunks: tuple[object, ...]) -> LabelledCells:
        counted.extend(chunk.key for chunk in chunks)  # type: ignore[attr-defined]
        nothing = labelled_of(harbour.workspace, view)
        return nothing.where(nothing.period < 0)

    shared(view, lambda log: labelled_of(harbour.workspace, log), count)  # type: ignore[arg-type]
    assert counted == ["2024-03", "2024-09"]


def test_a_month_is_the_same_whatever_is_shown_beside_it(harbour: Harbour) -> None:
    actor, workspace = harbour[Role.data_scientist], harbour.workspace
    asked = Question("loans", start="2024-03-11", end="2024-09-17")
    found = performance(workspace, asked, actor=actor)
    whole = performance(workspace, asked.of_whole_chunks, actor=actor)
    (place,) = (chunk.index for chunk in whole.chunks if chunk.key == "2024-06")
    assert repr(found.maturity[3]) == repr(whole.maturity[place])  # NaN differs from itself
    for name, figure in found.figures.items():
        other = whole.figures[name]
        for part in ("value", "low", "high", "n"):
            here, there = getattr(figure, part)[3], getattr(other, part)[place]
            assert here == pytest.approx(there, rel=1e-9, nan_ok=True), name


def test_the_view_of_the_whole_log_is_the_one_that_is_asked_for(harbour: Harbour) -> None:
    actor, workspace = harbour[Role.data_scientist], harbour.workspace
    asked = Question("loans", start="2024-03-11", end="2024-09-17", by="quarter")
    found = performance(workspace, asked, actor=actor).view.of_whole_chunks
    whole = performance(workspace, replace(asked, start=None, end=None), actor=actor).view
    assert found == whole
    assert whole.of_whole_chunks is whole
