"""On which side of which cut-off a decision lies, and which score the person is told about."""

from dataclasses import dataclass

import numpy as np

from core.contract.cut_offs import EVEN, CutOff
from core.domain.explanation.record import Rule
from core.domain.windows import local_day
from core.metrics.counterfactual import Goal
from core.services.explanation.decision import Decision
from core.services.reproduce.models import score_columns
from core.services.reproduce.policy import policy_of

_RELATIONS = {">=": "<", ">": "<=", "<": ">=", "<=": ">"}
"""How a score stands to the cut-off for whom a rule does not hold."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the policy made of a score.

    Parameters
    ----------
    rule : Rule
        As a record has it.
    place : int
        Which of the model's scores is explained: of several classes that of the predicted one.
    towards : int
        1 where a higher score led to the decision, -1 where a lower one did; 0 where no policy
        and no class says, so that only the score beside the background's can.
    goal : Goal, optional
        How the score has to stand to the cut-off for the other result.
    """

    rule: Rule
    place: int = 0
    towards: int = 0
    goal: Goal | None = None


def judged(decision: Decision) -> Judged:
    """Return on which side of the policy's cut-off a decision lies."""
    contract = decision.contract
    if contract.task == "multiclass_classification":
        return Judged(Rule(adverse=_adverse(decision, None)), _predicted_class(decision), 1)
    names = score_columns(contract)
    score = decision.number(names[0]) if names else None
    day = local_day(decision.predicted_at, contract.timezone)
    policy = policy_of(contract, decision.version, day)
    if policy is None or policy.parts()[0] != "score":
        return Judged(Rule(adverse=_adverse(decision, None)), towards=_by_chance(decision, score))
    _, comparison, limit, then = policy.parts()
    if score is None:
        return Judged(Rule(policy.version, policy.rule, limit, _adverse(decision, None)))
    cut = CutOff(limit, included=comparison in {">=", "<"})
    above = score >= limit if cut.included else score > limit
    holds = above == (comparison in {">=", ">"})
    relation = comparison if not holds else _RELATIONS[comparison]
    return Judged(
        Rule(policy.version, policy.rule, limit, _adverse(decision, then if holds else None)),
        towards=1 if above else -1,
        goal=Goal(relation, limit),  # type: ignore[arg-type]  # one of the four
    )


def _by_chance(decision: Decision, score: float | None) -> int:
    """Return the side of an even chance that a score lies on, of two classes."""
    if decision.contract.task != "binary_classification" or score is None:
        return 0
    return 1 if score >= EVEN else -1


def _adverse(decision: Decision, flagged: str | None) -> bool | None:
    """Return whether a decision is against the person, as far as the contract says.

    The contract names adverse decisions, or favourable ones; where it names neither, what the
    policy's rule does is adverse, and what it leaves alone is not.
    """
    contract, decided = decision.contract, decision.decided
    if not decided:
        return None
    if contract.explanation.adverse:
        return decided in contract.explanation.adverse
    if contract.fairness and contract.fairness.favourable:
        return decided not in contract.fairness.favourable
    if decision.contract.policy:
        return flagged is not None
    return None


def _predicted_class(decision: Decision) -> int:
    """Return the place of the class that the log says was predicted; else of the highest score."""
    classes = [str(name) for name in decision.contract.log.scores]
    named = str(decision.row.get("prediction") or "")
    if named in classes:
        return classes.index(named)
    scores = [decision.number(name) for name in score_columns(decision.contract)]
    known = [-np.inf if score is None else score for score in scores]
    return int(np.argmax(known)) if known else 0
