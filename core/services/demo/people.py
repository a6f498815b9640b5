"""People of the demo who never were: closed accounts, whose names say that they are simulated."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from core.domain.identity import Role
from core.services.workspace import Workspace
from core.store.identity import users
from core.store.identity.users import User

CHECKER, THIRD, DESK = "grace", "henry", "iris"
LEADS = (
    (CHECKER, "Grace Tam (simulated)", Role.compliance_lead),
    (THIRD, "Henry Yip (simulated)", Role.compliance_lead),
)
AT_THE_DESK = (DESK, "Iris Lau (simulated)", Role.compliance)


def closed_accounts(
    workspace: Workspace, conn: Connection, people: Sequence[tuple[str, str, Role]], at: datetime
) -> dict[str, User]:
    """Return simulated people by username, made where they are not there yet.

    Nobody can sign in as one of them, and no case is given to them.

    Parameters
    ----------
    workspace : Workspace
        The demo's.
    conn : Connection
        The transaction that makes them.
    people : sequence of tuple
        Username, name to show and role of each.
    at : datetime
        When they are made.
    """
    made = {}
    for username, shown, role in people:
        user = users.find_by_username(conn, username)
        if user is None or user.display_name != shown:
            user = users.create(
                conn,
                user_id=workspace.new_id(),
                username=username,
                display_name=shown,
                at=at,
                roles=[role],
            )
            users.set_disabled(conn, user.id, True)
        made[username] = user
    return made
