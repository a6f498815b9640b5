"""Whether what reviewers handed in is in the store: every verdict once, none more, each told."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from bench.load.reviewers import Handed
from core.domain.review import Action, CaseState
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.audit.trail import AuditEntry
from core.store.identity import users
from core.store.tables import review_case, review_step

_PROPOSED, _CHECKED, _FINAL = str(Action.propose), str(Action.agree), str(Action.finish)
Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Counts of the client, the steps and the audit trail beside each other.

    Parameters
    ----------
    handed, taken : int
        Verdicts and checks that were sent, and those of them that the page confirmed.
    stored, told : int
        Steps of these people in the store, and entries of the trail about them.
    lost : tuple of (str, int)
        Person and case that the page confirmed and the store has not.
    twice : tuple of (str, int)
        Steps that are there more often than they were sent.
    untold : tuple of (str, int)
        Steps without an entry of their own in the trail, or entries without a step.
    finals_untold : int
        Cases that are final and have not exactly one entry ``review.final``.
    cases : int
        Cases that these people did anything with.
    astray : tuple of int
        Those of them whose state is not the one that their last step led to.
    actions : mapping of str to (int, int)
        What these people did (``claimed``, ``proposed``, ``checked`` …) → steps, and entries. A
        check ends a case without a step ``final``: those are counted case by case.
    """

    handed: int
    taken: int
    stored: int
    told: int
    lost: tuple[Key, ...]
    twice: tuple[Key, ...]
    untold: tuple[Key, ...]
    finals_untold: int
    cases: int
    astray: tuple[int, ...]
    actions: Mapping[str, tuple[int, int]]

    @property
    def is_sound(self) -> bool:
        """Whether all of it agrees."""
        differ = any(steps != entries for steps, entries in self.actions.values())
        return not (
            self.lost or self.twice or self.untold or self.finals_untold or self.astray or differ
        )


def reconcile(
    workspace: Workspace, people: Sequence[str], handed: Sequence[Handed], *, since: datetime
) -> Reconciled:
    """Compare what people handed in with the steps and the audit trail.

    Parameters
    ----------
    workspace : Workspace
        Where they worked; nobody works there any more.
    people : sequence of str
        Ids of the users of the load; steps of others are not counted.
    handed : sequence of Handed
        What the clients sent.
    since : datetime
        When they began; what is older is of another load.
    """
    sent = Counter((each.person, each.case) for each in handed)
    taken = Counter((each.person, each.case) for each in handed if each.is_taken)
    with workspace.store.read() as conn:
        column = review_step.c
        query = select(column.actor_id, column.case_id).where(
            column.actor_id.in_(list(people)),
            column.action.in_([_PROPOSED, _CHECKED]),
            column.at >= since,
        )
        stored = Counter((str(row.actor_id), int(row.case_id)) for row in conn.execute(query))
        names = {each.pseudonym: each.id for each in users.list_users(conn)}
        final = set(
            conn.execute(
                select(review_case.c.id)
                .join(review_step, review_step.c.case_id == review_case.c.id)
                .where(
                    review_case.c.state == str(CaseState.final),
                    column.actor_id.in_(list(people)),
                    column.at >= since,
                )
            ).scalars()
        )
        entries = tuple(_entries(conn))
        told, finals = _told(entries, names, set(people), since)
        done = _done(conn, people, since)
        cases, astray = _astray(conn, people, since)
    entered = Counter(
        each.kind.removeprefix("review.")
        for each in entries
        if each.kind.startswith("review.")
        and each.at >= since
        and names.get(each.actor, "") in set(people)
    )
    return Reconciled(
        handed=len(handed),
        taken=sum(taken.values()),
        stored=sum(stored.values()),
        told=sum(told.values()),
        lost=tuple(sorted((taken - stored).elements())),
        twice=tuple(sorted((stored - sent).elements())),
        untold=tuple(sorted({*(stored - told), *(told - stored)})),
        finals_untold=sum(finals[case] != 1 for case in final),
        cases=cases,
        astray=astray,
        actions={name: (done[name], entered[name]) for name in sorted(done) if name != _FINAL},
    )


def lines(found: Reconciled) -> list[str]:
    """Return what is printed of it."""
    verdict = "agree" if found.is_sound else "DO NOT AGREE"
    return [
        f"reconciled: {found.handed} verdicts and checks handed in, {found.taken} confirmed by the "
        f"page; {found.stored} steps in the store, {found.told} entries in the audit trail: "
        f"{verdict}",
        f"lost: {len(found.lost)}; twice: {len(found.twice)}; steps and entries that differ: "
        f"{len(found.untold)}; final cases without exactly one entry: {found.finals_untold}",
        f"cases worked on: {found.cases}; in another state than their last step led to: "
        f"{len(found.astray)}; steps/entries: "
        + ", ".join(f"{name} {done}/{told}" for name, (done, told) in found.actions.items()),
    ]


def _done(conn: Connection, people: Sequence[str], since: datetime) -> Counter[str]:
    """Count what people did, by what it was."""
    column = review_step.c
    query = (
        select(column.action, func.count())
        .where(column.actor_id.in_(list(people)), column.at >= since)
        .group_by(column.action)
    )
    return Counter({str(action): int(count) for action, count in conn.execute(query)})


def _astray(
    conn: Connection, people: Sequence[str], since: datetime
) -> tuple[int, tuple[int, ...]]:
    """Return how many cases people worked on, and those that their last step does not explain."""
    column = review_step.c
    worked = (
        select(column.case_id)
        .where(column.actor_id.in_(list(people)), column.at >= since)
        .distinct()
    )
    last = select(func.max(column.id)).where(column.case_id.in_(worked)).group_by(column.case_id)
    query = (
        select(review_case.c.id, review_case.c.state, column.to_state)
        .join(review_step, column.case_id == review_case.c.id)
        .where(column.id.in_(last))
    )
    found = conn.execute(query).all()
    return len(found), tuple(sorted(int(row.id) for row in found if row.state != row.to_state))


def _entries(conn: Connection) -> Iterator[AuditEntry]:
    """Yield the whole trail, part by part."""
    after = 0
    while found := audit.read(conn, after=after):
        yield from found
        after = found[-1].sequence


def _told(
    entries: Iterable[AuditEntry], names: Mapping[str, str], people: set[str], since: datetime
) -> tuple[Counter[Key], Counter[int]]:
    told: Counter[Key] = Counter()
    finals: Counter[int] = Counter()
    for each in entries:
        if not each.kind.startswith("review.") or "case" not in each.objects:
            continue
        case = int(each.objects["case"])
        person = names.get(each.actor, "")
        is_handed_in = each.kind in {f"review.{_PROPOSED}", f"review.{_CHECKED}"}
        if is_handed_in and person in people and each.at >= since:
            told[person, case] += 1
        elif each.kind == f"review.{_FINAL}":
            finals[case] += 1
    return told, finals
