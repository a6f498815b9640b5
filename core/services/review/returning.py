"""Cases that go back into the queue by themselves: the lease is over, or no customer answered.

Drafts stay, and blind cases are no exception: when a case comes back tells nobody what it is.
"""

from core.domain.review import HELD, Action, CaseState
from core.domain.working_days import local_day
from core.services.review import sla
from core.services.review.changing import WORKER, Said, apply
from core.services.review.retrying import repeat_when_busy
from core.services.workspace import Workspace
from core.store.review import cases, claims


def return_expired(workspace: Workspace) -> int:
    """Return every case whose lease has run out; each in a transaction of its own.

    Returns
    -------
    int
        How many.
    """
    with workspace.store.read() as conn:
        found = claims.expired(conn, at=workspace.clock())
    return sum(_return(workspace, case_id) for case_id in found)


def return_unanswered(workspace: Workspace) -> int:
    """Return every case whose day to ask the customer again has passed, to whoever asked.

    Its clock runs on from where it stood. Each goes back in a transaction of its own.

    Returns
    -------
    int
        How many.
    """
    today = local_day(workspace.clock())
    with workspace.store.read() as conn:
        found = claims.unanswered(conn, today=today)
    return sum(_return_unanswered(workspace, case_id) for case_id in found)


@repeat_when_busy
def _return(workspace: Workspace, case_id: int) -> bool:
    """Return one case, unless its holder was faster; whether it went back."""
    at = workspace.clock()
    with workspace.store.begin() as conn:
        found = cases.get(conn, case_id, lock=True)
        if found.state not in HELD or found.lease_until is None or found.lease_until >= at:
            return False
        said = Said(body={"holder": found.holder_id})
        apply(conn, found, Action.expire, WORKER, at=at, said=said)
    return True


@repeat_when_busy
def _return_unanswered(workspace: Workspace, case_id: int) -> bool:
    """Return one case, unless somebody was faster; whether it went back."""
    at = workspace.clock()
    with workspace.store.begin() as conn:
        found = cases.get(conn, case_id, lock=True)
        day = found.follow_up_on
        if found.state is not CaseState.awaiting_customer or day is None or day >= local_day(at):
            return False
        values = {"follow_up_on": None, "due_at": sla.due_after_question(conn, found, at)}
        told = {"asked_until": day.isoformat()}
        said = Said(body=told, told=told)
        apply(conn, found, Action.go_unanswered, WORKER, at=at, values=values, said=said)
    return True
