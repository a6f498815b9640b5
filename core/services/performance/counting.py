"""The counts that a question's performance is computed from."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from core.lake.label_times import LabelTimes, label_times
from core.lake.labelled import LabelledCells, labelled_cells
from core.lake.labelled_rows import LabelledRows
from core.lake.predicted import PredictedCells, predicted_cells
from core.lake.score_grid import NO_SCORE
from core.metrics.arrays import Booleans, Floats, Integers
from core.metrics.performance import Confusion, ScoreCounts
from core.services.counts import calendar_only, row_filter
from core.services.questions import View
from core.services.workspace import Workspace

_BLOCK = 16  # periods that are laid out beside each other at a time


def matured_before(view: View) -> datetime:
    """Return up to which instant predictions are old enough for their label to be final."""
    outcome = view.contract.outcome
    return outcome.matures_after.before(view.as_of) if outcome else view.as_of


def labelled_rows(workspace: Workspace, view: View) -> LabelledRows:
    """Return which labelled rows a view is about."""
    return LabelledRows(
        contract=view.contract,
        resolved=tuple(workspace.lake_paths(view.data_files("resolved"))),
        chunks=calendar_only(view),
        rows=row_filter(workspace, view),
        as_of=view.as_of,
        matured_before=matured_before(view),
    )


def labelled_of(workspace: Workspace, view: View) -> LabelledCells:
    """Count the labelled rows of a view of a binary model; remembered."""
    return workspace.memo.get(
        ("labelled", view.key),
        lambda: labelled_cells(workspace.duck, labelled_rows(workspace, view)),
    )


def times_of(workspace: Workspace, view: View) -> LabelTimes:
    """Count when the labels of a view came; remembered."""
    return workspace.memo.get(
        ("label times", view.key),
        lambda: label_times(workspace.duck, labelled_rows(workspace, view)),
    )


def predicted_of(workspace: Workspace, view: View) -> PredictedCells:
    """Count all predictions of a view; remembered."""
    return workspace.memo.get(
        ("predicted", view.key),
        lambda: predicted_cells(
            workspace.duck,
            view.contract,
            predictions=workspace.lake_paths(view.data_files("predictions")),
            chunks=calendar_only(view),
            rows=row_filter(workspace, view),
            matured_before=matured_before(view),
        ),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Some neighbouring periods: their places, and their rows by cell of the score."""

    places: slice
    cells: Integers
    counts: ScoreCounts


def blocks(
    found: LabelledCells, periods: int, all_cells: Integers | None = None
) -> Iterator[Block]:
    """Lay cells out as arrays of shape (periods, cells), some periods at a time.

    The cells are those that occur in these periods, or ``all_cells``, in the order of the score.
    """
    scored = found.where(found.cell != NO_SCORE)
    for start in range(0, periods, _BLOCK):
        stop = min(start + _BLOCK, periods)
        part = scored.where((scored.period >= start) & (scored.period < stop))
        cells = np.unique(part.cell) if all_cells is None else all_cells
        if not cells.size:
            cells = np.zeros(1, dtype=np.int64)
        shape = (stop - start, cells.size)
        place = (part.period - start) * cells.size + np.searchsorted(cells, part.cell)
        yield Block(slice(start, stop), cells, _score_counts(part, place, shape))


def _score_counts(part: LabelledCells, place: Integers, shape: tuple[int, int]) -> ScoreCounts:
    def laid(values: Floats, chosen: Booleans | None = None) -> Floats:
        weights = values if chosen is None else np.where(chosen, values, 0.0)
        return np.bincount(place, weights, shape[0] * shape[1]).reshape(shape).astype(np.float64)

    hit = part.label == 1
    return ScoreCounts(
        positives=laid(part.n, hit),
        negatives=laid(part.n, ~hit),
        score_of_positives=laid(part.score, hit),
        score_of_negatives=laid(part.score, ~hit),
        square_of_positives=laid(part.square, hit),
        square_of_negatives=laid(part.square, ~hit),
        surprise=laid(part.surprise),
        fourth_power=laid(part.fourth_power),
        surprise_squared=laid(part.surprise_squared),
    )


def confusion_of(found: LabelledCells, periods: int) -> Confusion:
    """Return the confusion matrix of each period; rows that nobody flagged or not are left out."""

    def count(flagged: int, label: int) -> Floats:
        chosen = (found.flagged == flagged) & (found.label == label)
        return sums_of(found.period[chosen], found.n[chosen], periods)

    return Confusion.of(count(1, 1), count(1, 0), count(0, 1), count(0, 0))


def sums_of(period: Integers, values: Floats, periods: int) -> Floats:
    """Sum values by period, shape (periods,)."""
    return np.bincount(period, values, periods).astype(np.float64)


def ages_of(view: View) -> Floats:
    """Return the age of each period's middle at ``as_of`` in days, shape (periods,)."""
    middles = [
        chunk.start + (min(chunk.end, view.as_of) - chunk.start) / 2 for chunk in view.chunks
    ]
    return np.asarray([(view.as_of - middle) / timedelta(days=1) for middle in middles])
