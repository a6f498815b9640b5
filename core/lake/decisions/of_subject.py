"""What the log has decided about one person, the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from core.lake.local_days import from_microseconds
from core.lake.paths import parquet_relation
from core.lake.row_filter import RowFilter
from core.lake.rows import stale_files


@dataclass(frozen=True, slots=True)
class SubjectDecision:
    """One prediction about a person: id, instant in UTC, version, decision and amount."""

    prediction_id: str
    at: datetime
    version: str
    decision: str
    amount: float | None


def subject_decisions(
    connection: duckdb.DuckDBPyConnection,
    predictions: Sequence[str],
    subject: str,
    *,
    row_filter: RowFilter,
    limit: int,
) -> tuple[int, tuple[SubjectDecision, ...]]:
    """Return how many predictions are about a person, and the newest of them.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    predictions : sequence of str
        Files of the predictions stream.
    subject : str
        As the log has it; a value of the query, never a part of its text.
    row_filter : RowFilter
        Which rows the reader may see.
    limit : int
        Most to return.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    if not predictions:
        return 0, ()
    condition = row_filter.condition(text=True) or "true"
    with connection.cursor() as cursor, stale_files():
        found = cursor.execute(
            "SELECT r.prediction_id, epoch_us(r.time), coalesce(r.version, ''),"  # noqa: S608
            " coalesce(r.decision, r.prediction, ''), r.amount, count(*) OVER ()"
            f" FROM {parquet_relation(predictions)} AS r"
            f" WHERE r.subject = $subject AND {condition}"
            f" ORDER BY r.time DESC, r.prediction_id LIMIT {int(limit)}",
            {"subject": subject},
        ).fetchall()
    rows = tuple(
        SubjectDecision(str(id_), from_microseconds(at), version, decision, amount)
        for id_, at, version, decision, amount, _ in found
    )
    return (int(found[0][5]) if found else 0), rows
