"""What a contract says on fairness, and what it may not say."""

from typing import Any

import pytest

from core.errors import ContractError
from tests.support.builders import a_contract


def attributes(*groups: dict[str, Any], column: str = "sex") -> dict[str, Any]:
    return {"attributes": [{"column": column, "groups": list(groups)}]}


def test_a_word_may_stand_without_a_list() -> None:
    group = {"values": "f", "label": "Women"}
    contract = a_contract(fairness={"favourable": "approve", **attributes(group)})
    assert contract.fairness is not None
    assert contract.fairness.favourable == ("approve",)
    assert contract.fairness.minimum_n == 30
    named = contract.fairness.attribute("sex")
    assert named is not None
    women = named.label_of("f")
    assert women is not None
    assert women.label.get("zh-HK") == "Women"
    assert named.label_of("m") is None
    assert contract.fairness.attribute("race") is None


def test_numbers_are_read_as_words() -> None:
    contract = a_contract(fairness={"favourable": 1, **attributes({"values": [1], "label": "x"})})
    assert contract.fairness is not None
    assert contract.fairness.favourable == ("1",)
    assert contract.fairness.attributes[0].groups[0].values == ("1",)


@pytest.mark.parametrize(
    ("fairness", "field"),
    [
        (attributes(column="religion"), "fairness.attributes"),
        ({"attributes": [{"column": "sex"}, {"column": "sex"}]}, "fairness.attributes"),
        (
            attributes({"values": ["f"], "label": "a"}, {"values": ["f"], "label": "b"}),
            "fairness.attributes[0]",
        ),
        (attributes({"values": [], "label": "a"}), "fairness.attributes[0].groups[0].values"),
        ({"minimum_n": 9}, "fairness.minimum_n"),
        ({"favourable_outcome": "good"}, "fairness.favourable_outcome"),
        ({"favorable": "approve"}, "fairness.favorable"),
    ],
)
def test_faults_are_told_by_field(fairness: dict[str, Any], field: str) -> None:
    with pytest.raises(ContractError) as caught:
        a_contract(fairness=fairness)
    assert caught.value.params["fields"] == (field,)
