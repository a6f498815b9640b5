"""``harbourlight kpis``: one document for programs, a table a KPI for people."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from core.domain.money import Rate
from core.services.kpis import kpi_figures
from core.services.questions import Question
from core.services.workspace import Workspace
from core.store import rates
from tests.support.builders import ADMIN
from tests.support.harbour import add_people
from tests.support.loans_with_kpis import built
from tests.support.program import Run


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


def test_days_of_a_stale_rate_are_said(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = built(tmp_path)
    add_people(found)
    with found.store.begin() as conn:  # in force to the end of the log, fresh for eleven days
        table = [Rate("USD", date(2025, 3, 1), 7.8), Rate("USD", date(2024, 12, 31), 7.7)]
        rates.add(conn, table, source="t.csv", at=datetime(2025, 1, 1, tzinfo=UTC), by="ada")
    monkeypatch.setenv("HARBOURLIGHT_HOME", str(found.settings.home))
    asked = ("kpis", "loans", "--kpi", "exposure", "--currency", "USD")
    code, out, _ = run(*asked)
    assert code == 0
    rows = json.loads(run(*asked, "--json")[1])["rows"]
    # Of January 10 days are within ten of the rate; of March, 11; later none.
    months = {row["chunk"]["key"]: row["stale_rate_days"] for row in rows}
    assert [months[f"2025-0{month}"] for month in (1, 2, 3, 4)] == [21, 28, 20, 30]
    assert f"On {months['all']} days the rate was more than ten days old." in out
    own = json.loads(run("kpis", "loans", "--kpi", "exposure", "--json")[1])["rows"]
    assert {row["stale_rate_days"] for row in own} == {0}
