"""What is noted of reviewers, on the command line."""

import json
from typing import Any

import pytest

from core.bootstrap import open_workspace
from core.config import load_settings
from core.domain.identity import Actor, Role
from core.services.identity import users
from tests.support.logins import as_login
from tests.support.program import Run


@pytest.fixture
def lead(run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    assert run("init")[0] == 0
    assert run("reviewers", "list")[0] == 1  # not for administrators
    workspace = open_workspace(load_settings())
    owner = Actor("u-0", "owner", frozenset({Role.admin}), origin="cli")
    for name, role in (("lea", Role.compliance_lead), ("rob", Role.compliance)):
        login = f"login-{name}"
        users.add_user(workspace, name, actor=owner, roles=[role], os_login=login)
    workspace.store.close()
    as_login(monkeypatch, "login-lea")
    return run


def noted(run: Run, name: str) -> dict[str, Any]:
    rows = json.loads(run("reviewers", "list", "--json")[1])["rows"]
    found: dict[str, Any] = next(row for row in rows if row["reviewer"] == name)
    return found


def test_what_is_given_is_noted_and_the_rest_stays(lead: Run) -> None:
    code, out, err = lead(
        "reviewers", "set", "rob", "--language", "zh-HK", "--language", "en", "--skill",
        "mortgages", "--most", "7", "--trained-until", "2099-06-30", "--away-from", "2099-02-05",
        "--away-until", "2099-02-12", "--deputy", "lea",
    )  # fmt: skip
    assert (code, "Kept of rob." in out, err) == (0, True, "")
    wanted = {
        "languages": "en zh-HK",
        "skills": "mortgages",
        "most": 7,
        "trained until": "2099-06-30",
        "away from": "2099-02-05",
        "away until": "2099-02-12",
        "deputy": "lea",
        "is away": False,
    }
    assert wanted.items() <= noted(lead, "rob").items()
    assert lead("reviewers", "set", "rob", "--most", "none", "--skill", "none")[0] == 0
    assert (wanted | {"most": None, "skills": ""}).items() <= noted(lead, "rob").items()
    none = ("--deputy", "none", "--away-from", "none", "--away-until", "none")
    assert lead("reviewers", "set", "rob", *none)[0] == 0
    assert (noted(lead, "rob")["deputy"], noted(lead, "rob")["away from"]) == ("", None)
    assert "rob" in lead("reviewers", "list")[1]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("nobody",), "There is no reviewer nobody."),
        (("rob", "--deputy", "nobody"), "There is no reviewer nobody."),
        (("rob", "--most", "some"), "'some' is not a number of cases."),
        (("rob", "--trained-until", "soon"), "'soon' is not a day."),
        (("rob", "--language", "fr"), "fr"),
    ],
)
def test_what_will_not_do_is_refused(lead: Run, words: tuple[str, ...], told: str) -> None:
    code, _, err = lead("reviewers", "set", *words)
    assert (code, told in err) == (1, True), err
