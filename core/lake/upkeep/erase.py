"""Taking one subject's rows out of lake files: finding them, and writing the files without them.

Predictions are found by their subject, everything else by the ids of those predictions. A file is
never changed: another one without the rows takes its place.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from core.domain.windows import Window
from core.lake.local_days import from_microseconds
from core.lake.paths import parquet_relation, quoted
from core.lake.row_filter import instant_literal
from core.lake.rows import stale_files
from core.lake.upkeep.compact import TIMES
from core.lake.upkeep.keyed_hash import KeyedHash
from core.lake.window_rows import window_relation

IDS = "erased_ids"
_TOKEN = re.compile(r"[\w.@+-]+(?:[/:][\w.@+-]+)*")


@dataclass(frozen=True, slots=True)
class Written:
    """A file written again: its rows, and its oldest and newest instant if it has times."""

    rows: int
    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose rows are meant.

    Parameters
    ----------
    column : str
        The lake column of predictions that names them: ``subject``, or ``prediction_id`` where
        the log names no subject.
    mac : str
        The pseudonym: the keyed hash of the reference.
    hash : KeyedHash
        Its key.
    reference : str, optional
        The reference itself, which is a hundred times faster to look for.
    """

    column: str
    mac: str
    hash: KeyedHash
    reference: str | None = None

    def condition(self, value: str) -> tuple[str, dict[str, object]]:
        """Return SQL for "this value is the reference", and its parameters."""
        if self.reference is not None:
            return f"{value} = $reference", {"reference": self.reference}
        return f"{self.hash.sql(value)} = $mac", {"mac": self.mac, **self.hash.parameters}

    def is_named_by(self, text: str) -> bool:
        """Whether a text, such as a line that could not be read, names the reference."""
        if self.reference is not None:
            return names(text, self.reference)
        return any(_mac(self.hash, token) == self.mac for token in tokens(text))


def find_predictions(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[str], wanted: Wanted
) -> int:
    """Put the ids of a subject's predictions into the table :data:`IDS`; return their number.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Used by nobody else meanwhile.
    paths : sequence of str
        Data files of the predictions stream, older generations included.
    wanted : Wanted
        Whose.
    """
    connection.execute(f"CREATE OR REPLACE TABLE {IDS} (prediction_id VARCHAR)")
    if not paths or wanted.column not in _columns(connection, paths):
        return 0
    where, parameters = wanted.condition(wanted.column)
    connection.execute(
        f"INSERT INTO {IDS} SELECT DISTINCT prediction_id FROM {parquet_relation(paths)}"  # noqa: S608
        f" WHERE {where}",
        parameters,
    )
    return _count(connection, f"SELECT count(*) FROM {IDS}")  # noqa: S608


