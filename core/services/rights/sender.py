"""Who writes to customers: the name and address at the head of letters, if the paper has none."""

from collections.abc import Sequence

from core.domain.identity import Actor, Permission
from core.errors import InvalidInput
from core.i18n import N_
from core.services import access
from core.services.workspace import Workspace
from core.store import settings
from core.store.audit import trail as audit

SETTING = "rights_sender"
_MOST_LINES = 8
_LONGEST_LINE = 120


def sender(workspace: Workspace, *, actor: Actor) -> tuple[str, ...]:
    """Return the lines at the head of letters; none while the paper says who writes."""
    access.require(actor, Permission.rights_view)
    with workspace.store.read() as conn:
        kept = settings.get(conn, SETTING, [])
    return tuple(str(each) for each in kept) if isinstance(kept, list) else ()


def set_sender(workspace: Workspace, lines: Sequence[str], *, actor: Actor) -> tuple[str, ...]:
    """Set the head of letters: the organisation's name, then where customers answer to.

    Parameters
    ----------
    workspace : Workspace
        Where.
    lines : sequence of str
        At most eight; none for paper with a head of its own.
    actor : Actor
        Needs ``rights.refuse``: who answers for what the desk sends.

    Raises
    ------
    InvalidInput
        If there are too many lines, or one is too long.
    """
    access.require(actor, Permission.rights_refuse)
    kept = [" ".join(each.split()) for each in lines if each.strip()]
    if len(kept) > _MOST_LINES or any(len(each) > _LONGEST_LINE for each in kept):
        raise InvalidInput(
            N_("The head of letters has at most {lines} lines of {characters} characters."),
            remedy=N_("Shorten it."),
            lines=_MOST_LINES,
            characters=_LONGEST_LINE,
        )
    with workspace.store.begin() as conn:
        settings.put(conn, SETTING, kept)
        audit.append(
            conn,
            at=workspace.clock(),
            actor=actor.audit_name,
            role=actor.role_text,
            kind="rights.sender_set",
            objects={},
            body={"lines": kept},
        )
    return tuple(kept)
