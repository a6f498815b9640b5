"""Who is to decide a case: assigned by hand, by rule, and handed over while somebody is away."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.domain.review import Action
from core.domain.working_days import local_day
from core.errors import Conflict
from core.i18n import N_
from core.services import access
from core.services.review.blind import BLIND
from core.services.review.cases import Case, shown
from core.services.review.changing import (
    WORKER,
    By,
    Said,
    by,
    changed_since,
    look_up,
    not_now,
    note,
)
from core.services.review.retrying import repeat_when_busy
from core.services.review.rules import require_no_developer
from core.services.review.team import WHY_NOT, Member, members, why_not
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.identity import users
from core.store.review import cases, reviewers, steps
from core.store.review.records import CaseRecord
from core.store.review.reviewers import ASSIGNABLE
from core.store.review.steps import NewStep

_MOST_HANDED_OVER = 1000


@repeat_when_busy
def assign(
    workspace: Workspace,
    case_id: int,
    user_id: str | None,
    *,
    actor: Actor,
    revision: int | None = None,
) -> Case:
    """Say who is to decide a case that nobody has in hand; nobody, for whoever is next.

    Somebody who is away is passed over for the deputy.

    Parameters
    ----------
    workspace : Workspace
        Where.
    case_id : int
        Which case.
    user_id : str, optional
        Who; ``None`` for nobody in particular.
    actor : Actor
        Needs ``review.manage``.
    revision : int, optional
        The case as the actor saw it.

    Raises
    ------
    NotFound
        If there is no such case in the actor's scope, or no such user.
    Conflict
        If the case is in hand or ended, was changed since, or the person may not work on it.
    Forbidden
        If the actor develops the model.
    """
    access.require(actor, Permission.review_manage)
    at = workspace.clock()
    with workspace.store.begin() as conn:
        found = look_up(conn, case_id, actor, revision=revision)
        require_no_developer(conn, found, actor)
        if found.state not in ASSIGNABLE:
            raise not_now(found)
        chosen = None
        if user_id is not None:
            team = members(workspace, conn)
            users.get(conn, user_id)
            chosen = stand_in(team, user_id) or user_id
            _refuse(team, chosen, found)
        after = cases.change(
            conn, found.id, state=found.state, revision=found.revision, to=found.state,
            values={"assigned_to": chosen},
        )  # fmt: skip
        if after is None:
            raise changed_since(found)
        said = Said(body={"to": chosen}, told={"assigned_to": chosen})
        states = (found.state, after.state)
        note(conn, after, Action.assign, by(actor), at=at, states=states, said=said)
        return shown(workspace, conn, [after], actor)[0]


@repeat_when_busy
def hand_over(workspace: Workspace) -> int:
    """Give what is assigned to people who are away to their deputies; return how many cases.

    Without a deputy who is here and may work on a case, it goes back to everybody. The worker does
    it; one audit entry for each person who is away.
    """
    at = workspace.clock()
    with workspace.store.read() as conn:
        away = {
            user_id
            for user_id, each in reviewers.get_all(conn).items()
            if each.is_away(local_day(at))
        }
        if not away or not reviewers.assignable(conn, assigned_to=sorted(away), limit=1):
            return 0
    moved = 0
    for user_id in sorted(away):
        with workspace.store.begin() as conn:
            moved += _hand_over(workspace, conn, user_id, at)
    return moved


def by_rule(
    team: Mapping[str, Member], wanted: Iterable[CaseRecord]
) -> tuple[tuple[CaseRecord, str | None], ...]:
    """Return who is to get each of some cases: of those who may, whoever has least.

    Language, skill, scope and training decide who may; then the load counts, with what is handed
    out here, then the id, so that it can be repeated. Who is away gets nothing, and who can see
    which cases are blind gets none of these.

    Parameters
    ----------
    team : Mapping of str to Member
        Everybody.
    wanted : iterable of CaseRecord
        Cases, the most urgent first.
    """
    given: dict[str, int] = dict.fromkeys(sorted(team), 0)
    here = [member for _, member in sorted(team.items()) if not member.is_away]
    chosen: list[tuple[CaseRecord, str | None]] = []
    for case in wanted:
        able = [
            each
            for each in here
            if why_not(each, case, more=given[each.user.id]) is None
            and not (case.kind in BLIND and each.watches)
        ]
        best = min(
            able, key=lambda each: (each.load.total + given[each.user.id], each.user.id),
            default=None,
        )  # fmt: skip
        if best is not None:
            given[best.user.id] += 1
        chosen.append((case, None if best is None else best.user.id))
    return tuple(chosen)


def stand_in(team: Mapping[str, Member], user_id: str) -> str | None:
    """Return who stands for somebody: the person, or the deputy of whoever is away.

    ``None`` if nobody of the chain of deputies is here.
    """
    asked: set[str] = set()
    current: str | None = user_id
    while current is not None and current not in asked:
        asked.add(current)
        member = team.get(current)
        if member is None:
            return None
        if not member.is_away:
            return current
        current = member.profile.deputy_id if member.profile else None
    return None


def note_assigned(
    conn: Connection, changed: Sequence[tuple[CaseRecord, str | None]], who: By, at: datetime
) -> None:
    """Note the steps of cases that were assigned; the caller tells the audit trail."""
    steps.add(
        conn,
        [
            NewStep(case.id, at, who.user_id, Action.assign, case.state, case.state,
                    body={"to": user_id})
            for case, user_id in changed
        ],
    )  # fmt: skip


def assign_all(conn: Connection, chosen: Sequence[tuple[CaseRecord, str | None]]) -> None:
    """Assign cases that the caller has locked."""
    people: dict[str | None, list[int]] = {}
    for case, user_id in chosen:
        people.setdefault(user_id, []).append(case.id)
    for user_id, case_ids in people.items():
        reviewers.change_all(conn, case_ids, {"assigned_to": user_id})


def _hand_over(workspace: Workspace, conn: Connection, user_id: str, at: datetime) -> int:
    team = members(workspace, conn)
    deputy = team.get(stand_in(team, user_id) or "")
    left = reviewers.assignable(conn, assigned_to=[user_id], limit=_MOST_HANDED_OVER)
    locked = reviewers.cases_of(conn, [each.id for each in left], lock=True)
    chosen: list[tuple[CaseRecord, str | None]] = []
    for case in locked.values():
        if case.assigned_to != user_id or case.state not in ASSIGNABLE:
            continue  # somebody was faster
        able = deputy is not None and why_not(deputy, case, more=len(chosen)) is None
        chosen.append((case, deputy.user.id if deputy is not None and able else None))
    if not chosen:
        return 0
    assign_all(conn, chosen)
    note_assigned(conn, chosen, WORKER, at)
    audit.append(
        conn,
        at=at,
        actor=WORKER.audit_name,
        role=WORKER.role,
        kind="review.handed_over",
        objects={"user": user_id},
        body={
            "deputy": None if deputy is None else deputy.user.id,
            "cases": [case.id for case, to in chosen if to is not None],
            "to_everybody": [case.id for case, to in chosen if to is None],
        },
    )
    return len(chosen)


def _refuse(team: Mapping[str, Member], user_id: str, case: CaseRecord) -> None:
    member = team.get(user_id)
    key = "permission" if member is None else why_not(member, case)
    if key is not None:
        raise Conflict(WHY_NOT[key], remedy=N_("Choose somebody else."))
