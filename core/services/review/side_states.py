"""When a case is not decided by who has it: escalated, put to the customer, or withdrawn."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.domain.review import Action, CaseState
from core.domain.working_days import local_day
from core.errors import Conflict, Forbidden, InvalidInput
from core.i18n import N_
from core.services import access
from core.services.review import sla, words
from core.services.review.acting import act, refuse_personal, with_text
from core.services.review.cases import Case, shown
from core.services.review.changing import NO_PROPOSAL, apply, by, changed_since, look_up, not_now
from core.services.review.retrying import repeat_when_busy
from core.services.review.rules import require_no_developer
from core.services.workspace import Workspace
from core.store.review import drafts
from core.store.review.asked import requests_put_to
from core.store.review.records import CaseRecord
from core.store.rights import requests


def escalate(workspace: Workspace, case_id: int, *, actor: Actor, revision: int, text: str) -> Case:
    """Hand a case to those who may check; a proposal that stood is taken back.

    Raises
    ------
    NotFound, Conflict, Forbidden, InvalidInput
        As :func:`send_back`.
    """
    access.require(actor, Permission.review_work)
    at = workspace.clock()

    def values(_found: CaseRecord) -> Mapping[str, Any]:
        return {**NO_PROPOSAL, "assigned_to": None, "escalated_at": at}

    return act(
        workspace, case_id, Action.escalate, text, values, kind="comment", holder=actor,
        revision=revision,
    )  # fmt: skip


def ask_customer(
    workspace: Workspace,
    case_id: int,
    *,
    follow_up_on: date,
    text: str,
    actor: Actor,
    revision: int,
) -> Case:
    """Put a case aside until the customer answers; its clock stands still.

    When the day has passed without an answer, the worker puts the case back into the queue, for
    whoever asked.

    Parameters
    ----------
    workspace : Workspace
        Where.
    case_id : int
        The case.
    follow_up_on : date
        When to ask again.
    text : str
        What was asked; it is about a person.
    actor : Actor
        Who asks.
    revision : int
        The state of the case that the actor looked at.

    Raises
    ------
    NotFound, Conflict, Forbidden, InvalidInput
        As :func:`send_back`; also if the day is not in the future. A blind case is put aside like
        any other: that nothing is refused tells nobody what it is.
    """
    access.require(actor, Permission.review_work)
    if follow_up_on <= local_day(workspace.clock()):
        raise InvalidInput(
            N_("The day to ask again is not later than today."), remedy=N_("Choose a later day.")
        )

    def values(_found: CaseRecord) -> Mapping[str, Any]:
        return {"follow_up_on": follow_up_on, "assigned_to": actor.user_id}

    return act(
        workspace, case_id, Action.ask_customer, text, values, kind="comment", holder=actor,
        revision=revision,
    )  # fmt: skip


def customer_answered(
    workspace: Workspace, case_id: int, *, text: str, actor: Actor, revision: int
) -> Case:
    """Put a case back into the queue, for whoever asked; its clock runs on from where it stood.

    Raises
    ------
    NotFound, Conflict, Forbidden, InvalidInput
        As :func:`send_back`.
    """
    access.require(actor, Permission.review_work)
    why = words.checked(text, needed=True)
    refuse_personal(workspace, case_id, actor, [why])
    return _customer_answered(workspace, case_id, text=why, actor=actor, revision=revision)


@repeat_when_busy
def _customer_answered(
    workspace: Workspace, case_id: int, *, text: str, actor: Actor, revision: int
) -> Case:
    at = workspace.clock()
    with workspace.store.begin() as conn:
        found = look_up(conn, case_id, actor, revision=revision)
        require_no_developer(conn, found, actor)
        due_at = sla.due_after_question(conn, found, at)
        said = with_text(conn, found, text, "comment", actor, at)
        values = {"follow_up_on": None, "due_at": due_at}
        after = apply(conn, found, Action.answer, by(actor), at=at, values=values, said=said)
        return shown(workspace, conn, [after], actor)[0]


def take_back(
    workspace: Workspace, case_id: int, *, text: str, actor: Actor, revision: int
) -> Case:
    """Take an own proposal back that nobody checks yet: the case waits for its maker again.

    What was proposed stays on record, and who spoke counts as having spoken: what is decided
    otherwise afterwards is checked by somebody else.

    Raises
    ------
    NotFound, Conflict, InvalidInput
        As :func:`send_back`; also if it is not proposed, or somebody checks it already.
    Forbidden
        If somebody else proposed it, or the actor develops the model.
    """
    access.require(actor, Permission.review_work)
    why = words.checked(text, needed=True)
    refuse_personal(workspace, case_id, actor, [why])
    return _take_back(workspace, case_id, text=why, actor=actor, revision=revision)


@repeat_when_busy
def _take_back(
    workspace: Workspace, case_id: int, *, text: str, actor: Actor, revision: int
) -> Case:
    at = workspace.clock()
    with workspace.store.begin() as conn:
        found = look_up(conn, case_id, actor)
        require_no_developer(conn, found, actor)
        if found.state is not CaseState.proposed:
            raise not_now(found)
        if found.maker_id != actor.user_id:
            raise Forbidden(
                N_("Somebody else proposed this verdict: only its maker takes it back."),
                remedy=N_("Check it, and send it back."),
            )
        if found.revision != revision:
            raise changed_since(found)
        said = with_text(conn, found, text, "comment", actor, at)
        values = {**NO_PROPOSAL, "assigned_to": actor.user_id}
        after = apply(conn, found, Action.take_back, by(actor), at=at, values=values, said=said)
        return shown(workspace, conn, [after], actor)[0]


def withdraw(workspace: Workspace, case_id: int, *, actor: Actor, revision: int, text: str) -> Case:
    """Take a case out of the queue for good, without a verdict.

    Raises
    ------
    NotFound, Conflict, Forbidden, InvalidInput
        As :func:`send_back`; a case that somebody holds, or has proposed, is not withdrawn, nor
        one that a customer's open request waits for.
    """
    access.require(actor, Permission.review_manage)
    why = words.checked(text, needed=True)
    refuse_personal(workspace, case_id, actor, [why])
    return _withdraw(workspace, case_id, actor=actor, revision=revision, text=why)


@repeat_when_busy
def _withdraw(
    workspace: Workspace, case_id: int, *, actor: Actor, revision: int, text: str
) -> Case:
    at = workspace.clock()
    with workspace.store.begin() as conn:
        found = look_up(conn, case_id, actor)
        require_no_developer(conn, found, actor)
        if found.revision != revision:
            raise changed_since(found)
        _require_no_request(conn, found)
        said = with_text(conn, found, text, "comment", actor, at)
        drafts.remove_of_case(conn, case_id)
        after = apply(conn, found, Action.withdraw, by(actor), at=at, said=said)
        return shown(workspace, conn, [after], actor)[0]


def _require_no_request(conn: Connection, found: CaseRecord) -> None:
    if requests.not_closed(conn, requests_put_to(conn, [found])[found.id]):
        raise Conflict(
            N_("A customer's open request waits for the case."),
            remedy=N_("Close the request first, or decide the case."),
        )
