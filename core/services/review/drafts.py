"""What a reviewer has begun to write: kept on the way, found again after a crash or a lease.

A draft is no part of the record: no step and no audit entry tells of it, and nobody but its writer
reads it. It goes when the case is finished.
"""

import json
from collections.abc import Mapping

from core.domain.identity import Actor, Permission
from core.domain.review import FINISHED
from core.errors import InvalidInput
from core.i18n import N_
from core.services import access
from core.services.review.changing import not_now
from core.services.review.retrying import repeat_when_busy
from core.services.review.rules import readable
from core.services.workspace import Workspace
from core.store.review import cases, drafts
from core.store.review.drafts import Draft

MOST_BYTES = 40_000


@repeat_when_busy
def save_draft(
    workspace: Workspace, case_id: int, body: Mapping[str, object], number: int, *, actor: Actor
) -> Draft:
    """Keep a draft unless a newer one is there; return the one that is kept.

    Parameters
    ----------
    workspace : Workspace
        Where.
    case_id : int
        Of which case; the words are kept even if the lease has run out meanwhile.
    body : mapping
        Fields, as JSON values.
    number : int
        Grows with every change of the draft, so that a late message overwrites nothing newer.
    actor : Actor
        Whose.

    Raises
    ------
    NotFound
        If there is no such case in the actor's scope.
    Conflict
        If the case is finished.
    InvalidInput
        If the draft is too long.
    """
    access.require(actor, Permission.review_work)
    if number < 0 or len(json.dumps(dict(body))) > MOST_BYTES:
        raise InvalidInput(N_("The draft is too long to be kept."), remedy=N_("Shorten it."))
    draft = Draft(case_id, actor.user_id, dict(body), number, workspace.clock())
    with workspace.store.begin() as conn:
        found = readable(conn, cases.get(conn, case_id, lock=True), actor)
        if found.state in FINISHED:
            raise not_now(found)
        drafts.save(conn, draft)
        return drafts.find(conn, case_id, actor.user_id) or draft


def read_draft(workspace: Workspace, case_id: int, *, actor: Actor) -> Draft | None:
    """Return the actor's own draft of a case; ``None`` if there is none.

    Raises
    ------
    NotFound
        If there is no such case in the actor's scope.
    """
    access.require(actor, Permission.review_work)
    with workspace.store.read() as conn:
        readable(conn, cases.get(conn, case_id), actor)
        return drafts.find(conn, case_id, actor.user_id)
