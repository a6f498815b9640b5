"""Checkpoints of the audit trail, and where copies of them were anchored."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from core.store.rows import insert_if_absent
from core.store.tables import audit_anchor, audit_checkpoint
from core.store.types import clean_text


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A checkpoint as kept; the note is the evidence, the rest an index of it.

    Parameters
    ----------
    size : int
        Entries it covers.
    root : bytes
        Root over them.
    at : datetime
        When it was made.
    reason : str
        ``schedule``, ``command`` or ``export``.
    note : str
        The signed note.
    """

    size: int
    root: bytes
    at: datetime
    reason: str
    note: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """An attempt to put a copy of a checkpoint elsewhere.

    Parameters
    ----------
    size : int
        Entries that the checkpoint covers.
    kind, target : str
        ``path``, ``webhook``, ``mail`` or ``timestamp``, and where to.
    state : {"done", "failed"}
        How it went.
    detail : str
        Why it failed; otherwise empty.
    at : datetime
        When.
    receipt : bytes, optional
        What the place answered: the timestamp.
    """

    size: int
    kind: str
    target: str
    state: str
    detail: str
    at: datetime
    receipt: bytes | None = None


def put(conn: Connection, checkpoint: StoredCheckpoint) -> bool:
    """Keep a checkpoint unless there is one of its size; return whether it is new.

    Two processes on PostgreSQL may sign the same size at once: the first one's is kept. On SQLite
    writers wait for each other, and a trigger refuses a second one of a size.
    """
    row = {name: getattr(checkpoint, name) for name in StoredCheckpoint.__slots__}
    return insert_if_absent(conn, audit_checkpoint, row)


def newest(conn: Connection) -> StoredCheckpoint | None:
    """Return the checkpoint that covers most; ``None`` if there is none."""
    query = select(audit_checkpoint).order_by(audit_checkpoint.c.size.desc()).limit(1)
    row = conn.execute(query).one_or_none()
    return None if row is None else StoredCheckpoint(**row._mapping)


def newest_anchored(conn: Connection) -> StoredCheckpoint | None:
    """Return the checkpoint that was anchored last, wherever and however that went."""
    tried = newest_anchors(conn)
    return None if not tried else covering(conn, tried[0].size)


def covering(conn: Connection, sequence: int) -> StoredCheckpoint | None:
    """Return the first checkpoint that covers an entry; ``None`` if there is none yet."""
    column = audit_checkpoint.c
    query = select(audit_checkpoint).where(column.size >= sequence).order_by(column.size).limit(1)
    row = conn.execute(query).one_or_none()
    return None if row is None else StoredCheckpoint(**row._mapping)


def list_checkpoints(
    conn: Connection, *, until: int | None = None, limit: int | None = None
) -> tuple[StoredCheckpoint, ...]:
    """Return checkpoints, those that cover most first.

    Parameters
    ----------
    conn : Connection
        Any transaction.
    until : int, optional
        Only those that cover so many entries at most.
    limit : int, optional
        Most to return.
    """
    query = select(audit_checkpoint).order_by(audit_checkpoint.c.size.desc()).limit(limit)
    if until is not None:
        query = query.where(audit_checkpoint.c.size <= until)
    return tuple(StoredCheckpoint(**row._mapping) for row in conn.execute(query))


def count(conn: Connection) -> int:
    """Return how many checkpoints there are."""
    return int(conn.execute(select(func.count()).select_from(audit_checkpoint)).scalar_one())


def note_anchor(conn: Connection, anchor: Anchor) -> None:
    """Keep what became of an attempt to anchor a checkpoint."""
    row = {name: getattr(anchor, name) for name in Anchor.__slots__}
    conn.execute(insert(audit_anchor).values(row | {"detail": clean_text(anchor.detail)}))


def newest_anchors(
    conn: Connection, *, state: str | None = None, kinds: Iterable[str] | None = None
) -> tuple[Anchor, ...]:
    """Return the newest attempt of each kind and target, the newest first."""
    column = audit_anchor.c
    last = select(func.max(column.id)).group_by(column.kind, column.target)
    if state is not None:
        last = last.where(column.state == state)
    if kinds is not None:
        last = last.where(column.kind.in_(list(kinds)))
    columns = [column[name] for name in Anchor.__slots__]
    query = select(*columns).where(column.id.in_(last)).order_by(column.id.desc())
    return tuple(Anchor(**row._mapping) for row in conn.execute(query))


def receipts(conn: Connection, *, until: int | None = None) -> tuple[Anchor, ...]:
    """Return the anchors that hold a receipt, by size, perhaps up to one only."""
    column = audit_anchor.c
    columns = [column[name] for name in Anchor.__slots__]
    query = select(*columns).where(column.receipt.is_not(None)).order_by(column.size, column.id)
    if until is not None:
        query = query.where(column.size <= until)
    return tuple(Anchor(**row._mapping) for row in conn.execute(query))
