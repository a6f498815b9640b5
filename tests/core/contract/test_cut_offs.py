"""From which score on rows are flagged, read from policies by hand."""

from datetime import date

import pytest

from core.contract.cut_offs import CutOff, cut_offs
from tests.support.builders import a_contract

POLICY = [
    {"version": "p1", "from": "2025-01-01", "rule": "score >= 0.4 -> decline"},
    {"version": "p2", "from": "2025-03-01", "rule": "score < 0.3 -> approve"},
    {"version": "p3", "from": "2025-04-01", "rule": "amount > 5 -> refer"},
]


def test_the_newest_policy_of_a_day_holds() -> None:
    found = cut_offs(a_contract(policy=POLICY))
    assert found.of("9", date(2024, 12, 31)) == CutOff(0.5)  # before the first policy
    assert found.of("9", date(2025, 1, 1)) == CutOff(0.4, included=True, policy="p1")
    assert found.of("9", date(2025, 5, 1)) == CutOff(0.3, included=True, policy="p2")


def test_a_version_keeps_the_policy_it_was_registered_with() -> None:
    found = cut_offs(a_contract(policy=POLICY, versions=[{"id": "1", "policy": "p1"}]))
    assert found.of("1", date(2025, 5, 1)).value == 0.4
    assert found.of("2", date(2025, 5, 1)).value == 0.3


@pytest.mark.parametrize(
    ("rule", "included"),
    [
        ("score >= 0.4 -> decline", True),
        ("score > 0.4 -> decline", False),
        ("score < 0.4 -> approve", True),
        ("score <= 0.4 -> approve", False),
    ],
)
def test_which_side_the_cut_off_itself_lies_on(rule: str, included: bool) -> None:
    policy = [{"version": "p1", "from": "2025-01-01", "rule": rule}]
    found = cut_offs(a_contract(policy=policy)).of("1", date(2025, 2, 1))
    assert (found.value, found.included) == (0.4, included)
