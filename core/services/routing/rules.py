"""The rules of review in force, and what each has brought so far."""

from dataclasses import dataclass

from core.contract import ReviewRule
from core.contract.review import Review
from core.contract.review_rules import never_reviewed
from core.domain.identity import Actor, Permission
from core.services import access
from core.services.questions import parsed_contract
from core.services.review.blind import is_kept_blind
from core.services.workspace import Workspace
from core.store import models, routing


@dataclass(frozen=True, slots=True)
class RulesInForce:
    """The part ``review`` of a model's contract, and its history.

    Parameters
    ----------
    model_id, spec_sha256 : str
        Which model, and the hash of the contract that the rules stand in.
    review : Review
        The part, with its defaults where the contract has none.
    cases : dict of str to int
        Rule → cases that it led; rules that the contract no longer has are among them.
    predictions : int
        Predictions that were held against rules.
    waiting : int
        Predictions that were not yet.
    never_reviewed : tuple of str
        Versions in the loop of which no rule makes a case of each prediction: they stay held.
    """

    model_id: str
    spec_sha256: str
    review: Review
    cases: dict[str, int]
    predictions: int
    waiting: int
    never_reviewed: tuple[str, ...] = ()

    @property
    def rules(self) -> tuple[ReviewRule, ...]:
        """The rules, in the order of the contract."""
        return self.review.rules


def review_rules(workspace: Workspace, model_id: str, *, actor: Actor) -> RulesInForce:
    """Return the rules of a model with the cases that each made.

    Cases are counted wherever they are from: they say nothing of a person. For who works on blind
    ones these are among them: otherwise their number would follow from the queue's list.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        Which model.
    actor : Actor
        Needs ``review.view``.

    Raises
    ------
    Forbidden, NotFound
        If the actor may not, or there is no such model.
    """
    access.require(actor, Permission.review_view, model=model_id)
    with workspace.store.read() as conn:
        record = models.get(conn, model_id)
        contract = parsed_contract(record.spec_text)
        review = contract.review or Review()
        return RulesInForce(
            model_id,
            record.spec_sha256,
            review,
            routing.cases_by_rule(conn, model_id, with_blind=is_kept_blind(actor)),
            routing.cases_made(conn, model_id)[0],
            routing.waiting_predictions(conn, model_id) if review.rules else 0,
            never_reviewed(contract),
        )
