"""What of a model card takes two people."""

from typing import Any

import pytest

from core.contract import ModelContract
from core.services.registry.loosened import loosened
from tests.support.builders import a_contract


def said(text: str) -> dict[str, str]:
    return {"en": text, "zh-HK": f"{text}。", "zh-CN": f"{text}。"}


CHECKED = {"validated_on": "2026-01-05", "validator": "Model risk", "scope": said("All of it")}


def with_card(**parts: Any) -> ModelContract:
    return a_contract(card=parts)


def paths(before: ModelContract, after: ModelContract) -> set[str]:
    return {change.path for change in loosened(before, after)}


def test_a_first_validation_takes_two() -> None:
    found = paths(a_contract(), with_card(validation=CHECKED))
    assert {"card.validation.validated_on", "card.validation.validator"} <= found


@pytest.mark.parametrize("field", ["validated_on", "validator"])
def test_so_does_another_date_and_another_validator(field: str) -> None:
    other = {"validated_on": "2026-02-05", "validator": "Somebody else"}[field]
    after = with_card(validation={**CHECKED, field: other})
    assert paths(with_card(validation=CHECKED), after) == {f"card.validation.{field}"}


def test_and_a_validation_that_is_there_no_more() -> None:
    assert "card.validation.validator" in paths(with_card(validation=CHECKED), a_contract())


@pytest.mark.parametrize("field", ["prohibited_uses", "limits"])
def test_what_is_taken_out_or_put_otherwise_takes_two(field: str) -> None:
    before = with_card(**{field: [said("One"), said("Two")]})
    assert paths(before, with_card(**{field: [said("Two")]})) == {f"card.{field}[0]"}
    assert paths(before, with_card(**{field: [said("One"), said("2")]})) == {f"card.{field}[1]"}
    other = {**said("Two"), "zh-CN": "二"}
    assert paths(before, with_card(**{field: [said("One"), other]})) == {f"card.{field}[1]"}
    assert paths(before, a_contract()) == {f"card.{field}[0]", f"card.{field}[1]"}


@pytest.mark.parametrize("field", ["prohibited_uses", "limits"])
def test_one_more_or_another_order_is_one_persons(field: str) -> None:
    before = with_card(**{field: [said("One")]})
    assert paths(before, with_card(**{field: [said("Two"), said("One")]})) == set()


def test_the_other_words_of_a_card_are_one_persons() -> None:
    after = with_card(fall_back=said("By hand"), effect=said("Loans"), intended_users=[said("Us")])
    assert paths(a_contract(), after) == set()
