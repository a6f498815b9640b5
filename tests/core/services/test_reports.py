"""Reports: ordered once, made by the worker, given to who ordered them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.domain.identity import Actor, Role
from core.errors import Forbidden, NotFound
from core.reports.evidently_report import LEFT_OUT
from core.services import ingest, reports
from core.services.jobs import tasks, worker
from core.services.questions import Question
from core.services.workspace import Workspace
from tests.support.builders import (
    ADMIN,
    VIEWER,
    a_log,
    a_workspace,
    contract_text,
    write_parquet,
)

QUESTION = Question("loans", start="2025-01-21", end="2025-01-31")
OTHER = Actor("u8", "eve", frozenset({Role.admin}))


@pytest.fixture
def site(tmp_path: Path) -> Workspace:
    """Thirty days of loans; the current rows have no industry."""
    site = a_workspace(tmp_path / "home")
    behind = datetime(2025, 1, 20, 16, tzinfo=UTC)
    rows = [
        {**row, "industry": None if row["approved_at"] >= behind else row["industry"]}
        for row in a_log(240)
    ]
    log = write_parquet(tmp_path / "log.parquet", rows)
    ingest.ingest_files(site, "loans", [log], actor=ADMIN)
    return site


def test_a_report_is_ordered_once_and_made_without_an_empty_column(site: Workspace) -> None:
    first = reports.order_report(site, QUESTION, actor=ADMIN)
    again = reports.order_report(site, QUESTION, actor=ADMIN)
    assert (first.created, again.created, again.id) == (True, False, first.id)
    assert worker.run_one(site, tasks.HANDLERS, owner="w1")
    assert not worker.run_one(site, tasks.HANDLERS, owner="w1")
    job = reports.newest_report(site, "loans", actor=ADMIN)
    assert job is not None
    assert (job.id, job.state) == (first.id, "done"), job.error
    assert job.result is not None
    # One prediction every three hours from 02:00 UTC: 157 before 21 January in Hong Kong.
    assert (job.result["reference_rows"], job.result["current_rows"]) == (157, 240 - 157)
    path = reports.report_file(site, job, actor=ADMIN)
    assert path is not None
    page = path.read_text(encoding="utf-8")
    assert "loan amount" in page
    assert path.stat().st_size == job.result["bytes"]
    assert reports.newest_report(site, "loans", actor=OTHER) is None
    assert reports.report_file(site, job, actor=OTHER) is None


def test_the_newest_report_is_found_behind_those_of_many_others(site: Workspace) -> None:
    mine = reports.order_report(site, QUESTION, actor=ADMIN)
    for number in range(60):
        other = Actor(f"o{number}", f"other{number}", frozenset({Role.admin}))
        reports.order_report(site, QUESTION, actor=other)
    job = reports.newest_report(site, "loans", actor=ADMIN)
    assert job is not None
    assert job.id == mine.id


def test_who_may_not_order_may_not_look_either(site: Workspace) -> None:
    with pytest.raises(Forbidden):
        reports.order_report(site, QUESTION, actor=VIEWER)
    with pytest.raises(Forbidden):
        reports.newest_report(site, "loans", actor=VIEWER)
    elsewhere = Actor("u9", "kim", frozenset({Role.admin}), models=frozenset({"cards"}))
    with pytest.raises(NotFound):
        reports.order_report(site, QUESTION, actor=elsewhere)


def test_an_empty_period_fails_with_what_to_do(site: Workspace) -> None:
    empty = Question("loans", start="2024-06-01", end="2024-06-30")
    ticket = reports.order_report(site, empty, actor=ADMIN)
    assert worker.run_one(site, tasks.HANDLERS, owner="w1")
    job = reports.newest_report(site, "loans", actor=ADMIN)
    assert job is not None
    assert (job.id, job.state) == (ticket.id, "failed")
    assert str(worker.error_of(job)) == (
        "One of the two periods has no rows. Choose another period."
    )


def a_site_of_personal_numbers(tmp_path: Path, *, industry: bool) -> Workspace:
    """Make loans whose amount is personal, with or without a feature that is not."""
    features = [{"name": "loan amount", "type": "numeric", "personal": True}]
    others = [{"name": "industry", "type": "categorical"}]
    text = contract_text(
        features=features + (others if industry else []), columns=[], segments=[], protected=[]
    )
    site = a_workspace(tmp_path / "home", contract=text)
    rows = [{**row, "loan amount": 73_519_284.25} for row in a_log(240)]
    ingest.ingest_files(site, "loans", [write_parquet(tmp_path / "log.parquet", rows)], actor=ADMIN)
    reports.order_report(site, QUESTION, actor=ADMIN)
    assert worker.run_one(site, tasks.HANDLERS, owner="w1")
    return site


def test_personal_numbers_are_left_out_and_the_report_says_so(tmp_path: Path) -> None:
    site = a_site_of_personal_numbers(tmp_path, industry=True)
    job = reports.newest_report(site, "loans", actor=ADMIN)
    assert job is not None
    assert job.state == "done", job.error
    assert job.result is not None
    assert job.result["left_out"] == ["loan amount"]
    path = reports.report_file(site, job, actor=ADMIN)
    assert path is not None
    page = path.read_text(encoding="utf-8")
    assert f"{LEFT_OUT} loan amount</p>" in page
    assert "73519284" not in page.replace(",", "")
    assert page.count("loan amount") == 1


def test_a_report_of_nothing_but_personal_numbers_is_refused(tmp_path: Path) -> None:
    site = a_site_of_personal_numbers(tmp_path, industry=False)
    job = reports.newest_report(site, "loans", actor=ADMIN)
    assert job is not None
    assert str(worker.error_of(job)) == (
        "Every feature of loans is numeric and personal; the report would quote its values."
    )
