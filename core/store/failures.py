"""What a database driver reports, in the words of :mod:`core.errors`."""

import sqlite3

import psycopg
from sqlalchemy.exc import DBAPIError

from core.errors import DiskFull, StorageError

_POSTGRESQL_DISK_FULL = {"53100"}
_POSTGRESQL_BUSY = {"55P03", "40P01", "40001", "57014"}


def storage_error(error: DBAPIError) -> StorageError:
    """Translate an operational failure of the driver.

    Parameters
    ----------
    error : DBAPIError
        What SQLAlchemy raised; broken constraints are not meant for this function.
    """
    if _is_disk_full(error.orig):
        return DiskFull(
            "The disk of the state database is full; the change was not made.",
            remedy="Free some space, then repeat it.",
        )
    if _is_busy(error.orig):
        return StorageError(
            "Another process kept the state database busy for too long; the change was not made.",
            remedy="Repeat it; if it happens again, look for a process that hangs.",
        )
    return StorageError(
        "The state database could not be read or written ({reason}).",
        remedy="Check the disk or the database server, then run 'harbourlight doctor'.",
        reason=str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else "unknown",
    )


def _is_disk_full(cause: BaseException | None) -> bool:
    if isinstance(cause, sqlite3.Error):
        return _primary_code(cause) == sqlite3.SQLITE_FULL
    return isinstance(cause, psycopg.Error) and cause.sqlstate in _POSTGRESQL_DISK_FULL


def _is_busy(cause: BaseException | None) -> bool:
    if isinstance(cause, sqlite3.Error):
        return _primary_code(cause) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    return isinstance(cause, psycopg.Error) and cause.sqlstate in _POSTGRESQL_BUSY


def _primary_code(cause: sqlite3.Error) -> int:
    """Return SQLite's result code without the extension in its upper bits."""
    return getattr(cause, "sqlite_errorcode", 0) & 0xFF
