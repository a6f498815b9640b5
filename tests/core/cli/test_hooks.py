"""Hooks, rules that call them and versions that serve, on the command line."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.program import Run, program_by
from tests.support.serving import MODEL, Serving, a_serving_workspace


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    made = a_serving_workspace(tmp_path_factory.mktemp("cli") / "home", rows=8)
    yield made
    made.workspace.store.close()


@pytest.fixture
def run(
    world: Serving,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    monkeypatch.setenv("HARBOURLIGHT_HOOK_COMMANDS", str(tmp_path / "programs"))
    return program_by(world.workspace.settings.home, monkeypatch, capsys)


def test_a_hook_from_setting_up_to_removal(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "programs"
    folder.mkdir(mode=0o755)
    path = folder / "train"
    path.write_text("#!/bin/sh\necho $1; exit $2\n", encoding="utf-8")
    path.chmod(0o755)
    words = ["hooks", "add", "Train", "--command", str(path), "--argument=--full"]
    assert run("data_scientist", *words)[0] == 1
    code, out, _ = run("admin", *words, "--argument", "0", "--json")
    assert (code, json.loads(out)["shown"]) == (0, str(path))
    assert json.loads(out)["secret"].startswith("whsec_")
    code, out, _ = run("admin", "hooks", "test", "Train", "--json")
    assert (code, json.loads(out)["status"], json.loads(out)["output"]) == (0, 0, "--full\n")
    code, _, err = run("admin", "hooks", "add", "Shell", "--command", "/bin/sh")
    assert (code, "HARBOURLIGHT_HOOK_COMMANDS" in err) == (1, True)
    words = ["alerts", "rule", "set", MODEL, "--kind", "drift"]
    assert run("compliance", *words, "--hook", "Train", "--purpose", "retrain")[0] == 0
    assert run("compliance", *words, "--action", "suspend")[0] == 1
    assert run("data_scientist", *words, "--action", "rollback", "--to", "2")[0] == 0
    out = run("data_scientist", "alerts", "rule", "list", MODEL, "--json")[1]
    (does,) = json.loads(out)["responses"].values()
    assert (does["action"], does["to_version"], does["hook"]) == ("rollback", "2", None)
    assert run("data_scientist", *words, "--alerts-only")[0] == 0
    assert json.loads(run("admin", "alerts", "rule", "list", MODEL, "--json")[1])["responses"] == {}
    assert run("admin", "hooks", "off", "Train")[0] == 0
    assert run("admin", "hooks", "test", "Train")[0] == 1
    assert run("admin", "hooks", "on", "Train")[0] == 0
    (row,) = json.loads(run("admin", "hooks", "list", "--json")[1])["rows"]
    assert (row["on"], row["done"], row["kind"]) == (True, 1, "command")
    assert run("admin", "hooks", "remove", "Train")[0] == 0
    (row,) = json.loads(run("compliance", "hooks", "log", "--json")[1])["rows"]
    assert (row["hook"], row["told"]["event"], row["output"]) == ("Train", "test", "")


def test_a_model_goes_back_at_once_and_forward_by_two(run: Run) -> None:
    words = ["model", "rollback", MODEL, "--reason", "Errors"]
    assert run("compliance", *words, "--to", "2")[0] == 1
    assert run("compliance_lead", *words, "--to", "2")[0] == 0
    (row,) = json.loads(run("business", "model", "state", MODEL, "--json")[1])["rows"]
    assert (row["state"], row["version"], row["version because"]) == ("production", "2", "Errors")
    code, _, err = run("compliance_lead", *words, "--to", "3")
    assert (code, "model forward" in err) == (1, True)
    words = ["model", "forward", MODEL, "--reason", "Mended", "--to", "3", "--json"]
    code, out, _ = run("compliance_lead", *words)
    assert code == 3
    asked = json.loads(out)["approval"]
    assert run("compliance_lead", "approvals", "approve", asked)[0] == 1
    assert run("second_lead", "approvals", "approve", asked)[0] == 0
    (row,) = json.loads(run("business", "model", "state", MODEL, "--json")[1])["rows"]
    assert row["version"] == "3"
