"""Taking cases from the queue, keeping them, and giving them back."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.domain.review import DISAGREEMENT, HELD, Action, CaseState
from core.errors import Conflict, Forbidden
from core.i18n import N_
from core.services import access
from core.services.review.cases import Case, shown
from core.services.review.changing import apply, by, held_by_another, look_up, not_now, note
from core.services.review.retrying import repeat_when_busy
from core.services.review.rules import (
    developed_by,
    lease_of,
    readable,
    require_competent,
    require_may_decide,
    review_of,
)
from core.services.workspace import Workspace
from core.store.identity import users
from core.store.review import cases, claims, steps
from core.store.review.claims import Claimer
from core.store.review.records import CaseRecord

_TRIES = 5


@repeat_when_busy
def claim_next(
    workspace: Workspace,
    *,
    actor: Actor,
    models: Iterable[str] | None = None,
    language: str | None = None,
) -> Case | None:
    """Take the case that is most urgent of those that the actor may decide.

    No blind one for who can see which they are: that verdict would count for nothing.

    Parameters
    ----------
    workspace : Workspace
        Where.
    actor : Actor
        Needs ``review.work``.
    models : iterable of str, optional
        Only cases of these models.
    language : str, optional
        Only cases in this language, or in none.

    Returns
    -------
    Case or None
        ``None`` if nothing is left for this person.

    Raises
    ------
    Forbidden
        If the actor may not, or is no longer trained.
    Conflict
        If the actor holds as many cases as allowed.
    """
    access.require(actor, Permission.review_work)
    with workspace.store.begin() as conn:
        require_competent(workspace, conn, actor)
        claimer = _claimer(conn, actor, models, language)
        states = [CaseState.open, *([CaseState.escalated] if claimer.may_check else [])]
        return _take_best(workspace, conn, claimer, states, Action.claim, actor)


@repeat_when_busy
def claim(workspace: Workspace, case_id: int, *, actor: Actor) -> Case:
    """Take one case; who has it already gets it as it is.

    Raises
    ------
    NotFound
        If there is none in the actor's scope.
    Conflict
        If somebody else has it, it is assigned to somebody else, or it cannot be claimed now.
    Forbidden
        If it is not for this person.
    """
    access.require(actor, Permission.review_work)
    with workspace.store.begin() as conn:
        found = look_up(conn, case_id, actor)
        require_may_decide(conn, found, actor)
        if found.state is CaseState.claimed and found.holder_id == actor.user_id:
            return shown(workspace, conn, [found], actor)[0]
        if found.state in HELD:
            raise held_by_another(conn, found)
        if found.state not in {CaseState.open, CaseState.escalated}:
            raise not_now(found)
        require_competent(workspace, conn, actor)
        _require_not_anothers(conn, found, actor)
        return _take(workspace, conn, found, Action.claim, actor)


@repeat_when_busy
def take_check(workspace: Workspace, case_id: int, *, actor: Actor) -> Case:
    """Take a proposed case to check it; who has it already gets it as it is.

    Raises
    ------
    NotFound
        If there is none in the actor's scope.
    Conflict
        If somebody else has it, or there is nothing to check.
    Forbidden
        If the actor proposed it, is no longer trained, it is not for this person, or it settles
        a disagreement that the actor has a part in.
    """
    access.require(actor, Permission.review_check)
    with workspace.store.begin() as conn:
        found = look_up(conn, case_id, actor)
        require_may_decide(conn, found, actor)
        if found.state is CaseState.checking and found.holder_id == actor.user_id:
            return shown(workspace, conn, [found], actor)[0]
        if found.state in HELD:
            raise held_by_another(conn, found)
        if found.state is not CaseState.proposed:
            raise not_now(found)
        if found.maker_id == actor.user_id:
            raise Forbidden(
                N_("You proposed this verdict: somebody else checks it."),
                remedy=N_("Take another case."),
            )
        require_competent(workspace, conn, actor)
        _require_no_part(conn, found, actor)
        return _take(workspace, conn, found, Action.take_check, actor)


@repeat_when_busy
def next_check(workspace: Workspace, *, actor: Actor) -> Case | None:
    """Take the most urgent proposed case that the actor may check; ``None`` if there is none.

    Raises
    ------
    Forbidden, Conflict
        As :func:`claim_next`.
    """
    access.require(actor, Permission.review_check)
    with workspace.store.begin() as conn:
        require_competent(workspace, conn, actor)
        claimer = _claimer(conn, actor, None, None)
        return _take_best(workspace, conn, claimer, [CaseState.proposed], Action.take_check, actor)


@repeat_when_busy
def renew(workspace: Workspace, case_id: int, *, actor: Actor) -> datetime:
    """Keep a case for another lease; return until when. It is no step and needs no revision.

    Raises
    ------
    NotFound
        If there is none in the actor's scope.
    Conflict
        If it is not the actor's any more.
    """
    access.require(actor, Permission.review_work)
    with workspace.store.begin() as conn:
        found = readable(conn, cases.get(conn, case_id), actor)
        until = workspace.clock() + lease_of(review_of(conn, found.model_id))
        if not claims.renew(conn, case_id, actor.user_id, until=until):
            raise _not_yours(found)
    return until


@repeat_when_busy
def give_back(workspace: Workspace, case_id: int, *, actor: Actor) -> Case:
    """Put a case back where it was taken from; the draft stays.

    Raises
    ------
    NotFound
        If there is none in the actor's scope.
    Conflict
        If it is not the actor's.
    """
    access.require(actor, Permission.review_work)
    with workspace.store.begin() as conn:
        found = look_up(conn, case_id, actor)
        if found.state not in HELD or found.holder_id != actor.user_id:
            raise _not_yours(found)
        after = apply(conn, found, Action.give_back, by(actor), at=workspace.clock())
        return shown(workspace, conn, [after], actor)[0]


def _claimer(
    conn: Connection, actor: Actor, models: Iterable[str] | None, language: str | None
) -> Claimer:
    limits = claims.limits_of(conn, actor.user_id)
    languages = None if limits is None or not limits.languages else limits.languages
    return Claimer(
        actor.user_id,
        allows(actor, Permission.review_check),
        _both(actor.models, None if models is None else frozenset(models)),
        actor.jurisdictions,
        developed_by(conn, actor.user_id),
        _both(languages, None if language is None else frozenset({language})),
        None if limits is None else limits.skills,
        sees_blind=allows(actor, Permission.oversight_view),
    )


def _both(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return one if other is None else other
    return one & other


def _take_best(
    workspace: Workspace,
    conn: Connection,
    claimer: Claimer,
    states: Sequence[CaseState],
    action: Action,
    actor: Actor,
) -> Case | None:
    """Take the best case of some states; look again while others are faster."""
    for _ in range(_TRIES):
        places = [(claims.best(conn, claimer, state), state) for state in states]
        found = sorted((place, state) for place, state in places if place is not None)
        if not found:
            return None
        for place, state in found:
            at = workspace.clock()
            until = at + lease_of(review_of(conn, place.model_id))
            taken = claims.claim_best(conn, claimer, state, until=until)
            if taken is not None:
                kept = _with_own_lease(conn, taken, place.model_id, actor, at)
                note(conn, kept, action, by(actor), at=at, states=(state, kept.state))
                return shown(workspace, conn, [kept], actor)[0]
    return None


def _with_own_lease(
    conn: Connection, taken: CaseRecord, model_id: str, actor: Actor, at: datetime
) -> CaseRecord:
    """Return the case; with the lease of its model, if it is of another one than expected.

    That happens where somebody else took the expected one. It is no second change of every case:
    PostgreSQL would look up the model's row for it, and could meet who suspends the model.
    """
    if taken.model_id == model_id:
        return taken
    until = at + lease_of(review_of(conn, taken.model_id))
    claims.renew(conn, taken.id, actor.user_id, until=until)
    return cases.get(conn, taken.id)


def _take(
    workspace: Workspace, conn: Connection, found: CaseRecord, action: Action, actor: Actor
) -> Case:
    at = workspace.clock()
    until = at + lease_of(review_of(conn, found.model_id))
    values = {"holder_id": actor.user_id, "lease_until": until}
    after = apply(conn, found, action, by(actor), at=at, values=values)
    return shown(workspace, conn, [after], actor)[0]


def _require_not_anothers(conn: Connection, found: CaseRecord, actor: Actor) -> None:
    meant = found.assigned_to
    if meant is None or meant == actor.user_id or allows(actor, Permission.review_manage):
        return
    raise Conflict(
        N_("The case {case} is assigned to {name}."),
        remedy=N_("Take another case, or ask the lead of the team to assign it anew."),
        case=found.id,
        name=users.names_by_id(conn, [meant]).get(meant, meant),
    )


def _require_no_part(conn: Connection, found: CaseRecord, checker: Actor) -> None:
    if found.check_reason != DISAGREEMENT:
        return
    if checker.user_id in steps.earlier(conn, found.id).people:
        raise Forbidden(
            N_("People differ about this case, and you are one of them: somebody else checks it."),
            remedy=N_("Take another case."),
        )


def _not_yours(found: CaseRecord) -> Conflict:
    return Conflict(
        N_("The case {case} is not yours now."),
        remedy=N_("Claim it again; your draft is kept."),
        case=found.id,
    )
