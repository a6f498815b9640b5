"""Many cases at once: first what would happen to each, and then exactly that, or nothing."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.domain.review import HELD, Action, CaseState, allowed, next_state
from core.errors import Conflict, InvalidInput
from core.i18n import N_
from core.services import access
from core.services.review.assigning import by_rule, stand_in
from core.services.review.bulk_trail import Done, note_all
from core.services.review.cases import case_reference
from core.services.review.changing import by
from core.services.review.retrying import repeat_when_busy
from core.services.review.rules import developed_by
from core.services.review.team import WHY_NOT, Member, members, why_not
from core.services.workspace import Workspace
from core.store.review import cases, drafts, reviewers
from core.store.review.asked import requests_put_to
from core.store.review.records import CaseRecord
from core.store.review.reviewers import ASSIGNABLE
from core.store.rights import requests

Kind = Literal["assign", "assign_by_rule", "assign_nobody", "priority", "give_back", "withdraw"]
MOST_CASES = 500
WITHDRAW_REASONS: Mapping[str, str] = {
    "routed_by_mistake": N_("A rule made the case by mistake."),
    "duplicate": N_("Another case is about the same decision."),
    "test_data": N_("The decision is no real one."),
    "model_retired": N_("The model is no longer used."),
}
"""Why many cases are withdrawn at once: codes, so that no words name a person."""
REFUSED: Mapping[str, str] = {
    **WHY_NOT,
    "gone": N_("There is no such case in your scope."),
    "in_hand": N_("Somebody has the case now."),
    "not_in_hand": N_("Nobody has the case now."),
    "state": N_("The state of the case does not allow it."),
    "nobody": N_("Nobody who is here may work on the case."),
    "same": N_("It is so already."),
    "request": N_("A customer's open request waits for the case."),
}
"""Why a case is left as it is, and the message that says so."""


@dataclass(frozen=True, slots=True)
class Act:
    """What is to be done to many cases.

    Parameters
    ----------
    kind : Kind
        What.
    user_id : str, optional
        To whom they are assigned.
    priority : int, optional
        The priority they get, 0 to 100.
    reason : str, optional
        Why they are withdrawn, a key of :data:`WITHDRAW_REASONS`.
    """

    kind: Kind
    user_id: str | None = None
    priority: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """What will happen to one case.

    Parameters
    ----------
    case_id, reference : int, str
        Which.
    revision : int
        As it was looked at; -1 for one that is not there.
    to : str, optional
        To whom it is assigned, where it is.
    refused : str, optional
        Why nothing happens to it, a key of :data:`REFUSED`.
    """

    case_id: int
    reference: str
    revision: int
    to: str | None = None
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What an act will do; handed back whole to carry it out.

    Parameters
    ----------
    act : Act
        The act.
    items : tuple of Planned
        One for each case, in the order asked for.
    digest : str
        Over all of it: what is carried out is this, or nothing.
    """

    act: Act
    items: tuple[Planned, ...]
    digest: str

    @property
    def changes(self) -> tuple[Planned, ...]:
        """The cases to which something happens."""
        return tuple(each for each in self.items if each.refused is None)


def preview(workspace: Workspace, act: Act, case_ids: Sequence[int], *, actor: Actor) -> Preview:
    """Return what an act would do to some cases; nothing changes.

    Raises
    ------
    InvalidInput
        If the act lacks what it needs, or there are none or too many cases.
    """
    access.require(actor, Permission.review_manage)
    wanted = tuple(dict.fromkeys(case_ids))
    _check(act, wanted)
    with workspace.store.read() as conn:
        return _plan(workspace, conn, act, wanted, actor, lock=False)[0]


