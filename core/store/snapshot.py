"""The whole state database at one moment, as files; and a database made from them.

SQLite is copied by its own backup API; PostgreSQL is read table by table in one REPEATABLE READ
transaction. In both the subjects' keys are left out and given to the caller, because they belong
elsewhere, and sessions are left out, because what was revoked since must not come back. Either kind
fills a database of either kind: the audit trail is bytes in both.
"""

import base64
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Date, LargeBinary, Table, func, insert, make_url, select, text

from core.errors import StorageError
from core.i18n import N_
from core.store.engine import Store
from core.store.migrate import current_revision
from core.store.migrations import HEAD
from core.store.migrations.append_only import SQLITE, SQLITE_NAMES, TREE_SQLITE
from core.store.tables import audit_payload, manifest, metadata, subject_key
from core.store.types import Instant

LEFT_OUT = frozenset({"subject_key", "session", "session_ticket", "export_file"})
_LOCKED = ("audit_entry", "audit_object", "audit_head", "audit_node", "audit_checkpoint")
_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """The key of one subject."""

    subject_id: str
    key: bytes
    created_at: str


@dataclass(frozen=True, slots=True)
class LakeFile:
    """A file that the snapshot's manifest names: path in the lake, hash and size."""

    path: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a snapshot holds beside its files.

    Parameters
    ----------
    dialect, revision : str
        Which database, and its schema.
    size, artefacts : int, tuple of str
        Entries of the audit trail, and paths of registered files.
    files : tuple of LakeFile
        The lake at that moment.
    keys : tuple of SubjectKey
        To be kept apart.
    attachments : tuple of LakeFile
        Files with cases, below the folder of attachments.
    frozen : tuple of str
        Paths of frozen data of requests, below the folder of requests.
    """

    dialect: str
    revision: str
    size: int
    files: tuple[LakeFile, ...]
    artefacts: tuple[str, ...]
    keys: tuple[SubjectKey, ...]
    attachments: tuple[LakeFile, ...] = ()
    frozen: tuple[str, ...] = ()


def take(store: Store, folder: Path) -> Snapshot:
    """Write the state into an empty folder; ingests and readers go on meanwhile."""
    if store.dialect == "sqlite":
        return _take_sqlite(store, folder)
    return write_tables(store, folder)


def load(conn: Connection, folder: Path, keys: tuple[SubjectKey, ...] = ()) -> None:
    """Fill a new database with the tables of a snapshot, as :func:`write_tables` wrote them.

    The subjects' keys, which were kept apart, go in before the payloads that belong to them.

    Raises
    ------
    StorageError
        If the database holds anything already.
    """
    refuse_filled(conn)
    with _unlocked(conn):
        for table in reversed(metadata.sorted_tables):
            conn.execute(table.delete())
        for table in metadata.sorted_tables:
            if table is subject_key:
                put_keys(conn, keys)
            known = {key.subject_id for key in keys} if table is audit_payload else None
            for rows in _read_rows(folder / f"{table.name}.jsonl", table):
                if known is not None:  # a key that was taken out of its file opens nothing
                    rows = [row for row in rows if row["subject_id"] in known]
                if rows:
                    conn.execute(insert(table), rows)
    if conn.dialect.name == "postgresql":
        _move_sequences(conn)


def database_file(url: str) -> Path:
    """Return where the file of a SQLite address lies."""
    return Path(make_url(url).database or "")


def refuse_filled(conn: Connection) -> None:
    """Refuse a database that holds a model, a user or an entry of the trail.

    Raises
    ------
    StorageError
        If it does.
    """
    for name in ("model", "app_user", "audit_entry"):
        table = metadata.tables[name]
        if conn.execute(select(func.count()).select_from(table)).scalar_one():
            raise StorageError(
                N_("The state database is not empty; nothing was restored."),
                remedy=N_("Restore into a new database, or remove the old one yourself."),
            )


def put_keys(conn: Connection, keys: tuple[SubjectKey, ...]) -> int:
    """Bring subjects' keys back; return how many."""
    for key in keys:
        values = {
            "subject_id": key.subject_id,
            "key": key.key,
            "created_at": datetime.fromisoformat(key.created_at),
        }
        conn.execute(insert(subject_key).values(values))
    return len(keys)


def _take_sqlite(store: Store, folder: Path) -> Snapshot:
    target = folder / "state.db"
    copy = sqlite3.connect(target, isolation_level=None)
    try:
        with store.engine.connect() as conn:
            source = conn.connection.driver_connection
            if not isinstance(source, sqlite3.Connection):
                raise TypeError("no SQLite connection")
            source.backup(copy)
        copy.execute("PRAGMA secure_delete = ON")
        keys = tuple(
            SubjectKey(row[0], bytes(row[1]), f"{row[2]}+00:00")
            for row in copy.execute("SELECT subject_id, key, created_at FROM subject_key")
        )
        copy.execute("PRAGMA foreign_keys = OFF")
        for table in sorted(LEFT_OUT):
            copy.execute(f'DELETE FROM "{table}"')  # noqa: S608 - constants of this module
        copy.execute(
            "UPDATE manifest SET purged_at = removed_at"
            " WHERE removed_at IS NOT NULL AND purged_at IS NULL"
        )
        copy.execute("VACUUM")
        copy.execute("PRAGMA journal_mode = DELETE")
        rows = copy.execute(
            "SELECT path, sha256, bytes FROM manifest WHERE purged_at IS NULL ORDER BY path"
        ).fetchall()
        paths = copy.execute("SELECT DISTINCT path FROM artefact ORDER BY path").fetchall()
        attached = copy.execute(
            "SELECT path, sha256, bytes FROM review_file WHERE removed_at IS NULL ORDER BY path"
        ).fetchall()
        frozen = copy.execute(
            "SELECT snapshot_path FROM rights_request"
            " WHERE snapshot_path IS NOT NULL ORDER BY snapshot_path"
        ).fetchall()
        size = copy.execute("SELECT size FROM audit_head").fetchone()[0]
        revision = copy.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    finally:
        copy.close()
    files = tuple(LakeFile(*row) for row in rows)
    return Snapshot(
        "sqlite",
        revision,
        size,
        files,
        tuple(row[0] for row in paths),
        keys,
        tuple(LakeFile(*row) for row in attached),
        tuple(row[0] for row in frozen),
    )


