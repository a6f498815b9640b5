"""The rows behind a figure of the business, with what each adds: those that weigh most first."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from core.domain.expression import Atom, KpiExpression
from core.lake.kpis.expression_sql import row_sql
from core.lake.kpis.rows import KpiRows, Relation, kpi_relation
from core.lake.profiles.segments import SliceValues
from core.lake.row_filter import RowFilter
from core.lake.rows import stale_files

ALWAYS = ("prediction_id", "time", "version")


@dataclass(frozen=True, slots=True)
class Examples:
    """Some of the rows that count in a figure.

    Parameters
    ----------
    counted : int
        All rows that count.
    names : tuple of str
        What each row tells, :data:`ALWAYS` first.
    rows : tuple of tuple
        Values in the order of ``names``; ``None`` where one is missing.
    parts : tuple of tuple of (float or None)
        What each row adds, by atom of the expression; ``None`` where it does not count.
    """

    counted: int
    names: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    parts: tuple[tuple[float | None, ...], ...]


def kpi_examples(
    connection: duckdb.DuckDBPyConnection,
    rows: KpiRows,
    expression: KpiExpression,
    *,
    shown: Sequence[str],
    limit: int,
    cut: tuple[SliceValues, str] | None = None,
    text: bool = True,
    overridden: bool = False,
    by_weight: bool = True,
) -> Examples:
    """Return rows that count in a figure.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    rows : KpiRows
        Which rows the figure is computed from.
    expression : KpiExpression
        The figure.
    shown : sequence of str
        Names of expressions that each row tells, beside :data:`ALWAYS`.
    limit : int
        Most rows to return.
    cut : (SliceValues, str), optional
        Only one value of a segment, as the lake has it.
    text : bool
        Whether the column of that segment holds text.
    overridden : bool
        Only where people decided otherwise than the log says.
    by_weight : bool
        Whether the largest of the first part come first; else the newest, whatever each adds.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    names = (*ALWAYS, *(name for name in dict.fromkeys(shown) if name not in ALWAYS))
    extra = {"overridden"} if overridden else set()
    reads = ("prediction_id",) if cut is None else ("prediction_id", cut[0].column)
    relation = kpi_relation(rows, {*names, *expression.columns, *extra}, reads=reads)
    if relation is None:
        return Examples(0, names, (), ())
    parts = [_part(atom, relation) for atom in expression.atoms]
    source = f"{relation.source} AND ({' OR '.join(f'{part} IS NOT NULL' for part in parts)})"
    if cut is not None:
        source = f"{source} AND {RowFilter(slice=cut).condition(text=text)}"
    if overridden:
        source = f"{source} AND {relation.columns['overridden']}"
    told = [relation.columns[name] for name in names]
    columns = ", ".join(f"{each} AS c{int(place)}" for place, each in enumerate([*told, *parts]))
    weight = f"abs({parts[0]}) DESC NULLS LAST, " if by_weight else ""
    query = (
        f"SELECT {columns} {source}"
        f" ORDER BY {weight}r.time DESC, r.prediction_id LIMIT {int(limit)}"
    )
    with connection.cursor() as cursor, stale_files():
        counted = cursor.execute(f"SELECT count(*) {source}").fetchall()
        found = cursor.sql(query).to_arrow_table()
    columns_found = [column.to_pylist() for column in found.columns]
    width = len(names)
    return Examples(
        int(counted[0][0]),
        names,
        tuple(zip(*columns_found[:width], strict=True)),
        tuple(zip(*columns_found[width:], strict=True)),
    )


def _part(atom: Atom, relation: Relation) -> str:
    """Return the SQL of what a row adds: its value, or 1 where rows are only counted."""
    value = "1" if atom.value is None else row_sql(atom.value, relation.columns)
    if atom.kind == "distinct" and atom.value is not None:
        value = f"CASE WHEN {value} IS NOT NULL THEN 1 END"
    if atom.where is not None:
        value = f"CASE WHEN {row_sql(atom.where, relation.columns)} THEN {value} END"
    return f"({value})::DOUBLE"
