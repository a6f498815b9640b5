"""Counts of periods laid out beside each other, cell by cell of the score."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.lake.labels.binary import LabelledCells
from core.lake.labels.score_grid import NO_SCORE
from core.metrics.arrays import Booleans, Floats, Integers
from core.metrics.performance import ScoreCounts

_BLOCK = 16  # periods that are laid out beside each other at a time


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Some neighbouring periods and their rows by cell of the score.

    Parameters
    ----------
    places : slice
        Of the periods.
    cells : ndarray of int64, shape (B,)
        Codes in the order of the score.
    counts : ScoreCounts
        Rows of shape (periods, B).
    tied : ndarray of bool, shape (periods, B)
        Whether a period's rows in a cell have all the same score.
    """

    places: slice
    cells: Integers
    counts: ScoreCounts
    tied: Booleans


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
        yield Block(
            slice(start, stop),
            cells,
            _score_counts(part, place, shape),
            tied(place, part.low, part.high, shape),
        )


def tied(place: Integers, low: Floats, high: Floats, shape: tuple[int, ...]) -> Booleans:
    """Return which places hold one score alone; an empty one does.

    Parameters
    ----------
    place : ndarray of int64, shape (k,)
        Place of each entry in the flat array.
    low, high : ndarray, shape (k,)
        Smallest and largest score of each entry.
    shape : tuple of int
        Of the result.
    """
    size = int(np.prod(shape))
    least, most = np.full(size, np.inf), np.full(size, -np.inf)
    np.minimum.at(least, place, low)
    np.maximum.at(most, place, high)
    return (least >= most).reshape(shape)


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
