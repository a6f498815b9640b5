"""``harbourlight worklist MODEL``: what it lists, counts and refuses."""

import json

import pytest

from core.domain.identity import Role
from core.services.explanation.worklist import worklist
from core.services.identity import users
from tests.support.harbour import Harbour
from tests.support.program import Run


@pytest.fixture(autouse=True)
def an_officer(harbour: Harbour, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let whoever runs the program be somebody who may look at explanations."""
    officer = harbour.people[Role.compliance]
    monkeypatch.setattr(users, "actor_of_os_login", lambda _workspace, _login: officer)


def test_the_document_is_what_the_service_found(at_harbour: Run, harbour: Harbour) -> None:
    code, told, _ = at_harbour("worklist", "loans", "--json", "--limit", "3")
    found = worklist(harbour.workspace, "loans", actor=harbour.people[Role.compliance], limit=3)
    said = json.loads(told)
    assert code == 0
    assert said["decisions"] == found.decisions > 0
    assert (said["differing"], said["unexplained"]) == (found.differing, found.unexplained)
    assert list(said["ways"]) == ["policy", "outcome", "previous", "reviewers"]
    assert {name: each["looked_at"] for name, each in said["ways"].items()} == {
        each.way: each.looked_at for each in found.ways
    }
    assert [each["prediction"] for each in said["rows"]] == [
        each.row.prediction_id for each in found.rows
    ]


def test_people_are_told_in_tables(at_harbour: Run) -> None:
    code, told, _ = at_harbour("worklist", "loans", "--differs-from", "policy")
    assert code == 0
    assert "Held against" in told
    assert "were decided without a person." in told


def test_an_unknown_way_is_refused(at_harbour: Run) -> None:
    code, _, told = at_harbour("worklist", "loans", "--differs-from", "chance")
    assert code == 1
    assert "'chance' is not known here. Choose from: policy, outcome" in told