@repeat_when_busy
def carry_out(workspace: Workspace, planned: Preview, *, actor: Actor) -> int:
    """Do exactly what a preview said; return to how many cases.

    All of it is one transaction, with an audit entry of each case.

    Raises
    ------
    Conflict
        If it would do something else by now: a case was taken, changed or decided meanwhile.
    """
    access.require(actor, Permission.review_manage)
    wanted = [each.case_id for each in planned.items]
    _check(planned.act, wanted)
    at = workspace.clock()
    with workspace.store.begin() as conn:
        now, found = _plan(workspace, conn, planned.act, wanted, actor, lock=True)
        if now.digest != planned.digest:
            raise Conflict(
                N_("Cases were changed since the preview was made; nothing was done."),
                remedy=N_("Look at the new preview, and confirm it."),
            )
        if not now.changes:
            return 0
        changed = [(found[each.case_id], each) for each in now.changes]
        _change(conn, planned.act, changed)
        done = [_done(planned.act, case, each) for case, each in changed]
        left = [found[each.case_id] for each in now.items if each.refused and each.revision >= 0]
        note_all(conn, planned.act.kind, done, by(actor), at, refused=left)
    return len(changed)


def _plan(
    workspace: Workspace,
    conn: Connection,
    act: Act,
    wanted: Sequence[int],
    actor: Actor,
    *,
    lock: bool,
) -> tuple[Preview, dict[int, CaseRecord]]:
    found = {
        case_id: case
        for case_id, case in reviewers.cases_of(conn, wanted, lock=lock).items()
        if actor.sees_model(case.model_id) and actor.sees_jurisdiction(case.jurisdiction)
    }
    team = members(workspace, conn) if act.kind.startswith("assign") else {}
    outcome = _left_alone(conn, act, found.values(), actor)
    here = [found[case_id] for case_id in wanted if case_id in found and case_id not in outcome]
    outcome |= _PLANNERS[act.kind](act, here, team)
    items = tuple(
        Planned(case_id, case_reference(case_id), found[case_id].revision, *outcome[case_id])
        if case_id in found
        else Planned(case_id, case_reference(case_id), -1, refused="gone")
        for case_id in wanted
    )
    return Preview(act, items, _digest(act, items)), found


Outcome = dict[int, tuple[str | None, str | None]]


def _left_alone(conn: Connection, act: Act, found: Iterable[CaseRecord], actor: Actor) -> Outcome:
    """Return the cases that this act of this person may not touch, whatever their state."""
    developed = developed_by(conn, actor.user_id)
    refused = {case.id: "developer" for case in found if case.model_id in developed}
    if act.kind == "withdraw":
        asked = requests_put_to(conn, found)
        waiting = requests.not_closed(conn, chain.from_iterable(asked.values()))
        refused = {case_id: "request" for case_id, of in asked.items() if of & waiting} | refused
    return {case_id: (None, why) for case_id, why in refused.items()}


def _plan_assign(act: Act, here: Sequence[CaseRecord], team: Mapping[str, Member]) -> Outcome:
    chosen = None if act.user_id is None else stand_in(team, act.user_id) or act.user_id
    given, found = 0, Outcome()
    for case in here:
        refused = _why_not_assigned(case, chosen)
        if refused is None and chosen is not None:
            member = team.get(chosen)
            refused = "permission" if member is None else why_not(member, case, more=given)
        given += refused is None
        found[case.id] = (chosen if refused is None else None, refused)
    return found


def _plan_by_rule(_act: Act, here: Sequence[CaseRecord], team: Mapping[str, Member]) -> Outcome:
    refused = {case.id: _why_not_assigned(case, "") for case in here}
    free = [case for case in here if refused[case.id] is None]
    urgent = sorted(free, key=lambda each: (-each.priority, each.due_at, each.id))
    given = {case.id: user_id for case, user_id in by_rule(team, urgent)}
    return {
        case.id: (None, refused[case.id])
        if refused[case.id]
        else (given[case.id], "nobody" if given[case.id] is None else None)
        for case in here
    }


def _plan_priority(act: Act, here: Sequence[CaseRecord], _: Mapping[str, Member]) -> Outcome:
    def why(case: CaseRecord) -> str | None:
        if case.state in HELD:
            return "in_hand"
        if case.state in {CaseState.final, CaseState.withdrawn}:
            return "state"
        return "same" if case.priority == act.priority else None

    return {case.id: (None, why(case)) for case in here}


