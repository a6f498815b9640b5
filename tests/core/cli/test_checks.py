"""Checks and alerts on the command line."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.identity import Role
from core.services.identity import users
from core.services.workspace import Workspace
from tests.support.builders import ADMIN
from tests.support.checking import MODEL, a_fed_workspace
from tests.support.program import Run, program_by


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Workspace]:
    opened = a_fed_workspace(tmp_path / "home")
    for role in (Role.admin, Role.data_scientist, Role.business):
        name = role.value.replace("_", "")
        users.add_user(opened, name, roles=[role], os_login=f"login-{role}", actor=ADMIN)
    yield opened
    opened.store.close()


@pytest.fixture
def run(
    site: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    return program_by(site.settings.home, monkeypatch, capsys)


def test_a_check_is_made_once_and_its_alert_dealt_with(run: Run) -> None:
    # Of the loans, women's are declined every other time and men's never.
    code, out, _ = run("data_scientist", "check", MODEL, "--as-of", "2025-01-31", "--json")
    (found,) = json.loads(out)["checks"]
    assert (code, found["made"], found["state"]) == (0, True, "done")
    (alarm,) = [each for each in found["alarms"] if each["kind"] == "fairness"]
    assert (alarm["column"], alarm["statistic"], alarm["n_current"]) == ("sex", 0.5, 240)
    code, out, _ = run("data_scientist", "check", "--as-of", "2025-01-31")
    assert "checked before, nothing stored again" in out
    said = " ".join(out.split())
    assert "The reference has 20 days. Against less than half a year alarms vouch for less." in said
    rows = json.loads(run("business", "alerts", "list", "--json")[1])["rows"]
    alert = next(row["id"] for row in rows if row["alarm"]["kind"] == "fairness")
    shown = json.loads(run("business", "alerts", "show", alert, "--json")[1])
    assert [each["kind"] for each in shown["events"]] == ["opened"]
    assert run("business", "alerts", "close", alert, "--reason", "x")[0] == 1
    to = ["--to", "datascientist", "--reason", "Yours"]
    assert run("data_scientist", "alerts", "assign", alert, *to)[0] == 0
    until = ["--until", "2099-01-01", "--reason", "Known"]
    assert "is silent until" in run("data_scientist", "alerts", "snooze", alert, *until)[1]
    assert run("data_scientist", "alerts", "acknowledge", alert, "--reason", "Seen")[0] == 0
    assert "Seen" in run("business", "alerts", "show", alert)[1]
    assert run("data_scientist", "alerts", "close", alert, "--reason", "Done")[0] == 0
    assert alert not in run("business", "alerts", "list", MODEL)[1]
    assert alert in run("business", "alerts", "list", "--all", "--json")[1]


def test_rules_and_the_schedule(run: Run) -> None:
    words = ["--kind", "fairness", "--patience", "2", "--owner", "admin"]
    assert run("data_scientist", "alerts", "rule", "set", MODEL, *words)[0] == 0
    out = run("business", "alerts", "rule", "list", MODEL, "--json")[1]
    (row,) = json.loads(out)["rows"]
    assert (row["kind"], row["patience"], row["enabled"]) == ("fairness", 2, True)
    assert "fairness" in run("business", "alerts", "rule", "list", MODEL)[1]
    assert run("data_scientist", "alerts", "rule", "remove", row["id"])[0] == 0
    assert run("data_scientist", "alerts", "schedule", "--hours", "6")[0] == 1
    assert run("admin", "alerts", "schedule", "--hours", "0")[0] == 0
    code, _, err = run("admin", "alerts", "schedule", "--hours", "9999")
    assert (code, "744" in err) == (1, True)


def test_channels_are_listed_without_their_address(run: Run) -> None:
    address = ["--address", "jsons://hook.example.com/s3cret"]
    assert run("data_scientist", "alerts", "channel", "add", "Desk", *address)[0] == 1
    assert run("admin", "alerts", "channel", "add", "Desk", *address)[0] == 0
    out = run("admin", "alerts", "channel", "list", "--json")[1]
    (row,) = json.loads(out)["rows"]
    assert (row["address"], row["sent"], row["waiting"]) == ("jsons://hook.example.com", 0, 0)
    assert "s3cret" not in out
    assert "Desk" in run("admin", "alerts", "channel", "list")[1]
    assert run("admin", "alerts", "channel", "remove", "Desk")[0] == 0


def test_stored_results_are_rows(run: Run) -> None:
    code, _, err = run("data_scientist", "results", MODEL)
    assert (code, "harbourlight check loans" in err) == (1, True)
    run("data_scientist", "check", MODEL, "--as-of", "2025-01-30")
    run("data_scientist", "check", MODEL, "--as-of", "2025-01-31")
    out = run("data_scientist", "results", MODEL, "--metric", "fairness", "--json")[1]
    found = json.loads(out)
    assert (found["fresh"], found["batches_since"]) == (True, 0)
    (ratio,) = [each for each in found["rows"] if each["method"] == "selection_rate_ratio"]
    # As above: half of the women's loans are declined, and none of the men's.
    assert (ratio["column"], ratio["value"], ratio["threshold"]) == ("sex", 0.5, 0.8)
    words = ("--metric", "fairness", "--method", "selection_rate_ratio", "--column", "sex")
    course = json.loads(run("data_scientist", "results", MODEL, *words, "--json")[1])["rows"]
    assert [row["as_of"][:10] for row in course] == ["2025-01-31", "2025-01-30"]
    assert course[0]["value"] == 0.5
    assert "Nothing has changed since." in run("business", "results", MODEL)[1]
    assert run("business", "results", MODEL, "--metric", "fairness")[0] == 1
    assert run("business", "results", MODEL, "--method", "psi")[0] == 2
