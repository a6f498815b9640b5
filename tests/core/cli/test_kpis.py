"""``harbourlight kpis``: one document for programs, a table a KPI for people."""

import json

import pytest

from core.services.kpis import kpi_figures
from core.services.questions import Question
from core.services.workspace import Workspace
from tests.builders import ADMIN
from tests.core.cli.test_main import Run, run
from tests.harbour import add_people
from tests.loans_with_kpis import built

__all__ = ["run"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    found = built(tmp_path_factory.mktemp("kpis-cli"), kpi_set="logistics")
    add_people(found)
    return found


@pytest.fixture
def at_site(run: Run, site: Workspace, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("HARBOURLIGHT_HOME", str(site.settings.home))
    return run


def test_the_document_is_the_answer_of_the_service(at_site: Run, site: Workspace) -> None:
    code, out, err = at_site(
        "kpis", "loans", "--kpi", "approval_rate", "--slice-by", "industry", "--json"
    )
    assert (code, err) == (0, "")
    found = json.loads(out)
    answer = kpi_figures(
        site, Question("loans"), actor=ADMIN, ids=["approval_rate"], segment="industry"
    )
    (series,) = answer.kpis
    figures = [series.whole, *series.periods, *series.parts]
    assert [row["value"] for row in found["rows"]] == [each.value for each in figures]
    first = found["rows"][1]
    assert first["chunk"]["key"] == "2025-01"
    assert first["chunk"]["n"] == series.periods[0].n
    assert first["target"] == {"value": 0.7, "set_on": "2024-12-01", "set_by": "Board"}
    assert (first["standing"], first["maturity"], first["complete"]) == (
        "on_track",
        "matured",
        True,
    )
    (kpi,) = found["kpis"]
    assert kpi["definition"] == "share(approved)"
    assert kpi["set_after_go_live"] is True
    assert found["parts"] == "industry"


def test_people_read_a_table_and_why_a_kpi_is_not_there(at_site: Run) -> None:
    code, out, _ = at_site("kpis", "loans", "--by", "all")
    assert code == 0
    assert "Approval rate = share(approved)" in out
    assert "HKD" in out
    assert "not available" in out


def test_what_is_wrong_is_refused(at_site: Run) -> None:
    code, _, err = at_site("kpis", "loans", "--kpi", "profit")
    assert code == 1
    assert "There is no KPI profit" in err
    assert at_site("kpis", "loans", "--by", "rows:10")[0] in {1, 2}
