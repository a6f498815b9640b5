"""Counts of raw rows per bin: for ragged ends of chunks, for ``--exact`` and for ``rows:N``."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import duckdb
import numpy as np
import pyarrow as pa

from core.contract import ModelContract
from core.domain.windows import Chunk
from core.lake.arrow_arrays import numbers_of
from core.lake.local_days import from_microseconds, to_microseconds
from core.lake.paths import parquet_relation
from core.lake.profiles.cells import Cells
from core.lake.profiles.columns import ProfileColumn, source_type
from core.lake.profiles.counter import CellCounter, Periods
from core.lake.profiles.sql import batches, projection
from core.lake.row_filter import RowFilter
from core.lake.rows import STABLE_ORDER, stale_files
from core.metrics.arrays import Integers
from core.metrics.binning import BinnedCounts

_MOST_SPANS = 8
Interval = tuple[int, datetime, datetime]


def count_intervals(
    connection: duckdb.DuckDBPyConnection,
    paths: Sequence[str],
    contract: ModelContract,
    columns: Sequence[ProfileColumn],
    intervals: Sequence[Interval],
    chunks: int,
    row_filter: RowFilter,
) -> dict[str, BinnedCounts]:
    """Count the rows of intervals into the chunks they belong to.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    paths : sequence of str
        Data files of the predictions stream.
    contract : ModelContract
        Contract of the model.
    columns : sequence of ProfileColumn
        What to count.
    intervals : sequence of (int, datetime, datetime)
        Chunk and half-open interval, by time, not overlapping.
    chunks : int
        Number of chunks.
    row_filter : RowFilter
        Which rows count.

    Returns
    -------
    dict of str to BinnedCounts
        Arrays of shape (chunks, bin positions).

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    counter = CellCounter(columns)
    if paths and intervals:
        starts = np.asarray([to_microseconds(start) for _, start, _ in intervals])
        ends = np.asarray([to_microseconds(end) for _, _, end in intervals])
        owner = np.asarray([index for index, _, _ in intervals], dtype=np.int64)
        condition = row_filter.condition(_spans(intervals), text=_is_text(contract, row_filter))
        keys = np.arange(chunks + 1, dtype=np.int64)
        with (
            connection.cursor() as cursor,
            stale_files(),
            projection(cursor, parquet_relation(paths), contract, columns, where=condition) as scan,
        ):
            for batch in batches(cursor, scan):
                times = _times(batch)
                place = np.searchsorted(starts, times, side="right") - 1
                inside = (place >= 0) & (times < ends[place])
                counter.add(batch, Periods(np.where(inside, owner[place], chunks), keys))
    return {
        column.feature: _dense(counter.cells(0, index), column, chunks)
        for index, column in enumerate(columns)
    }


def count_row_chunks(
    connection: duckdb.DuckDBPyConnection,
    paths: Sequence[str],
    contract: ModelContract,
    columns: Sequence[ProfileColumn],
    window: tuple[datetime, datetime],
    rows_per_chunk: int,
    row_filter: RowFilter,
) -> tuple[tuple[Chunk, ...], dict[str, BinnedCounts]]:
    """Count rows in chunks of N, in stable order; the last chunk may be smaller.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`.
    paths : sequence of str
        Files of the stream.
    contract : ModelContract
        The contract in force.
    columns : sequence of ProfileColumn
        What is counted.
    window : tuple
        First instant, and the one behind the last.
    rows_per_chunk : int
        N.
    row_filter : RowFilter
        Which rows.

    Returns
    -------
    tuple
        The chunks, from their first row's instant to just behind their last row's, and the
        counts by feature as :func:`count_intervals` gives them.
    """
    counter = CellCounter(columns)
    bounds: dict[int, tuple[int, int]] = {}
    if not paths:
        return (), {column.feature: _dense(None, column, 0) for column in columns}
    done = 0
    condition = row_filter.condition((window,), text=_is_text(contract, row_filter))
    with (
        connection.cursor() as cursor,
        stale_files(),
        projection(
            cursor,
            parquet_relation(paths),
            contract,
            columns,
            where=condition,
            order=STABLE_ORDER["predictions"],
        ) as scan,
    ):
        for batch in batches(cursor, scan):
            if not batch.num_rows:
                continue
            times = _times(batch)
            number = (np.arange(done, done + len(times))) // rows_per_chunk
            done += len(times)
            keys, first = np.unique(number, return_index=True)
            counter.add(batch, Periods(number - keys[0], keys))
            last = np.append(first[1:], len(times)) - 1
            for key, head, tail in zip(keys.tolist(), times[first], times[last], strict=True):
                bounds[key] = (bounds.get(key, (int(head), 0))[0], int(tail) + 1)
    chunks = tuple(
        Chunk(index, f"{index + 1}", from_microseconds(head), from_microseconds(tail))
        for index, (head, tail) in sorted(bounds.items())
    )
    counts = {
        column.feature: _dense(counter.cells(0, index), column, len(chunks))
        for index, column in enumerate(columns)
    }
    return chunks, counts


def added(
    left: Mapping[str, BinnedCounts], right: Mapping[str, BinnedCounts]
) -> dict[str, BinnedCounts]:
    """Return the counts of both, feature by feature."""
    return {name: counts + right[name] for name, counts in left.items()}


def _spans(intervals: Sequence[Interval]) -> list[tuple[datetime, datetime]]:
    """Join neighbours; many spans become the one that holds them all."""
    spans: list[tuple[datetime, datetime]] = []
    for _, start, end in intervals:
        if spans and spans[-1][1] >= start:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans if len(spans) <= _MOST_SPANS else [(spans[0][0], spans[-1][1])]


def _is_text(contract: ModelContract, row_filter: RowFilter) -> bool:
    if row_filter.slice is None:
        return True
    return source_type(contract, row_filter.slice[0].column) == "VARCHAR"


def _times(batch: pa.RecordBatch) -> Integers:
    return numbers_of(batch.column("t"), np.int64)


def _dense(cells: Cells | None, column: ProfileColumn, chunks: int) -> BinnedCounts:
    """Return cells as arrays of shape (chunks, positions); periods behind the last are dropped."""
    shape = (chunks, column.width)
    n, total = np.zeros(shape), np.zeros(shape)
    low, high = np.full(shape, np.nan), np.full(shape, np.nan)
    if cells is not None:
        kept = cells.period < chunks
        place = cells.period[kept], cells.position[kept]
        n[place] = cells.n[kept]
        total[place] = np.where(np.isnan(cells.total[kept]), 0.0, cells.total[kept])
        low[place], high[place] = cells.low[kept], cells.high[kept]
    return BinnedCounts(n, total, low, high) if column.is_numeric else BinnedCounts(n)
