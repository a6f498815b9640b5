"""Taking rows out of the lake because their time is over: finding them, and writing files anew.

Rows go by their own instant, whoever they are about; those of predictions under a hold stay. A row
without an instant is not past anything, and stays.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import duckdb

from core.lake.local_days import from_microseconds
from core.lake.paths import parquet_relation, quoted
from core.lake.row_filter import instant_literal
from core.lake.upkeep.compact import TIMES
from core.lake.upkeep.erase import IDS, Written

_HELD, _ASKED = "held_ids", "asked_ids"


def hold_predictions(connection: duckdb.DuckDBPyConnection, ids: Collection[str]) -> None:
    """Say whose rows stay: ids of predictions."""
    connection.execute(f"CREATE OR REPLACE TABLE {_HELD} (prediction_id VARCHAR)")
    connection.execute(f"INSERT INTO {_HELD} SELECT unnest(?::VARCHAR[])", [sorted(ids)])


def past_by_file(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[str], stream: str, before: datetime
) -> Mapping[str, int]:
    """Return how many rows of each file go; files without are left out."""
    if not paths:
        return {}
    listed = ", ".join(quoted(path) for path in paths)
    rows = connection.execute(
        f"SELECT filename, count(*) FROM read_parquet([{listed}], union_by_name := true,"  # noqa: S608
        f" hive_partitioning := false, filename := true) WHERE {_goes(stream, before)} GROUP BY 1"
    ).fetchall()
    return {str(row[0]): int(row[1]) for row in rows}


def held_rows(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[str], stream: str, before: datetime
) -> int:
    """Return how many rows are past their time and stay, because a hold covers a person."""
    if not paths:
        return 0
    rows = connection.execute(
        f"SELECT count(*) FROM {parquet_relation(paths)}"  # noqa: S608
        f" WHERE {_is_past(stream, before)} AND prediction_id IN (FROM {_HELD})"
    ).fetchall()
    return int(rows[0][0])


def neither_logged_nor_held(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[str], ids: Collection[str]
) -> tuple[str, ...]:
    """Return which of some ids are of no prediction in the log, and of nobody under a hold."""
    if not ids:
        return ()
    connection.execute(f"CREATE OR REPLACE TABLE {_ASKED} (prediction_id VARCHAR)")
    connection.execute(f"INSERT INTO {_ASKED} SELECT unnest(?::VARCHAR[])", [sorted(ids)])
    connection.execute(f"DELETE FROM {_ASKED} WHERE prediction_id IN (FROM {_HELD})")  # noqa: S608
    if paths:
        connection.execute(
            f"DELETE FROM {_ASKED} WHERE prediction_id IN"  # noqa: S608
            f" (SELECT prediction_id FROM {parquet_relation(paths)})"
        )
    rows = connection.execute(f"FROM {_ASKED} ORDER BY prediction_id").fetchall()
    return tuple(str(row[0]) for row in rows)


def mark_past_predictions(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[str], before: datetime
) -> None:
    """Put the ids of the predictions that go into the table of what is taken out."""
    connection.execute(f"CREATE OR REPLACE TABLE {IDS} (prediction_id VARCHAR)")
    if paths:
        connection.execute(
            f"INSERT INTO {IDS} SELECT DISTINCT prediction_id FROM {parquet_relation(paths)}"  # noqa: S608
            f" WHERE {_goes('predictions', before)}"
        )


def write_rest(
    connection: duckdb.DuckDBPyConnection,
    source: Path,
    stream: str,
    before: datetime,
    target: Path,
) -> Written:
    """Write a data file again without the rows that go, in the same order."""
    time = TIMES[stream]
    connection.execute(
        f"COPY (FROM {parquet_relation([source])}"
        f" WHERE NOT coalesce({_goes(stream, before)}, false)"
        f" ORDER BY {time}, _batch, _row) TO {quoted(target)}"
        " (FORMAT parquet, COMPRESSION lz4_raw, DICTIONARY_SIZE_LIMIT 1000)"
    )
    rows, first, last = connection.execute(
        f"SELECT count(*), epoch_us(min({time})), epoch_us(max({time}))"  # noqa: S608
        f" FROM {parquet_relation([target])}"
    ).fetchall()[0]
    return Written(int(rows), _instant(first), _instant(last))


def _is_past(stream: str, before: datetime) -> str:
    return f"{TIMES[stream]} < {instant_literal(before)}"


def _goes(stream: str, before: datetime) -> str:
    return f"({_is_past(stream, before)} AND prediction_id NOT IN (FROM {_HELD}))"


def _instant(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else from_microseconds(int(microseconds))
