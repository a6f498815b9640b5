"""When models are checked by themselves."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from core.domain.identity import Actor
from core.errors import Forbidden, InvalidInput
from core.services import ingest
from core.services.checks import schedule
from core.services.jobs.tasks import HANDLERS, look_around
from core.services.jobs.worker import WORKER, run_one
from core.services.registry import models as registry
from core.services.workspace import Workspace
from core.store import jobs
from core.store.alerts import checks
from tests.support.builders import ADMIN, VIEWER, a_log, contract_text, write_parquet
from tests.support.checking import CHECKER, MODEL, a_fed_workspace
from tests.support.fakes import FakeClock


@pytest.fixture
def site(tmp_path: Path, clock: FakeClock) -> Iterator[Workspace]:
    opened = replace(a_fed_workspace(tmp_path / "home"), clock=clock)
    yield opened
    opened.store.close()


def due(site: Workspace, actor: Actor = WORKER) -> int:
    return schedule.order_due_checks(site, actor=actor)


def work(site: Workspace) -> None:
    while run_one(site, HANDLERS, owner="w"):
        pass


def test_a_model_is_checked_once_a_day(site: Workspace, clock: FakeClock) -> None:
    assert due(site) == 1
    assert due(site) == 0  # ordered, not done yet
    work(site)
    assert due(site) == 0
    clock.advance(hours=23)
    assert due(site) == 0
    clock.advance(hours=1)
    assert due(site) == 1
    work(site)
    with site.store.read() as conn:
        (run,) = checks.list_runs(conn, MODEL)  # nothing changed: the same check, kept once
        done = jobs.list_jobs(conn, kinds=[schedule.CHECK_JOB])
    assert [job.state for job in done] == ["done", "done"]
    assert run.started_by == "worker"
    found = [job.result["models"] for job in done if job.result]
    assert [[each["made"] for each in models] for models in found] == [[False], [True]]  # type: ignore[attr-defined]


def test_new_rows_and_a_new_contract_are_looked_at_at_once(site: Workspace) -> None:
    look_around(site)
    work(site)
    more = write_parquet(site.settings.home / "more.parquet", a_log(8, start=240))
    ingest.ingest_files(site, MODEL, [more], actor=ADMIN)
    assert due(site) == 1
    work(site)
    path = site.settings.home / "model.yaml"
    path.write_text(contract_text(owner="Somebody else"), encoding="utf-8")
    registry.register_model(site, path, actor=ADMIN)
    assert due(site) == 1
    work(site)
    with site.store.read() as conn:
        assert len(checks.list_runs(conn, MODEL)) == 3


def test_a_failed_order_is_not_repeated_at_once(site: Workspace, clock: FakeClock) -> None:
    due(site)
    with site.store.begin() as conn:
        jobs.claim(conn, owner="w", at=clock(), lease=timedelta(minutes=1))
        (job,) = jobs.list_jobs(conn, kinds=[schedule.CHECK_JOB])
        jobs.fail(conn, job.id, owner="w", error="x", at=clock(), retry_after=None)
    assert due(site) == 0


def test_no_checks_by_themselves(site: Workspace) -> None:
    schedule.set_check_hours(site, 0, actor=ADMIN)
    assert due(site) == 0
    for hours in (-1, 745):
        with pytest.raises(InvalidInput):
            schedule.set_check_hours(site, hours, actor=ADMIN)
    with pytest.raises(Forbidden):
        schedule.set_check_hours(site, 1, actor=CHECKER)
    with pytest.raises(Forbidden):
        due(site, VIEWER)
