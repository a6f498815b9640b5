"""``harbourlight reproduce | skew | confidence`` as scripts meet them: exit codes and documents."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.bootstrap import create_workspace
from core.config import Settings
from core.services.identity import users
from tests.support.demo_slices import SBA, put, sba_log
from tests.support.harbour import OWNER_LOGIN
from tests.support.program import program_of

Run = Callable[..., tuple[int, str]]

LOG: Any = sba_log(every=150)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a small log of the demo; one score in it is wrong."""
    folder = tmp_path_factory.mktemp("reproduce")
    settings = Settings(folder / "home", f"sqlite:///{folder / 'home' / 'state.db'}", threads=2)
    workspace = create_workspace(settings)
    log = LOG.copy()
    log.loc[0, "default_score"] += 0.001
    put(workspace, folder, SBA, log, actor=users.actor_of_os_login(workspace, OWNER_LOGIN))
    return settings.home


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the program on the workspace; return exit code and everything it printed."""
    program = program_of(home, monkeypatch, capsys)

    def call(*words: str) -> tuple[int, str]:
        code, out, err = program(*words)
        return code, out + err

    return call


def test_the_exit_code_says_whether_all_of_it_reproduces(run: Run) -> None:
    code, said = run("reproduce", SBA, "--sample", "10000")
    assert code == 1
    assert said.startswith(f"Not everything reproduces: {len(LOG)} of {len(LOG)} predictions")
    assert str(LOG["loan_id"][0]) in said
    code, said = run("reproduce", SBA, "--sample", "10000", "--tolerance", "0.01")
    assert code == 0
    assert said.startswith("Scores and decisions reproduce: ")


def test_the_document_names_what_differs(run: Run) -> None:
    code, said = run("reproduce", SBA, "--sample", "10000", "--seed", "3", "--json")
    found = json.loads(said)
    assert (code, found["verdict"], found["seed"]) == (1, "failed", 3)
    (version,) = found["versions"]
    assert (version["rows"], version["score_mismatches"]) == (len(LOG), 1)
    (example,) = found["examples"]
    assert example["prediction"] == LOG["loan_id"][0]


def test_what_was_known_then_is_drawn_from(run: Run) -> None:
    early = (LOG["approved_at"].dt.tz_convert("America/New_York") < "2006-02-01").sum()
    _, said = run("reproduce", SBA, "--as-of", "2006-01-31", "--json")
    assert json.loads(said)["population"] == early
    code, said = run("reproduce", SBA, "--version", "7")
    assert code == 1
    assert "has no version 7" in said


def test_skew_and_confidence_have_rows(run: Run) -> None:
    code, said = run(
        "skew", SBA, "--by", "all", "--feature", "state", "--method", "jensen_shannon", "--json"
    )
    (row,) = json.loads(said)["rows"]
    assert code == 0
    assert (row["metric"], row["method"], row["column"]) == ("skew", "jensen_shannon", "state")
    assert (row["version"], row["n_training"], row["chunk"]["n"]) == ("1", 96525, len(LOG))
    code, said = run("confidence", SBA, "--by", "all", "--band", "0.01", "--json")
    assert code == 0
    rows = {row["method"]: row for row in json.loads(said)["rows"]}
    assert rows["near_cut_off"]["band"] == 0.01
    assert rows["entropy"]["lower"] <= rows["entropy"]["value"] <= rows["entropy"]["upper"]


def test_tables_are_for_people(run: Run) -> None:
    for command in ("skew", "confidence"):
        code, said = run(command, SBA, "--by", "all")
        assert code == 0
        assert "chunk" in said
        assert "level" in said
