"""What a contract says for the model card."""

from datetime import date
from typing import Any

import pytest

from core.contract import contract_from_text
from core.contract.card import Card
from core.errors import ContractError
from tests.support.builders import contract_text

WORDS = {
    "en": "Decides nothing alone.",
    "zh-HK": "不會單獨作出決定。",
    "zh-CN": "不会单独作出决定。",
}
CHECKED = {"validated_on": "2026-01-05", "validator": "Model risk", "scope": WORDS}


def card(**parts: Any) -> Card | None:
    return contract_from_text(contract_text(card=parts)).card


def test_a_contract_needs_no_card() -> None:
    assert contract_from_text(contract_text()).card is None


def test_it_is_read_in_three_languages() -> None:
    found = card(
        intended_users=[WORDS],
        prohibited_uses=[WORDS],
        limits=[WORDS],
        fall_back=WORDS,
        components=[{"name": "scikit-learn", "supplier": "the project", "version": "1.9.1"}],
        validation={**CHECKED, "next_due": "2027-01-05", "why_then": WORDS},
    )
    assert found is not None
    assert found.limits[0].get("zh-HK") == "不會單獨作出決定。"
    assert found.limits[0].get("zh-CN") == "不会单独作出决定。"
    assert found.components[0].version == "1.9.1"
    assert found.validation is not None
    assert found.validation.next_due == date(2027, 1, 5)


@pytest.mark.parametrize(
    "parts",
    [
        {"limits": ["Only English."]},
        {"fall_back": {"en": "By hand.", "zh-HK": "人手處理。"}},
        {"prohibited_uses": [{"en": "None.", "zh-CN": "无。"}]},
        {"validation": {**CHECKED, "scope": "All of it"}},
    ],
)
def test_a_text_that_lacks_a_language_is_refused(parts: dict[str, Any]) -> None:
    with pytest.raises(ContractError, match="three languages"):
        card(**parts)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"next_due": "2026-01-05", "why_then": WORDS}, "no later than"),
        ({"next_due": "2027-01-05"}, "go together"),
        ({"why_then": WORDS}, "go together"),
        ({"validator": ""}, "validator"),
    ],
)
def test_a_validation_says_who_when_and_why_again(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(ContractError, match=said):
        card(validation={**CHECKED, **changed})


def test_a_misspelt_part_is_refused() -> None:
    with pytest.raises(ContractError, match="fallback"):
        card(fallback=WORDS)
