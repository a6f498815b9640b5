"""One prediction by its id: which version made it, where, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from core.lake.local_days import from_microseconds
from core.lake.paths import parquet_relation
from core.lake.rows import stale_files


@dataclass(frozen=True, slots=True)
class PredictionPlace:
    """Where a prediction stands: its version, its jurisdiction, and its instant in UTC."""

    version: str
    jurisdiction: str
    time: datetime


def find_prediction(
    connection: duckdb.DuckDBPyConnection,
    groups: Sequence[Sequence[str]],
    prediction_id: str,
) -> PredictionPlace | None:
    """Return the newest prediction of an id, or ``None``.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    groups : sequence of sequences of str
        Data files of the predictions stream, group by group in the order to look in, such as
        month by month from the newest: what is asked for is mostly recent.
    prediction_id : str
        As the log has it; a value of the query, never a part of its text.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    for paths in groups:
        query = (
            "SELECT coalesce(r.version, ''), coalesce(r.jurisdiction, ''), epoch_us(r.time)"  # noqa: S608
            f" FROM {parquet_relation(paths)} AS r WHERE r.prediction_id = $wanted"
            " ORDER BY r.time DESC LIMIT 1"
        )
        with connection.cursor() as cursor, stale_files():
            found = cursor.execute(query, {"wanted": prediction_id}).fetchone()
        if found is not None:
            return PredictionPlace(str(found[0]), str(found[1]), from_microseconds(int(found[2])))
    return None


def read_prediction(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[str], prediction_id: str
) -> dict[str, object] | None:
    """Return every lake column of the newest prediction of an id, or ``None``.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    paths : sequence of str
        Data files of the predictions stream.
    prediction_id : str
        As the log has it; a value of the query, never a part of its text.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    if not paths:
        return None
    query = (
        f"SELECT r.* FROM {parquet_relation(paths)} AS r"  # noqa: S608
        " WHERE r.prediction_id = $wanted ORDER BY r.time DESC LIMIT 1"
    )
    with connection.cursor() as cursor, stale_files():
        table = cursor.sql(query, params={"wanted": prediction_id}).to_arrow_table()
    found = table.to_pylist()
    return dict(found[0]) if found else None
