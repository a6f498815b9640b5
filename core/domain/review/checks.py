"""When a second person checks what the first one proposes."""

from dataclasses import dataclass
from math import isnan
from typing import Protocol

from core.domain.review.states import Verdict

HIGH = "high"
APPEAL = "appeal"
CONTROL = "control"
SECOND = "second"
_WITHOUT_EFFECT = frozenset({CONTROL, SECOND})


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


def check_needed(case: Checkable, verdict: Verdict, rules: CheckRules) -> str | None:
    """Return why a verdict needs a checker, or ``None`` if it is final as proposed.

    Blind controls and second reviews change nothing, so nobody checks them. Of what was escalated
    or appealed, cases of the high tier are checked whatever the contract says.

    Returns
    -------
    str or None
        ``tier``, ``amount``, ``override`` or ``sample``: the first that holds, in this order.
    """
    if case.kind in _WITHOUT_EFFECT:
        return None
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
