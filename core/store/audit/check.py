"""Walking the whole audit trail, to see whether what is stored is what was appended.

The walk recomputes every leaf and node from the stored bytes and compares them with the tree, the
index columns, the objects and the payloads. It finds whatever does not fit together. What was
rewritten so that everything fits again is found by a checkpoint only: the walk tells the root at
any sizes asked for.
"""

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import Connection, String, select, type_coerce

from core.domain.merkle import Frontier, leaf_hash
from core.i18n import N_
from core.proof.commitment import commitment
from core.store.audit import subjects
from core.store.audit import trail as audit
from core.store.audit import tree as audit_tree
from core.store.audit.canonical import instant_text
from core.store.audit.trail import COMMITTED
from core.store.retention import tombstones
from core.store.tables import audit_entry, audit_object
from core.store.types import Instant

CHUNK = 4096
_MOST_PROBLEMS = 1000


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that does not fit.

    Parameters
    ----------
    template : str
        What, a catalogue message.
    sequence : int, optional
        The entry it concerns; ``None`` if it concerns no single one.
    params : dict
        Values of the placeholders.
    """

    template: str
    sequence: int | None = None
    params: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template.format(**self.params)


@dataclass(slots=True)
class Walk:
    """What the walk found; problems in the order of the trail, a thousand at most.

    Parameters
    ----------
    size : int
        Entries read.
    roots : dict of int to bytes
        Root at each size asked for, and at the end.
    problems : list of Problem
        What does not fit.
    opened, erased : int
        Commitments that their payloads confirm, and commitments of people erased since.
    """

    size: int = 0
    roots: dict[int, bytes] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    opened: int = 0
    erased: int = 0

    def tell(self, template: str, sequence: int | None = None, **params: object) -> None:
        """Note a problem."""
        if len(self.problems) < _MOST_PROBLEMS:
            named = params if sequence is None else {"sequence": sequence, **params}
            self.problems.append(Problem(template, sequence, named))


def walk(
    conn: Connection, *, sizes: Collection[int] = (), progress: Callable[[float], None]
) -> Walk:
    """Read every entry and compare it with everything kept beside it.

    Parameters
    ----------
    conn : Connection
        One read transaction: appends meanwhile are not seen.
    sizes : collection of int
        At which sizes the root is wanted.
    progress : callable
        Gets the share done.
    """
    found, frontier = Walk(), Frontier()
    head = audit.size(conn)
    wanted = {size for size in sizes if size >= 0}
    if 0 in wanted:
        found.roots[0] = frontier.root()
    objects, payloads = _Objects(conn), _Payloads(conn)
    made: list[tuple[int, int, bytes]] = []
    for row in _rows(conn):
        _check_place(found, row.sequence)
        canonical = _raw(row.canonical)
        made += frontier.add(leaf_hash(canonical))
        _check_entry(found, row, canonical, objects, payloads)
        found.size += 1
        if found.size in wanted:
            found.roots[found.size] = frontier.root()
        if found.size % CHUNK == 0:
            _check_nodes(conn, found, made)
            made = []
            progress(found.size / max(head, 1))
    _check_nodes(conn, found, made)
    objects.finish(found)
    payloads.finish(found)
    found.roots[found.size] = frontier.root()
    _check_counts(conn, found, head)
    return found


def _rows(conn: Connection) -> Iterator[Any]:
    columns = audit_entry.c
    # The instant as it lies there: tampered text must not stop the walk.
    at = type_coerce(columns.at, String if conn.dialect.name == "sqlite" else Instant)
    query = select(
        columns.sequence,
        at.label("at"),
        columns.actor,
        columns.kind,
        columns.canonical,
        columns.model_id,
        columns.jurisdiction,
    ).order_by(columns.sequence)
    result = conn.execute(query, execution_options={"yield_per": CHUNK})
    yield from chain.from_iterable(result.partitions())


def _is_instant(stored: object, written: str) -> bool:
    """Whether a database keeps the instant that an entry has written in ISO 8601."""
    if isinstance(stored, datetime):
        return instant_text(stored) == written
    return stored == f"{written[:10]} {written[11:26]}" and len(written) == 27


def _is_scope(named: dict[str, str], model: str | None, jurisdiction: str | None) -> bool:
    """Whether the scope kept beside an entry is the one that its objects name."""
    return (model, jurisdiction) == audit.scope_of(named)


def _raw(value: object) -> bytes:
    """Return stored bytes; whatever tampering put in their place is bytes that fit nothing."""
    return bytes(value) if isinstance(value, bytes | memoryview) else repr(value).encode()


def _check_place(found: Walk, sequence: int) -> None:
    if sequence != found.size + 1 and not any(p.template == _GAP for p in found.problems):
        found.tell(_GAP, found.size + 1, found=sequence)


def _check_entry(
    found: Walk, row: Any, canonical: bytes, objects: "_Objects", payloads: "_Payloads"
) -> None:
    try:
        stored = json.loads(canonical.decode("utf-8"))
        indexed = (stored["sequence"], stored["actor"], stored["kind"])
        written = str(stored["at"])
        named, body = dict(stored["objects"]), stored["body"]
    except (ValueError, KeyError, TypeError):
        found.tell(N_("Entry {sequence} is not the text of an entry."), row.sequence)
        return
    fits = indexed == (row.sequence, row.actor, row.kind) and _is_instant(row.at, written)
    fits = fits and _is_scope(named, row.model_id, row.jurisdiction)
    if not fits:
        found.tell(N_("The index beside entry {sequence} says something else."), row.sequence)
    if objects.of(row.sequence, found) != named:
        found.tell(N_("The objects beside entry {sequence} are not those it names."), row.sequence)
    payloads.check(found, row.sequence, body)


def _check_nodes(conn: Connection, found: Walk, made: list[tuple[int, int, bytes]]) -> None:
    """Compare the nodes that a chunk of leaves made with those stored, level by level."""
    levels: dict[int, dict[int, bytes]] = {}
    for level, position, digest in made:
        levels.setdefault(level, {})[position] = digest
    for level, expected in levels.items():
        begin, end = min(expected), max(expected) + 1
        stored = dict(audit_tree.nodes(conn, level, begin=begin, end=end))
        if stored == expected:
            continue
        for position in sorted(expected):
            if stored.get(position) == expected[position]:
                continue
            if level == 0:
                found.tell(N_("Entry {sequence} is not what was appended."), position + 1)
            else:
                found.tell(
                    N_("Node {position} of level {level} is not the hash of what is below it."),
                    position=position,
                    level=level,
                )


def _check_counts(conn: Connection, found: Walk, head: int) -> None:
    if head != found.size:
        found.tell(
            N_("The trail says to have {head} entries and has {size}."), head=head, size=found.size
        )
    nodes, expected = audit_tree.count(conn), 2 * found.size - found.size.bit_count()
    if nodes != expected:
        found.tell(
            N_("The tree has {nodes} nodes and should have {expected}."),
            nodes=nodes,
            expected=expected,
        )


class _Objects:
    """The rows of ``audit_object``, read beside the entries."""

    def __init__(self, conn: Connection) -> None:
        columns = audit_object.c
        query = select(columns.sequence, columns.kind, columns.object_id).order_by(
            columns.sequence, columns.kind
        )
        result = conn.execute(query, execution_options={"yield_per": CHUNK})
        self._rows = chain.from_iterable(result.partitions())  # a third of the time of iter(result)
        self._next = next(self._rows, None)

    def of(self, sequence: int, found: Walk) -> dict[str, str]:
        self._pass_strays(sequence, found)
        named = {}
        while self._next is not None and self._next.sequence == sequence:
            named[self._next.kind] = self._next.object_id
            self._next = next(self._rows, None)
        return named

    def finish(self, found: Walk) -> None:
        self._pass_strays(None, found)

    def _pass_strays(self, before: int | None, found: Walk) -> None:
        while self._next is not None and (before is None or self._next.sequence < before):
            found.tell(_STRAY, self._next.sequence)
            self._next = next(self._rows, None)


class _Payloads:
    """What opens the commitments, read beside the entries."""

    def __init__(self, conn: Connection) -> None:
        self._rows = subjects.openings(conn)
        self._next = next(self._rows, None)
        self._kept = subjects.all_subjects(conn)
        self._erased = {stone.subject_id for stone in tombstones.list_tombstones(conn)}

    def check(self, found: Walk, sequence: int, body: Any) -> None:
        self._pass_strays(sequence, found)
        opening, committed = self._next, isinstance(body, dict) and body.keys() >= COMMITTED
        here = opening is not None and opening.sequence == sequence
        if here:
            self._next = next(self._rows, None)
        if not committed:
            if here:
                found.tell(_STRAY, sequence)
        elif here and opening is not None:
            fits = opening.subject_id == body["subject"]
            if not fits or commitment(opening.key, opening.payload) != body["commitment"]:
                found.tell(
                    N_("The payload of entry {sequence} is not the one committed to."), sequence
                )
            found.opened += fits
        elif body["subject"] in self._kept or body["subject"] not in self._erased:
            found.tell(N_("The payload of entry {sequence} is gone without an erasure."), sequence)
        else:
            found.erased += 1

    def finish(self, found: Walk) -> None:
        self._pass_strays(None, found)

    def _pass_strays(self, before: int | None, found: Walk) -> None:
        while self._next is not None and (before is None or self._next.sequence < before):
            found.tell(_STRAY, self._next.sequence)
            self._next = next(self._rows, None)


_GAP = N_("Entry {sequence} is missing; entry {found} stands in its place.")
_STRAY = N_("What is kept beside entry {sequence} belongs to no such entry.")
