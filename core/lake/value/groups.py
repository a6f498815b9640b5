"""Groups of people counted by cell of the score: who would be flagged if the cut-off moved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb
import numpy as np

from core.contract import ModelContract
from core.contract.cut_offs import CutOff
from core.domain.windows import Chunk
from core.lake.groups import GroupColumn, group_code_sql, stored_columns
from core.lake.labels.flagged import flagged_sql
from core.lake.labels.rows import is_text
from core.lake.labels.score_grid import score_cell_sql, usable_score_sql
from core.lake.paths import parquet_relation
from core.lake.row_filter import RowFilter, instant_literal
from core.lake.rows import stale_files
from core.metrics.arrays import Floats, Integers


@dataclass(frozen=True, slots=True, eq=False)
class GroupCells:
    """Mature predictions of the groups of one column; arrays of shape (k,).

    Parameters
    ----------
    code : ndarray of int64
        Group as in :mod:`core.lake.groups`.
    cell, reached, flagged : ndarray of int64
        As in :class:`core.lake.value.cells.ValueCells`.
    n : ndarray
        Rows.
    """

    code: Integers
    cell: Integers
    reached: Integers
    flagged: Integers
    n: Floats


def group_cells(
    connection: duckdb.DuckDBPyConnection,
    predictions: Sequence[str],
    contract: ModelContract,
    column: GroupColumn,
    cut_offs: Sequence[CutOff],
    *,
    chunks: Sequence[Chunk],
    matured_before: datetime,
    rows: RowFilter,
) -> GroupCells:
    """Count the groups of one column.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    predictions : sequence of str
        Paths of the lake files of the stream, at least one.
    contract : ModelContract
        Of a binary model.
    column : GroupColumn
        What people are grouped by.
    cut_offs : sequence of CutOff
        Cut-offs that cells are parted at exactly, the lowest first.
    chunks : sequence of Chunk
        Periods; rows outside them are left out.
    matured_before : datetime
        Later predictions are left out.
    rows : RowFilter
        Versions, jurisdictions and slice.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    flagged = flagged_sql(contract)
    spans = [(chunk.start, chunk.end) for chunk in chunks]
    condition = rows.condition(spans, text=is_text(contract, rows))
    reached = " + ".join(
        f"CAST(r.score {'>=' if cut.included else '>'} {float(cut.value)!r}::DOUBLE AS INTEGER)"
        for cut in cut_offs
    )
    with connection.cursor() as cursor, stale_files():
        code = group_code_sql(contract, column, 0, stored_columns(cursor, predictions))
        query = f"""
            SELECT {code} AS code, {score_cell_sql("r.score")} AS cell, {reached or "0"} AS reached,
                   CAST({flagged} AS INTEGER) AS flagged, count(*) AS n
            FROM {parquet_relation(predictions)} AS r
            WHERE {condition} AND r.time <= {instant_literal(matured_before)}
                AND {usable_score_sql("r.score")} AND ({flagged}) IS NOT NULL
            GROUP BY ALL
        """  # noqa: S608 - names of the contract's columns, numbers and quoted literals
        given = {"ranges": [list(column.edges)], "values": [list(column.values)]}
        found = cursor.execute(
            query, {name: value for name, value in given.items() if f"${name}" in query}
        ).df()
    return GroupCells(
        code=found["code"].to_numpy(dtype=np.int64),
        cell=found["cell"].to_numpy(dtype=np.int64),
        reached=found["reached"].to_numpy(dtype=np.int64),
        flagged=found["flagged"].to_numpy(dtype=np.int64),
        n=found["n"].to_numpy(dtype=np.float64),
    )
