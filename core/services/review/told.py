"""Cases as they leave the product in a list, a table or a file: nothing personal is in them."""

from collections.abc import Sequence
from dataclasses import replace

from core.services.personal_names import MASK
from core.services.questions import parsed_contract
from core.services.review.shown_case import Case
from core.services.workspace import Workspace
from core.store import models


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
