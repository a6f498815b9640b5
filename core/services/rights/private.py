"""What the customer wrote, and what the logs call the customer: shown one at a time, on record."""

from core.domain.identity import Actor, Permission
from core.services import access
from core.services.personal import reasons
from core.services.personal.masking import checked_reason
from core.services.rights.common import keep_step, reference_of, require_identified, visible
from core.services.workspace import Workspace


def read_words(workspace: Workspace, request_id: int, *, actor: Actor) -> str:
    """Return what the customer asked for; that it was read is a step of the request.

    Raises
    ------
    NotFound
        If there is no such request in the actor's scope.
    """
    access.require(actor, Permission.rights_handle)
    with workspace.store.begin() as conn:
        found = visible(conn, request_id, actor)
        keep_step(workspace, conn, found, "words_read", by=actor)
    return found.words


def reveal_reference(workspace: Workspace, request_id: int, *, reason: str, actor: Actor) -> str:
    """Return what the logs call the customer, once it is known who asks; with a reason.

    Parameters
    ----------
    workspace : Workspace
        Where.
    request_id : int
        Which request.
    reason : str
        At least ten characters, naming nobody; kept under the customer's key.
    actor : Actor
        Needs ``personal.reveal`` besides ``rights.handle``, and says again who they are.

    Raises
    ------
    Forbidden, StepUpNeeded
        If the actor may not, or has to say again who they are.
    Conflict
        If who asks is not confirmed, or the person was erased.
    InvalidInput
        If the reason is too short, or names the customer or somebody else.
    """
    access.require(actor, Permission.rights_handle)
    access.require(actor, Permission.personal_reveal)
    access.require_recent(workspace, actor)
    why = checked_reason(reason)
    with workspace.store.begin() as conn:
        found = visible(conn, request_id, actor)
        require_identified(found)
        reference = reference_of(workspace, found)
        reasons.refuse_values(why, [reference])
        reasons.refuse_known_people(workspace, conn, why)
        keep_step(workspace, conn, found, "reference_revealed", by=actor, words=why)
    return reference