def set_ids(connection: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> None:
    """Put ids that are known already into the table :data:`IDS`."""
    connection.execute(f"CREATE OR REPLACE TABLE {IDS} (prediction_id VARCHAR)")
    connection.execute(f"INSERT INTO {IDS} SELECT unnest(?::VARCHAR[])", [list(ids)])


def found_references(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[str], wanted: Wanted
) -> tuple[str, ...]:
    """Return what the files call a subject that is known by the pseudonym alone."""
    if not paths or wanted.column not in _columns(connection, paths):
        return ()
    where, parameters = wanted.condition(wanted.column)
    rows = connection.execute(
        f"SELECT DISTINCT {wanted.column} FROM {parquet_relation(paths)} WHERE {where}",  # noqa: S608
        parameters,
    ).fetchall()
    return tuple(str(row[0]) for row in rows)


def found_ids(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """Return the ids that :func:`find_predictions` found."""
    rows = connection.execute(f"SELECT prediction_id FROM {IDS} ORDER BY 1").fetchall()  # noqa: S608
    return tuple(str(row[0]) for row in rows)


def batches_found(connection: duckdb.DuckDBPyConnection, paths: Sequence[str]) -> frozenset[str]:
    """Return the batches that brought the predictions found."""
    if not paths:
        return frozenset()
    rows = connection.execute(
        f"SELECT DISTINCT _batch FROM {parquet_relation(paths)}"  # noqa: S608
        f" WHERE prediction_id IN (FROM {IDS})"
    ).fetchall()
    return frozenset(str(row[0]) for row in rows)


def found_within(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[str], window: Window
) -> int:
    """Return how many of the predictions found lie in a window."""
    if not paths:
        return 0
    return _count(
        connection,
        f"SELECT count(*) FROM {window_relation(paths, window)}"  # noqa: S608
        f" WHERE prediction_id IN (FROM {IDS})",
    )


def rows_of_batches(
    paths: Sequence[str], batches: Sequence[str], *, without: bool = False
) -> str | None:
    """Return the FROM item of the rows that some batches brought, or that all others did."""
    if not paths:
        return None
    listed = ", ".join(quoted(each) for each in batches)
    test = f"_batch {'NOT IN' if without else 'IN'} ({listed})" if batches else "true"
    return f"(FROM {parquet_relation(paths)} WHERE {test})"


def rows_by_file(connection: duckdb.DuckDBPyConnection, paths: Sequence[str]) -> Mapping[str, int]:
    """Return how many rows of each file belong to the predictions found; files without are left out."""  # noqa: E501
    if not paths:
        return {}
    listed = ", ".join(quoted(path) for path in paths)
    rows = connection.execute(
        f"SELECT filename, count(*) FROM read_parquet([{listed}], union_by_name := true,"  # noqa: S608
        " hive_partitioning := false, filename := true)"
        f" WHERE prediction_id IN (FROM {IDS}) GROUP BY 1"
    ).fetchall()
    return {str(row[0]): int(row[1]) for row in rows}


def newest_row(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[str], stream: str
) -> datetime | None:
    """Return the instant of the newest row of the predictions found."""
    if not paths:
        return None
    rows = connection.execute(
        f"SELECT epoch_us(max({TIMES[stream]})) FROM {parquet_relation(paths)}"  # noqa: S608
        f" WHERE prediction_id IN (FROM {IDS})"
    ).fetchall()
    return _instant(rows[0][0])


@dataclass(frozen=True, slots=True)
class OfPlaces:
    """Only rows of some jurisdictions.

    Parameters
    ----------
    predictions : sequence of str
        All data files of the predictions stream: streams without a jurisdiction of their own
        have that of the prediction that they are about.
    jurisdictions : frozenset of str
        Of which.
    """

    predictions: Sequence[str]
    jurisdictions: frozenset[str]

    def condition(self, stream: str) -> str:
        """Return SQL for "this row of the stream is of one of the jurisdictions"."""
        listed = ", ".join(quoted(each) for each in sorted(self.jurisdictions))
        if not listed:
            return "false"
        of_prediction = f"jurisdiction IN ({listed})"
        if stream == "predictions" or not self.predictions:
            return of_prediction if stream == "predictions" else "false"
        return (
            f"prediction_id IN (SELECT prediction_id FROM {parquet_relation(self.predictions)}"  # noqa: S608
            f" WHERE {of_prediction})"
        )


def rows_before(
    connection: duckdb.DuckDBPyConnection,
    paths: Sequence[str],
    stream: str,
    before: datetime,
    own: OfPlaces | None = None,
) -> tuple[int, datetime | None]:
    """Return how many rows of a stream are older than an instant, and the oldest one's instant.

    With ``own``, only those of some jurisdictions.
    """
    if not paths:
        return 0, None
    time = TIMES[stream]
    mine = own.condition(stream) if own is not None else "true"
    with connection.cursor() as cursor, stale_files():
        rows = cursor.execute(
            f"SELECT count(*), epoch_us(min({time})) FROM {parquet_relation(paths)}"  # noqa: S608
            f" WHERE {time} < {instant_literal(before)} AND {mine}"
        ).fetchall()
    count, oldest = rows[0]
    return int(count), _instant(oldest)


def write_without(
    connection: duckdb.DuckDBPyConnection, source: Path, stream: str, target: Path
) -> Written:
    """Write a data file again without the rows found, in the same order."""
    order = f"{TIMES[stream]}, _batch, _row"
    connection.execute(
        f"COPY (FROM {parquet_relation([source])} WHERE prediction_id NOT IN (FROM {IDS})"
        f" ORDER BY {order}) TO {quoted(target)}"
        " (FORMAT parquet, COMPRESSION lz4_raw, DICTIONARY_SIZE_LIMIT 1000)"
    )
    time = TIMES[stream]
    rows, first, last = connection.execute(
        f"SELECT count(*), epoch_us(min({time})), epoch_us(max({time}))"  # noqa: S608
        f" FROM {parquet_relation([target])}"
    ).fetchall()[0]
    return Written(int(rows), _instant(first), _instant(last))


def names(text: str, reference: str) -> bool:
    """Whether a text holds a reference as a word of its own, not as a part of a longer one."""
    return re.search(rf"(?<![\w-]){re.escape(reference)}(?![\w-])", text) is not None


def tokens(text: str) -> Iterator[str]:
    """Yield the pieces of a line that may be an id: words, and what stands between separators."""
    for piece in re.split(r"[,;|\t\"]|\\[tn\"]", text):
        yield piece.strip()
        yield from (token for token in _TOKEN.findall(piece) if token != piece.strip())


def erased_lines(
    texts: Iterable[tuple[int, str]], is_erased: Callable[[str], bool]
) -> tuple[int, ...]:
    """Return the numbers of the texts of which a piece is the id of an erased subject."""
    return tuple(
        number for number, text in texts if any(is_erased(token) for token in tokens(text))
    )


def _mac(key: KeyedHash, text: str) -> str:
    import hmac  # noqa: PLC0415  # only lines that could not be read need it in Python

    return hmac.digest(key.key, text.encode("utf-8", "replace"), "sha256").hex()


def _columns(connection: duckdb.DuckDBPyConnection, paths: Sequence[str]) -> set[str]:
    rows = connection.execute(f"DESCRIBE FROM {parquet_relation(paths)}").fetchall()
    return {str(row[0]) for row in rows}


def _instant(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else from_microseconds(int(microseconds))


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(connection.execute(query).fetchall()[0][0])
