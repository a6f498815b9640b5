"""The code book of a demo model: proposed by one person who never was, put in force by another."""

from pathlib import Path

from core.domain.identity import Actor, Permission
from core.services import access
from core.services.approvals import four_eyes as approvals
from core.services.demo.people import AT_THE_DESK, CHECKER, DESK, LEADS, closed_accounts
from core.services.explanation.code_books import (
    CODE_BOOK_KIND,
    code_book_document,
    propose_code_book,
)
from core.services.workspace import Workspace
from core.store.explanations import code_books

FILE = "code_book.yaml"
_REASON = "Simulated: the demo's reasons for decisions."


def simulate_code_book(workspace: Workspace, model_id: str, folder: Path, *, actor: Actor) -> bool:
    """Put the code book of a demo model in force; return whether there was anything to do.

    Done once: a model that has a book, or whose folder holds none, is left alone.

    Parameters
    ----------
    workspace : Workspace
        The demo's.
    model_id : str
        Which model.
    folder : Path
        Where its ``code_book.yaml`` lies.
    actor : Actor
        Needs ``user.manage``, as whoever builds the demo.

    Raises
    ------
    Forbidden
        If the actor may not.
    """
    access.require(actor, Permission.user_manage)
    file = folder / FILE
    if not file.is_file():
        return False
    with workspace.store.begin() as conn:
        if code_books.in_force(conn, model_id) is not None:
            return False
        people = closed_accounts(workspace, conn, (AT_THE_DESK, *LEADS), workspace.clock())
    clerk, lead = people[DESK].actor("cli"), people[CHECKER].actor("cli")
    waits = _proposed(workspace, model_id, lead)
    if waits is None:
        document = code_book_document(file)
        asked = propose_code_book(workspace, model_id, document, reason=_REASON, actor=clerk)
        waits = asked.id
    approvals.approve(workspace, waits, actor=lead)
    return True


def _proposed(workspace: Workspace, model_id: str, lead: Actor) -> str | None:
    """Return the approval that an interrupted build left waiting."""
    found = approvals.list_approvals(workspace, actor=lead, state="pending")
    ids = [e.id for e in found if (e.kind, e.object_id) == (CODE_BOOK_KIND, model_id)]
    return ids[0] if ids else None
