"""What a database keeps of deleted rows: free pages and the write-ahead log, and their end.

SQLite overwrites what is deleted (``secure_delete``, on in every connection); VACUUM builds the
file anew without free pages, and the checkpoint cuts the log. PostgreSQL rewrites the tables that
lost rows; its own write-ahead log, replicas and backups are out of our reach.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from core.store.engine import Store
from core.store.failures import storage_error
from core.store.retention.text_search import SCRUBBED

# What an erasure deletes from, and every table that it takes a reference out of.
_EMPTIED = frozenset(
    {"subject_key", "audit_payload", "review_case", "review_control", "review_watch"}
)
TABLES = tuple(sorted(_EMPTIED | SCRUBBED))
_PATIENCE_S = 20.0
_PAUSE_S = 0.1


@dataclass(frozen=True, slots=True)
class Cleansed:
    """What was done to the database.

    Parameters
    ----------
    database : {"sqlite", "postgresql"}
        Which it is.
    vacuumed : int
        Tables written anew.
    log_cut : bool
        Whether the write-ahead log is empty now; never said of PostgreSQL's own.
    """

    database: str
    vacuumed: int
    log_cut: bool


def cleanse(store: Store) -> Cleansed:
    """Write the database anew without what was deleted; nothing may be open in this thread.

    Raises
    ------
    StorageError
        If other processes kept it busy; repeat it.
    """
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    try:
        return _sqlite(store) if store.dialect == "sqlite" else _postgresql(store)
    except DBAPIError as error:
        raise storage_error(error) from error


def _sqlite(store: Store) -> Cleansed:
    with store.engine.connect() as conn:
        conn.exec_driver_sql("ROLLBACK")  # the transaction that every connection begins with
        conn.exec_driver_sql("PRAGMA query_only = OFF")
        conn.exec_driver_sql("VACUUM")
        cut, until = False, time.monotonic() + _PATIENCE_S
        while not cut and time.monotonic() < until:
            busy, left, _ = conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
            cut = not busy and not left
            if not cut:
                time.sleep(_PAUSE_S)  # a reader of another process still needs the log
        conn.exec_driver_sql("BEGIN")
        tables = conn.exec_driver_sql("SELECT count(*) FROM sqlite_master WHERE type = 'table'")
        return Cleansed("sqlite", int(tables.scalar_one()), cut)


def _postgresql(store: Store, tables: Sequence[str] = TABLES) -> Cleansed:
    engine = store.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        for table in tables:
            conn.exec_driver_sql(f'VACUUM (FULL) "{table}"')
    return Cleansed("postgresql", len(tables), log_cut=False)
