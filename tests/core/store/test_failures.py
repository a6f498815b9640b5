import sqlite3

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionInTime

from core.errors import Busy, DiskFull, StorageError
from core.store import Store
from core.store.failures import storage_error
from core.store.types import clean_text


def wrapped(cause: BaseException) -> DBAPIError:
    return OperationalError("SELECT secret", {"password": "secret"}, cause)


def sqlite_failure(code: int, message: str = "") -> sqlite3.Error:
    error = sqlite3.OperationalError(message)
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("cause", "kind", "words"),
    [
        (sqlite_failure(sqlite3.SQLITE_FULL), DiskFull, "disk of the state database is full"),
        (psycopg.errors.DiskFull(), DiskFull, "disk of the state database is full"),
        (sqlite_failure(sqlite3.SQLITE_BUSY), Busy, "busy for too long"),
        (sqlite_failure(sqlite3.SQLITE_BUSY_SNAPSHOT), Busy, "busy for too long"),
        (psycopg.errors.LockNotAvailable(), Busy, "busy for too long"),
        (psycopg.errors.DeadlockDetected(), Busy, "busy for too long"),
        (psycopg.errors.SerializationFailure(), Busy, "busy for too long"),
        (sqlite_failure(sqlite3.SQLITE_IOERR, "disk I/O error"), StorageError, "disk I/O error"),
        (psycopg.OperationalError("gone\nand more"), StorageError, r"\(gone\)"),
        (RuntimeError(""), StorageError, r"\(unknown\)"),
    ],
)
def test_failures_are_told_in_our_words_without_the_statement(
    cause: BaseException, kind: type[StorageError], words: str
) -> None:
    error = storage_error(wrapped(cause))
    assert type(error) is kind
    with pytest.raises(kind, match=words):
        raise error
    assert "secret" not in str(error)


def test_waiting_too_long_for_a_connection_is_told_as_busy() -> None:
    with pytest.raises(Busy, match="busy for too long"):
        raise storage_error(NoConnectionInTime("QueuePool limit"))


def test_a_full_disk_leaves_the_database_usable(sqlite_store: Store) -> None:
    with sqlite_store.begin() as conn:
        conn.exec_driver_sql("CREATE TABLE filler (content BLOB)")
    with sqlite_store.engine.connect() as conn:
        # SQLite's own limit of pages raises the same SQLITE_FULL as a disk without room.
        conn.exec_driver_sql("PRAGMA max_page_count = 1")
    with pytest.raises(DiskFull), sqlite_store.begin() as conn:
        conn.exec_driver_sql("INSERT INTO filler VALUES (zeroblob(10000000))")
    with sqlite_store.engine.connect() as conn:
        conn.exec_driver_sql("PRAGMA max_page_count = 1000000")
    with sqlite_store.begin() as conn:
        conn.exec_driver_sql("INSERT INTO filler VALUES (zeroblob(10000))")
    with sqlite_store.read() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM filler").scalar_one() == 1


@given(st.text(st.characters()))
def test_clean_text_can_be_stored_and_changes_only_what_cannot(text: str) -> None:
    cleaned = clean_text(text)
    assert "\x00" not in cleaned
    cleaned.encode("utf-8")
    if "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text):
        assert cleaned == text
