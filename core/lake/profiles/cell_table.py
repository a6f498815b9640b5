"""Profile rows in memory: per feature, plain arrays that any window sums in milliseconds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import DTypeLike
from pyarrow import parquet

from core.lake.arrow_arrays import doubles_of, numbers_of
from core.lake.local_days import EPOCH_ORDINAL
from core.lake.profiles.sql import Group
from core.lake.rows import stale_files
from core.metrics.arrays import AnyArray, Booleans, Floats, Integers
from core.metrics.binning import CODE_OFFSET, BinnedCounts

_Item = TypeVar("_Item")
_FIELDS = ("day", "group", "value", "position", "n", "total", "low", "high")


@dataclass(frozen=True, slots=True, eq=False)
class FeatureCells:
    """Cells of one feature, arrays of shape (k,).

    ``day`` (ordinal), ``group`` and ``value`` (indices into the table's lists), ``position``
    (bin code + 2), ``n``, and for numbers ``total``, ``low`` and ``high``.
    """

    day: AnyArray
    group: AnyArray
    value: AnyArray
    position: AnyArray
    n: Floats
    total: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True, eq=False)
class CellTable:
    """The cells of one slice (or all rows) of one model; never changed, so threads may share it.

    Parameters
    ----------
    groups : tuple of Group
        Pairs of version and jurisdiction.
    values : tuple of str
        Slice values.
    features : mapping of str to FeatureCells
        Cells by feature.
    """

    groups: tuple[Group, ...]
    values: tuple[str, ...]
    features: Mapping[str, FeatureCells]


EMPTY = CellTable((), (), {})


def load_cells(table: CellTable, paths: Sequence[Path], slice_name: str) -> CellTable:
    """Return a table with the cells of further files added.

    Parameters
    ----------
    table : CellTable
        What is held already.
    paths : sequence of Path
        Profile files.
    slice_name : str
        Which slice to read; ``""`` for all rows.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    groups, values = list(table.groups), list(table.values)
    parts: dict[str, list[FeatureCells]] = {name: [cells] for name, cells in table.features.items()}
    for path in paths:
        with stale_files():
            rows = _rows_of_slice(path, slice_name)
        for name, cells in _by_feature(rows, groups, values).items():
            parts.setdefault(name, []).append(cells)
    return CellTable(
        tuple(groups), tuple(values), {name: _concatenated(held) for name, held in parts.items()}
    )


def dense_counts(
    table: CellTable,
    feature: str,
    width: int,
    chunk_of_day: Integers,
    first_day: int,
    chunks: int,
    *,
    groups: Booleans | None = None,
    value: int | None = None,
    numeric: bool,
) -> BinnedCounts:
    """Sum a feature's cells into chunks.

    Parameters
    ----------
    table : CellTable
        Where the cells are.
    feature : str
        Which feature; one without cells gives zeros.
    width : int
        Number of bin positions.
    chunk_of_day : ndarray of int64, shape (days,)
        Chunk of each day from ``first_day`` on; -1 for none.
    first_day : int
        Ordinal of the first day.
    chunks : int
        Number of chunks.
    groups : ndarray of bool, optional
        Which of the table's groups count; all by default.
    value : int, optional
        Only this slice value.
    numeric : bool
        Whether there are sums, minima and maxima.

    Returns
    -------
    BinnedCounts
        Arrays of shape (chunks, width).
    """
    size = chunks * width
    cells = table.features.get(feature)
    if cells is None or not len(chunk_of_day):
        return _shaped(_nothing(size, numeric=numeric), chunks, width)
    place = cells.day.astype(np.int64) - first_day
    chunk = chunk_of_day.take(np.clip(place, 0, len(chunk_of_day) - 1))
    wanted = (chunk >= 0) & (place >= 0) & (place < len(chunk_of_day))
    if groups is not None:
        wanted &= groups[cells.group]
    if value is not None:
        wanted &= cells.value == value
    chosen: AnyArray | slice = slice(None) if wanted.all() else np.flatnonzero(wanted)
    key = chunk[chosen] * width + cells.position[chosen]
    n: Floats = np.bincount(key, weights=cells.n[chosen], minlength=size).astype(np.float64)
    if not numeric:
        return _shaped((n,), chunks, width)
    sums = np.nan_to_num(cells.total[chosen], nan=0.0, posinf=np.inf, neginf=-np.inf)
    total: Floats = np.bincount(key, weights=sums, minlength=size).astype(np.float64)
    low: Floats = np.full(size, np.nan)
    high: Floats = np.full(size, np.nan)
    np.fmin.at(low, key, cells.low[chosen])
    np.fmax.at(high, key, cells.high[chosen])
    return _shaped((n, total, low, high), chunks, width)


def _nothing(size: int, *, numeric: bool) -> tuple[Floats, ...]:
    if not numeric:
        return (np.zeros(size),)
    return np.zeros(size), np.zeros(size), np.full(size, np.nan), np.full(size, np.nan)


def _shaped(parts: tuple[Floats, ...], chunks: int, width: int) -> BinnedCounts:
    return BinnedCounts(*(part.reshape(chunks, width) for part in parts))


def _rows_of_slice(path: Path, slice_name: str) -> pa.Table:
    """Read the row groups that may hold a slice; files are sorted by slice, so few hold others."""
    with parquet.ParquetFile(path) as file:
        place = file.schema_arrow.get_field_index("slice")
        wanted = []
        for number in range(file.metadata.num_row_groups):
            known = file.metadata.row_group(number).column(place).statistics
            if known is None or not known.has_min_max or known.min <= slice_name <= known.max:
                wanted.append(number)
        rows = file.read_row_groups(wanted)
    codes, names = _codes(rows.column("slice"))
    if names == [slice_name]:
        return rows
    inside = codes == names.index(slice_name) if slice_name in names else codes < 0
    return rows.filter(pa.array(inside))


def _by_feature(rows: pa.Table, groups: list[Group], values: list[str]) -> dict[str, FeatureCells]:
    """Split rows by feature, with their texts as indices into the (growing) lists."""
    if not len(rows):
        return {}
    feature, names = _codes(rows.column("feature"))
    version, versions = _codes(rows.column("version"))
    jurisdiction, jurisdictions = _codes(rows.column("jurisdiction"))
    value, labels = _codes(rows.column("slice_value"))
    pairs = version.astype(np.int32) * len(jurisdictions) + jurisdiction
    place = np.zeros(len(versions) * len(jurisdictions), dtype=np.int32)
    for pair in np.flatnonzero(np.bincount(pairs)):
        own, country = divmod(int(pair), len(jurisdictions))
        place[pair] = _index(groups, Group(versions[own], jurisdictions[country]))
    labels_at = np.asarray([_index(values, label) for label in labels], dtype=np.int32)
    columns: dict[str, AnyArray] = {
        "day": _numbers(rows, "day", np.int32) + np.int32(EPOCH_ORDINAL),
        "group": place[pairs],
        "value": labels_at[value],
        "position": _numbers(rows, "bin", np.int32) + np.int32(CODE_OFFSET),
        "n": _numbers(rows, "n", np.int64).astype(np.float64),
        "total": _doubles(rows, "total"),
        "low": _doubles(rows, "low"),
        "high": _doubles(rows, "high"),
    }
    if (feature[1:] < feature[:-1]).any():
        order = np.argsort(feature, kind="stable")
        feature = feature[order]
        columns = {key: values_of[order] for key, values_of in columns.items()}
    bounds = np.searchsorted(feature, np.arange(len(names) + 1))
    return {
        name: FeatureCells(**{key: columns[key][bounds[at] : bounds[at + 1]] for key in _FIELDS})
        for at, name in enumerate(names)
        if bounds[at] < bounds[at + 1]
    }


def _codes(column: pa.ChunkedArray) -> tuple[AnyArray, list[str]]:
    """Return a text column as codes and its distinct values."""
    if not len(column):
        return np.empty(0, dtype=np.int32), []
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    array = column.unify_dictionaries().combine_chunks()
    if isinstance(array, pa.ChunkedArray):  # of one chunk
        array = array.chunk(0)
    return numbers_of(array.indices, np.int32), [
        str(value) for value in array.dictionary.to_pylist()
    ]


def _numbers(rows: pa.Table, name: str, dtype: DTypeLike) -> AnyArray:
    parts = [numbers_of(chunk, dtype) for chunk in rows.column(name).chunks]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _doubles(rows: pa.Table, name: str) -> Floats:
    parts = [doubles_of(chunk) for chunk in rows.column(name).chunks]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _index(items: list[_Item], item: _Item) -> int:
    if item not in items:
        items.append(item)
    return items.index(item)


def _concatenated(parts: Sequence[FeatureCells]) -> FeatureCells:
    if len(parts) == 1:
        return parts[0]
    return FeatureCells(
        **{key: np.concatenate([getattr(part, key) for part in parts]) for key in _FIELDS}
    )
