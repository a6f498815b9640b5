"""``harbourlight dossier``: the file that it writes, what it says, and what it refuses."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from core.domain.identity import Role
from core.reports.dossier import verify
from core.services.identity import users
from core.store.audit import trail as audit
from tests.support.harbour import Harbour
from tests.support.program import Run

WHY = ("--to", "An examiner's office", "--reason", "Examination 12", "--despite-failed-checks")


@pytest.fixture(autouse=True)
def a_lead(harbour: Harbour, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let whoever runs the program be somebody who may make dossiers."""
    lead = harbour.people[Role.compliance_lead]
    monkeypatch.setattr(users, "actor_of_os_login", lambda _workspace, _login: lead)


def test_it_writes_a_dossier_that_passes(at_harbour: Run, tmp_path: Path) -> None:
    out = tmp_path / "dossier.zip"
    code, told, _ = at_harbour("dossier", "loans", "L00001", "--out", str(out), *WHY, "--json")

    found, content = json.loads(told), out.read_bytes()
    assert code == 0
    assert found["sha256"] == sha256(content).hexdigest()
    assert (found["bytes"], found["record"]) == (len(content), 1)
    assert out.stat().st_mode & 0o777 == 0o600
    report = verify.verify(content)
    assert report.passed, report.text()


def test_people_are_told_where_it_is_and_its_hash(at_harbour: Run, tmp_path: Path) -> None:
    out = tmp_path / "dossier.zip"
    words = ("dossier", "loans", "L00001", "--out", str(out), "--language", "zh-HK", *WHY)
    code, told, _ = at_harbour(*words)

    content = out.read_bytes()
    assert code == 0
    assert sha256(content).hexdigest() in told
    assert verify.unpacked(content)["README.txt"].decode().startswith("決定卷宗")


def test_a_failed_check_lets_nothing_out_unless_that_is_asked_for(
    at_harbour: Run, tmp_path: Path
) -> None:
    out = tmp_path / "dossier.zip"
    code, _, said = at_harbour("dossier", "loans", "L00001", "--out", str(out), *WHY[:-1])
    assert code != 0
    assert "checks that failed: score" in " ".join(said.split())
    assert not out.exists()


def test_nothing_is_given_to_anybody_where_the_file_cannot_be_written(
    at_harbour: Run, harbour: Harbour, tmp_path: Path
) -> None:
    def given() -> int:
        with harbour.workspace.store.read() as conn:
            return len(audit.list_newest(conn, kind="dossier.given"))

    before = given()
    for place in (tmp_path, tmp_path / "nowhere" / "dossier.zip"):
        code, _, said = at_harbour("dossier", "loans", "L00001", "--out", str(place), *WHY)
        assert code != 0
        assert "cannot be written" in said
    assert given() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("L00001", *WHY, "--language", "fr"), "not known"),
        (("L00001", *WHY, "--record", "7"), "no record 7"),
        (("nothing", *WHY), "no decision nothing"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(
    at_harbour: Run, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    out = tmp_path / "dossier.zip"
    code, _, told = at_harbour("dossier", "loans", *words, "--out", str(out))

    assert code == 1
    assert said in " ".join(told.split())
    assert not out.exists()
