"""Where data rest and what customers were told: read from a contract, rewritten by two people."""

from datetime import date
from typing import Any

import pytest

from core.contract import contract_from_text
from core.contract.origins import in_force
from core.errors import ContractError
from core.services.registry.loosened import loosened
from tests.support.builders import a_contract, contract_text

TEXT = {
    "en": "A model helps us decide.",
    "zh-HK": "模型協助我們決定。",
    "zh-CN": "模型协助我们决定。",
}
FIRST = {"id": "d1", "from": "2025-01-01", "channel": "Form", "text": TEXT}
SECOND = {"id": "d2", "from": "2026-01-01", "channel": "App", "text": TEXT}
BOOK = {"id": "book", "held_in": "HK", "region": "Kowloon", "classification": "personal"}


def features(asset: str | None = "book") -> list[dict[str, Any]]:
    amount: dict[str, Any] = {"name": "loan amount", "type": "numeric"}
    if asset is not None:
        amount["asset"] = asset
    return [amount, {"name": "industry", "type": "categorical"}]


def paths(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return [each.path for each in loosened(a_contract(**before), a_contract(**after))]


def test_the_newest_text_up_to_a_day_was_in_force() -> None:
    told = a_contract(disclosure=[SECOND, FIRST]).disclosure
    days = (date(2024, 12, 31), date(2025, 1, 1), date(2025, 12, 31), date(2026, 1, 1))
    found = [in_force(told, day) for day in days]
    assert [each and each.id for each in found] == [None, "d1", "d1", "d2"]


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"disclosure": [{**FIRST, "text": "A model helps."}]}, "letters quote it"),
        ({"disclosure": [{**FIRST, "text": {**TEXT, "zh-HK": "字" * 301}}]}, "300 characters"),
        ({"disclosure": [FIRST, {**SECOND, "id": "d1"}]}, "d1 is declared twice"),
        ({"disclosure": [FIRST, {**FIRST, "id": "d2"}]}, "2025-01-01 is declared twice"),
        ({"assets": [BOOK, BOOK]}, "book is declared twice"),
        ({"assets": [{**BOOK, "held_in": "Hong Kong"}]}, "held_in"),
        ({"features": features("cellar")}, "'cellar' is not in 'assets'"),
    ],
)
def test_what_contradicts_itself_is_refused(changes: dict[str, Any], match: str) -> None:
    with pytest.raises(ContractError, match=match):
        contract_from_text(contract_text(**changes))


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ([FIRST, SECOND], []),
        ([FIRST, SECOND, {**FIRST, "id": "d3", "from": "2026-07-01"}], []),
        ([FIRST, SECOND, {**FIRST, "id": "d0", "from": "2024-01-01"}], ["disclosure[d0]"]),
        ([SECOND], ["disclosure[d1]"]),
        ([FIRST, {**SECOND, "from": "2025-06-01"}], ["disclosure[d2]"]),
        ([FIRST, {**SECOND, "text": {**TEXT, "zh-CN": "模型决定。"}}], ["disclosure[d2]"]),
    ],
)
def test_what_people_were_told_is_rewritten_by_two(
    after: list[dict[str, Any]], expected: list[str]
) -> None:
    found = paths({"disclosure": [FIRST, SECOND]}, {"disclosure": after})
    assert sorted({path.split(".")[0] for path in found}) == expected


def test_the_first_text_may_be_stated_by_one() -> None:
    assert paths({}, {"disclosure": [FIRST]}) == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"owner": "Somebody else", "label": "Ledger"}, []),
        ({"classification": "sensitive"}, []),
        ({"classification": "internal"}, ["assets[book].classification"]),
        ({"classification": None}, ["assets[book].classification"]),
        ({"held_in": "CN"}, ["assets[book].held_in"]),
        ({"region": None}, ["assets[book].region"]),
        ({"simulated": True}, []),
    ],
)
def test_data_are_moved_or_guarded_less_by_two(
    changed: dict[str, Any], expected: list[str]
) -> None:
    after = {name: value for name, value in {**BOOK, **changed}.items() if value is not None}
    assert paths({"assets": [BOOK]}, {"assets": [after]}) == expected


def test_made_up_tags_become_true_by_two() -> None:
    before = {"assets": [{**BOOK, "simulated": True}]}
    assert paths(before, {"assets": [BOOK]}) == ["assets[book].simulated"]


def test_a_feature_is_read_from_elsewhere_by_two() -> None:
    before, other = {"assets": [BOOK], "features": features()}, {"id": "other"}
    for asset in ("other", None):
        after = {"assets": [BOOK, other], "features": features(asset)}
        assert paths(before, after) == ["features[loan amount].asset"]
    assert paths({"assets": [BOOK], "features": features(None)}, before) == []
