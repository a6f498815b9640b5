"""``harbourlight segments``: one document for programs, a table for people."""

import json
from typing import Any

import pytest

from core.domain.identity import Role
from core.services.questions import Question
from core.services.segments import segments
from tests.support.harbour import Harbour
from tests.support.program import Run


def document(at: Run, *words: str) -> dict[str, Any]:
    code, out, err = at("segments", "loans", *words, "--json")
    assert (code, err) == (0, "")
    found: dict[str, Any] = json.loads(out)
    return found


def test_the_document_has_every_slice_by_every_figure(at_harbour: Run, harbour: Harbour) -> None:
    found = document(at_harbour)
    theirs = segments(harbour.workspace, Question("loans"), actor=harbour[Role.admin])
    assert (found["model"], found["n"], found["level"]) == ("loans", theirs.n, 0.05)
    assert found["comparisons"] == theirs.comparisons
    rows = [row for each in theirs.figures.values() for row in each]
    assert [(row["metric"], row["slice"]) for row in found["rows"]] == [
        (row.metric, row.text) for row in rows
    ]
    first = found["rows"][0]
    assert first["low"] < first["difference"] < first["high"]
    assert first["p_value"] <= first["adjusted"]


def test_one_figure_one_slice_and_pairs(at_harbour: Run) -> None:
    found = document(at_harbour, "--metric", "brier_score", "--pairs", "--version", "1")
    assert {row["metric"] for row in found["rows"]} == {"brier_score"}
    assert any(" & " in row["slice"] for row in found["rows"])
    inside = document(at_harbour, "--slice", "sector=零售")
    assert {row["slice"].split("=")[0] for row in inside["rows"]} == {"結餘級別"}
    assert inside["n"] < found["n"] * 2


def test_a_table_for_people(at_harbour: Run) -> None:
    code, out, _ = at_harbour("segments", "loans")
    assert code == 0
    assert "calibration_gap" in out
    assert "sector=零售" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["segments", "nowhere"], "There is no model nowhere."),
        (["segments", "loans", "--metric", "luck"], "There is no metric called luck."),
        (["segments", "tenants"], "names no outcome"),
        (["segments", "unused"], "No predictions of unused"),
    ],
)
def test_what_cannot_be_answered_is_said(at_harbour: Run, words: list[str], said: str) -> None:
    code, _, err = at_harbour(*words)
    assert code == 1
    assert said in err
