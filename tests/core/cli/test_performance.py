"""``harbourlight performance`` as scripts and people meet it."""

import json
from typing import Any

import numpy as np
import pytest

from core.services.performance import performance, rows_beside
from core.services.questions import Question
from tests.support.lender import VALUES, Lender
from tests.support.program import Run, program_of

KEYS = {
    "metric", "method", "column", "slice", "version", "chunk", "realised", "realised_low",
    "realised_high", "estimated", "lower", "upper", "labelled_share", "maturity", "basis",
    "warnings", "n", "labelled", "left_out", "value", "threshold", "alert", "status", "level",
    "unit", "bound", "covered", "concept_drift",
}  # fmt: skip


@pytest.fixture
def run(lender: Lender, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("COLUMNS", "300")
    return program_of(lender.workspace.settings.home, monkeypatch, capsys, "performance")


def document(run: Run, *words: str) -> dict[str, Any]:
    code, out, err = run(*words, "--json")
    assert (code, err, out.count("\n")) == (0, "", 1)
    return dict(json.loads(out))


def test_json_is_one_document_of_the_services_rows(run: Run, lender: Lender) -> None:
    found = document(run, "loans")
    assert set(found) == {"model", "window", "rows", "confusion", "estimates"}
    assert found["window"]["end"] == "2024-12-31T16:00:00+00:00"
    theirs, estimates = lender.ask()
    rows = rows_beside(theirs, estimates)
    assert len(found["rows"]) == len(rows)
    for ours, row in zip(found["rows"], rows, strict=True):
        assert set(ours) == KEYS
        assert set(ours["chunk"]) == {"key", "start", "end", "n"}
        assert (ours["metric"], ours["chunk"]["key"]) == (row.metric, row.chunk["key"])
        for name in ("realised", "estimated", "lower", "upper", "labelled_share"):
            value = getattr(row, name)
            assert ours[name] == (None if np.isnan(value) else value)
        assert (ours["maturity"], ours["n"]) == (row.maturity, row.n)
        assert (ours["covered"], ours["concept_drift"]) == (row.covered, row.concept_drift)
    record = {
        each["metric"]: (each["covered"], each["judged"]) for each in found["estimates"]["coverage"]
    }
    assert record == {
        name: (each.coverage.covered, each.coverage.judged)
        for name, each in estimates.figures.items()
    }
    assert "cannot see concept drift" in found["estimates"]["caveat"]
    first, last = found["rows"][0], found["rows"][11]
    assert first["metric"] == "roc_auc"
    assert first["lower"] < first["estimated"] < first["upper"]
    assert (first["maturity"], first["labelled_share"]) == ("matured", 1.0)
    assert (last["realised"], last["maturity"], last["status"]) == (None, "none", "no_labels")


def test_json_has_the_confusion_matrix_and_its_value(run: Run, lender: Lender) -> None:
    cells = document(run, "loans", "--by", "all")["confusion"]
    assert [(each["actual"], each["predicted"]) for each in cells] == [
        ("positive", "positive"), ("positive", "negative"),
        ("negative", "positive"), ("negative", "negative"),
    ]  # fmt: skip
    n = {(each["actual"], each["predicted"]): each["n"] for each in cells}
    value = {(each["actual"], each["predicted"]): each["value"] for each in cells}
    assert value["positive", "negative"] == n["positive", "negative"] * VALUES["false_negative"]
    found, _ = lender.ask(by="all")
    right = n["positive", "positive"] / (n["positive", "positive"] + n["negative", "positive"])
    assert right == pytest.approx(found.figures["precision"].value[0])


def test_a_slice_and_all_slices(run: Run) -> None:
    one = document(run, "loans", "--slice", "sector=零售", "--by", "all")
    assert {row["slice"] for row in one["rows"]} == {"sector=零售"}
    every = document(run, "loans", "--slice", "sector", "--by", "all", "--metric", "recall")
    n = {row["slice"]: row["chunk"]["n"] for row in every["rows"]}
    assert n["sector=零售"] == one["rows"][0]["chunk"]["n"]
    assert len(n) == 6
    assert sum(n.values()) == document(run, "loans", "--by", "all")["rows"][0]["chunk"]["n"]


def test_only_the_metrics_asked_for(run: Run) -> None:
    words = ("--metric", "precision", "--metric", "brier_score", "--by", "quarter")
    found = document(run, "loans", *words)
    assert {row["metric"] for row in found["rows"]} == {"precision", "brier_score"}
    assert len(found["rows"]) == 8


def test_exact_is_without_cells(run: Run, lender: Lender) -> None:
    found = document(run, "loans", "--exact", "--by", "quarter", "--metric", "roc_auc")
    exact = performance(
        lender.workspace, Question("loans", by="quarter"), actor=lender.actor, exact=True
    )
    ours = [row["realised"] for row in found["rows"]]
    assert ours[:3] == exact.figures["roc_auc"].value[:3].tolist()
    counted = document(run, "loans", "--by", "quarter", "--metric", "roc_auc")
    assert ours[0] == pytest.approx(counted["rows"][0]["realised"], abs=1e-3)


def test_bootstrap_draws_the_missing_intervals_of_many_periods(run: Run) -> None:
    words = ("loans", "--metric", "average_precision", "--by")
    quarter = document(run, *words, "quarter")["rows"][0]
    assert quarter["realised_low"] < quarter["realised"] < quarter["realised_high"]
    days = ("day", "--from", "2024-05-01", "--to", "2024-09-07")  # 130: more than are drawn unasked
    plain = document(run, *words, *days)["rows"][0]
    drawn = document(run, *words, *days, "--bootstrap")["rows"][0]
    assert plain["realised_low"] is None
    assert drawn["realised"] == plain["realised"]
    assert drawn["realised_low"] <= drawn["realised"] <= drawn["realised_high"]


def test_as_of_leaves_later_labels_out(run: Run) -> None:
    words = ("--to", "2024-05-31", "--as-of", "2024-05-31", "--metric", "roc_auc")
    rows = document(run, "loans", *words)["rows"]
    states = {row["chunk"]["key"]: (row["maturity"], row["basis"]) for row in rows}
    assert states == {
        "2024-01": ("matured", "matured"),
        "2024-02": ("matured", "matured"),
        "2024-03": ("partial", "early"),
        "2024-04": ("partial", "early"),
        "2024-05": ("none", "none"),
    }
    assert all(row["warnings"] == ["early_labels"] for row in rows[2:4])
    assert not any(row["alert"] for row in rows)


def test_a_table_for_people(run: Run) -> None:
    code, out, _ = run("loans", "--by", "quarter", "--metric", "roc_auc")
    assert code == 0
    for word in ("realised", "estimated", "labelled share", "maturity", "2024-Q1", "matured"):
        assert word in out
    code, out, _ = run("loans", "--by", "all", "--metric", "business_value")
    assert code == 0
    assert "HKD" in out
    code, out, _ = run("loans", "--to", "2024-05-31", "--as-of", "2024-05-31", "--metric", "recall")
    for word in ("warnings", "early_labels", "band held", "concept drift", "bands that held"):
        assert word in out
    assert "cannot see concept drift" in out


def test_without_a_reference_the_rest_is_told(run: Run) -> None:
    rows = document(run, "plain", "--by", "all")["rows"]
    assert {row["estimated"] for row in rows} == {None}
    assert rows[0]["realised"] > 0.5


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("loans", "--metric", "auc"), 1, "There is no metric called auc. Choose from: roc_auc"),
        (("nowhere",), 1, "There is no model nowhere."),
        (("loans", "--by", "rows:500"), 1, "Chunks of N rows are for drift"),
        (("loans", "--slice", "colour=red"), 1, "colour"),
        (("loans", "--version", "9"), 1, "9"),
        (("loans", "--colour"), 2, "--colour"),
        ((), 2, "MODEL"),
    ],
)
def test_what_cannot_be_done_is_said_with_a_remedy(
    run: Run, words: tuple[str, ...], code: int, said: str
) -> None:
    found, out, err = run(*words)
    assert (found, out) == (code, "")
    assert said in err
    assert "Traceback" not in err


def test_a_model_without_outcomes_ends_with_1(
    run: Run, harbour: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARBOURLIGHT_HOME", str(harbour.workspace.settings.home))
    code, out, err = run("tenants")
    assert (code, out) == (1, "")
    assert "names no outcome" in err
    assert "Add 'outcome' to the contract" in err
