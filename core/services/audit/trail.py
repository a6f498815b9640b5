"""Reading the audit trail: the newest entries, one entry with its proof, and how it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.domain import merkle
from core.domain.identity import Actor, Permission
from core.errors import NotFound, StorageError
from core.i18n import N_
from core.services import access
from core.services.audit.anchors import AnchorStatus, anchor_status
from core.services.personal import reasons
from core.services.review.blind import TELLING_KINDS, is_kept_blind, shown_entries
from core.services.workspace import Workspace
from core.store.audit import checkpoints, subjects
from core.store.audit import trail as audit
from core.store.audit import tree as audit_tree
from core.store.audit.checkpoints import StoredCheckpoint
from core.store.audit.trail import COMMITTED, AuditEntry
from core.store.identity import users
from core.store.review import cases

PAGE = 100
_MADE, _LONGEST_ID = "review.made", 15


@dataclass(frozen=True, slots=True)
class Search:
    """Which entries; everything if nothing is named.

    Parameters
    ----------
    kind, person : str, optional
        Only entries of this kind, or of the person with this pseudonym.
    objects : mapping, optional
        Only entries about all of these objects: one decision, one batch, one user.
    since, until : datetime, optional
        Half-open interval of the instant.
    """

    kind: str | None = None
    person: str | None = None
    objects: Mapping[str, str] | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the directory: the pseudonym in the trail, and whose it is."""

    pseudonym: str
    name: str


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """An entry as people read it; the trail itself holds pseudonyms and ids only.

    Parameters
    ----------
    entry : AuditEntry
        As it stands in the trail.
    person : str
        Who did it, by the directory.
    about : mapping
        Its objects, users under their names.
    reason : str, optional
        What the personal payload gives as the reason, while it is there.
    """

    entry: AuditEntry
    person: str
    about: Mapping[str, str]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class EntryDetail:
    """One entry with everything that proves it.

    Parameters
    ----------
    entry : AuditEntry
        The entry with its canonical bytes.
    person : str
        Who did it, by the directory.
    about : mapping
        Its objects, users under their names.
    leaf : bytes
        Its leaf hash.
    proof : tuple of bytes
        Inclusion proof for the tree of ``size`` entries, the lowest hash first.
    size, root : int, bytes
        The tree that the proof leads to: the checkpoint's if one covers the entry.
    checkpoint : StoredCheckpoint, optional
        The first checkpoint that covers the entry.
    payload : {"none", "kept", "erased"}
        What became of the personal payload.
    holds : bool
        Whether the proof leads to the root.
    reason : str, optional
        What the payload gives as the reason, while it is there.
    """

    entry: AuditEntry
    person: str
    about: Mapping[str, str]
    leaf: bytes
    proof: tuple[bytes, ...]
    size: int
    root: bytes
    checkpoint: StoredCheckpoint | None
    payload: str
    holds: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class TrailStatus:
    """How the trail stands.

    Parameters
    ----------
    size : int
        Entries.
    newest_at : datetime, optional
        When the newest was written.
    checkpoint : StoredCheckpoint, optional
        The newest one.
    uncovered : int
        Entries behind it.
    anchor : AnchorStatus
        Where copies of checkpoints go.
    """

    size: int
    newest_at: datetime | None
    checkpoint: StoredCheckpoint | None
    uncovered: int
    anchor: AnchorStatus


def entries(
    workspace: Workspace,
    search: Search,
    *,
    actor: Actor,
    before: int | None = None,
    limit: int = PAGE,
) -> tuple[TrailEntry, ...]:
    """Return the newest entries of a search that lie in the actor's scope.

    Of a case that a rule made, the last one is the entry of all that were made with it.
    """
    access.require(actor, Permission.audit_view)
    with workspace.store.read() as conn:
        found = audit.list_newest(
            conn,
            kind=search.kind,
            actor=search.person,
            objects=search.objects,
            models=actor.models,
            jurisdictions=actor.jurisdictions,
            since=search.since,
            until=search.until,
            before=before,
            limit=limit,
            shown=shown_entries(actor),
        )
        if len(found) < limit:
            found += _making(conn, search, actor, before)
        return _named(conn, found)


def _making(
    conn: Connection, search: Search, actor: Actor, before: int | None
) -> tuple[AuditEntry, ...]:
    """Return the entry that tells how a routed case was made: one for all of its chunk.

    It names the first and the last of them; those that were written before it did are found by the
    instant, which the cases bear.
    """
    named = dict(search.objects or {})
    if set(named) != {"case"} or search.kind not in {None, _MADE}:
        return ()
    if not named["case"].isdecimal() or len(named["case"]) > _LONGEST_ID:
        return ()
    try:
        case = cases.get(conn, int(named["case"]))
    except NotFound:
        return ()
    if case.occasion != "routing":
        return ()
    if not (actor.sees_model(case.model_id) and actor.sees_jurisdiction(case.jurisdiction)):
        return ()
    until = case.created_at + timedelta(microseconds=1)
    told = audit.list_newest(
        conn,
        kind=_MADE,
        actor=search.person,
        objects={"model": case.model_id},
        since=max(search.since or case.created_at, case.created_at),
        until=min(search.until or until, until),
        before=before,
        shown=shown_entries(actor),
    )
    return tuple(
        each
        for each in told
        if "case" not in each.objects
        and int(str(each.body.get("first", case.id)))
        <= case.id
        <= int(str(each.body.get("last", case.id)))
    )


