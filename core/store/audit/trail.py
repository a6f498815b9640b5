"""The audit trail: one way in, and reading it.

``append`` is the last statement of a transaction: it locks the one head row until the commit, so
sequences are gapless and in commit order. The canonical bytes are the evidence; the columns
beside them are an index for finding it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    func,
    insert,
    or_,
    select,
    update,
)

from core.proof.commitment import commitment
from core.store.audit import subjects
from core.store.audit import tree as audit_tree
from core.store.audit.canonical import canonical_bytes
from core.store.tables import audit_entry, audit_head, audit_object

COMMITTED = frozenset({"subject", "commitment"})
"""What a personal payload adds to the body of its entry."""

EVERYWHERE = "*"
"""The jurisdiction of an entry that concerns rows of all, or of one that nobody noted."""

ABOUT_ROWS = frozenset({"batch", "disposal", "erasure", "prediction", "reference", "subject"})
"""Kinds of objects that are rows of a log, or counts of them; rows have jurisdictions.

What follows from it is kept beside each entry and verified: a kind may be added only with a
migration that keeps it for the entries that are there.
"""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry, as its canonical bytes say.

    Parameters
    ----------
    sequence : int
        Place in the trail, from 1, without gaps.
    at : datetime
        When, in UTC.
    actor, role : str
        Who, and in which roles.
    kind : str
        What happened, such as ``batch.published``.
    objects : Mapping of str to str
        Kind of object to its id: what it happened to.
    body : Mapping
        The details.
    canonical : bytes
        The exact bytes kept.
    """

    sequence: int
    at: datetime
    actor: str
    role: str
    kind: str
    objects: Mapping[str, str]
    body: Mapping[str, object]
    canonical: bytes


@dataclass(frozen=True, slots=True)
class PersonalPayload:
    """What an entry says about a person; the trail holds a commitment to it, never itself.

    Parameters
    ----------
    subject_id : str
        Pseudonym of the person (see ``WorkspaceKeys.subject_id``).
    payload : Mapping
        JSON values, kept apart and deleted when the person is erased.
    """

    subject_id: str
    payload: Mapping[str, object] = field(repr=False)


def append(
    conn: Connection,
    *,
    at: datetime,
    actor: str,
    role: str,
    kind: str,
    objects: Mapping[str, str],
    body: Mapping[str, object],
    personal: PersonalPayload | None = None,
) -> int:
    """Append one entry and return its sequence; call it last in the transaction.

    Parameters
    ----------
    conn : Connection
        Of ``Store.begin()``.
    at : datetime
        When it happened; aware.
    actor, role : str
        Who did it, and in which roles.
    kind : str
        What happened, such as ``model.registered``.
    objects : Mapping of str to str
        Kind of object to id; entries are found by it. ``model`` and ``jurisdiction`` say to whom
        the entry may be shown (see :func:`scope_of`).
    body : Mapping
        Details, as JSON values (see :func:`core.store.audit.canonical.canonical_bytes`).
    personal : PersonalPayload, optional
        What is said about a person; the body gets ``subject`` and ``commitment``, which is
        HMAC-SHA256(subject's key, canonical payload) in hex.

    Raises
    ------
    ValueError, TypeError
        If the body has no canonical form, or names a subject or a commitment itself; nothing is
        appended.
    Conflict
        If the person was erased.
    """
    secret = canonical_bytes(personal.payload) if personal else b""
    if personal:
        body = _committed(conn, personal.subject_id, secret, body, at)
    sequence = conn.execute(
        update(audit_head)
        .where(audit_head.c.id == 1)
        .values(size=audit_head.c.size + 1)
        .returning(audit_head.c.size)
    ).scalar_one()
    entry = {
        "sequence": sequence,
        "at": at,
        "actor": actor,
        "role": role,
        "kind": kind,
        "objects": objects,
        "body": body,
    }
    canonical = canonical_bytes(entry)
    model, jurisdiction = scope_of(objects)
    conn.execute(
        insert(audit_entry).values(
            sequence=sequence,
            at=at,
            actor=actor,
            kind=kind,
            canonical=canonical,
            model_id=model,
            jurisdiction=jurisdiction,
        )
    )
    audit_tree.grow(conn, leaf=sequence - 1, entry=canonical)
    if personal:
        subjects.keep_payload(conn, sequence, personal.subject_id, secret)
    if objects:
        conn.execute(
            insert(audit_object),
            [
                {"sequence": sequence, "kind": name, "object_id": object_id}
                for name, object_id in objects.items()
            ],
        )
    return int(sequence)


