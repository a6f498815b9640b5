"""Which rows a report is made of: of its period, slice and version, and its orderer's regions.

Evidently itself takes seconds; here a stand-in notes what it would be given.
"""

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pandas as pd
import pytest

from core.domain.identity import Role
from core.services import reports
from core.services.jobs import tasks
from core.services.jobs.worker import run_one
from core.services.questions import Question
from core.services.workspace import Workspace
from tests.support.harbour import ZONE, Harbour, build_harbour


@pytest.fixture(scope="module")
def ordered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harbour]:
    """A workspace of its own, because orders are written into it."""
    built = build_harbour(tmp_path_factory.mktemp("reports") / "home")
    yield built
    built.workspace.store.close()


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What Evidently would have been given, call by call."""
    calls: list[dict[str, Any]] = []

    def note(reference: pd.DataFrame, current: pd.DataFrame, **rest: Any) -> None:
        calls.append({"reference": reference, "current": current, **rest})
        rest["target"].write_text("<html></html>", encoding="utf-8")

    monkeypatch.setattr(reports, "write_report", note)
    return calls


def work(workspace: Workspace) -> None:
    assert run_one(workspace, tasks.HANDLERS, owner="tester")


def by_income(rows: pd.DataFrame) -> list[float]:
    return sorted(rows["income"].dropna().tolist())


def test_an_order_becomes_a_file_of_its_own_rows(
    ordered: Harbour, given: list[dict[str, Any]]
) -> None:
    workspace, actor = ordered.workspace, ordered[Role.data_scientist]
    question = Question("loans", start="2024-09-01", end="2024-09-30", slice="sector=零售")
    ticket = reports.order_report(workspace, question, actor=actor)
    assert not reports.order_report(workspace, question, actor=actor).created
    waiting = reports.newest_report(workspace, "loans", actor=actor)
    assert waiting is not None
    assert (waiting.id, waiting.state) == (ticket.id, "queued")
    assert reports.report_file(workspace, waiting, actor=actor) is None

    work(workspace)
    job = reports.newest_report(workspace, "loans", actor=actor)
    assert job is not None
    assert job.state == "done"
    path = reports.report_file(workspace, job, actor=actor)
    assert path is not None
    assert path.parent == workspace.settings.exports_dir

    month = ordered.loans["scored_at"].dt.tz_convert(ZONE).dt.strftime("%Y-%m")
    retail = ordered.loans["sector"] == "零售"
    (call,) = given
    assert by_income(call["current"]) == by_income(ordered.loans[retail & (month == "2024-09")])
    assert by_income(call["reference"]) == by_income(ordered.loans[retail & (month <= "2024-03")])
    assert (call["numeric"], call["categorical"]) == (["income", "years", "balance"], ["sector"])
    assert list(call["current"].columns) == ["income", "years", "balance", "sector"]


def test_the_worker_reads_no_more_than_who_ordered_may_see(
    ordered: Harbour, given: list[dict[str, Any]]
) -> None:
    question = Question("loans", start="2024-05-01", end="2024-05-31", version="1")
    reports.order_report(ordered.workspace, question, actor=ordered.hong_kong)
    work(ordered.workspace)
    month = ordered.loans["scored_at"].dt.tz_convert(ZONE).dt.strftime("%Y-%m")
    there = ordered.loans[(ordered.loans["region"] == "HK") & (month == "2024-05")]
    assert by_income(given[0]["current"]) == by_income(there)


def test_a_large_log_is_sampled(
    ordered: Harbour, given: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "SAMPLE_ROWS", 300)
    actor = ordered[Role.admin]
    reports.order_report(ordered.workspace, Question("loans"), actor=actor)
    work(ordered.workspace)
    assert [len(given[0][side]) for side in ("reference", "current")] == [300, 300]
    known = set(ordered.loans["income"].dropna()) | set(ordered.loans["balance"])
    assert set(given[0]["current"]["income"].dropna()) <= known


def test_reports_are_removed_after_a_week(ordered: Harbour) -> None:
    folder = ordered.workspace.settings.exports_dir
    old, new, other = folder / "evidently-a.html", folder / "evidently-b.html", folder / "kept.bin"
    for path in (old, new, other):
        path.write_text("x", encoding="utf-8")
    eight_days_ago = (ordered.workspace.clock() - timedelta(days=8)).timestamp()
    for path in (old, other):
        os.utime(path, (eight_days_ago, eight_days_ago))
    assert reports.remove_old_reports(ordered.workspace) == 1
    assert (old.exists(), new.exists(), other.exists()) == (False, True, True)
