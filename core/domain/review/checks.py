"""When a second person checks what the first one proposes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isnan
from typing import Protocol

from core.domain.review.states import Verdict

HIGH = "high"
DISAGREEMENT = "disagreement"
APPEAL = "appeal"
CONTROL = "control"
SECOND = "second"


@dataclass(frozen=True, slots=True)
class CheckRules:
    """What of a model's cases is checked, as its contract says.

    Parameters
    ----------
    tier : bool
        Cases of the high tier.
    amount : float, optional
        Cases of at least this amount, and those without one.
    overturn : bool
        Verdicts that overturn the model.
    """

    tier: bool = True
    amount: float | None = None
    overturn: bool = True


class Checkable(Protocol):
    """What the rule reads of a case."""

    @property
    def kind(self) -> str:
        """Why there is the case."""

    @property
    def tier(self) -> str:
        """``normal`` or ``high``."""

    @property
    def amount(self) -> float | None:
        """Money at stake."""

    @property
    def in_check_sample(self) -> bool:
        """Whether it was drawn for a check when it was made."""

    @property
    def is_escalated(self) -> bool:
        """Whether it was ever escalated."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What people did with a case before the verdict that is proposed now.

    Parameters
    ----------
    proposed : mapping of str to str
        Who proposed, and the decision that each proposed last.
    handed_on : frozenset of str
        Who sent a proposal back, or escalated the case.
    """

    proposed: Mapping[str, str] = field(default_factory=dict)
    handed_on: frozenset[str] = frozenset()

    @property
    def people(self) -> frozenset[str]:
        """All of them: none of them checks what one of them decides against another."""
        return self.handed_on | frozenset(self.proposed)

    def is_against(self, person: str, decision: str) -> bool:
        """Whether a decision of this person would be that of one who has spoken before.

        That is somebody who has sent the case back or escalated it, or who decides otherwise than
        somebody else proposed.
        """
        others = {each for who, each in self.proposed.items() if who != person}
        return person in self.handed_on or bool(others - {decision})


NOBODY = Earlier()


def check_needed(
    case: Checkable,
    verdict: Verdict,
    rules: CheckRules,
    *,
    earlier: Earlier = NOBODY,
    person: str = "",
    decision: str = "",
) -> str | None:
    """Return why a verdict needs a checker, or ``None`` if it is final as proposed.

    Of what was escalated or appealed, cases of the high tier are checked whatever the contract
    says. So is what somebody decides who has checked or escalated the case, or against whom
    proposed otherwise: by a person who did none of that. Blind controls and second reviews are
    checked like live cases, though they change nothing: one that is final at once would be told.

    Parameters
    ----------
    case : Checkable
        The case.
    verdict : Verdict
        What is proposed.
    rules : CheckRules
        What the contract says.
    earlier : Earlier
        What people did with the case before.
    person, decision : str
        Who proposes now, and which decision.

    Returns
    -------
    str or None
        ``disagreement``, ``tier``, ``amount``, ``override`` or ``sample``: the first that holds,
        in this order.
    """
    if earlier.is_against(person, decision):
        return DISAGREEMENT
    if case.tier == HIGH and (rules.tier or case.kind == APPEAL or case.is_escalated):
        return "tier"
    if rules.amount is not None and _reaches(case.amount, rules.amount):
        return "amount"
    if verdict is Verdict.overturn and rules.overturn:
        return "override"
    return "sample" if case.in_check_sample else None


def _reaches(amount: float | None, limit: float) -> bool:
    """Whether an amount is at the limit, above it, or not known."""
    return amount is None or isnan(amount) or amount >= limit
