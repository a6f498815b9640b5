"""Cases whose lease has run out go back to where they were taken from; drafts stay."""

from core.domain.review import HELD, Action
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
