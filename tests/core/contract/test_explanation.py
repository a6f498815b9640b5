"""What a contract says of explanations, and of what its categories are called."""

import pytest

from core.contract import contract_from_text
from core.errors import ContractError
from core.services.registry.loosened import loosened
from tests.support.builders import contract_document, contract_text


def text(**explanation: object) -> str:
    return contract_text(explanation=explanation)


def with_feature(**changes: object) -> str:
    industry = {"name": "industry", "type": "categorical", **changes}
    return contract_text(features=[{"name": "loan amount", "type": "numeric"}, industry])


def test_without_it_there_are_defaults() -> None:
    found = contract_from_text(contract_text()).explanation
    assert (found.background, found.seed, found.redraws) == (200, 0, 20)
    assert (found.adverse, found.proxies) == ((), ())


def test_one_adverse_decision_may_be_written_alone() -> None:
    assert contract_from_text(text(adverse="decline")).explanation.adverse == ("decline",)


@pytest.mark.parametrize(
    ("field", "value"), [("background", 19), ("background", 2001), ("seed", -1), ("redraws", 101)]
)
def test_numbers_have_limits(field: str, value: int) -> None:
    with pytest.raises(ContractError, match=f"explanation.{field}"):
        contract_from_text(text(**{field: value}))


def test_a_proxy_is_a_feature() -> None:
    assert contract_from_text(text(proxies=["industry"])).explanation.proxies == ("industry",)
    with pytest.raises(ContractError, match="'sex' is not a feature"):
        contract_from_text(text(proxies=["sex"]))


def test_nobody_is_advised_to_change_a_proxy() -> None:
    industry = {"name": "industry", "type": "categorical", "actionable": True}
    features = [{"name": "loan amount", "type": "numeric"}, industry]
    with pytest.raises(ContractError, match="stands in for a protected column"):
        contract_from_text(contract_text(features=features, explanation={"proxies": ["industry"]}))


def test_categories_have_names_in_each_language() -> None:
    labels = {"A1": {"en": "Farming", "zh-HK": "農業"}}
    feature = contract_from_text(with_feature(value_labels=labels)).feature("industry")
    assert feature.value_in("A1", "zh-HK") == "農業"
    assert feature.value_in("A1", "zh-CN") == "Farming"
    assert feature.value_in("B2", "zh-HK") == "B2"


def test_numbers_have_no_named_values() -> None:
    features = [
        {"name": "loan amount", "type": "numeric", "value_labels": {"1": "one"}},
        {"name": "industry", "type": "categorical"},
    ]
    with pytest.raises(ContractError, match="only a categorical feature has 'value_labels'"):
        contract_from_text(contract_text(features=features))


@pytest.mark.parametrize(
    "changed", [{"seed": 1}, {"background": 500}, {"proxies": ["industry"]}, {"adverse": ["refer"]}]
)
def test_every_change_of_it_takes_two_people(changed: dict[str, object]) -> None:
    before, after = contract_from_text(contract_text()), contract_from_text(text(**changed))
    (field,) = changed
    for old, new in ((before, after), (after, before)):
        assert {each.path.split("[")[0] for each in loosened(old, new)} == {f"explanation.{field}"}
    assert loosened(before, contract_from_text(text())) == ()


def test_the_document_of_the_tests_has_no_such_part() -> None:
    assert "explanation" not in contract_document()
