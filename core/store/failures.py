"""What a database driver reports, in the words of :mod:`core.errors`."""

import sqlite3

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionInTime

from core.errors import Busy, DiskFull, StorageError

_POSTGRESQL_DISK_FULL = {"53100"}
_POSTGRESQL_BUSY = {"55P03", "40P01", "40001", "57014"}


def storage_error(error: DBAPIError | NoConnectionInTime) -> StorageError:
    """Translate an operational failure of the driver, or of the wait for a connection.

    Parameters
    ----------
    error : DBAPIError or TimeoutError
        What SQLAlchemy raised; broken constraints are not meant for this function.
    """
    cause = error.orig if isinstance(error, DBAPIError) else None
    if _is_disk_full(cause):
        return DiskFull(
            "The disk of the state database is full; the change was not made.",
            remedy="Free some space, then repeat it.",
        )
    if _is_busy(cause) or isinstance(error, NoConnectionInTime):
        return Busy(
            "Another process kept the state database busy for too long; the change was not made.",
            remedy="Repeat it; if it happens again, look for a process that hangs.",
        )
    return StorageError(
        "The state database could not be read or written ({reason}).",
        remedy="Check the disk or the database server, then run 'harbourlight doctor'.",
        reason=next(iter(str(cause).strip().splitlines()), "unknown"),
    )


def _is_disk_full(cause: BaseException | None) -> bool:
    if isinstance(cause, sqlite3.Error):
        return _primary_code(cause) == sqlite3.SQLITE_FULL
    return _sqlstate(cause) in _POSTGRESQL_DISK_FULL


def _is_busy(cause: BaseException | None) -> bool:
    if isinstance(cause, sqlite3.Error):
        return _primary_code(cause) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    return _sqlstate(cause) in _POSTGRESQL_BUSY


def _sqlstate(cause: BaseException | None) -> object:
    """Return PostgreSQL's code without loading its driver, which SQLite has no use for."""
    return getattr(cause, "sqlstate", None)


def _primary_code(cause: sqlite3.Error) -> int:
    """Return SQLite's result code without the extension in its upper bits."""
    return getattr(cause, "sqlite_errorcode", 0) & 0xFF
