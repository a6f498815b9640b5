"""The only factory of DuckDB connections.

One connection per process; each query and each thread takes its own ``connection.cursor()`` and
fetches to the end, because a shared connection hands one thread another thread's rows. Temporary
tables belong to the cursor that made them. No database file is opened, so no second process can
be locked out; nothing is downloaded, so every extension in use is one that is built in.

A connection reaches the lake, the scratch folder and the exports, and no other file of the machine,
nor any network; once locked, no statement changes that or any other setting.
"""

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import duckdb

from core.config import Settings
from core.lake.files import storage_errors
from core.lake.paths import quoted

Duck = duckdb.DuckDBPyConnection
"""The type of a connection, for those who may not import the driver."""

ENDED = (duckdb.FatalException, duckdb.InternalException, duckdb.ConnectionException)
"""Errors after which a connection is of no use any more."""

_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
_FULL = ("No space left on device", "max_temp_directory_size", "Disk quota exceeded")
_SMALLEST_BYTES = 256 * 1024**2


def open_duck(
    settings: Settings,
    purpose: Literal["app", "ingest"] = "app",
    *,
    files: Iterable[Path] = (),
    locked: bool = True,
) -> Duck:
    """Open DuckDB in memory with the share of the machine that the purpose may use.

    Parameters
    ----------
    settings : Settings
        Memory shares, threads, and the workspace whose scratch folder takes what overflows.
    purpose : {"app", "ingest"}
        Whose memory share applies.
    files : iterable of Path
        Files outside the workspace that may be read as well: an ingest's own, and no others.
    locked : bool
        ``False`` leaves the settings open until :func:`lock`; the reach is limited either way.

    Raises
    ------
    StorageError
        If the scratch folder cannot be made.
    """
    shares = {"app": settings.app_memory_share, "ingest": settings.ingest_memory_share}
    scratch = settings.scratch_dir / f"duckdb-{purpose}-{os.getpid()}"
    with storage_errors():
        settings.scratch_dir.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": settings.threads,
            "memory_limit": f"{memory_limit_bytes(shares[purpose]) // 1024**2}MiB",
            "temp_directory": str(scratch),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
        },
    )
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    folders = (settings.lake_dir, settings.scratch_dir, settings.exports_dir)
    connection.execute(f"SET allowed_directories = {_texts(folders)}")
    connection.execute(f"SET allowed_paths = {_texts(_spellings(files))}")
    # From here on DuckDB refuses to widen its reach again.
    connection.execute("SET enable_external_access = false")
    if locked:
        lock(connection)
    return connection


def lock(connection: Duck) -> None:
    """Let no statement of this connection, or of a cursor of it, change a setting any more."""
    connection.execute("SET lock_configuration = true")


def _spellings(files: Iterable[Path]) -> list[Path]:
    """Return each file as it is named and as the machine knows it: links are followed."""
    return [spelling for file in files for spelling in (file, file.absolute(), file.resolve())]


def _texts(paths: Iterable[Path]) -> str:
    return f"[{', '.join(quoted(path) for path in paths)}]::TEXT[]"


def is_alive(connection: Duck) -> bool:
    """Whether a connection still answers: a fatal error ends it, and all its cursors, for good."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1").fetchall()
    except duckdb.Error:
        return False
    return True


def is_disk_full(error: duckdb.Error) -> bool:
    """Whether DuckDB found no space left, on the disk or in what it may use of it."""
    return any(sign in str(error) for sign in _FULL)


@contextmanager
def disk_errors() -> Iterator[None]:
    """Turn faults of the disk, as the file system or DuckDB reports them, into ours.

    Raises
    ------
    DiskFull
        If no space is left.
    StorageError
        For every other fault of reading and writing.
    """
    with storage_errors():
        try:
            yield
        except duckdb.Error as error:
            if is_disk_full(error):
                raise OSError(errno.ENOSPC, "No space left on device") from error
            if isinstance(error, duckdb.IOException):
                first_line = next(iter(str(error).splitlines()), "")
                raise OSError(errno.EIO, first_line[:200]) from error
            raise


def memory_limit_bytes(share: float) -> int:
    """Return a share of the machine's (or container's) memory in bytes, at least 256 MiB."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if _CGROUP_LIMIT.is_file():
        limit = _CGROUP_LIMIT.read_text(encoding="ascii").strip()
        total = min(total, int(limit)) if limit.isdigit() else total
    return max(int(total * share), _SMALLEST_BYTES)
