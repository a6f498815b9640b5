"""The state database: opening it, and the two kinds of transaction.

``Store.begin()`` is a transaction that writes. On SQLite it starts with ``BEGIN IMMEDIATE``: the
driver's own default begins at the first write, so two processes can both read a value, both
change it, and one change is lost. ``Store.read()`` sees one moment of the database throughout
and refuses to write. Neither may be nested in a write transaction of the same thread, which
would wait for itself.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as NoConnectionInTime

from core.errors import InvalidInput
from core.store.failures import storage_error
from core.store.migrate import is_current, upgrade

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
    from sqlalchemy.pool import ConnectionPoolEntry

BUSY_TIMEOUT_S = 30
_READ_ONLY = "harbourlight_read_only"


class Store:
    """An open state database; safe to share between threads, not between forked processes.

    Parameters
    ----------
    engine : Engine
        Made by :func:`open_store`, with its listeners.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing = threading.local()

    @property
    def dialect(self) -> str:
        """``"sqlite"`` or ``"postgresql"``."""
        return self.engine.dialect.name

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Open a write transaction: committed at the end of the block, undone on an exception.

        Raises
        ------
        StorageError
            If the database cannot be reached, stays busy or its disk is full.
        RuntimeError
            If this thread is already inside a write transaction.
        """
        if getattr(self._writing, "now", False):
            raise RuntimeError("A write transaction is open in this thread; pass its connection.")
        self._writing.now = True
        try:
            with _own_errors(), self.engine.begin() as conn:
                yield conn
        finally:
            self._writing.now = False

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a read transaction: every query in the block sees the same moment.

        Raises
        ------
        StorageError
            If the database cannot be reached, or if the block tries to write.
        """
        with _own_errors(), self.engine.connect() as conn:
            options: dict[str, Any] = {_READ_ONLY: True}
            if self.dialect == "postgresql":
                options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            reader = conn.execution_options(**options)
            with reader.begin():
                yield reader

    def close(self) -> None:
        """Close all idle connections."""
        self.engine.dispose()


def open_store(url: str) -> Store:
    """Open the state database and migrate it to this version's schema.

    Parameters
    ----------
    url : str
        ``sqlite:///…/state.db`` or ``postgresql+psycopg://user@host/database``.

    Raises
    ------
    InvalidInput
        If the address is not one of these two.
    StorageError
        If the database cannot be reached, or a newer version wrote it.
    """
    parsed = _parse(url)
    engine = _sqlite_engine(parsed) if parsed.drivername == "sqlite" else _postgresql_engine(parsed)
    store = Store(engine)
    try:
        with store.read() as conn:
            ready = is_current(conn)
        if not ready:
            with store.begin() as conn:
                upgrade(conn)
    except BaseException:
        store.close()
        raise
    return store


@contextmanager
def _own_errors() -> Iterator[None]:
    try:
        yield
    except (IntegrityError, DataError, ProgrammingError):
        raise  # a broken rule or a mistake of ours, not a failing database
    except (DBAPIError, NoConnectionInTime) as error:
        raise storage_error(error) from error


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is not None:
        if parsed.drivername in {"sqlite", "sqlite+pysqlite"} and _is_file(parsed):
            return parsed.set(drivername="sqlite")
        if parsed.drivername in {"postgres", "postgresql", "postgresql+psycopg"}:
            return parsed.set(drivername="postgresql+psycopg")
    shown = parsed.render_as_string() if parsed is not None else "?"
    raise InvalidInput(
        "{url} is not the address of a state database.",
        remedy="Use sqlite:///<file> or postgresql+psycopg://<user>@<host>/<database>.",
        url=shown,
    )


def _is_file(url: URL) -> bool:
    return bool(url.database) and url.database != ":memory:" and "mode=memory" not in str(url)


def _sqlite_engine(url: URL) -> Engine:
    Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        # Driver autocommit: sqlite3 begins nothing by itself, _begin_sqlite does.
        connect_args={"isolation_level": None, "timeout": BUSY_TIMEOUT_S},
        pool_size=10,
        max_overflow=30,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: "DBAPIConnection", _record: "ConnectionPoolEntry") -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000}")
    _use_write_ahead_log(cursor)
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten with zeros
    cursor.execute("PRAGMA trusted_schema = OFF")
    cursor.close()


def _use_write_ahead_log(cursor: "DBAPICursor") -> None:
    """Switch the journal on; SQLite refuses at once, whatever its timeout, if others do so too."""
    deadline = monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or monotonic() > deadline:
                raise
            sleep(0.01)
        else:
            return


def _begin_sqlite(conn: Connection) -> None:
    if conn.get_execution_options().get(_READ_ONLY, False):
        conn.exec_driver_sql("PRAGMA query_only = ON")
        conn.exec_driver_sql("BEGIN")
    else:
        conn.exec_driver_sql("PRAGMA query_only = OFF")
        conn.exec_driver_sql("BEGIN IMMEDIATE")


def _postgresql_engine(url: URL) -> Engine:
    engine = create_engine(
        url, pool_size=10, max_overflow=30, pool_pre_ping=True, hide_parameters=True
    )
    event.listen(engine, "connect", _set_up_postgresql)
    return engine


def _set_up_postgresql(connection: "DBAPIConnection", _record: "ConnectionPoolEntry") -> None:
    cursor = connection.cursor()
    cursor.execute(f"SET lock_timeout = '{BUSY_TIMEOUT_S}s'")
    cursor.execute("SET TIME ZONE 'UTC'")
    cursor.close()
    connection.commit()
