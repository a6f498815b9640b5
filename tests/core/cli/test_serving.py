"""Tokens, states and releases on the command line."""

import json
from collections.abc import Iterator

import pytest

from tests.support.program import Run, program_by
from tests.support.serving import MODEL, Serving, a_serving_workspace, prediction


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    made = a_serving_workspace(tmp_path_factory.mktemp("cli") / "home", rows=8)
    yield made
    made.workspace.store.close()


@pytest.fixture
def run(world: Serving, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return program_by(world.workspace.settings.home, monkeypatch, capsys)


def test_a_token_is_made_listed_and_revoked(run: Run) -> None:
    code, out, _ = run("admin", "token", "make", "Engine", "--model", MODEL, "--days", "30")
    assert code == 0
    text = out.split("shown only now: ")[1].strip()
    code, out, _ = run("admin", "token", "list", "--json")
    (row,) = json.loads(out)["rows"]
    assert text.startswith(row["begins with"])
    assert text not in out
    assert (row["models"], row["revoked"]) == (MODEL, None)
    assert run("admin", "token", "revoke", row["id"])[0] == 0
    code, _, err = run("admin", "token", "revoke", row["id"])
    assert (code, "revoked already" in err) == (1, True)
    assert run("business", "token", "list")[0] == 1


def test_suspend_state_and_resume(run: Run) -> None:
    assert "production" in run("business", "model", "state", MODEL)[1]
    words = ["model", "suspend", MODEL, "--reason", "Errors", "--fallback", "1"]
    assert run("compliance", *words)[0] == 1
    assert run("compliance_lead", *words)[0] == 0
    (row,) = json.loads(run("business", "model", "state", "--json")[1])["rows"]
    assert (row["state"], row["fall-back"], row["reason"]) == ("suspended", "1", "Errors")
    words = ["model", "resume", MODEL, "--reason", "Mended", "--json"]
    code, out, _ = run("compliance_lead", *words)
    assert code == 0
    assert json.loads(out)["approval"]
    assert "suspended" in run("business", "model", "state", MODEL)[1]


def test_releases(run: Run) -> None:
    found = json.loads(run("business", "release", "show", MODEL, prediction(1), "--json")[1])
    assert found["state"] == "held"
    words = [MODEL, prediction(1), "--reason", "Read"]
    assert run("admin", "release", "allow", *words)[0] == 1
    assert "is released" in run("compliance_lead", "release", "allow", *words)[1]
    assert "is stopped" in run("compliance_lead", "release", "stop", *words)[1]
