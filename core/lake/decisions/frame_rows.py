"""The population that a sample is drawn from: of each prediction its newest row, in few columns."""

from collections.abc import Sequence
from datetime import datetime

import duckdb
import pyarrow as pa

from core.domain.expression import RowExpression
from core.lake.decisions.chosen import LEFT_OUT, Choice, LoggedNames, logged_rows
from core.lake.kpis.columns import source_of
from core.lake.kpis.expression_sql import row_sql
from core.lake.paths import parquet_relation
from core.lake.rows import stale_files

COLUMNS = ("prediction_id", "time", "version", "jurisdiction", "decision")


def frame_rows(
    connection: duckdb.DuckDBPyConnection,
    paths: Sequence[str],
    choice: Choice,
    *,
    span: tuple[datetime, datetime] | None = None,
    whole: RowExpression | None = None,
    most: int,
) -> pa.Table | int:
    """Return the predictions that a condition chooses, or their number if these are too many.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    paths : sequence of str
        Data files of the predictions stream, at least one.
    choice : Choice
        Which are wanted.
    span : (datetime, datetime), optional
        Half-open interval of the time of the newest row.
    whole : RowExpression, optional
        Fills the column ``whole``: whether it holds.
    most : int
        More are counted, and not read.

    Returns
    -------
    Table or int
        :data:`COLUMNS` and ``whole``, by time and id; ``decision`` is what the model predicted
        where the log has no decision.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    files = parquet_relation(paths)
    with connection.cursor() as cursor, stale_files():
        left_out = pa.array(sorted(choice.left_out), pa.string())
        cursor.register(LEFT_OUT, pa.table({"id": left_out}))
        chosen = _chosen(logged_rows(cursor, files, choice), choice, span)
        (found,) = cursor.sql(f"SELECT count(*) FROM {chosen}").fetchall()  # noqa: S608
        if found[0] > most:
            return int(found[0])
        return cursor.sql(
            f"SELECT r.prediction_id, r.time, coalesce(r.version, '') AS version,"  # noqa: S608
            f" coalesce(r.jurisdiction, '') AS jurisdiction,"
            f" coalesce(nullif(r.decision, ''), r.prediction, '') AS decision,"
            f" {_holds(choice, whole)} AS whole FROM {chosen} ORDER BY r.time, r.prediction_id"
        ).to_arrow_table()


def _chosen(rows: str, choice: Choice, span: tuple[datetime, datetime] | None) -> str:
    """Return the FROM item of what is wanted, as ``r``; ``rows`` is the one of all rows."""
    narrowed = choice.rows.condition(() if span is None else (span,), text=True) or "TRUE"
    newest = (
        f"(SELECT * FROM {rows} QUALIFY row_number() OVER"  # noqa: S608
        f" (PARTITION BY prediction_id ORDER BY time DESC, _batch DESC, _row DESC) = 1) AS r"
    )
    return (
        f"(SELECT r.* FROM {newest} ANTI JOIN {LEFT_OUT} AS l ON l.id = r.prediction_id"  # noqa: S608
        f" WHERE {narrowed} AND {_holds(choice, choice.condition)}) AS r"
    )


def _holds(choice: Choice, condition: RowExpression | None) -> str:
    """Return the SQL of whether a condition holds for a row."""
    if condition is None:
        return "FALSE"
    named = LoggedNames(
        {
            name: source_of(choice.contract, name, decided=False, happened=False).sql
            for name in condition.columns
        }
    )
    return f"coalesce({row_sql(condition.node, named.columns)}, FALSE)"
