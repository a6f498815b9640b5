"""Monthly reports on the command line."""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from tests.core.services.monthly.conftest import KPIS, NAMES
from tests.support.logins import as_login
from tests.support.program import Run, program_of
from tests.support.valued import Valued, build_valued, valued_loans


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valued]:
    home = tmp_path_factory.mktemp("reports") / "home"
    home.mkdir()
    made = build_valued(home, loans=valued_loans(800), reviews=False, kpis=KPIS, definitions=NAMES)
    yield made
    made.workspace.store.close()


@pytest.fixture
def run(site: Valued, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    as_login(monkeypatch, "ada")
    return program_of(site.workspace.settings.home, monkeypatch, capsys)


def test_a_report_is_written_where_it_should(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["report", "loans", "--month", "2025-02", "--format", "html"]
    code, out, _ = run(*words, "--language", "zh-HK")
    assert (code, "Wrote loans-2025-02-zh-HK.html" in out) == (0, True)
    assert "批核率" in (tmp_path / "loans-2025-02-zh-HK.html").read_text(encoding="utf-8")
    code, out, _ = run(*words, "--out", "here.html", "--json")
    assert code == 0
    assert json.loads(out)["sha256"] == sha256((tmp_path / "here.html").read_bytes()).hexdigest()
    assert run(*words, "--language", "fr")[0] == 2
    code, _, err = run("report", "loans", "--month", "2030-01")
    assert (code, "no prediction of 2030-01" in err) == (1, True)


def test_a_schedule_is_set_listed_and_ended(run: Run) -> None:
    assert json.loads(run("reports", "list", "--json")[1]) == {"rows": []}
    code, out, _ = run("reports", "schedule", "--day", "3", "--format", "xlsx", "--model", "loans")
    assert (code, "from day 3 of the following month: xlsx in en." in out) == (0, True)
    assert run("reports", "schedule", "--day", "31")[0] == 1
    assert run("reports", "schedule", "--off")[0] == 0
    assert "nothing yet" in run("reports", "list")[1]
