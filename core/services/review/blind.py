"""A blind case never reaches a customer: whoever wants to ask one learns that it was blind."""

from datetime import datetime

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.domain.review import CONTROL, SECOND, Action
from core.errors import Conflict
from core.i18n import N_
from core.services import access
from core.services.review.changing import WORKER, apply, by, look_up_held
from core.services.review.retrying import repeat_when_busy
from core.services.review.rules import in_scope
from core.services.workspace import Workspace
from core.store.review import cases, drafts
from core.store.review.records import CaseRecord

BLIND = frozenset({CONTROL, SECOND})


def refuse_to_ask(workspace: Workspace, case_id: int, *, actor: Actor, revision: int) -> None:
    """Take a blind case out of the queue instead of asking its customer; let others pass.

    Raises
    ------
    Conflict
        If the case was blind: it is withdrawn then.
    NotFound, Forbidden
        If it is not the actor's.
    """
    access.require(actor, Permission.review_work)
    if _take_out(workspace, case_id, actor=actor, revision=revision):
        raise Conflict(
            N_("This case was a blind one: its customer is not asked. It was taken out."),
            remedy=N_("Do not write to the customer; take the next case."),
        )


@repeat_when_busy
def _take_out(workspace: Workspace, case_id: int, *, actor: Actor, revision: int) -> bool:
    at = workspace.clock()
    with workspace.store.begin() as conn:
        if in_scope(cases.get(conn, case_id), actor).kind not in BLIND:
            return False
        action = Action.ask_customer
        found = look_up_held(conn, case_id, actor, revision=revision, action=action)
        drafts.remove_of_case(conn, case_id)
        _withdraw(conn, found, actor, at)
    return True


def _withdraw(conn: Connection, found: CaseRecord, actor: Actor, at: datetime) -> None:
    asked = apply(conn, found, Action.ask_customer, by(actor), at=at)
    apply(conn, asked, Action.withdraw, WORKER, at=at)
