"""The program as people and scripts meet it: help, exit codes, one JSON document, plain errors."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import typer
import yaml

from core.cli.main import MODULES, build_app
from core.services.identity import users
from tests.support.builders import a_log, contract_text, write_parquet
from tests.support.harbour import OWNER_LOGIN
from tests.support.program import Run

CAR_LOAN = Path(__file__).parents[2] / "fixtures" / "car_loan"
KEYS = {"metric", "method", "column", "slice", "chunk", "value", "threshold", "alert", "status"}


def commands(command: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    yield path or "harbourlight", command
    for name, child in getattr(command, "commands", {}).items():
        yield from commands(child, f"{path} {name}".strip())


def test_every_command_and_parameter_has_help() -> None:
    silent = []
    for path, command in commands(typer.main.get_command(build_app())):
        silent += [] if command.help else [path]
        silent += [f"{path} {p.name}" for p in command.params if not getattr(p, "help", None)]
    assert silent == []


def test_the_table_of_modules_covers_every_command() -> None:
    root: Any = typer.main.get_command(build_app())
    assert set(root.commands) == set(MODULES)
    for name in MODULES:
        alone: Any = typer.main.get_command(build_app(name))
        assert name in alone.commands


@pytest.mark.parametrize("command", ["drift", "quality", "operations"])
def test_json_is_one_document(at_harbour: Run, command: str) -> None:
    code, out, err = at_harbour(command, "loans", "--last", "3m", "--json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert set(document) == {"model", "window", "rows"}
    assert document["model"] == "loans"
    assert document["window"]["start"] == "2024-09-30T16:00:00+00:00"
    assert document["rows"]
    for row in document["rows"]:
        assert set(row) >= KEYS
        assert set(row["chunk"]) >= {"start", "end", "n"}


def test_a_table_for_people(at_harbour: Run) -> None:
    code, out, _ = at_harbour("drift", "loans", "--feature", "income", "--slice", "sector")
    assert code == 0
    assert "sector=零售" in out
    assert "2024-09" in out
    assert "Where each column moved most" in out
    once = at_harbour("drift", "loans", "--feature", "income", "--by", "all")[1]
    assert "Where each column moved most" not in once  # the table itself is as short


def test_drift_against_the_months_before(at_harbour: Run) -> None:
    words = ["drift", "loans", "--feature", "income", "--against", "rolling:2"]
    code, out, err = at_harbour(*words, "--json")
    assert (code, err) == (0, "")
    rows = json.loads(out)["rows"]
    assert {row["against"] for row in rows} == {"rolling:2"}
    assert [row["status"] for row in rows] == ["outside_log"] * 2 + ["ok"] * 10
    assert rows[0]["value"] is None
    march = rows[2]
    assert march["compared_from"] == "2023-12-31T16:00:00+00:00"
    assert march["compared_to"] == march["chunk"]["start"]
    assert march["n_reference"] == (31 + 29) * 24
    code, out, _ = at_harbour(*words)
    assert code == 0
    assert "Drift against rolling:2" in out


def test_all_inputs_together(at_harbour: Run) -> None:
    words = ["drift", "loans", "--last", "2m", "--multivariate"]
    code, out, err = at_harbour(*words, "--json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    methods = [row["method"] for row in document["rows"]]
    assert methods == ["pca_reconstruction_error"] * 2 + ["domain_classifier_auc"]
    assert document["inputs"] == 4
    assert document["not_computed"] == {}
    apart = document["rows"][2]
    assert apart["low"] < apart["value"] < apart["high"]
    assert apart["separators"][0]["feature"] == "income"
    assert {"low_3sd", "high_3sd", "sampled", "n_reference", "seed"} <= set(apart)
    code, out, _ = at_harbour(*words)
    assert code == 0
    assert "What tells the rows apart" in out
    few = at_harbour("drift", "loans", "--last", "3d", "--by", "day", "--multivariate", "--json")
    assert (
        "No period has enough rows" in json.loads(few[1])["not_computed"]["domain_classifier_auc"]
    )


@pytest.mark.parametrize("command", ["drift", "quality", "operations"])
def test_one_slice(at_harbour: Run, command: str) -> None:
    words = [command, "loans", "--slice", "sector=零售", "--by", "all", "--json"]
    code, out, err = at_harbour(*words)
    assert (code, err) == (0, "")
    assert {row["slice"] for row in json.loads(out)["rows"]} == {"sector=零售"}


def test_all_slices_of_a_segment_are_one_document(at_harbour: Run) -> None:
    code, out, _ = at_harbour("drift", "loans", "--slice", "sector", "--by", "all", "--json")
    assert code == 0
    assert len({row["slice"] for row in json.loads(out)["rows"]}) == 6


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["drift", "nowhere"], 1, "There is no model nowhere."),
        (["drift", "loans", "--by", "hour"], 1, "'hour' is not a chunk length."),
        (["drift", "young"], 1, "20 of 60 days"),
        (["drift", "loans", "--compat", "other"], 1, "no conventions of other"),
        (["drift", "loans", "--against", "never"], 1, "'never' is nothing to compare with."),
        (
            ["drift", "loans", "--compat", "nannyml", "--against", "weekday"],
            1,
            "compare with the reference only",
        ),
        (["drift", "loans", "--against", "previous", "--exact"], 1, "with the reference only"),
        (["drift", "loans", "--by", "rows:900", "--multivariate"], 1, "drift and data quality"),
        (
            ["drift", "loans", "--compat", "nannyml", "--feature", "colour"],
            1,
            "do not cover colour",
        ),
        (["drift", "loans", "--compat", "nannyml", "--method", "psi"], 1, "do not cover psi"),
        (["drift"], 2, "MODEL"),
        (["drift", "loans", "--colour"], 2, "--colour"),
        (["nonsense"], 2, "nonsense"),
        (["ingest", "loans"], 2, "Name files"),
        (["ingest", "loans", "x.csv", "--outcomes", "--decisions"], 2, "exclude each other"),
        (["user", "add", "eve"], 2, "--role"),
    ],
)
def test_errors_are_plain_and_the_exit_code_says_whose(
    at_harbour: Run, words: list[str], code: int, said: str
) -> None:
    found, out, err = at_harbour(*words)
    assert (found, out) == (code, "")
    assert said in err
    assert "Traceback" not in err
    if code == 1:
        assert err.startswith("Error: ")
        assert err.count("\n") == 1


@pytest.mark.parametrize(
    "words", [["model", "list"], ["drift", "loans"], ["doctor"], ["worker"], ["serve"]]
)
def test_without_a_workspace_nothing_is_made(run: Run, tmp_path: Path, words: list[str]) -> None:
    code, out, err = run(*words)
    assert (code, out) == (1, "")
    assert "There is no workspace at" in err
    assert not (tmp_path / "home").exists()


def test_models_are_listed_and_shown(at_harbour: Run) -> None:
    code, out, _ = at_harbour("model", "list", "--json")
    rows = json.loads(out)["rows"]
    assert [row["model"] for row in rows] == ["loans", "tenants", "unused", "young"]
    assert rows[2]["reference"] == "not complete"
    assert "Small loans" in at_harbour("model", "list")[1]
    code, out, _ = at_harbour("model", "show", "loans", "--json")
    document = json.loads(out)
    assert (code, document["revision"]) == (0, 1)
    assert document["contract"]["id"] == "loans"
    assert "Owner: 信貸風險部" in at_harbour("model", "show", "loans")[1]


def test_doctor_is_content_with_a_sound_workspace(at_harbour: Run) -> None:
    code, out, _ = at_harbour("doctor", "--json")
    assert code == 0
    levels = {finding["level"] for finding in json.loads(out)["findings"]}
    assert "error" not in levels


def test_doctor_ends_with_1_when_a_file_is_gone(run: Run, tmp_path: Path) -> None:
    spec = tmp_path / "model.yaml"
    spec.write_text(contract_text(), encoding="utf-8")
    log = write_parquet(tmp_path / "log.parquet", a_log(5))
    assert run("init")[0] == run("model", "register", str(spec))[0] == 0
    assert run("ingest", "loans", str(log))[0] == 0
    assert run("doctor")[0] == 0
    next((tmp_path / "home" / "lake" / "loans" / "predictions").rglob("*.parquet")).unlink()
    assert run("doctor")[0] == 1


def test_from_nothing_to_a_registered_model(run: Run, tmp_path: Path) -> None:
    first, again = run("init"), run("init")
    assert first == again
    assert first[0] == 0
    assert f"os:{OWNER_LOGIN}" in first[1]
    spec = tmp_path / "model.yaml"
    spec.write_text(contract_text(), encoding="utf-8")
    assert "Registered loans, revision 1." in run("model", "register", str(spec))[1]
    assert "unchanged" in run("model", "register", str(spec))[1]
    code, out, _ = run("user", "add", "eve", "--role", "auditor", "--role", "business")
    assert code == 0
    assert out.count("Password for one sign-in, shown only now: ") == 1
    password = out.split("shown only now: ")[1].strip()
    listed = run("user", "list", "--json")[1]
    assert password not in listed
    assert "auditor, business" in listed
    assert run("user", "add", "eve", "--role", "auditor")[0] == 1
    assert "drift.view" in run("user", "roles")[1]


def test_the_demo_is_made_once(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "demo" / "loans"
    folder.mkdir(parents=True)
    (folder / "model.yaml").write_text(contract_text(), encoding="utf-8")
    monkeypatch.setattr(
        "core.services.demo.build.build_demo.__kwdefaults__", {"source": tmp_path / "demo"}
    )
    monkeypatch.setattr(users, "hash_password", lambda _, **__: "hashed")
    code, out, _ = run("demo")
    assert (code, "The demo workspace is in" in out) == (0, True)
    assert run("demo")[:2] == (0, "")


def test_nannyml_figures_come_out_of_the_program(run: Run, tmp_path: Path) -> None:
    numeric = ["car_value", "debt_to_income_ratio", "loan_length", "driver_tenure"]
    contract = {
        "id": "car",
        "name": {"en": "Car loans", "zh-HK": "汽車貸款", "zh-CN": "汽车贷款"},
        "task": "binary_classification",
        "owner": "Credit",
        "purpose": "Scores car loans.",
        "timezone": "UTC",
        "log": {"prediction_id": "id", "time": "timestamp", "score": "y_pred_proba"},
        "features": [{"name": name, "type": "numeric"} for name in numeric]
        + [{"name": "salary_range", "type": "categorical"}],
        "reference": {"from": "2017-12-31", "to": "2018-10-29"},
    }
    spec = tmp_path / "model.yaml"
    spec.write_text(yaml.safe_dump(contract, allow_unicode=True), encoding="utf-8")
    for part in ("reference", "analysis"):
        frame = pd.read_parquet(CAR_LOAN / f"{part}.parquet")
        # The analysis begins on 30 October at 18:00, and a reference ends with a day.
        frame["timestamp"] = (frame["timestamp"] - pd.Timedelta(hours=18)).dt.tz_localize("UTC")
        frame.to_parquet(tmp_path / f"{part}.parquet")
    files = [str(tmp_path / f"{part}.parquet") for part in ("reference", "analysis")]
    assert run("init")[0] == run("model", "register", str(spec))[0] == 0
    assert run("ingest", "car", *files)[0] == 0
    code, out, _ = run("drift", "car", "--compat", "nannyml", "--by", "rows:5000", "--json")
    assert code == 0
    found = pd.DataFrame(json.loads(out)["rows"])
    want = pd.read_csv(CAR_LOAN / "nannyml_univariate_car_loan.csv")
    series = found.groupby(["column", "method"])
    checked = 0
    for (column, method), rows in series:
        prefix = f"{str(column).removeprefix('@').replace('score', 'y_pred_proba')}_{method}"
        if f"{prefix}_value" not in want:
            continue
        np.testing.assert_allclose(rows["value"], want[f"{prefix}_value"], rtol=1e-9, atol=0)
        assert rows["alert"].tolist() == want[f"{prefix}_alert"].tolist()
        checked += 1
    assert checked == 6 * 4


def test_a_contract_that_guards_less_is_said_to_wait(run: Run, tmp_path: Path) -> None:
    spec = tmp_path / "model.yaml"
    spec.write_text(contract_text(protected=["sex"]), encoding="utf-8")
    assert run("init")[0] == run("model", "register", str(spec))[0] == 0
    spec.write_text(contract_text(protected=None), encoding="utf-8")
    code, _, said = run("model", "register", str(spec))
    assert code == 1
    assert "guards people less than the one in force: protected[sex]" in said
    given = ("model", "register", str(spec), "--reason", "No fairness report is asked for.")
    code, said, _ = run(*given)
    assert code == 3
    assert "Not registered: revision 1 of loans stays in force." in said
    (waiting,) = json.loads(run("approvals", "list", "--json")[1])["rows"]
    assert waiting["id"] in said
    assert waiting["kind"] == "model.loosen"
    assert "protected[sex]" in run("approvals", "show", waiting["id"])[1]
    run("approvals", "withdraw", waiting["id"])
    code, said, _ = run(*given, "--json")
    assert (code, json.loads(said)["loosened"]) == (3, ["protected[sex]"])
    assert "1" in run("model", "list")[1]
