"""What a name of a condition becomes in SQL is put together of our own words alone."""

import re

import pytest

from core.contract.review_rules import review_names
from core.lake.routing.names import Surroundings, routing_columns
from core.metrics.binning import BinSet, CategoricalBins, NumericBins
from tests.support.builders import a_contract

HOSTILE = ("x; DROP TABLE t --", "a'b", 'q"uote', "c)", "/*", "sum(1)", "FALSE OR 1")
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_OURS = re.compile(r"[A-Za-z0-9_.,()<>=:+\s-]*")


def test_hostile_names_and_values_stay_outside() -> None:
    bins = BinSet(
        {
            "loan amount": NumericBins(edges=(0.5, 9.0), atoms=(), deciles=()),
            HOSTILE[1]: CategoricalBins(HOSTILE[:3], HOSTILE[3:]),
        }
    )
    made = a_contract(
        features=[
            {"name": "loan amount", "type": "numeric", "minimum": 1},
            *({"name": name, "type": "categorical"} for name in HOSTILE),
        ],
        columns=[{"name": f"of {name}", "type": "date"} for name in HOSTILE],
        segments=[*HOSTILE, {"name": "a ') size", "from": "loan amount", "edges": [1, 5]}],
        versions=[{"id": f"v {name}", "policy": f"p {name}"} for name in HOSTILE],
        policy=[
            {"version": f"p {name}", "from": "2025-01-01", "rule": "score >= 0.4 -> decline"}
            for name in HOSTILE
        ],
    )
    names = review_names(made)
    assert len(names) > 30
    for name, sql in routing_columns(made, names, Surroundings(bins)).columns.items():
        bare = _LITERAL.sub("", sql)
        assert _OURS.fullmatch(bare), (name, sql)
        assert "--" not in bare, name
        assert not any(each in bare for each in HOSTILE if not each.isalnum()), name


def test_a_name_that_conditions_do_not_know_has_no_sql() -> None:
    with pytest.raises(KeyError):
        routing_columns(a_contract(), ["charged off"], Surroundings())
