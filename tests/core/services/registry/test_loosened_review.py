"""What one person alone must not take from human review, however a contract is written anew."""

from typing import Any

import pytest

from core.contract import ModelContract
from core.services.registry.loosened import loosened
from tests.support.builders import a_contract, contract_document

DOCUMENT = contract_document()
POLICY = {"version": "p1", "from": "2025-01-01", "rule": "score >= 0.5 -> decline"}
NUMBER = next(each["name"] for each in DOCUMENT["features"] if each["type"] == "numeric")
REVIEW: dict[str, Any] = {
    "sla_days": {"normal": 5, "high": 2},
    "decisions": ["approve", "decline", "refer"],
    "score": {"hidden_share": 0.2, "judge_first": True},
    "controls": {"share": 0.1},
    "doubles": {"share": 0.1},
    "rules": [
        {"id": "limit", "name": "By a parameter", "when": "score > cut_limit"},
        {"id": "risky", "name": "By a definition", "when": "risky"},
        {"id": "large", "name": "By a segment", "when": 'size = ">=5000"'},
        {"id": "odd", "name": "By a flag", "when": "quality_flag or drifted"},
        {"id": "near", "name": "By the cut-off", "when": "distance < 0.1", "skill": "credit"},
    ],
}


def contract(**changed: Any) -> ModelContract:
    """A reviewed model's contract, some parts of it changed."""
    features = [
        {**each, "minimum": 0.0, "maximum": 9.0} if each["name"] == NUMBER else each
        for each in DOCUMENT["features"]
    ]
    given: dict[str, Any] = {
        "features": features,
        "segments": [{"name": "size", "from": NUMBER, "edges": [1000, 5000]}],
        "parameters": {"cut_limit": {"value": 0.1, "label": "Limit"}, "other": {"value": 1}},
        "definitions": {"risky": "score > 0.5", "unused": "score > 0.1"},
        "policy": [POLICY],
        "versions": [{"id": "1", "oversight_level": "in_command", "policy": "p1"}],
        "review": REVIEW,
    }
    return a_contract(**(given | changed))


def paths(**changed: Any) -> list[str]:
    return [change.path for change in loosened(contract(), contract(**changed))]


def review(**changed: Any) -> dict[str, Any]:
    return {"review": {**REVIEW, **changed}}


def feature(**limits: float) -> dict[str, Any]:
    return {
        "features": [
            {**each, "minimum": 0.0, "maximum": 9.0, **limits} if each["name"] == NUMBER else each
            for each in DOCUMENT["features"]
        ]
    }


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, []),
        (
            {"parameters": {"cut_limit": {"value": 0.99}, "other": {"value": 1}}},
            ["parameters.cut_limit.value"],
        ),
        ({"parameters": {"cut_limit": {"value": 0.1}, "other": {"value": 2}}}, []),
        (
            {"definitions": {"risky": "score > 5", "unused": "score > 0.1"}},
            ["definitions.risky"],
        ),
        ({"definitions": {"risky": "score > 0.5", "unused": "score > 9"}}, []),
        (
            {"segments": [{"name": "size", "from": NUMBER, "edges": [2000, 5000]}]},
            ["segments[size].edges[0]"],
        ),
        (feature(maximum=99.0), [f"features[{NUMBER}].maximum"]),
        (
            {"thresholds": {"psi": {"act": 0.9}}},
            ["thresholds.psi.act"],
        ),
        (
            {
                "policy": [
                    {"version": "p1", "from": "2025-01-01", "rule": "score >= 0.9 -> decline"}
                ]
            },
            ["policy[p1].rule"],
        ),
    ],
)
def test_a_rule_that_is_written_as_before_but_means_something_else(
    changed: dict[str, Any], expected: list[str]
) -> None:
    assert paths(**changed) == expected


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (review(controls={"share": 0.0}), ["review.controls.share"]),
        (review(controls={"share": 0.2}), []),
        (review(doubles={"share": 0.05}), ["review.doubles.share"]),
        (
            review(score={"hidden_share": 0.0, "judge_first": False}),
            ["review.score.hidden_share", "review.score.judge_first"],
        ),
        (
            review(sla_days={"normal": 365, "high": 3}),
            ["review.sla_days.high", "review.sla_days.normal"],
        ),
        (review(sla_days={"normal": 4, "high": 1}), []),
        (review(decisions=["approve", "decline"]), ["review.decisions[refer]"]),
        (
            review(rules=[*REVIEW["rules"][:4], {**REVIEW["rules"][4], "skill": "nobody_has"}]),
            ["review.rules[near].skill"],
        ),
        (
            review(rules=[*REVIEW["rules"][:4], {**REVIEW["rules"][4], "skill": None}]),
            [],
        ),
    ],
)
def test_what_tests_reviewers_less_or_lets_cases_wait(
    changed: dict[str, Any], expected: list[str]
) -> None:
    assert paths(**changed) == expected


@pytest.mark.parametrize("field", ["score", "amount", "version", "prediction_id"])
def test_what_the_log_says_is_read_from_the_same_column(field: str) -> None:
    logged = {**DOCUMENT["log"], "amount": "money", "version": "release"}
    columns = [*DOCUMENT["columns"], {"name": "money", "type": "numeric"}]
    before = contract(log=logged, columns=columns)
    after = contract(log={**logged, field: "elsewhere"}, columns=columns)

    assert [each.path for each in loosened(before, after)] == [f"log.{field}"]


def test_without_review_and_oversight_another_column_is_one_persons() -> None:
    before, after = (
        a_contract(log={**DOCUMENT["log"], "score": column}) for column in ("score", "elsewhere")
    )
    assert loosened(before, after) == ()
