"""Cases as they leave the product in a list, a table or a file: nothing personal is in them."""

from collections.abc import Sequence
from dataclasses import replace

from core.services.personal.names import MASK
from core.services.questions import parsed_contract
from core.services.review.shown_case import Case
from core.services.workspace import Workspace
from core.store import models
from core.store.rights import disputes


def disputed(workspace: Workspace, found: Sequence[Case]) -> frozenset[int]:
    """Return which of some cases are about a prediction that its customer disputes, by their ids.

    Parameters
    ----------
    workspace : Workspace
        Where.
    found : sequence of Case
        Cases that were read for somebody, before anything in them is masked.
    """
    with workspace.store.read() as conn:
        noted = {
            model_id: disputes.disputed(
                conn, model_id, [each.prediction_id for each in found if each.model_id == model_id]
            )
            for model_id in {each.model_id for each in found}
        }
    return frozenset(each.id for each in found if each.prediction_id in noted[each.model_id])


def masked(workspace: Workspace, found: Sequence[Case]) -> tuple[Case, ...]:
    """Return cases without what their models' contracts declare personal.

    Whoever reads them: an id is a mask then, a score and an amount are nothing, as on the pages.

    Parameters
    ----------
    workspace : Workspace
        Where.
    found : sequence of Case
        Cases that were read for somebody, who may see them.
    """
    with workspace.store.read() as conn:
        specs = {each: models.get(conn, each).spec_text for each in {e.model_id for e in found}}
    contracts = {model_id: parsed_contract(text) for model_id, text in specs.items()}
    told = []
    for each in found:
        contract = contracts[each.model_id]
        told.append(
            replace(
                each,
                prediction_id=MASK
                if contract.is_personal("@prediction_id")
                else each.prediction_id,
                score=None if contract.is_personal("@score") else each.score,
                amount=None if contract.is_personal("@amount") else each.amount,
            )
        )
    return tuple(told)
