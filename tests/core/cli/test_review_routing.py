"""Routing, trying rules out and what went past them, on the command line."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.services import ingest
from tests.support.builders import write_csv
from tests.support.program import Run, program_by
from tests.support.serving import MODEL, Serving, a_serving_workspace, prediction

LARGE = {"id": "large", "name": "Large", "when": "amount >= 6000", "tier": "high"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("cli")
    made = a_serving_workspace(folder / "home", rows=18, review={"rules": [LARGE]})
    path = write_csv(
        folder / "released.csv",
        [
            {
                "loan_id": prediction(0),
                "time": made.clock.now.isoformat(),
                "kind": "released",
                "decision": "decline",
            }
        ],
    )
    ingest.ingest_files(made.workspace, MODEL, [path], stream="decisions", actor=made["admin"])
    yield made
    made.workspace.store.close()


@pytest.fixture
def run(world: Serving, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return program_by(world.workspace.settings.home, monkeypatch, capsys, "review")


def test_rules_are_tried_from_a_file_or_by_a_share(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("compliance", "simulate", MODEL, "--json")
    found = json.loads(out)
    assert (code, found["saved"], found["waiting"]) == (0, False, 18)
    # Amounts are 1,000 times 1 + n mod 9: of nine in a row four are 6,000 or more.
    assert (found["tried"]["predictions"], found["tried"]["cases"]) == (18, 8)
    assert found["tried"] == found["in_force"]
    file = tmp_path / "rules.yaml"
    file.write_text("rules: [{id: every, name: Every}]\n", encoding="utf-8")
    code, out, _ = run("auditor", "simulate", MODEL, str(file), "--days", "2", "--json")
    found = json.loads(out)
    assert len(found["tried"]["days"]) == 2
    assert found["tried"]["cases"] == found["tried"]["predictions"] > 0
    code, out, _ = run("compliance", "simulate", MODEL, "--share", "large=0", "--json")
    assert json.loads(out)["tried"]["cases"] == 0
    code, out, _ = run("compliance", "simulate", MODEL)
    assert (code, "nothing is saved" in out, "18 predictions are not routed" in out) == (0, 1, 1)


def test_what_cannot_be_tried_is_said(run: Run, tmp_path: Path) -> None:
    for words in (
        ["--share", "large"],
        ["--share", "none=0.1"],
        [str(tmp_path / "none.yaml")],
        ["--days", "0"],
    ):
        code, _, err = run("compliance", "simulate", MODEL, *words)
        assert (code, bool(err)) == (1, True), words
    assert run("business", "simulate", MODEL)[0] == 1


def test_routing_now_is_for_the_lead(run: Run) -> None:
    assert run("compliance", "route", MODEL)[0] == 1
    code, out, _ = run("compliance_lead", "route", MODEL)
    assert (code, "Made 8 cases of 18 predictions in 1 batches." in out) == (0, True)
    code, out, _ = run("compliance_lead", "route", MODEL, "--json")
    assert json.loads(out) == {"model_id": MODEL, "batches": 0, "predictions": 0, "cases": 0}


def test_breaches_are_counted_and_named(run: Run) -> None:
    code, out, _ = run("auditor", "breaches", "--json")
    found = json.loads(out)
    assert (code, found["breaches"]) == (0, 1)
    first = found["rows"][0]
    assert (first["version"], first["level"], first["released"], first["breaches"]) == (
        "1", "in_the_loop", 1, 1,
    )  # fmt: skip
    code, out, _ = run("auditor", "breaches", MODEL)
    assert (code, prediction(0) in out, "without_verdict" in out) == (0, True, True)
    code, out, _ = run("auditor", "breaches", MODEL, "--json")
    (told,) = json.loads(out)["newest"]
    assert (told["prediction_id"], told["level"], told["case"]) == (
        prediction(0), "in_the_loop", "",
    )  # fmt: skip
    assert found["unlogged"] == {MODEL: 0}
    assert run("data_scientist", "breaches")[0] == 1


def test_what_is_not_in_the_log_and_what_stays_held_are_told(
    run: Run, world: Serving, tmp_path: Path
) -> None:
    run("compliance_lead", "route", MODEL)
    told = {"loan_id": "L900000", "time": world.clock.now.isoformat(), "kind": "released"}
    path = write_csv(tmp_path / "more.csv", [{**told, "decision": "approve"}])
    admin = world["admin"]
    ingest.ingest_files(world.workspace, MODEL, [path], stream="decisions", actor=admin)
    found = json.loads(run("auditor", "breaches", "--json")[1])
    assert (found["breaches"], found["unlogged"]) == (1, {MODEL: 1})
    # In the loop are 0, 4, 8, 12 and 16: 0 took effect, and the rule chose 8 and 16.
    assert [each["no_case"] for each in found["rows"]] == [2, 0, 0, 0]
    assert f"{MODEL}: 1 took effect" in run("auditor", "breaches", MODEL)[1]
    limited = json.loads(run("hong_kong", "breaches", "--json")[1])
    assert limited["unlogged"] == {MODEL: None}
