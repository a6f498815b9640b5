"""The rule of a policy on hand-made rows; who decided what by hand."""

import operator
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.contract.governance import PolicyVersion
from core.lake.sample_rows import LoggedDecision
from core.services.reproduce.policy import Replayed, applies, policy_of, replay, rule_column
from tests.support.builders import a_contract


def a_policy(rule: str = "score >= 0.5 -> decline", version: str = "p1") -> PolicyVersion:
    return PolicyVersion.model_validate({"version": version, "from": "2025-01-01", "rule": rule})


def by(kind: str, decision: str) -> LoggedDecision:
    return LoggedDecision(kind, decision)


@given(value=st.floats(allow_nan=False), limit=st.floats(-1e6, 1e6))
@pytest.mark.parametrize(
    ("sign", "compare"),
    [(">=", operator.ge), ("<=", operator.le), (">", operator.gt), ("<", operator.lt)],
)
def test_a_rule_is_its_comparison(sign: str, compare: Any, value: float, limit: float) -> None:
    policy = a_policy(f"score {sign} {limit!r} -> review")
    assert applies(policy, value) == compare(value, limit)
    assert applies(policy, limit) == compare(limit, limit)
    assert not applies(policy, float("nan"))


@pytest.mark.parametrize(
    ("values", "logged", "decided", "outcome", "expected", "overridden"),
    [
        ((0.6,), "decline", (), Replayed.agrees, "decline", False),
        ((0.4,), "approve", (), Replayed.agrees, "not decline", False),
        ((0.4,), "decline", (), Replayed.differs, "not decline", False),
        ((0.6,), None, (), Replayed.not_logged, "decline", False),
        # Rounded up to the cut-off in the log: either side of it is what the policy said.
        ((0.5, 0.4999999), "approve", (), Replayed.agrees, "decline", False),
        ((0.5, 0.4999999), "decline", (), Replayed.agrees, "decline", False),
        # The newest automatic decision counts, not the log's.
        ((0.6,), "approve", (by("policy", "decline"),), Replayed.agrees, "decline", False),
        (
            (0.6,),
            "decline",
            (by("policy", "decline"), by("model", "approve")),
            Replayed.differs,
            "decline",
            False,
        ),
        # A person's decision is no mismatch, and no automatic one.
        ((0.6,), "approve", (by("human", "approve"),), Replayed.by_people, "decline", True),
        ((0.6,), "decline", (by("appeal", "approve"),), Replayed.agrees, "decline", True),
        ((0.6,), "decline", (by("human", "decline"),), Replayed.agrees, "decline", False),
        # It does not excuse another decision in the log.
        ((0.6,), "refer", (by("human", "approve"),), Replayed.differs, "decline", True),
    ],
)
def test_who_decided_what(
    values: tuple[float, ...],
    logged: str | None,
    decided: tuple[LoggedDecision, ...],
    outcome: Replayed,
    expected: str,
    overridden: bool,
) -> None:
    made = replay(a_policy(), values, logged, decided)
    assert (made.outcome, made.expected, made.overridden) == (outcome, expected, overridden)


POLICIES = [
    {"version": "p1", "from": "2025-01-01", "rule": "score >= 0.5 -> decline"},
    {"version": "p3", "from": "2025-03-01", "rule": "score >= 0.3 -> decline"},
    {"version": "p2", "from": "2025-02-01", "rule": "amount > 5000 -> refer"},
]


@pytest.mark.parametrize(
    ("version", "day", "expected"),
    [
        ("1", date(2025, 3, 9), "p1"),  # named by the version
        ("2", date(2025, 1, 31), "p1"),
        ("2", date(2025, 2, 1), "p2"),
        ("2", date(2025, 3, 1), "p3"),
        ("2", date(2024, 12, 31), None),
        ("unheard-of", date(2025, 2, 9), "p2"),
    ],
)
def test_which_policy_was_in_force(version: str, day: date, expected: str | None) -> None:
    contract = a_contract(policy=POLICIES, versions=[{"id": "1", "policy": "p1"}, {"id": "2"}])
    found = policy_of(contract, version, day)
    assert (found.version if found else None) == expected


@pytest.mark.parametrize(
    ("rule", "column"),
    [
        ("score >= 0.5 -> decline", "score"),
        ("amount > 5000 -> refer", "amount"),
        ("term <= 12 -> approve", "c_term"),
        ("branch > 1 -> approve", None),  # a text
        ("nothing > 1 -> approve", None),
    ],
)
def test_the_column_that_a_rule_reads(rule: str, column: str | None) -> None:
    assert rule_column(a_contract(), a_policy(rule)) == column
