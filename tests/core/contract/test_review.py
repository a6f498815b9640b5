"""The part ``review`` of a contract: what rules may name, and how mistakes in them are told."""

from typing import Any

import pytest

from core.contract import ModelContract, contract_from_text
from core.contract.review_rules import never_reviewed, review_names, rule_condition
from core.errors import ContractError
from tests.support.builders import a_contract, contract_text

RULE = {"id": "near", "name": "Near the cut-off", "when": "distance <= 0.01"}


def ruled(*rules: dict[str, Any], **review: Any) -> ModelContract:
    return a_contract(review={"rules": list(rules), **review})


def faults(**review: Any) -> str:
    with pytest.raises(ContractError) as caught:
        contract_from_text(contract_text(review=review))
    return str(caught.value)


def test_what_is_not_said_has_its_default() -> None:
    review = ruled(RULE).review
    assert review is not None
    assert (review.sla_days.normal, review.sla_days.high, review.lease_minutes) == (5, 2, 15)
    assert (review.check.tiers, review.check.overturn, review.check.share) == (
        ("high",),
        True,
        0.05,
    )
    assert (review.score.hidden_share, review.controls.share, review.start) == (0.0, 0.0, None)
    (rule,) = review.rules
    assert (rule.tier, rule.priority, rule.share, rule.per) == ("normal", 50, 1.0, None)
    assert review.rule("near") is rule
    assert review.rule("far") is None
    assert a_contract().review is None


def test_a_rule_without_a_condition_is_about_every_row() -> None:
    contract = ruled({"id": "some", "name": "Some", "share": 0.02}, RULE | {"when": True})
    assert contract.review is not None
    assert [rule.when for rule in contract.review.rules] == ["true", "true"]
    assert rule_condition(contract, contract.review.rules[0]).columns == frozenset()


def test_names_are_those_known_when_a_row_is_routed() -> None:
    names = review_names(a_contract())
    assert {"score", "amount", "loan amount", "industry", "term", "cut_off", "drifted"} <= set(
        names
    )
    later = {"label", "charged_off", "loss", "outcome.loss", "final_decision", "reviewed", "sex"}
    assert not later & set(names)
    assert names["unseen"] == "number"
    assert names["quality_flag"] == "boolean"


def test_a_regression_has_no_confidence_and_no_score_no_cut_off() -> None:
    log = {"prediction_id": "loan_id", "time": "approved_at", "prediction": "estimate"}
    outcome = {
        "columns": [{"name": "cost", "type": "label"}],
        "time": "t",
        "matures_after": "1 day",
    }
    names = review_names(a_contract(task="regression", log=log, outcome=outcome))
    assert not {"confidence", "cut_off", "distance"} & set(names)
    assert "missing_features" in names


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ("amont > 3", "Did you mean amount"),
        ("label = 1", "not known yet when a prediction is routed"),
        ('final_decision = "approve"', "not known yet when a prediction is routed"),
        ('sex = "f"', "is protected"),
        ("amount + 1", "review.rules[0].when"),
        ("sum(amount) > 1", "review.rules[0].when"),
    ],
)
def test_a_condition_that_does_not_fit_is_told_with_its_field(when: str, told: str) -> None:
    text = faults(rules=[RULE | {"when": when}])
    assert told in text
    assert "review.rules[0].when" in text


@pytest.mark.parametrize(
    ("review", "told"),
    [
        ({"rules": [RULE, RULE]}, "near is declared twice"),
        ({"decisions": ["approve"]}, "at least two"),
        ({"decisions": ["approve", "approve"]}, "at least two"),
        ({"rules": [RULE | {"per": {"column": "industry", "at_least": 3}}]}, "is not protected"),
        ({"rules": [RULE | {"share": 1.2}]}, "review.rules[0].share"),
        ({"rules": [RULE | {"id": "Near!"}]}, "review.rules[0].id"),
        ({"share": 0.1}, "No such field"),
        ({"controls": {"share": 0.9}}, "review.controls.share"),
    ],
)
def test_what_cannot_be_is_refused(review: dict[str, Any], told: str) -> None:
    assert told in faults(**review)


def test_a_sample_of_groups_is_of_a_protected_column() -> None:
    contract = ruled(RULE | {"per": {"column": "sex", "at_least": 20}})
    assert contract.review is not None
    assert contract.review.rules[0].per is not None


@pytest.mark.parametrize(
    ("rules", "versions"),
    [
        ([], ("2",)),
        ([RULE], ("2",)),
        ([{**RULE, "when": "true", "share": 0.5}], ("2",)),
        ([{**RULE, "when": "true"}], ()),
        ([RULE, {**RULE, "id": "loop", "when": 'oversight_level = "in_the_loop"'}], ()),
    ],
)
def test_versions_in_the_loop_without_a_rule_for_each_prediction_are_named(
    rules: list[dict[str, Any]], versions: tuple[str, ...]
) -> None:
    levels = [{"id": "1", "oversight_level": "in_command"},
              {"id": "2", "oversight_level": "in_the_loop"}]  # fmt: skip
    assert never_reviewed(a_contract(versions=levels, review={"rules": rules})) == versions


def test_without_the_part_review_nothing_in_the_loop_becomes_a_case() -> None:
    found = a_contract(versions=[{"id": "2", "oversight_level": "in_the_loop"}])
    assert never_reviewed(found) == ("2",)
    assert never_reviewed(a_contract()) == ()
