"""What a person may be told to change takes two people, wider or narrower."""

from typing import Any

import pytest

from core.contract import ModelContract
from core.services.registry.loosened import loosened
from tests.support.builders import a_contract

AMOUNT, INDUSTRY = "loan amount", "industry"
ADVISED = {"direction": "decrease", "minimum": 5, "step": 1}


def contract(advised: object, *, minimum: float = 0, label: str = "Amount") -> ModelContract:
    amount: dict[str, Any] = {"name": AMOUNT, "type": "numeric", "minimum": minimum, "label": label}
    if advised is not None:
        amount["actionable"] = advised
    return a_contract(features=[amount, {"name": INDUSTRY, "type": "categorical"}])


def paths(before: ModelContract, after: ModelContract) -> list[str]:
    prefix = f"features[{AMOUNT}]."
    return [change.path.removeprefix(prefix) for change in loosened(before, after)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (ADVISED, ADVISED, []),
        (True, {"direction": "either"}, []),
        (None, False, []),
        (False, True, ["actionable.direction"]),
        (True, False, ["actionable.direction"]),
        (ADVISED, {**ADVISED, "direction": "either"}, ["actionable.direction"]),
        (ADVISED, {**ADVISED, "minimum": 4}, ["actionable.minimum"]),
        (ADVISED, {**ADVISED, "minimum": 6}, ["actionable.minimum"]),
        (ADVISED, {**ADVISED, "step": 2}, ["actionable.step"]),
        (ADVISED, {**ADVISED, "advice": "Borrow less."}, ["actionable.advice.en"]),
    ],
)
def test_every_change_of_what_is_advised_is_named(
    before: object, after: object, expected: list[str]
) -> None:
    found = paths(contract(before), contract(after))
    assert [path for path in found if not path.startswith("actionable.advice.zh")] == expected


def test_the_limits_of_a_feature_count_where_it_is_advised() -> None:
    assert paths(contract(True), contract(True, minimum=3)) == ["minimum"]
    assert paths(contract(None), contract(None, minimum=3)) == []


def test_the_label_of_an_advised_feature_is_one_persons() -> None:
    assert paths(contract(True), contract(True, label="Sum")) == []