def _plan_give_back(_act: Act, here: Sequence[CaseRecord], _: Mapping[str, Member]) -> Outcome:
    return {case.id: (None, None if case.state in HELD else "not_in_hand") for case in here}


def _plan_withdraw(_act: Act, here: Sequence[CaseRecord], _: Mapping[str, Member]) -> Outcome:
    def why(case: CaseRecord) -> str | None:
        if case.state in HELD:
            return "in_hand"
        return None if allowed(case.state, Action.withdraw) else "state"

    return {case.id: (None, why(case)) for case in here}


_PLANNERS: Mapping[str, Callable[[Act, Sequence[CaseRecord], Mapping[str, Member]], Outcome]] = {
    "assign": _plan_assign,
    "assign_nobody": _plan_assign,
    "assign_by_rule": _plan_by_rule,
    "priority": _plan_priority,
    "give_back": _plan_give_back,
    "withdraw": _plan_withdraw,
}
_ACTIONS: Mapping[str, Action] = {
    "priority": Action.set_priority,
    "give_back": Action.give_back,
    "withdraw": Action.withdraw,
}


def _why_not_assigned(case: CaseRecord, to: str | None) -> str | None:
    if case.state in HELD:
        return "in_hand"
    if case.state not in ASSIGNABLE:
        return "state"
    return "same" if case.assigned_to == to else None


def _change(conn: Connection, act: Act, changed: Sequence[tuple[CaseRecord, Planned]]) -> None:
    if act.kind == "priority":
        ids = [case.id for case, _ in changed]
        reviewers.change_all(conn, ids, {"priority": act.priority})
    elif act.kind.startswith("assign"):
        for user_id in {each.to for _, each in changed}:
            ids = [case.id for case, each in changed if each.to == user_id]
            reviewers.change_all(conn, ids, {"assigned_to": user_id})
    else:
        for to in {_state_after(act, case) for case, _ in changed}:
            ids = [case.id for case, _ in changed if _state_after(act, case) is to]
            cases.move_all(conn, ids, to, {"holder_id": None, "lease_until": None})
        if act.kind == "withdraw":
            for case, _ in changed:
                drafts.remove_of_case(conn, case.id)


def _done(act: Act, case: CaseRecord, planned: Planned) -> Done:
    about: dict[str, object] = {}
    if act.priority is not None:
        about["priority"] = act.priority
    if act.reason is not None:
        about["reason"] = act.reason
    if act.kind.startswith("assign"):
        about["to"] = planned.to
    return Done(case, _state_after(act, case), _action(act), about)


def _action(act: Act) -> Action:
    return _ACTIONS.get(act.kind, Action.assign)


def _state_after(act: Act, case: CaseRecord) -> CaseState:
    if act.kind not in {"give_back", "withdraw"}:
        return case.state
    return next_state(case.state, _action(act), escalated=case.is_escalated)


def _check(act: Act, wanted: Sequence[int]) -> None:
    complete = {
        "assign": act.user_id is not None,
        "priority": act.priority is not None and 0 <= act.priority <= 100,
        "withdraw": act.reason in WITHDRAW_REASONS,
    }.get(act.kind, act.kind in _PLANNERS)
    if not complete:
        raise InvalidInput(
            N_("It is not said what is to become of these cases."),
            remedy=N_("Say to whom, which priority from 0 to 100, or why."),
        )
    if not 0 < len(wanted) <= MOST_CASES:
        raise InvalidInput(
            N_("Choose 1 to {most} cases at once."),
            remedy=N_("Narrow the list, and do the rest afterwards."),
            most=MOST_CASES,
        )


def _digest(act: Act, items: Sequence[Planned]) -> str:
    rows = [[each.case_id, each.revision, each.to, each.refused] for each in items]
    parts = [act.kind, act.user_id, act.priority, act.reason, rows]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
