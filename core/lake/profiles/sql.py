"""The SQL of a profile pass: one scan that gives keys, bin positions and plain numbers.

Texts (categorical features, slices, version and jurisdiction) become small integers in the scan,
by joins with tables of the known values; numbers come out as they are and are binned outside
(:mod:`core.lake.profiles.bin_codes`). Rows stream out in Arrow batches, so memory does not grow
with the log.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from core.contract import ModelContract
from core.lake.arrow_arrays import array_of, texts
from core.lake.profiles.bin_codes import NULL_POSITION
from core.lake.profiles.columns import ProfileColumn, source_type
from core.lake.profiles.segments import SliceValues
from core.metrics.binning import CODE_OFFSET, CategoricalBins

BATCH_ROWS = 1 << 17
_SCAN = "_profile_scan"


@dataclass(frozen=True, slots=True)
class Group:
    """The keys of a profile row beside its day: model version and jurisdiction."""

    version: str
    jurisdiction: str


@dataclass(frozen=True, slots=True)
class Projection:
    """A scan ready to run: its query and the groups that its ``g`` column counts.

    The columns are ``t`` (microseconds since 1970, UTC), ``g`` (index into ``groups``), ``x0`` …
    for the columns asked for, ``s0`` … for the slices.
    """

    query: str
    groups: tuple[Group, ...]


@contextmanager
def projection(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    contract: ModelContract,
    columns: Sequence[ProfileColumn],
    slices: Sequence[SliceValues] = (),
    *,
    where: str = "",
    order: str = "",
) -> Iterator[Projection]:
    """Set up a scan of a relation with the columns of the predictions stream.

    Parameters
    ----------
    connection : DuckDBPyConnection
        The connection that knows the relation; used by this scan alone until the block ends.
    relation : str
        FROM item: a table, a view or :func:`core.lake.paths.parquet_relation`. Columns that an
        older file lacks read as NULL.
    contract : ModelContract
        Contract of the model.
    columns, slices : sequence
        What to count.
    where : str
        Condition on the alias ``r``, made by this package only.
    order : str
        Columns of ``r`` to sort by; unsorted by default.
    """
    relation = _with_missing_columns(connection, relation, contract, columns, slices)
    filtered = f"WHERE {where}" if where else ""
    groups = _groups(connection, relation, filtered)
    tables: dict[str, pa.Table] = {}
    items, joins = ["epoch_us(r.time) AS t"], []
    if len(groups) > 1:
        tables[f"{_SCAN}_g"] = _group_table(groups)
        joins.append(
            f"LEFT JOIN {_SCAN}_g AS g ON g.version = coalesce(r.version, '')"
            " AND g.jurisdiction = coalesce(r.jurisdiction, '')"
        )
        items.append("g.code AS g")
    for index, column in enumerate(columns):
        item = _column_item(contract, column, f"{_SCAN}_x{index}", f"m{index}")
        items.append(f"{item.expression} AS x{index}")
        joins += item.joins
        tables.update(item.tables)
    for index, cut in enumerate(slices):
        item = _slice_item(contract, cut, f"{_SCAN}_s{index}", f"n{index}")
        items.append(f"{item.expression} AS s{index}")
        joins += item.joins
        tables.update(item.tables)
    query = f"SELECT {', '.join(items)} FROM {relation} AS r {' '.join(joins)} {filtered}"  # noqa: S608
    query += f" ORDER BY {order}" if order else ""
    for name, table in tables.items():
        connection.register(name, table)
    try:
        yield Projection(query, groups)
    finally:
        for name in tables:
            connection.unregister(name)


def batches(connection: duckdb.DuckDBPyConnection, scan: Projection) -> Iterator[pa.RecordBatch]:
    """Run a scan; yields its rows in batches of about 130,000."""
    yield from connection.sql(scan.query).to_arrow_reader(BATCH_ROWS)


@dataclass(frozen=True, slots=True)
class _Item:
    expression: str
    joins: tuple[str, ...] = ()
    tables: tuple[tuple[str, pa.Table], ...] = ()


def _with_missing_columns(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    contract: ModelContract,
    columns: Sequence[ProfileColumn],
    slices: Sequence[SliceValues],
) -> str:
    """Return the relation with NULL for every needed column that it does not have."""
    known = {str(row[0]) for row in connection.execute(f"DESCRIBE FROM {relation}").fetchall()}
    needed = ["version", "jurisdiction", "status", *(column.source for column in columns)]
    needed += [cut.column for cut in slices]
    missing = [name for name in dict.fromkeys(needed) if name not in known]
    nulls = [f"NULL::{source_type(contract, name)} AS {name}" for name in missing]
    return f"(SELECT *, {', '.join(nulls)} FROM {relation})" if nulls else relation  # noqa: S608


def _groups(
    connection: duckdb.DuckDBPyConnection, relation: str, filtered: str
) -> tuple[Group, ...]:
    rows = connection.execute(
        "SELECT DISTINCT coalesce(r.version, ''), coalesce(r.jurisdiction, '')"  # noqa: S608
        f" FROM {relation} AS r {filtered} ORDER BY 1, 2"
    ).fetchall()
    return tuple(Group(version, jurisdiction) for version, jurisdiction in rows)


def _group_table(groups: Sequence[Group]) -> pa.Table:
    return pa.table(
        {
            "version": texts([group.version for group in groups]),
            "jurisdiction": texts([group.jurisdiction for group in groups]),
            "code": array_of(np.arange(len(groups), dtype=np.uint16), pa.uint16()),
        }
    )


def _column_item(contract: ModelContract, column: ProfileColumn, table: str, alias: str) -> _Item:
    if column.expression:
        return _Item(f"({column.expression})::USMALLINT")
    if not isinstance(column.bins, CategoricalBins):
        return _Item(f"r.{column.source}::DOUBLE")
    bins = column.bins
    codes = dict.fromkeys(bins.rest, bins.rest_code)
    codes |= {value: code for code, value in enumerate(bins.values)}
    return _lookup(
        _text(contract, column.source),
        {value: code + CODE_OFFSET for value, code in codes.items()},
        other=bins.other_code + CODE_OFFSET,
        null=NULL_POSITION,
        table=table,
        alias=alias,
    )


def _slice_item(contract: ModelContract, cut: SliceValues, table: str, alias: str) -> _Item:
    if cut.edges:
        source = f"r.{cut.column}"
        whens = " ".join(
            f"WHEN {source} < {edge!r}::DOUBLE THEN {code}" for code, edge in enumerate(cut.edges)
        )
        missing = f"WHEN {source} IS NULL OR isnan({source}::DOUBLE) THEN {cut.missing_code}"
        return _Item(f"(CASE {missing} {whens} ELSE {len(cut.edges)} END)::USMALLINT")
    return _lookup(
        _text(contract, cut.column),
        {value: code for code, value in enumerate(cut.values)},
        other=len(cut.values),
        null=cut.missing_code,
        table=table,
        alias=alias,
    )


def _lookup(
    source: str, codes: dict[str, int], *, other: int, null: int, table: str, alias: str
) -> _Item:
    """Return the item that turns a text into a code by a join with the table of known texts."""
    content = pa.table(
        {
            "value": texts(list(codes)),
            "code": array_of(np.array(list(codes.values()), dtype=np.uint16), pa.uint16()),
        }
    )
    return _Item(
        f"(CASE WHEN {source} IS NULL THEN {null} ELSE coalesce({alias}.code, {other}) END)"
        "::USMALLINT",
        (f"LEFT JOIN {table} AS {alias} ON {alias}.value = {source}",),
        ((table, content),),
    )


def _text(contract: ModelContract, column: str) -> str:
    is_text = source_type(contract, column) == "VARCHAR"
    return f"r.{column}" if is_text else f"r.{column}::VARCHAR"
