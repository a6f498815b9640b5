"""The files a batch writes: months of sorted rows, profiles, the quarantine."""

import errno
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb

from core.domain.windows import Window, calendar_chunks
from core.ingest.readers.source import quoted
from core.ingest.stage import instant
from core.lake.files import finished_file, sha256_of, storage_errors
from core.lake.paths import data_path
from core.store.manifest import NewFile

ROWS_PER_FILE = 1_500_000
_FULL = ("No space left on device", "max_temp_directory_size", "Disk quota exceeded")


@contextmanager
def disk_errors() -> Iterator[None]:
    """Turn a full disk, as the file system or DuckDB reports it, into :class:`DiskFull`."""
    with storage_errors():
        try:
            yield
        except duckdb.Error as error:
            if any(sign in str(error) for sign in _FULL):
                raise OSError(errno.ENOSPC, "No space left on device") from error
            raise


@dataclass(slots=True)
class Output:
    """Files of one batch on their way to the manifest.

    Parameters
    ----------
    connection : DuckDBPyConnection
        The ingest's own.
    lake : Path
        The lake's folder.
    model_id, batch_id, timezone : str
        Whose files, and where days begin.
    step : callable
        Told the name of each step when it is done.
    """

    connection: duckdb.DuckDBPyConnection
    lake: Path
    model_id: str
    batch_id: str
    timezone: str
    step: Callable[[str], None]
    files: list[NewFile] = field(default_factory=list)
    _number: int = 0

    def write_months(self, stream: str, table: str, time: str, columns: Sequence[str]) -> None:
        """Write the rows of a table to one or more files a month, sorted by time and row.

        Parameters
        ----------
        stream, table, time : str
            The stream, the temporary table and its time column.
        columns : sequence of str
            What is written, in order; ``_batch`` is the batch if the table has none.
        """
        rows, first, last = self._span(table, time)
        if not rows:
            return
        whole = Window(instant(first), instant(last + 1))
        wanted = ", ".join(self._column(name, table) for name in columns)
        for month in calendar_chunks(whole, "month", self.timezone):
            for start, end in self._parts(table, time, month.start, month.end):
                self._write_part(stream, table, time, wanted, month.key, start, end)

    def _column(self, name: str, table: str) -> str:
        own_batch = name == "_batch" and table == "staged"
        return f"{quoted(self.batch_id)} AS _batch" if own_batch else name

    def _span(self, table: str, time: str, where: str = "true") -> tuple[int, int, int]:
        rows: tuple[Any, ...] = self.connection.execute(
            f"SELECT count(*), epoch_us(min({time})), epoch_us(max({time})) FROM {table}"
            f" WHERE {where}"
        ).fetchall()[0]
        return int(rows[0]), int(rows[1] or 0), int(rows[2] or 0)

    def _parts(
        self, table: str, time: str, start: datetime, end: datetime
    ) -> Iterator[tuple[datetime, datetime]]:
        """Cut a month with many rows where about equally many lie on both sides."""
        within = _between(time, start, end)
        rows = self._span(table, time, within)[0]
        parts = -(-rows // ROWS_PER_FILE)
        if parts <= 1:
            yield from [(start, end)] if rows else []
            return
        shares = [number / parts for number in range(1, parts)]
        cuts = self.connection.execute(
            f"SELECT quantile_disc(epoch_us({time}), {shares}) FROM {table} WHERE {within}"
        ).fetchall()[0][0]
        edges = [start, *(instant(cut) for cut in sorted(set(cuts))), end]
        yield from pairwise(edges)

    def _write_part(
        self,
        stream: str,
        table: str,
        time: str,
        wanted: str,
        month: str,
        start: datetime,
        end: datetime,
    ) -> None:
        within = _between(time, start, end)
        rows, first, last = self._span(table, time, within)
        if not rows:
            return
        path = data_path(self.model_id, stream, month, self.batch_id, self._number)
        self._number += 1
        order = f"{time}, _batch, _row" if table != "staged" else f"{time}, _row"
        sql = f"SELECT {wanted} FROM {table} WHERE {within} ORDER BY {order}"

        file = NewFile("data", path, "", 0, rows, stream=stream, month=month)
        self.write(file, partial(self._copy, sql), first=instant(first), last=instant(last))

    def _copy(self, sql: str, target: Path) -> None:
        self.connection.execute(
            f"COPY ({sql}) TO {quoted(str(target))} (FORMAT parquet, COMPRESSION lz4_raw)"
        )

    def write(
        self,
        file: NewFile,
        writer: Callable[[Path], int | None],
        *,
        first: datetime | None = None,
        last: datetime | None = None,
    ) -> None:
        """Write one file so that a crash leaves all of it or none, and note it.

        Parameters
        ----------
        file : NewFile
            What it is; hash and size are filled in.
        writer : callable
            Writes to the path it is given; may return the number of rows.
        first, last : datetime, optional
            Oldest and newest event in it.
        """
        target = self.lake / file.path
        with disk_errors(), finished_file(target) as unfinished:
            written = writer(unfinished)
            self.step(f"written:{file.kind}")
            finished = replace(
                file,
                sha256=sha256_of(unfinished),
                bytes=unfinished.stat().st_size,
                rows=file.rows if written is None else written,
                first_time=first,
                last_time=last,
                batch_id=self.batch_id,
            )
        self.files.append(finished)
        self.step(f"renamed:{file.kind}")

    def forget(self, keep: Callable[[NewFile], bool] = lambda _: False) -> None:
        """Remove written files that will not be published."""
        for file in self.files:
            if not keep(file):
                (self.lake / file.path).unlink(missing_ok=True)
        self.files = [file for file in self.files if keep(file)]


def _between(time: str, start: datetime, end: datetime) -> str:
    return f"{time} >= {_literal(start)} AND {time} < {_literal(end)}"


def _literal(moment: datetime) -> str:
    seconds = int(moment.replace(microsecond=0).timestamp())
    return f"make_timestamptz({seconds * 1_000_000 + moment.microsecond})"
