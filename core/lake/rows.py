"""Raw rows of the lake, for what day counts cannot say: exact figures and compatibility modes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import duckdb
import pyarrow as pa

from core.contract import ModelContract
from core.errors import StaleGeneration
from core.lake.local_days import from_microseconds
from core.lake.paths import parquet_relation
from core.lake.profiles.columns import source_type
from core.lake.row_filter import RowFilter
from core.lake.streams import Stream, stream_columns

STABLE_ORDER = {
    "predictions": "r.time, r._batch, r._row",
    "decisions": "r.time, r._batch, r._row",
    "outcomes": "r.observed_at, r._batch, r._row",
    "resolved": "r.time, r._batch, r._row",
}

_MISSING_SIGNS = ("No files found", "No such file")


def read_rows(
    connection: duckdb.DuckDBPyConnection,
    paths: Sequence[str],
    contract: ModelContract,
    columns: Sequence[str],
    *,
    stream: Stream = "predictions",
    window: tuple[datetime, datetime] | None = None,
    row_filter: RowFilter | None = None,
    limit: int | None = None,
    sample: int | None = None,
) -> pa.Table:
    """Read columns of raw rows in stable order (time, batch, row).

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    paths : sequence of str
        Data files of the stream; none gives an empty table.
    contract : ModelContract
        Contract of the model.
    columns : sequence of str
        Lake columns wanted, and no others are read; one that no file has reads as NULL.
    stream : str
        Which stream the files hold.
    window : (datetime, datetime), optional
        Half-open interval of the row's time.
    row_filter : RowFilter, optional
        Further conditions.
    limit : int, optional
        Most rows to return.
    sample : int, optional
        Return a uniform random sample of this many rows (or all, if there are fewer); never
        more than the sample is held in memory.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    KeyError
        If the stream has no such column.
    """
    types = stream_columns(contract, stream)
    wanted = {name: types[name] for name in columns}
    if not paths:
        return pa.table({name: pa.array([], pa.null()) for name in wanted})
    relation = parquet_relation(paths)
    chosen = row_filter or RowFilter()
    is_text = chosen.slice is None or source_type(contract, chosen.slice[0].column) == "VARCHAR"
    condition = chosen.condition((window,) if window else (), text=is_text)
    with connection.cursor() as cursor, stale_files():
        known = {str(row[0]) for row in cursor.execute(f"DESCRIBE FROM {relation}").fetchall()}
        items = [
            f"r.{name}" if name in known else f"NULL::{kind} AS {name}"
            for name, kind in wanted.items()
        ]
        query = f"SELECT {', '.join(items)} FROM {relation} AS r"  # noqa: S608
        query += f" WHERE {condition}" if condition else ""
        if sample is not None:
            return cursor.sql(
                f"FROM ({query}) USING SAMPLE reservoir({int(sample)} ROWS) REPEATABLE (1)"
            ).to_arrow_table()
        query += f" ORDER BY {STABLE_ORDER[stream]}"
        query += f" LIMIT {int(limit)}" if limit is not None else ""
        return cursor.sql(query).to_arrow_table()


@dataclass(frozen=True, slots=True)
class Span:
    """Instants of the first and the last row, in UTC, and the number of rows."""

    first: datetime
    last: datetime
    rows: int


def span_in_scope(
    connection: duckdb.DuckDBPyConnection,
    paths: Sequence[str],
    jurisdictions: Sequence[str],
    *,
    time: Literal["time", "observed_at"] = "time",
) -> Span | None:
    """Return how far rows of some jurisdictions reach; ``None`` if there are none.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    paths : sequence of str
        Data files of the predictions or the resolved stream.
    jurisdictions : sequence of str
        Whose rows.
    time : {"time", "observed_at"}
        The instant that counts.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    if not paths:
        return None
    condition = RowFilter(jurisdictions=tuple(jurisdictions)).condition(text=True)
    query = f"SELECT epoch_us(min(r.{time})), epoch_us(max(r.{time})), count(*)"
    query += f" FROM {parquet_relation(paths)} AS r WHERE {condition}"
    with connection.cursor() as cursor, stale_files():
        found = cursor.execute(query).fetchone()
    if found is None or found[0] is None:
        return None
    first, last, rows = (int(each) for each in found)
    return Span(from_microseconds(first), from_microseconds(last), rows)


def newest_time(
    connection: duckdb.DuckDBPyConnection,
    paths: Sequence[str],
    until: datetime,
    jurisdictions: Sequence[str] | None = None,
) -> datetime | None:
    """Return the instant of the newest prediction up to ``until``, in UTC; ``None`` without one.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    paths : sequence of str
        Data files of the predictions stream.
    until : datetime
        Rows of later instants are invisible; the instant itself is visible.
    jurisdictions : sequence of str, optional
        Only their rows.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    if not paths:
        return None
    scope = None if jurisdictions is None else tuple(jurisdictions)
    condition = RowFilter(jurisdictions=scope, until=until).condition(text=True)
    query = f"SELECT epoch_us(max(r.time)) FROM {parquet_relation(paths)} AS r WHERE {condition}"  # noqa: S608
    with connection.cursor() as cursor, stale_files():
        found = cursor.execute(query).fetchone()
    return None if found is None or found[0] is None else from_microseconds(int(found[0]))


@contextmanager
def stale_files() -> Iterator[None]:
    """Turn a missing lake file into our error.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    try:
        yield
    except (FileNotFoundError, duckdb.IOException) as error:
        if isinstance(error, duckdb.IOException) and not any(
            sign in str(error) for sign in _MISSING_SIGNS
        ):
            raise
        raise StaleGeneration(
            "A file of this generation of the lake is gone.",
            remedy="Read again: a newer generation replaces it.",
        ) from error
