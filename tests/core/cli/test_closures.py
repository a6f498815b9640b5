"""Days of closure on the command line."""

import json
from pathlib import Path

import pytest

from core.bootstrap import open_workspace
from core.config import load_settings
from core.domain.identity import Actor, Role
from core.services.identity import users
from tests.support.logins import as_login
from tests.support.program import Run


def test_closures_are_entered_listed_and_removed(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("init")[0] == 0
    assert run("closures", "add", "2026-09-22", "gale")[0] == 1  # not for administrators
    workspace = open_workspace(load_settings())
    owner = Actor("u-0", "owner", frozenset({Role.admin}), origin="cli")
    users.add_user(
        workspace, "lea", actor=owner, roles=[Role.compliance_lead], os_login="login-lea"
    )
    workspace.store.close()
    as_login(monkeypatch, "login-lea")
    code, out, _ = run("closures", "add", "2026-09-22", "gale", "--note", "Signal no. 8")
    assert (code, "1 days changed, 0 known before" in out) == (0, True)
    file = tmp_path / "closures.csv"
    file.write_text("day,kind,note\n2026-09-22,gale,\n2026-09-23,other,flood\n", encoding="utf-8")
    code, out, _ = run("closures", "import", str(file), "--json")
    assert json.loads(out) == {"days": ["2026-09-23"], "known": 1, "cases": 0, "requests": 0}
    rows = json.loads(run("closures", "list", "--json")[1])["rows"]
    assert [(row["day"], row["kind"], row["note"]) for row in rows] == [
        ("2026-09-23", "other", "flood"),
        ("2026-09-22", "gale", "Signal no. 8"),
    ]
    assert run("closures", "remove", "2026-09-23")[0] == 0
    assert "Signal no. 8" in run("closures", "list")[1]
    code, _, err = run("closures", "remove", "2026-09-23")
    assert (code, "Offices were not shut on 2026-09-23." in err) == (1, True)
