"""``harbourlight explain MODEL --where EXPR --out DIR``: what it writes, says and refuses."""

import json
from pathlib import Path

import pytest

from core.domain.identity import Role
from core.services.identity import users
from tests.support.harbour import Harbour
from tests.support.program import Run


@pytest.fixture(autouse=True)
def an_officer(harbour: Harbour, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let whoever runs the program be somebody who may make explanations."""
    officer = harbour.people[Role.compliance]
    monkeypatch.setattr(users, "actor_of_os_login", lambda _workspace, _login: officer)


def test_it_says_what_was_written(at_harbour: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ("explain", "loans", "--where", "score > 0.25", "--out", str(out))
    code, told, _ = at_harbour(*words, "--json")
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert code == 0
    assert json.loads(told) == manifest
    assert manifest["where"] == "score > 0.25"
    lines = (out / "explanations.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == manifest["count"] > 0


def test_people_are_told_in_lines(at_harbour: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, told, _ = at_harbour("explain", "loans", "--where", "score > 2", "--out", str(out))
    assert code == 0
    assert told.splitlines()[0] == f"0 decisions explained, in {out}"


def test_more_than_the_limit_is_refused(at_harbour: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ("explain", "loans", "--where", "true", "--out", str(out), "--limit", "3")
    code, _, told = at_harbour(*words)
    assert code == 1
    assert "more than the 3 allowed" in told
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--where", "true"),
        ("--out", "somewhere"),
        ("L000001", "--where", "true", "--out", "somewhere"),
    ],
)
def test_a_decision_or_a_condition_with_a_folder(at_harbour: Run, words: tuple[str, ...]) -> None:
    code, _, told = at_harbour("explain", "loans", *words)
    assert code == 2
    assert "by its ID" in told