def scope_of(objects: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Return the model and the jurisdiction that an entry about these objects belongs to.

    ``None`` if it is about no model, or about nothing that has a jurisdiction. An entry about rows
    that names no jurisdiction belongs to :data:`EVERYWHERE`: only a reader of all may see it.
    """
    rows = None if ABOUT_ROWS.isdisjoint(objects) else EVERYWHERE
    return objects.get("model"), objects.get("jurisdiction", rows)


def size(conn: Connection) -> int:
    """Return the number of entries, which is the last sequence."""
    return int(conn.execute(select(audit_head.c.size)).scalar_one())


def get(conn: Connection, sequence: int) -> AuditEntry | None:
    """Return one entry; ``None`` if the trail is not that long."""
    row = conn.execute(_entries().where(audit_entry.c.sequence == sequence)).one_or_none()
    return None if row is None else _entry(row.canonical)


def read(conn: Connection, *, after: int = 0, limit: int = 1000) -> tuple[AuditEntry, ...]:
    """Return entries in order, starting behind sequence ``after``; for walking the whole trail."""
    rows = conn.execute(
        _entries()
        .where(audit_entry.c.sequence > after)
        .order_by(audit_entry.c.sequence)
        .limit(limit)
    )
    return tuple(_entry(row.canonical) for row in rows)


def list_newest(
    conn: Connection,
    *,
    kind: str | None = None,
    actor: str | None = None,
    objects: Mapping[str, str] | None = None,
    models: frozenset[str] | None = None,
    jurisdictions: frozenset[str] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int = 100,
    shown: ColumnElement[bool] | None = None,
) -> tuple[AuditEntry, ...]:
    """Return the newest entries first, narrowed by what is given.

    Parameters
    ----------
    conn : Connection
        Any transaction.
    kind, actor : str, optional
        Exactly this kind or actor.
    objects : Mapping, optional
        Entries about all of these objects.
    models : frozenset of str, optional
        A reader's scope: entries about another model are left out, entries about none stay.
    jurisdictions : frozenset of str, optional
        A reader's scope, in the same way (see :func:`scope_of`).
    since, until : datetime, optional
        Half-open interval ``[since, until)`` of the instant.
    before : int, optional
        Only what comes behind the entry of this sequence, for the next page.
    limit : int
        Most entries to return.
    shown : condition, optional
        What else holds for the entries that the reader may see.
    """
    narrowed = _narrowed(kind, actor, objects, (models, jurisdictions), since, until)
    narrowed = narrowed if shown is None else narrowed.where(shown)
    within = since is not None or until is not None
    if before is not None:
        narrowed = narrowed.where(_older_than(conn, before, by_instant=within))
    column = audit_entry.c
    # Within a period the index goes by the instant; the order differs where a clock was set back.
    order = (column.at.desc(), column.sequence.desc()) if within else (column.sequence.desc(),)
    rows = conn.execute(narrowed.order_by(*order).limit(limit))
    return tuple(_entry(row.canonical) for row in rows)


def matching(
    conn: Connection,
    *,
    kind: str | None = None,
    actor: str | None = None,
    objects: Mapping[str, str] | None = None,
    models: frozenset[str] | None = None,
    jurisdictions: frozenset[str] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[AuditEntry]:
    """Yield the entries of a search in the order of the trail; for exports.

    The conditions are those of :func:`list_newest`.

    Parameters
    ----------
    conn : Connection
        A transaction of ``Store.begin()``.
    kind : str, optional
        Kind of entry.
    actor : str, optional
        Pseudonym of who acted.
    objects : Mapping of str to str, optional
        What entries are about: kind of object to id.
    models, jurisdictions : frozenset of str, optional
        The reader's scope; ``None`` for no limit.
    since, until : datetime, optional
        First instant, and the one behind the last.
    """
    narrowed = _narrowed(kind, actor, objects, (models, jurisdictions), since, until)
    rows = conn.execute(
        narrowed.order_by(audit_entry.c.sequence), execution_options={"yield_per": 1000}
    )
    yield from (_entry(row.canonical) for row in rows)


def is_shown(conn: Connection, sequence: int, shown: ColumnElement[bool]) -> bool:
    """Whether a condition holds for an entry."""
    query = select(audit_entry.c.sequence).where(audit_entry.c.sequence == sequence, shown)
    return conn.execute(query).one_or_none() is not None


def list_kinds(conn: Connection) -> tuple[str, ...]:
    """Return the kinds that there are, by name; one look into the index each."""
    kinds: list[str] = []
    column = audit_entry.c.kind
    while True:
        query = select(func.min(column))
        behind = query.where(column > kinds[-1]) if kinds else query
        found = conn.execute(behind).scalar_one()
        if found is None:
            return tuple(kinds)
        kinds.append(found)


def _committed(
    conn: Connection, subject_id: str, payload: bytes, body: Mapping[str, object], at: datetime
) -> Mapping[str, object]:
    if not COMMITTED.isdisjoint(body):
        raise ValueError("The body of an entry names its subject through the personal payload.")
    key = subjects.key_of(conn, subject_id, at=at)
    return {**body, "subject": subject_id, "commitment": commitment(key, payload)}


def _narrowed(
    kind: str | None,
    actor: str | None,
    objects: Mapping[str, str] | None,
    scope: tuple[frozenset[str] | None, frozenset[str] | None],
    since: datetime | None,
    until: datetime | None,
) -> Select[tuple[bytes]]:
    column = audit_entry.c
    named = list((objects or {}).items())
    conditions = [
        column.kind == kind if kind is not None else None,
        column.actor == actor if actor is not None else None,
        column.at >= since if since is not None else None,
        column.at < until if until is not None else None,
        *(
            or_(kept.is_(None), kept.in_(sorted(seen)))
            for kept, seen in zip((column.model_id, column.jurisdiction), scope, strict=True)
            if seen is not None
        ),
        *(_about(name, object_id) for name, object_id in named),
    ]
    return _entries().where(*(condition for condition in conditions if condition is not None))


def _older_than(conn: Connection, before: int, *, by_instant: bool) -> ColumnElement[bool]:
    column = audit_entry.c
    if not by_instant:
        return column.sequence < before
    at = conn.execute(select(column.at).where(column.sequence == before)).scalar_one_or_none()
    if at is None:
        return column.sequence < before
    return or_(column.at < at, and_(column.at == at, column.sequence < before))


def _entries() -> Select[tuple[bytes]]:
    return select(audit_entry.c.canonical)


def _about(name: str, object_id: str) -> ColumnElement[bool]:
    # Not EXISTS: that would look at every entry, the newest first, to find one decision's few.
    about = select(audit_object.c.sequence).where(
        audit_object.c.kind == name, audit_object.c.object_id == object_id
    )
    return audit_entry.c.sequence.in_(about)


def _entry(canonical: bytes) -> AuditEntry:
    stored = json.loads(canonical)
    return AuditEntry(
        sequence=stored["sequence"],
        at=datetime.fromisoformat(stored["at"]),
        actor=stored["actor"],
        role=stored["role"],
        kind=stored["kind"],
        objects=stored["objects"],
        body=stored["body"],
        canonical=bytes(canonical),
    )
