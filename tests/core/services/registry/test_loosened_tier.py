"""How much hangs on a model, and what is asked of its explanations: what takes two people."""

from typing import Any

import pytest

from core.contract import ModelContract, contract_from_text
from core.errors import ContractError
from core.services.registry.loosened import loosened
from tests.support.builders import a_contract, contract_text

WHY = {"en": "It decides."}


def with_tier(tier: int | None) -> ModelContract:
    return a_contract() if tier is None else a_contract(tier=tier, tier_reason=WHY)


def with_coverage(share: float | None) -> ModelContract:
    return a_contract() if share is None else a_contract(explanation={"coverage": share})


def changed(before: ModelContract, after: ModelContract) -> list[tuple[Any, ...]]:
    return [(each.path, each.before, each.after) for each in loosened(before, after)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (1, 2, [("tier", "1", "2")]),
        (3, None, [("tier", "3", None)]),
        (2, 1, []),
        (None, 4, []),
        (2, 2, []),
    ],
)
def test_a_less_strict_tier_takes_two(
    before: int | None, after: int | None, expected: list[tuple[Any, ...]]
) -> None:
    assert changed(with_tier(before), with_tier(after)) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (0.5, 0.4, [("explanation.coverage", "0.5", "0.4")]),
        (0.5, None, [("explanation.coverage", "0.5", None)]),
        (0.4, 0.5, []),
        (None, 0.1, []),
    ],
)
def test_so_does_a_smaller_share_of_explanations(
    before: float | None, after: float | None, expected: list[tuple[Any, ...]]
) -> None:
    assert changed(with_coverage(before), with_coverage(after)) == expected


@pytest.mark.parametrize("part", [{"tier": 2}, {"tier_reason": WHY}])
def test_a_tier_and_its_reason_go_together(part: dict[str, Any]) -> None:
    with pytest.raises(ContractError, match="go together"):
        contract_from_text(contract_text(**part))


@pytest.mark.parametrize("part", [{"tier": 0}, {"tier": 5}])
def test_tiers_are_one_to_four(part: dict[str, Any]) -> None:
    with pytest.raises(ContractError, match="tier"):
        contract_from_text(contract_text(**part, tier_reason=WHY))


@pytest.mark.parametrize("share", [0.0, 1.5])
def test_a_share_lies_above_nought_and_up_to_one(share: float) -> None:
    with pytest.raises(ContractError, match="coverage"):
        contract_from_text(contract_text(explanation={"coverage": share}))
