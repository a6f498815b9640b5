"""Counts the batches of a profile pass into cells, for all rows and for each slice."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from core.lake.arrow_arrays import nulls_of, numbers_of
from core.lake.profiles.bin_codes import NumericCoder
from core.lake.profiles.cells import Cells, count_cells, merge_cells
from core.lake.profiles.columns import ProfileColumn
from core.lake.profiles.segments import SliceValues
from core.metrics.arrays import Floats, Integers
from core.metrics.binning import CODE_OFFSET, NumericBins

_COMPACT_CELLS = 1 << 23


@dataclass(frozen=True, slots=True, eq=False)
class Periods:
    """Which period each row of a batch belongs to.

    Parameters
    ----------
    index : ndarray of int64, shape (n,)
        Index into ``keys`` per row.
    keys : ndarray of int64, shape (p,)
        Key of each period, the same in every batch.
    """

    index: Integers
    keys: Integers


class CellCounter:
    """Accumulates cells over batches.

    Parameters
    ----------
    columns : sequence of ProfileColumn
        What to count.
    slices : sequence of SliceValues
        Segments to count one by one, beside all rows.
    """

    def __init__(
        self, columns: Sequence[ProfileColumn], slices: Sequence[SliceValues] = ()
    ) -> None:
        self.columns = tuple(columns)
        self.slices = tuple(slices)
        self._coders = [
            NumericCoder(column.bins)
            if column.is_numeric and isinstance(column.bins, NumericBins)
            else None
            for column in columns
        ]
        self._parts: list[list[list[Cells]]] = [
            [[] for _ in columns] for _ in range(len(slices) + 1)
        ]
        self._held = 0

    def add(self, batch: pa.RecordBatch, periods: Periods, sliced: Periods | None = None) -> None:
        """Count a batch.

        Parameters
        ----------
        batch : RecordBatch
            Columns ``x0`` … and ``s0`` … of :func:`core.lake.profiles.sql.projection`.
        periods, sliced : Periods
            Periods of the rows for all rows, and for the slices (the same if not given).
        """
        sliced = sliced or periods
        slice_keys = [
            sliced.index * len(cut.labels) + _integers(batch, f"s{index}")
            for index, cut in enumerate(self.slices)
        ]
        for index, (column, coder) in enumerate(zip(self.columns, self._coders, strict=True)):
            if coder is None:
                positions, numbers = _integers(batch, f"x{index}"), None
            else:
                positions, numbers = _coded(batch, f"x{index}", coder)
            self._count(0, index, column, periods.index, periods.keys, 1, positions, numbers)
            for place, (cut, keys) in enumerate(zip(self.slices, slice_keys, strict=True), 1):
                width = len(cut.labels)
                self._count(place, index, column, keys, sliced.keys, width, positions, numbers)
        if self._held > _COMPACT_CELLS:
            self._compact()

    def _count(
        self,
        place: int,
        index: int,
        column: ProfileColumn,
        key: Integers,
        period_keys: Integers,
        values: int,
        positions: Integers,
        numbers: Floats | None,
    ) -> None:
        cell, n, total, low, high = count_cells(
            key,
            positions,
            column.width,
            size=len(period_keys) * values,
            numbers=numbers,
            extremes=place == 0,
        )
        outer, position = np.divmod(cell, column.width)
        for part in (total, low, high):
            part[position < CODE_OFFSET] = np.nan
        period, value = np.divmod(outer, values)
        cells = Cells(period_keys[period], value, position, n, total, low, high)
        self._parts[place][index].append(cells)
        self._held += len(cells)

    def cells(self, place: int, index: int) -> Cells | None:
        """Return the merged cells of a column; ``place`` 0 is all rows, then the slices in order.

        ``None`` if nothing was counted.
        """
        parts = self._parts[place][index]
        if not parts:
            return None
        values = 1 if place == 0 else len(self.slices[place - 1].labels)
        return merge_cells(parts, self.columns[index].width, values)

    def _compact(self) -> None:
        self._held = 0
        for place, by_column in enumerate(self._parts):
            for index in range(len(by_column)):
                merged = self.cells(place, index)
                if merged is not None:
                    by_column[index] = [merged]
                    self._held += len(merged)


def _integers(batch: pa.RecordBatch, name: str) -> Integers:
    return numbers_of(batch.column(name), np.uint16).astype(np.int64)


def _coded(batch: pa.RecordBatch, name: str, coder: NumericCoder) -> tuple[Integers, Floats]:
    """Return positions, and the numbers with 0 where there is none."""
    column = batch.column(name)
    null = nulls_of(column)
    numbers: Floats = numbers_of(column, np.float64)
    if null is not None:
        numbers = np.where(null, 0.0, numbers)
    positions = coder.positions(numbers, null)
    is_nan = np.isnan(numbers)
    if is_nan.any():
        numbers = np.where(is_nan, 0.0, numbers)
    return positions, numbers
