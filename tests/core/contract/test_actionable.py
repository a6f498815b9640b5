"""What a contract may say of the changes that a person is told of, and what it may not."""

from typing import Any

import pytest

from core.contract import Actionable
from core.errors import ContractError
from tests.core.contract.examples import contract

AMOUNT: dict[str, Any] = {"name": "amount", "type": "numeric", "minimum": 0, "maximum": 900}
RATIO: dict[str, Any] = {"name": "ratio", "type": "numeric"}
KIND: dict[str, Any] = {"name": "kind", "type": "categorical"}


def of_amount(**fields: Any) -> list[dict[str, Any]]:
    return [{**AMOUNT, "actionable": fields}, RATIO, KIND]


def of_kind(**fields: Any) -> list[dict[str, Any]]:
    return [AMOUNT, RATIO, {**KIND, "actionable": fields}]


@pytest.mark.parametrize(
    ("written", "expected"),
    [(True, Actionable()), (False, None), (None, None), ({}, Actionable())],
)
def test_true_is_either_direction_and_false_is_none(
    written: Any, expected: Actionable | None
) -> None:
    model = contract(features=[{**AMOUNT, "actionable": written}])
    assert model.features[0].actionable == expected


def test_what_is_not_written_is_not_actionable() -> None:
    assert contract().feature("loan amount").actionable is None


def test_everything_that_may_be_said_of_a_number() -> None:
    advice = {"en": "Borrow less.", "zh-HK": "借少一點。"}
    model = contract(
        features=of_amount(
            direction="decrease",
            minimum=5,
            maximum=800,
            step=0.5,
            in_proportion=["ratio"],
            advice=advice,
        )
    )
    found = model.features[0].actionable
    assert found is not None
    assert (found.direction, found.minimum, found.maximum, found.step) == ("decrease", 5, 800, 0.5)
    assert found.in_proportion == ("ratio",)
    assert found.advice is not None
    assert found.advice.get("zh-HK") == "借少一點。"


def test_categories_have_values_in_an_order() -> None:
    model = contract(features=of_kind(direction="increase", values=[1, 0]))
    found = model.feature("kind").actionable
    assert found is not None
    assert found.values == ("1", "0")


# The features, the field that the error must name, and the words of its remedy.
FAULTS: dict[str, tuple[list[dict[str, Any]], str, str]] = {
    "limits": (of_amount(minimum=9, maximum=3), "features[0].actionable", "exchange them"),
    "no step": (of_amount(step=0), "features[0].actionable", "smallest change"),
    "step back": (of_amount(step=-1), "features[0].actionable", "smallest change"),
    "one value": (of_kind(values=["a"]), "features[2].actionable", "at least two"),
    "value twice": (of_kind(values=["a", "a", "b"]), "features[2].actionable", "at least two"),
    "direction": (
        of_amount(direction="down"),
        "features[0].actionable.direction",
        "Choose one of 'either', 'increase' or 'decrease'",
    ),
    "unknown": (of_amount(max=3), "features[0].actionable.max", "mend its name"),
    "number with values": (of_amount(values=["a", "b"]), "features[0]", "write 'minimum'"),
    "category with step": (of_kind(step=1), "features[2]", "write 'values'"),
    "category with limits": (of_kind(maximum=1), "features[2]", "write 'values'"),
    "category in proportion": (of_kind(in_proportion=["ratio"]), "features[2]", "take it out"),
    "no order": (of_kind(direction="increase"), "features[2]", "list them in 'values'"),
    "below the feature": (of_amount(minimum=-1), "features[0]", "keep it within them"),
    "above the feature": (of_amount(maximum=901), "features[0]", "keep it within them"),
    "moves nothing known": (
        of_amount(in_proportion=["share"]),
        "features[0].actionable.in_proportion",
        "not 'actionable' itself",
    ),
    "moves a category": (
        of_amount(in_proportion=["kind"]),
        "features[0].actionable.in_proportion",
        "not 'actionable' itself",
    ),
    "moves what moves itself": (
        of_amount(in_proportion=["amount"]),
        "features[0].actionable.in_proportion",
        "not 'actionable' itself",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_change_that_cannot_be_made_is_refused_with_its_field(name: str) -> None:
    features, field, remedy = FAULTS[name]
    with pytest.raises(ContractError) as caught:
        contract(features=features)
    assert caught.value.params["fields"] == (field,)
    assert remedy in str(caught.value)


def test_the_limits_of_the_feature_themselves_are_within_them() -> None:
    model = contract(features=of_amount(minimum=0, maximum=900))
    assert model.features[0].actionable == Actionable(minimum=0, maximum=900)


def test_nobody_is_told_to_change_what_people_are_compared_by() -> None:
    compared = {"attributes": [{"column": "kind"}]}
    assert contract(features=of_amount(), fairness=compared).fairness is not None
    with pytest.raises(ContractError) as caught:
        contract(features=of_kind(values=["a", "b"]), fairness=compared)
    assert caught.value.params["fields"] == ("features[2].actionable",)
    assert "take out 'actionable'" in str(caught.value)
