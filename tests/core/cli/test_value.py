"""``harbourlight value``: one document for programs, tables for people."""

import json

import pytest

from core.services.questions import Question
from core.services.value import value, workload
from core.services.workspace import Workspace
from tests.support.builders import ADMIN
from tests.support.harbour import add_people
from tests.support.program import Run
from tests.support.valued import REVIEW, build_valued

ASKED = Question("loans", by="quarter")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    home = tmp_path_factory.mktemp("value-cli") / "home"
    home.mkdir()
    found = build_valued(home, review=REVIEW).workspace
    add_people(found)
    return found


@pytest.fixture
def at_site(run: Run, site: Workspace, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("HARBOURLIGHT_HOME", str(site.settings.home))
    return run


def test_the_document_is_the_answer_of_the_service(at_site: Run, site: Workspace) -> None:
    code, out, err = at_site("value", "loans", "--cut-off", "0.3", "--json")
    assert (code, err) == (0, "")
    found, answer = json.loads(out), value(site, ASKED, actor=ADMIN, cut_off=0.3)
    assert (found["baseline"], found["n"]) == ("none_flagged", answer.n)
    assert found["rows"][0]["gain"] == answer.comparisons[0].gain
    ranking = answer.ranking
    assert ranking is not None
    assert found["rank_correlation"]["low"] == float(ranking.correlation.low)
    moved, queue = found["what_if"], workload(site, ASKED, 0.3, actor=ADMIN)
    assert queue is not None
    assert (moved["today"]["cases"], moved["then"]["cases"]) == (
        queue.today.cases,
        queue.then.cases,
    )
    assert moved["then"]["cases a week"] == pytest.approx(queue.then.per_week)


def test_people_read_ranking_and_workload(at_site: Run) -> None:
    code, out, err = at_site("value", "loans", "--cut-off", "0.3")
    assert (code, err) == (0, "")
    assert "Rank correlation of score and outcome: 0." in out
    assert "By tenth of the score" in out
    assert "cases a week" in out


def test_without_a_cut_off_nothing_is_moved(at_site: Run) -> None:
    _, out, _ = at_site("value", "loans", "--json")
    assert json.loads(out)["what_if"] is None
