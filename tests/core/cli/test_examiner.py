"""``harbourlight examiner``: samples, packs and the register on the command line."""

import json
from pathlib import Path

import pytest

from core.domain.identity import Role
from core.services.identity import users
from tests.support.harbour import Harbour
from tests.support.packs import report_of
from tests.support.program import Run

SAMPLE = (
    "examiner", "sample", "loans", "--n", "2", "--words", "Grey heron at the pier",
    "--reason", "Examination 12",
)  # fmt: skip
WHY = ("--to", "An examiner's office", "--reason", "Examination 12")


@pytest.fixture(autouse=True)
def an_auditor(harbour: Harbour, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let whoever runs the program be an examiner."""
    auditor = harbour.people[Role.auditor]
    monkeypatch.setattr(users, "actor_of_os_login", lambda _workspace, _login: auditor)


def test_a_sample_is_drawn_taken_and_found_in_the_register(at_harbour: Run, tmp_path: Path) -> None:
    code, told, _ = at_harbour(*SAMPLE, "--method", "equal", "--by", "version", "--json")
    drawn = json.loads(told)
    assert (code, drawn["drawn"], drawn["method"]) == (0, 2, "equal")

    code, told, _ = at_harbour("examiner", "samples", "loans", "--json")
    assert [each["id"] for each in json.loads(told)] == [drawn["id"]]
    code, told, _ = at_harbour("examiner", "contains", drawn["id"], "L00001", "--json")
    assert json.loads(told) == {"sample": drawn["id"], "in_frame": True}
    assert at_harbour("examiner", "contains", drawn["id"], "x")[1] == (
        "It did not stand in the frame.\n"
    )

    out = tmp_path / "pack.zip"
    words = ("examiner", "pack", drawn["id"], "--out", str(out), *WHY)
    code, told, _ = at_harbour(*words)
    assert code == 0
    assert "2 dossiers." in told
    assert out.stat().st_mode & 0o777 == 0o600
    assert report_of(out.read_bytes()) == (True, [])
    assert json.loads(at_harbour(*words, "--json")[1])["dossiers"] == 2

    code, told, _ = at_harbour("examiner", "register", "--kind", "pack.given", "--json")
    assert {each["to"] for each in json.loads(told)} == {"An examiner's office"}
    code, told, _ = at_harbour("examiner", "register", "--since", "2000-01-01", "--limit", "1")
    assert "An examiner's office" in told
    assert "more than 1" in told


def test_people_read_what_the_sample_shows(at_harbour: Run) -> None:
    code, told, _ = at_harbour(*SAMPLE)
    assert code == 0
    assert "2 of " in told
    assert "with 95% confidence at most" in told
    assert "harbourlight examiner pack" in told
    assert "Examination 12" in at_harbour("examiner", "samples", "loans")[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*SAMPLE, "--from", "yesterday"), "'yesterday' is not a day"),
        ((*SAMPLE, "--where", "nothing > 1"), "nothing"),
        ((*SAMPLE, "--method", "best"), "'best' is not known"),
        (("examiner", "pack", "none", "--out", "x.zip", *WHY), "There is no sample none"),
    ],
)
def test_what_is_wrong_is_said(at_harbour: Run, words: tuple[str, ...], said: str) -> None:
    code, _, error = at_harbour(*words)
    assert code == 1
    assert said in error
