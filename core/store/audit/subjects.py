"""Subjects of the audit trail: a key each, the payloads committed to with it, and their end.

The trail itself holds a keyed commitment only. Destroying the key leaves the trail as it is and
makes every commitment of the subject unreadable: nobody can test a guess against it any more.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from core.errors import Conflict
from core.store.retention import tombstones
from core.store.rows import in_parts, insert_if_absent
from core.store.tables import audit_payload, erasure, legal_hold, subject_key, tombstone

_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens the commitment of one entry.

    Parameters
    ----------
    sequence : int
        Which entry.
    subject_id : str
        Whose payload.
    key : bytes
        The subject's key.
    payload : bytes
        Canonical JSON.
    """

    sequence: int
    subject_id: str
    key: bytes = field(repr=False)
    payload: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What :func:`destroy` removed."""

    keys: int
    payloads: int


def key_of(conn: Connection, subject_id: str, *, at: datetime) -> bytes:
    """Return a subject's key, and make it at its first use.

    Parameters
    ----------
    conn : Connection
        Of ``Store.begin()``.
    subject_id : str
        Pseudonym of the person or firm.
    at : datetime
        Now.

    Raises
    ------
    Conflict
        If the subject was erased: nothing may bring the person back.
    """
    found = find_key(conn, subject_id)
    if found is not None:
        return found
    if tombstones.is_erased(conn, subject_id):
        raise Conflict(
            "The person was erased; nothing about that person is recorded any more.",
            remedy="Leave the personal part out.",
        )
    made = {"subject_id": subject_id, "key": secrets.token_bytes(_KEY_BYTES), "created_at": at}
    insert_if_absent(conn, subject_key, made)  # of two processes at once, one key stays
    kept = select(subject_key.c.key).where(subject_key.c.subject_id == subject_id)
    return bytes(conn.execute(kept).scalar_one())


def find_key(conn: Connection, subject_id: str) -> bytes | None:
    """Return a subject's key; ``None`` if it was never made, or destroyed."""
    query = select(subject_key.c.key).where(subject_key.c.subject_id == subject_id)
    found = conn.execute(query).scalar_one_or_none()
    return None if found is None else bytes(found)


def keep_payload(conn: Connection, sequence: int, subject_id: str, payload: bytes) -> None:
    """Keep the payload that an entry commits to, where it can be deleted."""
    row = {"sequence": sequence, "subject_id": subject_id, "payload": payload}
    conn.execute(insert(audit_payload).values(row))


def openings(conn: Connection, *, after: int = 0, until: int | None = None) -> Iterator[Opening]:
    """Yield what opens the commitments of the entries ``after < sequence <= until``, in order."""
    column = audit_payload.c
    query = (
        select(column.sequence, column.subject_id, subject_key.c.key, column.payload)
        .join(subject_key, subject_key.c.subject_id == column.subject_id)
        .where(column.sequence > after)
        .order_by(column.sequence)
    )
    if until is not None:
        query = query.where(column.sequence <= until)
    for row in conn.execute(query, execution_options={"yield_per": 1000}):
        yield Opening(row.sequence, row.subject_id, bytes(row.key), bytes(row.payload))


def payloads(conn: Connection, sequences: Sequence[int]) -> dict[int, bytes]:
    """Return sequence → payload of the entries whose payload is there still."""
    column = audit_payload.c
    found: dict[int, bytes] = {}
    for part in in_parts(sequences):
        wanted = column.sequence.in_(part)
        rows = conn.execute(select(column.sequence, column.payload).where(wanted))
        found |= {int(row.sequence): bytes(row.payload) for row in rows}
    return found


def all_subjects(conn: Connection) -> frozenset[str]:
    """Return the subjects that have a key."""
    return frozenset(conn.execute(select(subject_key.c.subject_id)).scalars())


def are_known(conn: Connection, subject_ids: Sequence[str]) -> bool:
    """Whether any of these pseudonyms has a key, a hold, an erasure or a tombstone."""
    for chunk in in_parts(subject_ids):
        for table in (subject_key, legal_hold, erasure, tombstone):
            query = select(table.c.subject_id).where(table.c.subject_id.in_(chunk)).limit(1)
            if conn.execute(query).first() is not None:
                return True
    return False


def drop_keyless(conn: Connection) -> int:
    """Delete payloads whose subject has no key here; return how many. After a restore only."""
    kept = select(subject_key.c.subject_id)
    return conn.execute(
        delete(audit_payload).where(audit_payload.c.subject_id.not_in(kept))
    ).rowcount


def destroy(conn: Connection, subject_id: str) -> Destroyed:
    """Delete a subject's payloads and key; the commitments in the trail stay, unreadable.

    Deleted rows lie in the database's free pages until those are overwritten; who erases a person
    sees to that as well.
    """
    payloads = conn.execute(delete(audit_payload).where(audit_payload.c.subject_id == subject_id))
    keys = conn.execute(delete(subject_key).where(subject_key.c.subject_id == subject_id))
    return Destroyed(keys=keys.rowcount, payloads=payloads.rowcount)
