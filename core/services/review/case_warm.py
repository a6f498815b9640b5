"""Reading ahead what the pages of cases are compared with, so that no reviewer waits for it."""

import logging
from dataclasses import replace

from core.domain.identity import Actor, Permission
from core.domain.review import CaseState
from core.errors import HarbourlightError
from core.services import access
from core.services.questions import parsed_contract
from core.services.review.case_similar import similar_cases
from core.services.review.case_source import CaseSource, read_source
from core.services.review.case_values import values_beside
from core.services.review.cases import CaseFilter, list_cases
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace
from core.store import models
from core.unforeseen import headline_of

_LOG = logging.getLogger(__name__)


def read_ahead(workspace: Workspace, *, actor: Actor) -> int:
    """Read what the next case of each model is compared with; return of how many models.

    It is remembered for every reader of the same jurisdictions: the reference period, those
    decided alike for each decision, and the resolved cases. Nothing of a person is kept, and
    nothing that only its reader may see.

    Parameters
    ----------
    workspace : Workspace
        Where.
    actor : Actor
        Needs ``review.view``.
    """
    access.require(actor, Permission.review_view)
    with workspace.store.read() as conn:
        found = [(each.id, parsed_contract(each.spec_text)) for each in models.list_models(conn)]
    read = 0
    for model_id, contract in found:
        if contract.review is not None and actor.sees_model(model_id):
            read += _read_model(workspace, model_id, contract.review.decisions, actor)
    return read


@retry_when_stale
def _read_model(
    workspace: Workspace, model_id: str, decisions: tuple[str, ...], actor: Actor
) -> bool:
    """Read what the next case of a model is compared with; whether there is one."""
    waiting = CaseFilter(states=(CaseState.open,), models=(model_id,), size=1)
    cases = list_cases(workspace, waiting, actor=actor).cases
    for case in cases:
        source = read_source(
            workspace,
            model_id,
            case.prediction_id,
            actor=actor,
            version=case.version,
            decision=case.decision,
            predicted_at=case.predicted_at,
        )
        for decision in dict.fromkeys([case.decision, *decisions]):
            _read_parts(replace(source, decision=decision))
    return bool(cases)


def _read_parts(source: CaseSource) -> None:
    for read in (values_beside, similar_cases):
        try:
            read(source)
        except HarbourlightError as error:  # the page says so in the part's place
            _LOG.info("a part of a case was not read ahead: %s", headline_of(error))