def write_tables(store: Store, folder: Path) -> Snapshot:
    """Write every table into a folder, a JSON value a row, as one transaction sees them."""
    with store.read() as conn:
        for table in metadata.sorted_tables:
            with (folder / f"{table.name}.jsonl").open("w", encoding="utf-8") as file:
                if table.name not in LEFT_OUT:
                    # In order of their keys: a case comes after the one that it is about.
                    for row in conn.execute(select(table).order_by(*table.primary_key.columns)):
                        file.write(json.dumps(_plain_row(table, row._mapping)) + "\n")
        live = select(manifest.c.path, manifest.c.sha256, manifest.c.bytes).where(
            manifest.c.removed_at.is_(None)
        )
        files = tuple(LakeFile(*row) for row in conn.execute(live.order_by(manifest.c.path)))
        artefact = metadata.tables["artefact"]
        paths = conn.execute(select(artefact.c.path).distinct().order_by(artefact.c.path))
        size = conn.execute(select(metadata.tables["audit_head"].c.size)).scalar_one()
        keys = tuple(
            SubjectKey(row.subject_id, bytes(row.key), row.created_at.isoformat())
            for row in conn.execute(select(subject_key))
        )
        held, request = metadata.tables["review_file"].c, metadata.tables["rights_request"].c
        attached = select(held.path, held.sha256, held.bytes).where(held.removed_at.is_(None))
        frozen = select(request.snapshot_path).where(request.snapshot_path.is_not(None))
        revision = current_revision(conn) or HEAD
        return Snapshot(
            store.dialect,
            revision,
            int(size),
            files,
            tuple(paths.scalars()),
            keys,
            tuple(LakeFile(*row) for row in conn.execute(attached.order_by(held.path))),
            tuple(conn.execute(frozen.order_by(request.snapshot_path)).scalars()),
        )


@contextmanager
def _unlocked(conn: Connection) -> Iterator[None]:
    """Take away what keeps the trail append-only; the transaction ends with it there again."""
    if conn.dialect.name == "postgresql":
        for name in _LOCKED:
            conn.execute(text(f'ALTER TABLE "{name}" DISABLE TRIGGER USER'))
        yield
        for name in _LOCKED:
            conn.execute(text(f'ALTER TABLE "{name}" ENABLE TRIGGER USER'))
        return
    for name in SQLITE_NAMES:
        conn.execute(text(f'DROP TRIGGER "{name}"'))
    yield
    for statement in (*SQLITE, *TREE_SQLITE):
        conn.execute(text(statement))


def _plain_row(table: Table, row: Any) -> dict[str, object]:
    values = {column.name: _plain(row[column.name]) for column in table.columns}
    if table.name == "manifest" and values["removed_at"] is not None:
        values["purged_at"] = values["purged_at"] or values["removed_at"]
    return values


def _plain(value: object) -> object:
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode("ascii")
    return value.isoformat() if isinstance(value, datetime | date) else value


def _read_rows(path: Path, table: Table) -> Iterator[list[dict[str, object]]]:
    rows: list[dict[str, object]] = []
    with path.open(encoding="utf-8") as file:
        for line in file:
            rows.append(_typed_row(table, json.loads(line)))
            if len(rows) == _CHUNK:
                yield rows
                rows = []
    if rows:
        yield rows


def _typed_row(table: Table, row: dict[str, Any]) -> dict[str, object]:
    typed: dict[str, object] = {}
    for column in table.columns:
        value = row[column.name]
        if value is not None and isinstance(column.type, LargeBinary):
            value = base64.b64decode(value)
        elif value is not None and isinstance(column.type, Instant):
            value = datetime.fromisoformat(value)
        elif value is not None and isinstance(column.type, Date):
            value = date.fromisoformat(value)
        typed[column.name] = value
    return typed


def _move_sequences(conn: Connection) -> None:
    """Let numbers that the database gives out go on behind those that were restored."""
    for table in metadata.sorted_tables:
        for column in table.primary_key:
            if column.autoincrement is True:
                newest = conn.execute(select(func.max(column))).scalar_one()
                name = conn.execute(
                    select(func.pg_get_serial_sequence(table.name, column.name))
                ).scalar_one()
                if newest is not None and name is not None:
                    conn.execute(select(func.setval(name, newest)))
