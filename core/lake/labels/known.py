"""The known label of some predictions, by their ids."""

from collections.abc import Sequence
from datetime import datetime

import duckdb

from core.lake.labels.rows import newest_labels_sql
from core.lake.rows import stale_files


def known_labels(
    connection: duckdb.DuckDBPyConnection,
    resolved: Sequence[str],
    prediction_ids: Sequence[str],
    *,
    as_of: datetime,
) -> dict[str, float]:
    """Return prediction id → label of those whose outcome is known.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    resolved : sequence of str
        Files of the stream.
    prediction_ids : sequence of str
        Which; values of the query, never a part of its text.
    as_of : datetime
        Outcomes observed later are invisible.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    if not resolved or not prediction_ids:
        return {}
    query = (
        f"SELECT prediction_id, label FROM ({newest_labels_sql(resolved, as_of)})"  # noqa: S608
        " WHERE label IS NOT NULL AND prediction_id IN (SELECT unnest($ids))"
    )
    with connection.cursor() as cursor, stale_files():
        found = cursor.execute(query, {"ids": list(prediction_ids)}).fetchall()
    return {str(name): float(label) for name, label in found}
