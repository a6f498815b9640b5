"""Reading ahead the worklist of each model, so that no first reader waits for it."""

import logging

from core.domain.identity import Actor, Permission
from core.errors import HarbourlightError
from core.services import access
from core.services.explanation.worklist import LISTED, worklist
from core.services.workspace import Workspace
from core.store import models
from core.unforeseen import headline_of

_LOG = logging.getLogger(__name__)


def read_worklists(workspace: Workspace, *, actor: Actor) -> int:
    """Read the worklist of each model as the page asks for it; return of how many.

    It is remembered for every reader of the same jurisdictions.

    Parameters
    ----------
    workspace : Workspace
        Where.
    actor : Actor
        Needs ``explanation.view``.
    """
    access.require(actor, Permission.explanation_view)
    with workspace.store.read() as conn:
        found = [each.id for each in models.list_models(conn)]
    read = 0
    for model_id in found:
        if not actor.sees_model(model_id):
            continue
        try:
            worklist(workspace, model_id, actor=actor, limit=LISTED)
        except HarbourlightError as error:  # the page says so in its place
            _LOG.info("the worklist of %s was not read ahead: %s", model_id, headline_of(error))
        else:
            read += 1
    return read
