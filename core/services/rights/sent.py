"""When letters about a request went out: they leave by post or mail, so the desk notes it."""

from collections.abc import Iterable
from datetime import date

from core.domain.identity import Actor, Permission
from core.errors import Conflict
from core.i18n import N_
from core.services import access
from core.services.rights.common import keep_step, local_day, visible
from core.services.workspace import Workspace
from core.store.rights import requests
from core.store.rights.requests import StepRecord

_NOTED_ELSEWHERE = frozenset({"refusal", "late_notice"})
"""Letters whose sending is a step of its own."""


def unsent_letters(workspace: Workspace, request_id: int, *, actor: Actor) -> tuple[str, ...]:
    """Return the letters that were made and are not noted as sent, the oldest first."""
    access.require(actor, Permission.rights_view)
    with workspace.store.read() as conn:
        visible(conn, request_id, actor)
        return _unsent(requests.list_steps(conn, request_id))


def note_letter_sent(
    workspace: Workspace, request_id: int, template: str, *, actor: Actor, on: date | None = None
) -> None:
    """Note on which day a letter went out. The clock of the request is stopped by its answer.

    Parameters
    ----------
    workspace : Workspace
        Where.
    request_id : int
        Which request.
    template : str
        Which letter.
    actor : Actor
        Needs ``rights.handle``.
    on : date, optional
        The day in Hong Kong; today by default.

    Raises
    ------
    Conflict
        If no such letter was made, or it is noted already.
    """
    access.require(actor, Permission.rights_handle)
    with workspace.store.begin() as conn:
        found = visible(conn, request_id, actor)
        if template not in _unsent(requests.list_steps(conn, request_id)):
            raise Conflict(
                N_("No such letter waits to be sent."),
                remedy=N_("Make the letter first."),
            )
        day = on or local_day(workspace.clock())
        body = {
            "template": template,
            "sent_on": day.isoformat(),
            "in_time": day <= found.due_on,
        }
        keep_step(workspace, conn, found, "letter_sent", by=actor, body=body)


def _unsent(steps: Iterable[StepRecord]) -> tuple[str, ...]:
    waiting: dict[str, None] = {}
    for each in steps:
        template = str(each.body.get("template", ""))
        if each.action == "letter" and template not in _NOTED_ELSEWHERE:
            waiting[template] = None
        elif each.action == "letter_sent":
            waiting.pop(template, None)
    return tuple(waiting)
