"""What a name of an expression becomes in SQL is put together of our own words alone."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.contract import ModelContract, contract_from_text
from core.contract.kpi_names import kpi_names
from core.lake.kpis.columns import source_of
from tests.support.builders import contract_text

HOSTILE = ("x; DROP TABLE t --", "a'b", 'q"uote', "c)", "/*", "sum(1)", "FALSE OR 1")
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_OURS = re.compile(r"[A-Za-z0-9_.,()<>=:+\s]*")


def contract(names: tuple[str, ...], **changes: Any) -> ModelContract:
    """Return a contract whose own columns, outcomes, events and words have these names."""
    return contract_from_text(
        contract_text(
            features=[{"name": name, "type": "numeric"} for name in names],
            columns=[{"name": f"of {name}", "type": "date"} for name in names],
            segments=None,
            protected=None,
            outcome={
                "columns": [
                    {"name": "charged_off", "type": "label", "positive": 1},
                    *({"name": f"out {name}", "type": "value"} for name in names),
                ],
                "time": "observed_at",
                "matures_after": "3 months",
            },
            events=[{"name": f"on {name}", "time": name, "amount": name} for name in names],
            versions=[{"id": f"v {name}", "policy": f"p {name}"} for name in names],
            policy=[
                {"version": f"p {name}", "from": "2025-01-01", "rule": "score >= 0.4 -> decline"}
                for name in names
            ],
            **changes,
        )
    )


def held_to_be_ours(made: ModelContract, names: tuple[str, ...]) -> None:
    """Check the SQL of every name; literals are quoted, and nothing else is somebody's."""
    for name in kpi_names(made):
        for decided in (False, True):
            source = source_of(made, name, decided=decided, happened=True)
            bare = _LITERAL.sub("", source.sql)
            assert _OURS.fullmatch(bare), (name, source.sql)
            assert not any(each in bare for each in names if not each.isalnum()), name


def test_hostile_names_stay_outside() -> None:
    held_to_be_ours(contract(HOSTILE), HOSTILE)


@pytest.mark.parametrize("positive", ["it's bad", "1", 'a" OR "b'])
def test_words_of_a_label_are_quoted(positive: str) -> None:
    outcome = {
        "columns": [{"name": "charged_off", "type": "label", "positive": positive}],
        "time": "observed_at",
        "matures_after": "3 months",
    }
    log = {"prediction_id": "id", "time": "t", "prediction": "said"}
    made = contract_from_text(contract_text(outcome=outcome, log=log))
    held_to_be_ours(made, (positive,) if len(positive) > 1 else ())


@settings(max_examples=25)
@given(
    names=st.lists(
        st.text("abc;'\"()-*/ \\é貸", min_size=1, max_size=12).filter(str.strip),
        unique=True,
        min_size=1,
        max_size=3,
    )
)
def test_no_name_reaches_the_database(names: list[str]) -> None:
    held_to_be_ours(contract(tuple(names)), tuple(f" {each} " for each in names))
