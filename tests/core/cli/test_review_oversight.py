"""Oversight quality on the command line."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.services.workspace import Workspace
from core.store.audit import trail as audit
from tests.core.services.oversight.blind_cases import MODEL, a_site, decided
from tests.support.program import Run, program_by


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Workspace]:
    made = a_site(tmp_path / "home")
    for number in range(104):
        decided(made, 1000 + number, "overturn" if number < 26 else "uphold", by="bo")
    for number in range(6):
        decided(made, 3000 + number, by="ada")
    yield made
    made.store.close()


@pytest.fixture
def run(
    site: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    # The program's clock is the real one; the cases are of early 2026.
    words = ("oversight", MODEL, "--days", "3660")
    return program_by(site.settings.home, monkeypatch, capsys, "review", *words)


def test_the_team_as_json(run: Run) -> None:
    code, out, _ = run("lee", "--json")
    assert code == 0
    found = json.loads(out)
    assert found["people"] == []
    override = next(each for each in found["team"]["measures"] if each["id"] == "override")
    # Two people: each would know the other's by taking out their own.
    assert (override["hits"], override["n"], override["is_withheld"]) == (None, 110, True)
    fast = next(each for each in found["team"]["measures"] if each["id"] == "relied_on_self")
    assert (fast["n"], fast["value"]) == (0, None)


def test_single_people_are_on_record_and_kept_back(run: Run, site: Workspace) -> None:
    code, out, _ = run("lee", "--people", "--json")
    assert code == 0
    people = {each["name"]: each["measures"] for each in json.loads(out)["people"]}
    assert list(people) == ["Ada", "Bo"]
    # Ada's six would follow from the team's and Bo's.
    for measures in people.values():
        override = next(each for each in measures if each["id"] == "override")
        assert override["is_withheld"]
        assert override["value"] is None
    with site.store.read() as conn:
        assert len(audit.list_newest(conn, kind="oversight.individuals_opened", limit=5)) == 1


def test_a_table_says_where_it_is_silent(run: Run) -> None:
    code, out, _ = run("lee", "--people")
    assert code == 0
    assert "110 cases, 2 reviewers" in out
    assert "kept back" in out


def test_nobody_else_may(run: Run) -> None:
    code, _, error = run("bo")
    assert code != 0
    assert "oversight.view" in error
