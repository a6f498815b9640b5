"""The figures of every value of a segment, from one pass of the labelled rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from core.lake.labels.binary import LabelledCells, sliced_cells
from core.lake.labels.errors import (
    ClassCells,
    ErrorCells,
    sliced_class_cells,
    sliced_error_cells,
)
from core.lake.labels.rows import LabelledRows
from core.lake.labels.score_grid import NO_SCORE
from core.lake.profiles.segments import SliceValues
from core.metrics.arrays import Booleans, Floats, Integers
from core.metrics.intervals import Interval
from core.metrics.performance import Confusion, ErrorSums, ScoreCounts
from core.metrics.slices import Comparison, compare_binary, compare_errors, compare_shares
from core.services.performance.blocks import blocks
from core.services.performance.counting import confusion_of, sums_of
from core.services.workspace import Workspace


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Slices of one segment, or of two together, that have rows; arrays of shape (S,).

    Parameters
    ----------
    place : ndarray of int64
        Place among the labels, or among all combinations of them.
    n : ndarray
        Matured labelled rows.
    compared : ndarray of int64
        Which of the slices, by their place in these arrays, were compared.
    figures : mapping of str to Comparison, shape (compared,)
        By metric id.
    """

    place: Integers
    n: Floats
    compared: Integers
    figures: Mapping[str, Comparison]


def count_slices(
    workspace: Workspace, wanted: LabelledRows, cuts: Sequence[SliceValues], minimum_n: int
) -> Counted:
    """Compare every slice of enough rows with the rest.

    Parameters
    ----------
    workspace : Workspace
        Where.
    wanted : LabelledRows
        Which rows, in one period.
    cuts : sequence of SliceValues
        One segment, or two.
    minimum_n : int
        Slices of fewer matured labelled rows are counted alone.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    if wanted.contract.task == "regression":
        place, errors = sliced_error_cells(workspace.duck, wanted, cuts)
        mature = errors.matured
        return _compare(
            place[mature],
            errors.sums.n[mature],
            minimum_n,
            lambda slot, count: _of_errors(errors, slot, count),
        )
    if wanted.contract.task == "multiclass_classification":
        return _count_classes(workspace, wanted, cuts, minimum_n)
    place, cells = sliced_cells(workspace.duck, wanted, cuts)
    known = cells.where(cells.matured)
    return _compare(
        place[cells.matured],
        known.n,
        minimum_n,
        lambda slot, count: _of_cells(known, slot, count),
    )


def _count_classes(
    workspace: Workspace, wanted: LabelledRows, cuts: Sequence[SliceValues], minimum_n: int
) -> Counted:
    """Compare slices of a model of several classes; rows of classes it does not know are out."""
    place, cells = sliced_class_cells(workspace.duck, wanted, cuts)
    known = cells.matured & (cells.actual >= 0) & (cells.predicted >= 0)
    return _compare(
        place[known],
        cells.n[known],
        minimum_n,
        lambda slot, count: _of_classes(cells, known, slot, count),
    )


def _compare(
    place: Integers,
    n: Floats,
    minimum_n: int,
    compare: Callable[[Integers, int], Mapping[str, Comparison]],
) -> Counted:
    """Give numbers to slices of enough rows, and to all other rows the one after the last."""
    places, slot = np.unique(place, return_inverse=True)
    rows = sums_of(slot, n, places.size)
    some = rows > 0
    enough = np.flatnonzero(rows >= minimum_n)
    number = np.full(places.size, enough.size)
    number[enough] = np.arange(enough.size)
    found = compare(number[slot], enough.size) if enough.size else {}
    kept = np.cumsum(some) - 1
    return Counted(places[some], rows[some], kept[enough], found)


def _of_cells(known: LabelledCells, slot: Integers, count: int) -> Mapping[str, Comparison]:
    laid = replace(known, period=slot)
    everything = replace(known, period=np.zeros_like(slot))
    cells = np.unique(known.cell[known.cell != NO_SCORE])
    (whole,) = blocks(everything, 1, cells)
    inside = laid.where(slot < count)
    matrix, total = confusion_of(inside, count), confusion_of(everything, 1)
    parts = []
    for block in blocks(inside, count, cells):
        own = _taken(matrix, block.places)
        parts.append(
            compare_binary(
                block.counts, _without(whole.counts, block.counts), own, _beside(total, own)
            )
        )
    return {name: _joined([part[name] for part in parts]) for name in parts[0]}


def _of_errors(errors: ErrorCells, slot: Integers, count: int) -> Mapping[str, Comparison]:
    mature, chosen = errors.matured, slot < count
    own, rest = {}, {}
    for each in fields(ErrorSums):
        values = getattr(errors.sums, each.name)[mature]
        own[each.name] = sums_of(slot[chosen], values[chosen], count)
        rest[each.name] = values.sum() - own[each.name]
    return compare_errors(ErrorSums(**own), ErrorSums(**rest))


def _of_classes(
    cells: ClassCells, known: Booleans, slot: Integers, count: int
) -> Mapping[str, Comparison]:
    n, right = cells.n[known], (cells.actual == cells.predicted)[known]
    rows = sums_of(slot, n, count + 1)
    hits = sums_of(slot[right], n[right], count + 1)
    others, other_hits = rows.sum() - rows, hits.sum() - hits
    parts = (each[:count] for each in (hits, rows, other_hits, others))
    return {"accuracy": compare_shares(*parts)}


def _without(whole: ScoreCounts, part: ScoreCounts) -> ScoreCounts:
    """Return all other rows; sums of floats that should be 0 do not fall below it."""
    return ScoreCounts(
        *(np.maximum(getattr(whole, e.name) - getattr(part, e.name), 0.0) for e in fields(part))
    )


def _taken(whole: Confusion, places: slice) -> Confusion:
    return Confusion(*(getattr(whole, each.name)[places] for each in fields(whole)))


def _beside(total: Confusion, own: Confusion) -> Confusion:
    return Confusion(*(getattr(total, e.name) - getattr(own, e.name) for e in fields(own)))


def _joined(parts: Sequence[Comparison]) -> Comparison:
    def whole(of: Callable[[Comparison], Interval]) -> Interval:
        return Interval(
            *(
                np.concatenate([getattr(of(part), each.name) for part in parts])
                for each in fields(Interval)
            )
        )

    return Comparison(
        value=whole(lambda part: part.value),
        rest=whole(lambda part: part.rest),
        difference=whole(lambda part: part.difference),
        p_value=np.concatenate([part.p_value for part in parts]),
        enough=np.concatenate([part.enough for part in parts]),
    )
