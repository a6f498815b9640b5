"""Blind second reviews: a share of the decided cases is decided again by somebody else."""

from dataclasses import replace
from datetime import timedelta

from core.contract.review import Review
from core.domain.review import SECOND
from core.lake.routing.rows import below
from core.services.oversight.controls import (
    SYSTEM_NAME,
    SYSTEM_ROLE,
    in_check_sample,
    made_at,
    of_now,
)
from core.services.oversight.people import reviewers_of, somebody_else
from core.services.questions import parsed_contract
from core.services.review import making, sla
from core.services.workspace import Workspace
from core.store import models
from core.store.audit import trail as audit
from core.store.review import cases, controls

_BACK = timedelta(days=7)
_DRAW = "review.doubles"


def make_doubles(workspace: Workspace, model_id: str) -> int:
    """Make the second reviews of what was decided in the last seven days; return how many.

    Which cases are drawn nobody can foresee, and it is the same whenever it is done again. Whoever
    proposed the first verdict is barred. Whoever checked it may check the second one too: a team
    with one lead would leave it waiting for ever, and what counts is its first verdict.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        Whose.

    Raises
    ------
    NotFound
        If there is no such model.
    """
    now = workspace.clock()
    with workspace.store.begin() as conn:
        cases.lock_model(conn, model_id)
        contract = parsed_contract(models.get(conn, model_id).spec_text)
        review = contract.review or Review()
        if not review.doubles.share:
            return 0
        at = made_at(conn, model_id, now)
        limit, people = below(review.doubles.share), reviewers_of(conn, model_id)
        new = [
            replace(
                like,
                kind=SECOND,
                occasion=f"second:{first.id}",
                parent_id=first.id,
                due_at=sla.due_at(conn, review.sla_days, like.tier, at),
                in_check_sample=in_check_sample(
                    workspace, review, f"{model_id}:{first.prediction_id}:second:{first.id}"
                ),
                barred_maker_id=first.maker_id,
            )
            for first in controls.undoubled(conn, model_id, since=now - _BACK)
            if workspace.keys.mac(_DRAW, f"{model_id}:{first.id}") < limit
            and somebody_else(
                people, first.jurisdiction, frozenset({first.maker_id, first.checker_id})
            )
            and (like := of_now(conn, contract, first)) is not None
        ]
        made = making.make_cases(conn, new, at=at)
        if made:
            audit.append(
                conn,
                at=now,
                actor=SYSTEM_NAME,
                role=SYSTEM_ROLE,
                kind="review.doubles_made",
                objects={"model": model_id},
                body={"cases": made, "share": review.doubles.share},
            )
    return made
