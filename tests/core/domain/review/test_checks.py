from dataclasses import dataclass
from math import nan

import pytest

from core.domain.review import CheckRules, Earlier, Verdict, check_needed

ALL = CheckRules(tier=True, amount=150_000, overturn=True)
NONE = CheckRules(tier=False, amount=None, overturn=False)
UPHOLD, OVERTURN = Verdict.uphold, Verdict.overturn


@dataclass(frozen=True)
class Facts:
    kind: str = "routed"
    tier: str = "normal"
    amount: float | None = 1.0
    in_check_sample: bool = False
    is_escalated: bool = False


@pytest.mark.parametrize(
    ("case", "verdict", "rules", "why"),
    [
        (Facts(), UPHOLD, ALL, None),
        (Facts(tier="high"), UPHOLD, ALL, "tier"),
        (Facts(tier="high"), UPHOLD, NONE, None),
        (Facts(tier="high", kind="appeal"), UPHOLD, NONE, "tier"),
        (Facts(tier="high", is_escalated=True), UPHOLD, NONE, "tier"),
        (Facts(kind="appeal"), UPHOLD, NONE, None),
        (Facts(amount=150_000.0), UPHOLD, ALL, "amount"),
        (Facts(amount=149_999.99), UPHOLD, ALL, None),
        (Facts(amount=None), UPHOLD, ALL, "amount"),
        (Facts(amount=nan), UPHOLD, ALL, "amount"),
        (Facts(amount=None), UPHOLD, NONE, None),
        (Facts(), OVERTURN, ALL, "override"),
        (Facts(), OVERTURN, NONE, None),
        (Facts(in_check_sample=True), UPHOLD, NONE, "sample"),
        (Facts(tier="high", amount=9e9, in_check_sample=True), OVERTURN, ALL, "tier"),
        (Facts(amount=9e9, in_check_sample=True), OVERTURN, ALL, "amount"),
        (Facts(in_check_sample=True), OVERTURN, ALL, "override"),
        # What changes nothing is checked all the same: nobody is to tell it from what does.
        (Facts(kind="control", tier="high"), UPHOLD, ALL, "tier"),
        (Facts(kind="control"), UPHOLD, ALL, None),
        (Facts(kind="second"), OVERTURN, ALL, "override"),
        (Facts(kind="second", in_check_sample=True), UPHOLD, NONE, "sample"),
    ],
)
def test_why_a_verdict_is_checked(
    case: Facts, verdict: Verdict, rules: CheckRules, why: str | None
) -> None:
    assert check_needed(case, verdict, rules) == why


@pytest.mark.parametrize(
    ("earlier", "decision", "why"),
    [
        (Earlier({"bo": "approve"}), "approve", None),
        (Earlier({"bo": "approve"}), "decline", "disagreement"),
        (Earlier({"ada": "approve"}), "decline", None),  # one may change one's own mind
        (Earlier({"bo": "decline", "chun": "approve"}), "decline", "disagreement"),
        (Earlier({}, frozenset({"ada"})), "decline", "disagreement"),
        (Earlier({}, frozenset({"bo"})), "decline", None),
    ],
)
def test_who_has_spoken_before_does_not_decide_alone(
    earlier: Earlier, decision: str, why: str | None
) -> None:
    told = {"earlier": earlier, "person": "ada", "decision": decision}
    assert check_needed(Facts(), UPHOLD, NONE, **told) == why  # type: ignore[arg-type]
    assert check_needed(Facts(kind="control"), UPHOLD, NONE, **told) == why  # type: ignore[arg-type]
    high = check_needed(Facts(tier="high"), UPHOLD, ALL, **told)  # type: ignore[arg-type]
    assert high == (why or "tier")
