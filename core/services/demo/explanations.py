"""Explanations of the demo: somebody who never was explained the newest declined loans."""

from datetime import timedelta

from core.domain.identity import Actor, Permission
from core.services import access
from core.services.demo.people import AT_THE_DESK, DESK, closed_accounts
from core.services.explanation.choosing import USUAL, choose_decisions
from core.services.explanation.finding import book_in_force, explained_each
from core.services.explanation.keeping_many import keep_many
from core.services.explanation.letters import make_letter
from core.services.extent import log_extent
from core.services.workspace import Workspace
from core.store import manifest, models
from core.store.explanations import records as explanations
from core.store.retention import tombstones

DAYS = 31
"""So many of the log's last days are explained."""
_DECLINED = 'decision = "decline"'
_LETTERS = ("en", "zh-HK")


def simulate_explanations(workspace: Workspace, model_id: str, *, actor: Actor) -> int:
    """Explain a demo model's newest declined decisions and write two letters; return how many.

    Done once: a model without a code book in force, or with an explanation already, is left alone.

    Parameters
    ----------
    workspace : Workspace
        The demo's.
    model_id : str
        Which model.
    actor : Actor
        Needs ``user.manage``, as whoever builds the demo.

    Raises
    ------
    Forbidden
        If the actor may not.
    """
    access.require(actor, Permission.user_manage)
    book = book_in_force(workspace, model_id)
    with workspace.store.begin() as conn:
        record = models.get(conn, model_id)
        files = manifest.files_at(conn, model_id, record.lake_generation)
        reach = log_extent(workspace, record, files, None)
        if book is None or reach is None or explanations.explained_ids(conn, model_id):
            return 0
        buried = tombstones.marker(conn, model_id)
        person = closed_accounts(workspace, conn, (AT_THE_DESK,), workspace.clock())[DESK]
    clerk = person.actor("cli")
    span = (reach.last - timedelta(days=DAYS), reach.last + timedelta(microseconds=1))
    chosen = choose_decisions(
        workspace, model_id, _DECLINED, limit=USUAL, spans=[span], actor=clerk
    )
    kept = [
        each
        for decisions in chosen.chunks(workspace, USUAL)
        for each in keep_many(
            workspace,
            model_id,
            explained_each(workspace, decisions, book, by=clerk.audit_name),
            buried=buried,
            actor=clerk,
        )
    ]
    for language, each in zip(_LETTERS, kept, strict=False):
        make_letter(workspace, model_id, each.prediction_id, language=language, actor=clerk)
    return len(kept)
