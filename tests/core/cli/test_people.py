"""``harbourlight user``: every command, in this process."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from core.bootstrap import open_workspace
from core.config import load_settings
from core.errors import Forbidden
from core.services.identity import sign_in
from core.services.workspace import Workspace
from tests.support.harbour import OWNER_LOGIN
from tests.support.program import program_of

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run the program on a new workspace; return exit code and everything it printed."""
    program = program_of(tmp_path / "home", monkeypatch, capsys)

    def call(*words: str) -> tuple[int, str]:
        code, out, err = program(*words)
        return code, out + err

    assert call("init")[0] == 0
    return call


def rows(answer: tuple[int, str]) -> list[dict[str, object]]:
    code, out = answer
    assert code == 0, out
    found: list[dict[str, object]] = json.loads(out)["rows"]
    return found


def password_of(answer: tuple[int, str]) -> str:
    code, out = answer
    assert code == 0, out
    return out.split("shown only now: ")[1].strip()


def opened() -> Workspace:
    return open_workspace(load_settings())


def enter(name: str, password: str) -> str:
    workspace = opened()
    try:
        signed = sign_in.sign_in(workspace, name, password, source="203.0.113.9", agent="tests")
    finally:
        workspace.store.close()
    return signed.session_id


def test_a_user_from_the_first_day_to_the_last(run: Run) -> None:
    first = password_of(run("user", "add", "eve", "--role", "auditor"))
    session_id = enter("eve", first)
    (session,) = rows(run("user", "sessions", "eve", "--json"))
    assert (session["user"], session["session"]) == ("eve", session_id)
    assert "eve" in run("user", "sessions")[1]
    assert "Ended 1 sessions of eve." in run("user", "sessions", "eve", "--end")[1]
    assert rows(run("user", "sessions", "--json")) == []

    second = password_of(run("user", "reset", "eve"))
    assert second != first
    with pytest.raises(Forbidden):
        enter("eve", first)
    assert enter("eve", second)
    assert "eve has no second factor." in run("user", "reset", "eve", "--second-factor")[1]

    assert "Disabled eve" in run("user", "disable", "eve")[1]
    with pytest.raises(Forbidden):
        enter("eve", second)
    (listed,) = [each for each in rows(run("user", "list", "--json")) if each["name"] == "eve"]
    assert listed["disabled"] is True
    assert "Enabled eve." in run("user", "enable", "eve")[1]
    assert enter("eve", second)


def test_a_lock_is_lifted(run: Run) -> None:
    password = password_of(run("user", "add", "eve", "--role", "auditor"))
    assert "eve was not locked." in run("user", "unlock", "eve")[1]
    for _ in range(6):
        with pytest.raises(Forbidden):
            enter("eve", "wrong")
    (listed,) = [each for each in rows(run("user", "list", "--json")) if each["name"] == "eve"]
    assert listed["locked until"]
    assert "Unlocked eve." in run("user", "unlock", "eve")[1]
    assert enter("eve", password)
    assert "Unlocked 203.0.113.9." in run("user", "unlock", "--source", "203.0.113.9")[1]
    assert "was not locked." in run("user", "unlock", "--source", "203.0.113.9")[1]
    assert run("user", "unlock")[0] == 2
    assert run("user", "unlock", "eve", "--source", "203.0.113.9")[0] == 2


def test_roles_and_scope(run: Run) -> None:
    run("user", "add", "eve", "--role", "auditor", "--os-login", "eve")
    (row,) = rows(run("user", "roles", "eve", "--role", "business", "--model", "loans", "--json"))
    assert row == {"name": "eve", "roles": "business", "models": "loans", "jurisdictions": "all"}
    (row,) = rows(run("user", "roles", "eve", "--jurisdiction", "HK", "--json"))
    assert (row["models"], row["jurisdictions"]) == ("loans", "HK")
    (row,) = rows(run("user", "roles", "eve", "--all", "--json"))
    assert (row["models"], row["jurisdictions"]) == ("all", "all")
    assert "business" in run("user", "roles", "eve")[1]
    assert "drift.view" in run("user", "roles")[1]


def test_what_is_refused(run: Run) -> None:
    owner = f"os:{OWNER_LOGIN}"
    assert "Nobody changes their own roles" in run("user", "roles", owner, "--role", "auditor")[1]
    code, out = run("user", "disable", owner)
    assert code == 1
    assert "last active administrator" in out
    code, out = run("user", "reset", "nobody")
    assert code == 1
    assert "There is no user nobody." in out
    assert run("user", "sessions", "--end")[0] == 2


def test_an_identity_is_mapped(run: Run) -> None:
    run("user", "add", "eve", "--role", "auditor", "--os-login", "eve")
    given = ("--issuer", "https://id.example", "--subject", "00u1")
    assert "Mapped eve." in run("user", "identity", "eve", *given)[1]
    assert run("user", "identity", "eve", "--issuer", "https://id.example")[0] == 2
    assert "mapped to no identity" in run("user", "identity", "eve")[1]


def test_a_lead_is_helped_back_in_by_two(run: Run) -> None:
    for name in ("lydia", "leo"):
        assert run("user", "add", name, "--role", "compliance_lead")[0] == 0
    code, said = run("user", "reset", "lydia")
    assert code == 1
    assert "second person" in said
    for words in (
        ("reset", "lydia"),
        ("reset", "lydia", "--second-factor"),
        ("identity", "lydia", "--issuer", "https://id.example", "--subject", "00u1"),
    ):
        code, said = run("user", *words, "--reason", "Called from the desk.")
        assert code == 3
        assert "Nothing is changed yet" in said
    waiting = rows(run("approvals", "list", "--json"))
    assert {each["kind"] for each in waiting} == {
        "user.password",
        "user.second_factor",
        "user.identity",
    }
