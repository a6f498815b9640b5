from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.contract.examples import contract


def test_defaults_are_those_of_hong_kong() -> None:
    small = contract()
    assert (small.timezone, small.currency, small.zone) == (
        "Asia/Hong_Kong",
        "HKD",
        ZoneInfo("Asia/Hong_Kong"),
    )


def test_names_of_the_file_never_reach_the_lake() -> None:
    small = contract(protected=["性別", "State"], segments=["State", "amount"])
    assert small.stored_columns == {
        "loan amount": "c_loan_amount",
        "industry": "c_industry",
        "State": "c_state",
        "birth": "c_birth",
        "性別": "c_column",
    }


def test_names_that_differ_in_signs_only_get_columns_of_their_own() -> None:
    columns = [{"name": name, "type": "text"} for name in ("a b", "a-b", "A_B")]
    aliases = contract(columns=columns).stored_columns
    assert [aliases[name] for name in ("a b", "a-b", "A_B")] == ["c_a_b", "c_a_b_2", "c_a_b_3"]


def test_an_alias_is_known_for_source_and_for_canonical_columns() -> None:
    small = contract()
    assert small.alias("State") == "c_state"
    assert small.alias("amount") == "amount"
    with pytest.raises(KeyError):
        small.alias("jurisdiction")


@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=12, unique=True))
def test_aliases_are_unique_plain_identifiers(names: list[str]) -> None:
    features = contract().features
    model = contract().model_copy(
        update={"features": tuple(features[0].model_copy(update={"name": n}) for n in names)}
    )
    aliases = list(model.stored_columns.values())
    assert len(set(aliases)) == len(aliases)
    assert all(alias.isascii() and alias.isidentifier() for alias in aliases)
    assert all(alias == alias.lower() and alias.startswith("c_") for alias in aliases)


def test_features_and_segments_are_found_by_name() -> None:
    small = contract(segments=[{"name": "size", "from": "loan amount", "edges": [1, 2]}])
    assert small.feature("industry").type == "categorical"
    assert small.segment("size").edges == (1.0, 2.0)
    for find in (small.feature, small.segment):
        with pytest.raises(KeyError, match="nothing"):
            find("nothing")


def test_personal_columns_are_features_and_columns() -> None:
    assert contract().personal_columns == {"birth", "industry"}


def test_a_version_may_name_a_policy_that_is_declared() -> None:
    policy = [{"version": "p1", "from": "2006-01-01", "rule": "score >= 0.05 -> decline"}]
    model = contract(policy=policy, versions=[{"id": 1, "policy": "p1"}, {"id": 2}])
    assert [version.id for version in model.versions] == ["1", "2"]
