"""The files a batch writes: months of sorted rows, profiles, the quarantine."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from core.domain.windows import Window, calendar_chunks
from core.ingest.readers.source import quoted
from core.ingest.stage import STAGED, instant
from core.lake.duck import Duck, disk_errors
from core.lake.files import finished_file, sha256_of
from core.lake.paths import data_path
from core.store.manifest import NewFile

ROWS_PER_FILE = 1_500_000
# Dictionaries pay for texts of few values; trying one for every number costs an eighth of the time.
_FORMAT = "FORMAT parquet, COMPRESSION lz4_raw, DICTIONARY_SIZE_LIMIT 1000"


@dataclass(frozen=True, slots=True)
class Draft:
    """A file to be written.

    Parameters
    ----------
    file : NewFile
        What it is; hash, size and instants are filled in when it is written.
    write : callable
        Takes a connection and the path to write to; may return the number of rows.
    first, last : datetime, optional
        Oldest and newest event in it.
    """

    file: NewFile
    write: Callable[[Duck, Path], int | None]
    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Span:
    """Rows of a table, and their first and last instant in µs since 1970."""

    rows: int
    first: int
    last: int


@dataclass(slots=True)
class Output:
    """Files of one batch on their way to the manifest.

    Parameters
    ----------
    connection : DuckDBPyConnection
        The ingest's own; tables that are written out must be seen by its cursors.
    lake : Path
        The lake's folder.
    model_id, batch_id, timezone : str
        Whose files, and where days begin.
    step : callable
        Told the name of each step when it is done, by whichever thread did it.
    threads : int
        Files written at the same time, at most two: more would want too much memory.
    """

    connection: Duck
    lake: Path
    model_id: str
    batch_id: str
    timezone: str
    step: Callable[[str], None]
    threads: int = 1
    files: list[NewFile] = field(default_factory=list)
    _number: int = 0

    def months(self, stream: str, table: str, time: str, columns: Sequence[str]) -> list[Draft]:
        """Plan one or more files a month from the rows of a table, sorted by time and row.

        Parameters
        ----------
        stream, table, time : str
            The stream, the table and its time column.
        columns : sequence of str
            What is written, in order; ``_batch`` is the batch if the table has none.
        """
        span = self._span(table, time)
        if not span.rows:
            return []
        whole = Window(instant(span.first), instant(span.last + 1))
        order = [time, "_row"] if table == STAGED else [time, "_batch", "_row"]
        # Logs mostly come in order, and sorting takes a quarter of the time of writing.
        sort = "" if self._is_sorted(table, order) else f" ORDER BY {', '.join(order)}"
        select = f"SELECT {', '.join(self._column(name, table) for name in columns)} FROM {table}"
        drafts = []
        for month in calendar_chunks(whole, "month", self.timezone):
            for within, part in self._parts(table, time, month.start, month.end):
                path = data_path(self.model_id, stream, month.key, self.batch_id, self._number)
                self._number += 1
                file = NewFile("data", path, "", 0, part.rows, stream=stream, month=month.key)
                write = partial(_copy, f"{select} WHERE {within}{sort}")
                drafts.append(Draft(file, write, instant(part.first), instant(part.last)))
        return drafts

    def _column(self, name: str, table: str) -> str:
        own_batch = name == "_batch" and table == STAGED
        return f"{quoted(self.batch_id)} AS _batch" if own_batch else name

    def _span(self, table: str, time: str, where: str = "true") -> _Span:
        rows: tuple[Any, ...] = self.connection.execute(
            f"SELECT count(*), epoch_us(min({time})), epoch_us(max({time})) FROM {table}"
            f" WHERE {where}"
        ).fetchall()[0]
        return _Span(int(rows[0]), int(rows[1] or 0), int(rows[2] or 0))

    def _is_sorted(self, table: str, order: Sequence[str]) -> bool:
        """Whether rows stand in the table as they shall in the files: DuckDB keeps their order."""
        row = f"row({', '.join(order)})"
        found = self.connection.execute(
            f"SELECT coalesce(bool_and(this > previous), true) FROM"
            f" (SELECT {row} AS this, lag({row}) OVER () AS previous FROM {table})"
        ).fetchall()
        return bool(found[0][0])

    def _parts(
        self, table: str, time: str, start: datetime, end: datetime
    ) -> Iterator[tuple[str, _Span]]:
        """Cut a month with many rows where about equally many lie on both sides."""
        within = _between(time, start, end)
        span = self._span(table, time, within)
        parts = -(-span.rows // ROWS_PER_FILE)
        if parts <= 1:
            yield from [(within, span)] if span.rows else []
            return
        shares = [number / parts for number in range(1, parts)]
        cuts = self.connection.execute(
            f"SELECT quantile_disc(epoch_us({time}), {shares}) FROM {table} WHERE {within}"
        ).fetchall()[0][0]
        for edges in pairwise([start, *(instant(cut) for cut in sorted(set(cuts))), end]):
            within = _between(time, *edges)
            span = self._span(table, time, within)
            if span.rows:
                yield within, span

    def write_all(self, drafts: Sequence[Draft]) -> None:
        """Write files, two at a time; the first error ends it when what is begun has ended."""
        before = list(self.files)
        with ThreadPoolExecutor(min(self.threads, 2), "output") as pool:
            written = list(pool.map(self._write_beside, drafts))
        self.files = before + written

    def _write_beside(self, draft: Draft) -> NewFile:
        with self.connection.cursor() as cursor:
            return self.write(draft, cursor)

    def write(self, draft: Draft, connection: Duck) -> NewFile:
        """Write one file so that a crash leaves all of it or none, and note it."""
        target = self.lake / draft.file.path
        with disk_errors(), finished_file(target) as unfinished:
            rows = draft.write(connection, unfinished)
            self.step(f"written:{draft.file.kind}")
            finished = replace(
                draft.file,
                sha256=sha256_of(unfinished),
                bytes=unfinished.stat().st_size,
                rows=draft.file.rows if rows is None else rows,
                first_time=draft.first,
                last_time=draft.last,
                batch_id=self.batch_id,
            )
        self.files.append(finished)
        self.step(f"renamed:{draft.file.kind}")
        return finished

    def forget(self, keep: Callable[[NewFile], bool] = lambda _: False) -> None:
        """Remove written files that will not be published."""
        for file in self.files:
            if not keep(file):
                (self.lake / file.path).unlink(missing_ok=True)
        self.files = [file for file in self.files if keep(file)]


def _copy(sql: str, connection: Duck, target: Path) -> None:
    connection.execute(f"COPY ({sql}) TO {quoted(str(target))} ({_FORMAT})")


def _between(time: str, start: datetime, end: datetime) -> str:
    return f"{time} >= {_literal(start)} AND {time} < {_literal(end)}"


def _literal(moment: datetime) -> str:
    seconds = int(moment.replace(microsecond=0).timestamp())
    return f"make_timestamptz({seconds * 1_000_000 + moment.microsecond})"
