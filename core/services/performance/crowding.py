"""Scores that crowd in few cells of the grid: found, and counted again in parts of these cells."""

import math
from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np

from core.lake.labels.binary import LabelledCells
from core.lake.labels.predicted import PredictedCells
from core.lake.labels.score_grid import NO_SCORE, PARTS, Crowded, whole_cells
from core.metrics.arrays import Booleans, Floats, Integers
from core.metrics.performance import binning_bounds
from core.services.performance.blocks import blocks, tied

EXACT_ENOUGH = 0.002
"""How far a figure of counts may lie from that of the rows; beyond, the rows are asked."""

_TOO_FAR = 0.01  # for an estimate, which no raw rows can mend
_ROUNDS = 3  # times that rows are counted in ever smaller parts
_MOST_ENTRIES = 3_000_000  # that parts may lead to
_MARGIN = 4  # times finer than scores that lie evenly in their cell would need

Crowding = tuple[float, Integers]
"""How far a figure may lie off at worst, and the codes of the cells that make it so."""


C = TypeVar("C", LabelledCells, PredictedCells)


def refined(
    count: Callable[[Crowded | None], C], crowding: Callable[[C, int], Crowding], periods: int
) -> C:
    """Count rows by cell, and again in parts where too many scores share a cell.

    Parameters
    ----------
    count : callable
        Counts the rows, crowded cells in parts.
    crowding : callable
        Tells from counts which cells are too crowded.
    periods : int
        Number of periods.

    Returns
    -------
    LabelledCells or PredictedCells
        Counts that say the order closely enough; or, with scores that lie nearer to each other
        than any part is wide, as closely as can be.
    """
    crowded, found = None, count(None)
    for _ in range(_ROUNDS):
        crowded = _closer(crowding(found, periods), crowded, float(found.n.sum()), periods)
        if crowded is None:
            break
        found = count(crowded)
    return found


def _closer(
    crowding: Crowding, before: Crowded | None, rows: float, periods: int
) -> Crowded | None:
    """Return which cells to count in how many parts next; ``None`` if that is no use."""
    worst, codes = crowding
    if not codes.size:
        return None
    finer = 2 ** math.ceil(math.log2(_MARGIN * worst / EXACT_ENOUGH))
    parts = min((before.parts if before else 1) * finer, PARTS)
    cells = {int(code) for code in whole_cells(codes)} | set(before.cells if before else ())
    if before and parts == before.parts and cells == set(before.cells):
        return None
    if min(rows, len(cells) * parts * periods) > _MOST_ENTRIES:
        return None
    return Crowded(tuple(sorted(cells)), parts)


def crowding_of_labelled(found: LabelledCells, periods: int) -> Crowding:
    """Return what keeps figures of labelled rows from being exact enough.

    Of a period with mature rows only those count.
    """
    mature: Booleans = np.bincount(found.period, found.matured, periods) > 0
    used = found.where(found.matured | ~mature[found.period])
    worst, codes = 0.0, [np.empty(0, dtype=np.int64)]
    for block in blocks(used, periods):
        bounds = binning_bounds(block.counts, block.tied)
        off = np.nan_to_num(np.max(list(bounds.values()), axis=0))
        for place in np.flatnonzero(off > EXACT_ENOUGH):
            worst = max(worst, float(off[place]))
            hits, misses = block.counts.positives[place], block.counts.negatives[place]
            codes.append(block.cells[_to_part(hits, misses, block.tied[place])])
    return worst, np.unique(np.concatenate(codes))


def _to_part(hits: Floats, misses: Floats, one: Booleans) -> Booleans:
    """Return the cells of one period that have to be parted, shape (B,)."""
    p, q = hits / hits.sum(), misses / misses.sum()
    above, false = hits.sum() - np.cumsum(hits), misses.sum() - np.cumsum(misses)
    first = above + np.minimum(hits, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        best = (above + hits) / (above + hits + false)
        spread = np.where(hits > 0, p * (best - first / (first + false + misses)), 0.0)
    chosen = np.minimum(p, q) > EXACT_ENOUGH / 2
    for part in (p * q, spread):
        chosen |= _largest(np.where(one, 0.0, part))
    return np.asarray(chosen & ~one)


def crowding_of_predicted(found: PredictedCells, periods: int) -> Crowding:
    """Return what keeps the order of predictions from being known, whatever comes of them."""
    worst, codes = 0.0, [np.empty(0, dtype=np.int64)]
    for _, cells, pairs in _pairs_by_cell(found, periods):
        if pairs.sum() > EXACT_ENOUGH:
            worst = max(worst, float(pairs.sum()))
            codes.append(cells[_largest(pairs)])
    return worst, np.unique(np.concatenate(codes))


def without_order(found: PredictedCells, periods: int) -> Booleans:
    """Return the periods whose scores are too near to each other for counts to tell their order.

    Returns
    -------
    ndarray of bool, shape (periods,)
        True where an area under the ROC curve of counts may lie more than
        :data:`_TOO_FAR` from that of the rows.
    """
    blurred = np.zeros(periods, dtype=np.bool_)
    for period, _, pairs in _pairs_by_cell(found, periods):
        blurred[period] = pairs.sum() > _TOO_FAR
    return blurred


def _pairs_by_cell(found: PredictedCells, periods: int) -> Iterator[tuple[int, Integers, Floats]]:
    """Yield of each period its cells, and half the share of pairs of rows that each hides."""
    scored = found.where(found.cell != NO_SCORE)
    for period in range(periods):
        part = scored.where(scored.period == period)
        if part.n.size:
            cells, place = np.unique(part.cell, return_inverse=True)
            one = tied(place, part.low, part.high, cells.shape)
            rows = np.bincount(place, part.n, cells.size) / part.n.sum()
            yield period, cells, np.where(one, 0.0, rows**2 / 2)


def _largest(parts: Floats) -> Booleans:
    """Return the largest parts, of which the others leave no more than a quarter of the limit."""
    order = np.argsort(parts)
    small = np.cumsum(parts[order]) <= EXACT_ENOUGH / 4
    chosen = np.ones(parts.size, dtype=np.bool_)
    chosen[order[small]] = False
    return chosen