def detail(workspace: Workspace, sequence: int, *, actor: Actor) -> EntryDetail:
    """Return one entry with its inclusion proof.

    Raises
    ------
    NotFound
        If there is no such entry in the actor's scope.
    StorageError
        If the tree lacks a hash: the trail was tampered with.
    """
    access.require(actor, Permission.audit_view)
    with workspace.store.read() as conn:
        entry = audit.get(conn, sequence)
        shown = shown_entries(actor)
        hidden = shown is not None and not audit.is_shown(conn, sequence, shown)
        if entry is None or hidden or not _in_scope(actor, entry):
            raise NotFound(
                N_("There is no entry {sequence} in the audit trail."),
                remedy=N_("Look it up in the list."),
                sequence=sequence,
            )
        covering = checkpoints.covering(conn, sequence)
        size = covering.size if covering else audit.size(conn)
        try:
            leaf = merkle.leaf_hash(entry.canonical)
            root = audit_tree.root(conn, size)
            proof = audit_tree.inclusion(conn, sequence - 1, size)
        except LookupError as error:
            raise StorageError(
                N_("The tree over the audit trail lacks a hash that proves entry {sequence}."),
                remedy=N_("Run 'harbourlight audit verify' and keep a copy of the database."),
                sequence=sequence,
            ) from error
        (named,) = _named(conn, (entry,))
        payload = "none"
        if entry.body.keys() >= COMMITTED:
            kept = subjects.find_key(conn, str(entry.body["subject"])) is not None
            payload = "kept" if kept else "erased"
    expected = covering.root if covering else root
    return EntryDetail(
        entry=entry,
        person=named.person,
        about=named.about,
        leaf=leaf,
        proof=proof,
        size=size,
        root=expected,
        checkpoint=covering,
        payload=payload,
        holds=merkle.verify_inclusion(sequence - 1, size, leaf, proof, expected),
        reason=named.reason,
    )


def status(workspace: Workspace, *, actor: Actor) -> TrailStatus:
    """Return how long the trail is, how much of it is signed, and when it was last anchored."""
    access.require(actor, Permission.audit_view)
    with workspace.store.read() as conn:
        size = audit.size(conn)
        newest = audit.get(conn, size) if size else None
        last = checkpoints.newest(conn)
    return TrailStatus(
        size=size,
        newest_at=newest.at if newest else None,
        checkpoint=last,
        uncovered=size - (last.size if last else 0),
        anchor=anchor_status(workspace, actor=actor),
    )


def kinds(workspace: Workspace, *, actor: Actor) -> tuple[str, ...]:
    """Return the kinds of entries that there are, by name."""
    access.require(actor, Permission.audit_view)
    with workspace.store.read() as conn:
        found = audit.list_kinds(conn)
    return tuple(each for each in found if not (is_kept_blind(actor) and each in TELLING_KINDS))


def people(workspace: Workspace, *, actor: Actor) -> tuple[Person, ...]:
    """Return the people of the directory, by name: who may be found in the trail."""
    access.require(actor, Permission.audit_view)
    with workspace.store.read() as conn:
        found = users.names_by_pseudonym(conn)
    named = (Person(pseudonym, name) for pseudonym, name in found.items())
    return tuple(sorted(named, key=lambda each: each.name.casefold()))


def pseudonym_of(workspace: Workspace, name: str, *, actor: Actor) -> str:
    """Return the pseudonym of a user name; anything else is taken for a pseudonym."""
    access.require(actor, Permission.audit_view)
    with workspace.store.read() as conn:
        found = users.find_by_username(conn, name)
    return found.pseudonym if found else name


def _named(conn: Connection, found: Sequence[AuditEntry]) -> tuple[TrailEntry, ...]:
    """Put names in the place of pseudonyms and users' ids, where the directory has them."""
    people = users.names_by_pseudonym(conn, {each.actor for each in found})
    said = reasons.read_reasons(conn, found)
    by_id = users.names_by_id(conn, {each.objects.get("user", "") for each in found})
    return tuple(
        TrailEntry(
            each,
            people.get(each.actor, each.actor),
            {
                name: by_id.get(object_id, object_id) if name == "user" else object_id
                for name, object_id in each.objects.items()
            },
            said.get(each.sequence),
        )
        for each in found
    )


def _in_scope(actor: Actor, entry: AuditEntry) -> bool:
    model, jurisdiction = audit.scope_of(entry.objects)
    return (model is None or actor.sees_model(model)) and (
        jurisdiction is None or actor.sees_jurisdiction(jurisdiction)
    )
