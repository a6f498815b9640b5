"""What became known of one prediction, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from core.lake.labels.rows import newest_labels_sql
from core.lake.local_days import from_microseconds
from core.lake.rows import stale_files


@dataclass(frozen=True, slots=True)
class KnownOutcome:
    """The newest outcome of a prediction: when it was observed, and the label as its file has it.

    ``text`` is empty where the label is a number.
    """

    at: datetime
    label: float
    text: str


def known_outcome(
    connection: duckdb.DuckDBPyConnection,
    resolved: Sequence[str],
    prediction_id: str,
    *,
    as_of: datetime,
) -> KnownOutcome | None:
    """Return the outcome of a prediction that is known at an instant, or ``None``.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    resolved : sequence of str
        Files of the resolved stream.
    prediction_id : str
        As the log has it; a value of the query, never a part of its text.
    as_of : datetime
        What was observed later is invisible.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    if not resolved:
        return None
    labels = newest_labels_sql(resolved, as_of, " AND prediction_id = $wanted")
    with connection.cursor() as cursor, stale_files():
        found = cursor.execute(
            f"SELECT epoch_us(observed_at), label, label_text FROM ({labels})",  # noqa: S608
            {"wanted": prediction_id},
        ).fetchall()
    if not found:
        return None
    at, label, text = found[0]
    return KnownOutcome(from_microseconds(at), float(label), "" if text is None else str(text))
