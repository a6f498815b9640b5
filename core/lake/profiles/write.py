"""The profile of a relation, written as one Parquet file.

Rows: ``version, jurisdiction, day, slice, slice_value, feature, bin, n, total, low, high``. All
rows (slice ``''``) are counted per local day. Slices are counted per local month, under its first
day: a day of one slice value seldom fills more than a few bins, and per day the slices of a
10-million-row log would have 200 million cells. Periods that cut a month are answered from raw
rows (:mod:`core.lake.profiles.memory`). Slices keep sums but neither minimum nor maximum. Rows are
sorted by slice, feature, group, day, so that one slice is one run of row groups.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from pyarrow import parquet

from core.contract import ModelContract
from core.lake.arrow_arrays import array_of, numbers_of, texts
from core.lake.files import finished_file
from core.lake.local_days import EPOCH_ORDINAL, LocalDays, month_starts
from core.lake.profiles.cells import Cells
from core.lake.profiles.columns import (
    ProfileColumn,
    ProfileKind,
    operation_columns,
    profile_columns,
)
from core.lake.profiles.counter import CellCounter, Periods
from core.lake.profiles.segments import ALL_ROWS, SliceValues, slice_values
from core.lake.profiles.sql import Group, batches, projection
from core.metrics.arrays import Integers
from core.metrics.binning import CODE_OFFSET, BinSet

_DAY_BITS = 22
_DAY_MASK = (1 << _DAY_BITS) - 1
_ROW_GROUP_ROWS = 1 << 19

# A fifth smaller and faster to write than dictionaries of numbers that hardly ever repeat.
_ENCODING = {
    "compression": "zstd",
    "use_dictionary": ["version", "jurisdiction", "slice", "slice_value", "feature"],
    "column_encoding": {
        **dict.fromkeys(("day", "bin", "n"), "DELTA_BINARY_PACKED"),
        **dict.fromkeys(("total", "low", "high"), "BYTE_STREAM_SPLIT"),
    },
}

PROFILE_SCHEMA = pa.schema(
    [
        ("version", pa.dictionary(pa.int32(), pa.string())),
        ("jurisdiction", pa.dictionary(pa.int32(), pa.string())),
        ("day", pa.date32()),
        ("slice", pa.dictionary(pa.int32(), pa.string())),
        ("slice_value", pa.dictionary(pa.int32(), pa.string())),
        ("feature", pa.dictionary(pa.int32(), pa.string())),
        ("bin", pa.int32()),
        ("n", pa.int64()),
        ("total", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
    ]
)


def write_profile(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    contract: ModelContract,
    bins: BinSet | None,
    kind: ProfileKind,
    target_path: Path,
) -> int:
    """Count a relation and write its profile; complete and on disk when this returns.

    Parameters
    ----------
    connection : DuckDBPyConnection
        The connection that knows the relation; nothing else may use it meanwhile.
    relation : str
        FROM item with the columns of the predictions stream; best sorted by time.
    contract : ModelContract
        Contract of the model.
    bins : BinSet, optional
        The reference's bins; needed for kind ``features``, ignored for ``operations``.
    kind : {"features", "operations"}
        What to count.
    target_path : Path
        The file to make; its folder is made too.

    Returns
    -------
    int
        Rows of the profile.

    Raises
    ------
    DiskFull, StorageError
        If the file cannot be written.
    ValueError
        If bins are needed and missing.
    """
    columns, slices = _counted(contract, bins, kind)
    counter = CellCounter(columns, slices)
    days = LocalDays(contract.timezone)
    with projection(connection, relation, contract, columns, slices) as scan:
        for batch in batches(connection, scan):
            daily = _daily(batch, days, len(scan.groups))
            counter.add(batch, daily, _monthly(daily) if slices else None)
    return _write(counter, scan.groups, target_path)


def _counted(
    contract: ModelContract, bins: BinSet | None, kind: ProfileKind
) -> tuple[tuple[ProfileColumn, ...], tuple[SliceValues, ...]]:
    if kind == "operations":
        return operation_columns(contract), ()
    if bins is None:
        raise ValueError("a features profile needs bins")
    return profile_columns(contract, bins), slice_values(contract, bins)


def _daily(batch: pa.RecordBatch, days: LocalDays, groups: int) -> Periods:
    """Return the (group, day) of each row; only those that occur are numbered."""
    ordinals = days.ordinals(numbers_of(batch.column("t"), np.int64))
    first = int(ordinals.min()) if len(ordinals) else 0
    span = int(ordinals.max()) - first + 1 if len(ordinals) else 1
    index = ordinals - first
    if groups > 1:
        group = numbers_of(batch.column("g"), np.uint16).astype(np.int64)
        index += group * span
    present = np.bincount(index, minlength=span * groups) > 0
    place = np.cumsum(present) - 1
    group_of, day_of = np.divmod(np.flatnonzero(present), span)
    return Periods(place[index], (group_of << _DAY_BITS) | (day_of + first))


def _monthly(daily: Periods) -> Periods:
    """Return the (group, month) of each row."""
    group, day = daily.keys >> _DAY_BITS, daily.keys & _DAY_MASK
    keys, place = np.unique((group << _DAY_BITS) | month_starts(day), return_inverse=True)
    return Periods(place.astype(np.int64)[daily.index], keys)


def _write(counter: CellCounter, groups: Sequence[Group], target: Path) -> int:
    rows = 0
    with (
        finished_file(target) as path,
        parquet.ParquetWriter(path, PROFILE_SCHEMA, **_ENCODING) as writer,
    ):
        for place in range(len(counter.slices) + 1):
            tables = list(_tables(counter, place, groups))
            if tables:
                table = pa.concat_tables(tables).unify_dictionaries()
                writer.write_table(table, row_group_size=_ROW_GROUP_ROWS)
                rows += len(table)
    return rows


def _tables(counter: CellCounter, place: int, groups: Sequence[Group]) -> Iterator[pa.Table]:
    name = ALL_ROWS if place == 0 else counter.slices[place - 1].name
    labels = ("",) if place == 0 else counter.slices[place - 1].labels
    for index, column in enumerate(counter.columns):
        cells = counter.cells(place, index)
        if cells is not None:
            yield _table(cells, column, name, labels, groups)


def _table(
    cells: Cells, column: ProfileColumn, name: str, labels: Sequence[str], groups: Sequence[Group]
) -> pa.Table:
    group = cells.period >> _DAY_BITS
    day = ((cells.period & _DAY_MASK) - EPOCH_ORDINAL).astype(np.int32)
    constant = np.zeros(len(cells), dtype=np.int64)
    arrays = [
        _dictionary(group, [entry.version for entry in groups]),
        _dictionary(group, [entry.jurisdiction for entry in groups]),
        array_of(day, pa.date32()),
        _dictionary(constant, [name]),
        _dictionary(cells.value, labels),
        _dictionary(constant, [column.feature]),
        array_of((cells.position - CODE_OFFSET).astype(np.int32), pa.int32()),
        array_of(cells.n, pa.int64()),
        *(
            array_of(part, pa.float64(), np.isnan(part))
            for part in (cells.total, cells.low, cells.high)
        ),
    ]
    return pa.Table.from_arrays(arrays, schema=PROFILE_SCHEMA)


def _dictionary(codes: Integers, values: Sequence[str]) -> pa.DictionaryArray:
    """Return texts by their codes; repeated texts are made one."""
    distinct = list(dict.fromkeys(values))
    places = np.asarray([distinct.index(value) for value in values], dtype=np.int32)
    return pa.DictionaryArray.from_arrays(array_of(places[codes], pa.int32()), texts(distinct))
