"""``harbourlight fairness``: one document for programs, tables for people."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from core.metrics.registry import METRICS
from tests.support.harbour import Harbour
from tests.support.program import Run


def document(at: Callable[..., tuple[int, str, str]], *words: str) -> dict[str, Any]:
    code, out, err = at("fairness", "loans", *words, "--json")
    assert (code, err) == (0, "")
    found: dict[str, Any] = json.loads(out)
    return found


def test_the_document_says_what_was_compared(at_harbour: Run, harbour: Harbour) -> None:
    found = document(at_harbour, "--by", "quarter")
    assert (found["model"], found["n"], found["minimum_n"]) == ("loans", 8713, 30)
    assert found["favourable"]["source"] == "decision"
    assert "批核" in found["favourable"]["words"]
    assert found["attributes"] == [
        {
            "attribute": "sex",
            "n": 8713,
            "not_given_or_hidden": 0,
            "hidden_groups": 0,
            "moved": [],
            "reason": "",
        }
    ]
    chunks = {row["chunk"]["key"] for row in found["rows"]}
    assert chunks == {"all", "2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"}
    assert {row["metric"] for row in found["rows"]} <= set(METRICS)
    assert {row["group"] for row in found["rows"]} == {"", "••• 1", "••• 2"}
    rate = next(row for row in found["rows"] if row["metric"] == "selection_rate")
    assert rate["lower"] < rate["value"] < rate["upper"]
    assert rate["below_four_fifths"] is False


def test_window_version_and_attribute_narrow_it(at_harbour: Run) -> None:
    found = document(at_harbour, "--version", "2", "--last", "1m", "--attribute", "sex")
    assert found["window"]["start"] == "2024-11-30T16:00:00+00:00"
    assert 0 < found["n"] <= 31 * 24 + 1


def test_a_table_for_people(at_harbour: Run) -> None:
    code, out, _ = at_harbour("fairness", "loans")
    assert code == 0
    assert "••• 1" in out
    assert "in_range" in out
    assert "女" not in out


def test_a_model_without_protected_columns(at_harbour: Run) -> None:
    code, out, _ = at_harbour("fairness", "tenants")
    assert code == 0
    assert "No protected columns. Declare them" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["fairness", "nowhere"], "There is no model nowhere."),
        (["fairness", "loans", "--by", "rows:500"], "Choose day, week"),
        (["fairness", "loans", "--attribute", "colour"], "Choose from: sex."),
        (["fairness", "unused"], "No predictions of unused"),
    ],
)
def test_errors_are_plain(at_harbour: Run, words: list[str], said: str) -> None:
    code, out, err = at_harbour(*words)
    assert (code, out) == (1, "")
    assert said in err
