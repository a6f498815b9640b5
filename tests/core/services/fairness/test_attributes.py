"""By which columns people are compared, how groups are called, and what is favourable."""

import pytest

from core.contract import ModelContract
from core.services.fairness.attributes import (
    HONG_KONG,
    attribute_of,
    compared_columns,
    event_is_favourable,
    favourable_rule,
    kind_of,
    minimum_rows,
)
from core.services.personal.names import MASK
from tests.support.builders import a_contract, contract_document

LOG = contract_document()["log"]
NO_DECISION = {name: column for name, column in LOG.items() if name != "decision"}


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("sex", "sex"),
        ("Gender", "sex"),
        ("marital status", "marital_status"),
        ("Marital-Status", "marital_status"),
        ("pregnant", "pregnancy"),
        ("殘疾", "disability"),
        ("家庭崗位", "family_status"),
        ("ethnicity", "race"),
        ("age", None),
        ("sexual_health_score", None),
    ],
)
def test_attributes_are_known_by_the_names_of_columns(column: str, kind: str | None) -> None:
    assert kind_of(column) == kind


def test_hong_kongs_attributes_come_first_whatever_the_contract_says() -> None:
    contract = a_contract(
        protected=["age_group", "race", "sex"],
        columns=[
            {"name": "origin", "type": "text", "personal": True, "purpose": "Fairness only"},
            {"name": "branch", "type": "text", "personal": True, "purpose": "Routing"},
            {"name": "pregnant", "type": "boolean"},
        ],
        features=[
            {"name": "loan amount", "type": "numeric"},
            {"name": "marital status", "type": "categorical"},
            {"name": "industry", "type": "categorical"},
        ],
    )
    found = compared_columns(contract)
    assert found == ("sex", "marital status", "pregnant", "race", "age_group", "origin")
    assert list(HONG_KONG) == [
        "sex", "marital_status", "pregnancy", "disability", "family_status", "race",
    ]  # fmt: skip


def test_a_column_that_only_the_contracts_fairness_names_is_compared() -> None:
    fairness = {"attributes": [{"column": "industry"}]}
    assert compared_columns(a_contract(protected=None, fairness=fairness)) == ("industry",)
    assert compared_columns(a_contract(protected=None)) == ()


def test_values_of_a_protected_column_are_numbered_unless_the_contract_names_them() -> None:
    named = {"column": "sex", "groups": [{"values": ["m", "M"], "label": {"en": "Men"}}]}
    contract = a_contract(fairness={"attributes": [named]})
    found = attribute_of(contract, "sex", ["f", "M", "x", "m"])
    assert [group.key for group in found.groups] == ["m", f"{MASK} 1", f"{MASK} 3"]
    assert [group.label.en if group.label else None for group in found.groups] == [
        "Men", None, None,
    ]  # fmt: skip
    assert found.place_of_code == (1, 0, 2, 0)
    assert found.counted.values == ("f", "M", "x", "m")
    assert (found.kind, found.is_input, found.needs_ranges) == ("sex", False, False)


def test_values_of_an_open_column_are_shown() -> None:
    found = attribute_of(a_contract(), "industry", ["retail", "food"])
    assert [group.key for group in found.groups] == ["retail", "food"]
    assert found.is_input


def test_numbers_are_compared_by_the_ranges_of_a_segment() -> None:
    segments = [{"name": "size", "from": "loan amount", "edges": [50, 150]}]
    found = attribute_of(a_contract(segments=segments), "loan amount", ())
    assert [group.key for group in found.groups] == ["<50", "50–150", "≥150"]
    assert found.counted.edges == (50.0, 150.0)
    assert not found.needs_ranges
    without = attribute_of(a_contract(), "loan amount", ("1", "2"))
    assert without.needs_ranges
    assert without.groups == ()


def test_labels_come_from_the_contract() -> None:
    segments = [{"name": "industry", "from": "industry", "label": {"en": "Trade"}}]
    by_segment = attribute_of(a_contract(segments=segments), "industry", ())
    assert by_segment.label is not None
    assert by_segment.label.en == "Trade"
    fairness = {"attributes": [{"column": "industry", "label": "Line of business"}]}
    own = attribute_of(a_contract(segments=segments, fairness=fairness), "industry", ())
    assert own.label is not None
    assert own.label.en == "Line of business"
    assert attribute_of(a_contract(), "sex", ()).label is None


def rule(contract: ModelContract, *, has_decisions: bool = False) -> tuple[str, object, bool]:
    found = favourable_rule(contract, has_decisions=has_decisions)
    return found.source, found.words, found.hoped_for


def test_favourable_is_what_the_contract_says() -> None:
    contract = a_contract(fairness={"favourable": ["Approve ", "refer"]})
    assert rule(contract) == ("decision", ("approve", "refer"), True)
    of_predictions = a_contract(
        log={**NO_DECISION, "prediction": "said"}, fairness={"favourable": "1"}
    )
    assert rule(of_predictions) == ("prediction", ("1",), True)
    assert rule(of_predictions, has_decisions=True) == ("decisions", ("1",), True)


@pytest.mark.parametrize(
    ("text", "words", "hoped_for"),
    [
        ("score >= 0.4 -> decline", ("decline",), False),
        ("score < 0.4 -> approve", ("approve",), True),
    ],
)
def test_without_it_the_policy_says_so(text: str, words: tuple[str, ...], hoped_for: bool) -> None:
    contract = a_contract(policy=[{"version": "p1", "from": "2025-01-01", "rule": text}])
    assert rule(contract) == ("decision", words, hoped_for)


def test_else_usual_words_or_the_flag_say_so() -> None:
    source, words, hoped_for = rule(a_contract())
    assert (source, hoped_for) == ("decision", True)
    assert isinstance(words, tuple)
    assert {"approve", "批核", "批准"} <= set(words)
    assert rule(a_contract(log=NO_DECISION)) == ("flag", (), False)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, False),
        ({"fairness": {"favourable": "1"}}, False),  # of a decision
        ({"fairness": {"favourable_outcome": "positive"}}, True),
        ({"log": {**NO_DECISION, "prediction": "said"}, "fairness": {"favourable": "1"}}, True),
        ({"log": {**NO_DECISION, "prediction": "said"}, "fairness": {"favourable": "0"}}, False),
        ({"outcome": None}, False),
        (
            {
                "log": {**NO_DECISION, "prediction": "said"},
                "fairness": {"favourable": "1", "favourable_outcome": "negative"},
            },
            False,
        ),
    ],
)
def test_the_event_is_one_to_dread_unless_it_is_said(
    changes: dict[str, object], expected: bool
) -> None:
    assert event_is_favourable(a_contract(**changes)) is expected


def test_the_fewest_rows_are_thirty_or_what_the_contract_says() -> None:
    assert minimum_rows(a_contract()) == 30
    assert minimum_rows(a_contract(fairness={})) == 30
    assert minimum_rows(a_contract(fairness={"minimum_n": 50})) == 50
