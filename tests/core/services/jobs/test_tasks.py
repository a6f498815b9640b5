"""The worker's table of handlers, and what it does when idle."""

import logging

import pytest

from core.errors import StorageError
from core.services import ingest, maintenance, reports
from core.services.alerts.sending import DELIVERY_JOB
from core.services.audit import export_jobs as audit_export_jobs
from core.services.audit import verify as audit_verify
from core.services.checks import schedule
from core.services.erasure import asking as erasure
from core.services.examiner.packs import PACK_JOB
from core.services.explanation.bulk import BULK_JOB
from core.services.explanation.score_findings import RECHECK_JOB
from core.services.hooks.queueing import CALL_JOB
from core.services.jobs import tasks
from core.services.jobs.worker import WORKER
from core.services.monthly.schedule import MONTHLY_JOB
from core.services.oversight.jobs import BLIND_JOB
from core.services.retention import disposal
from core.services.review.feedback import FEED_JOB
from core.services.rights.warnings import WARN_JOB
from core.services.routing.jobs import ROUTE_JOB
from core.services.workspace import Workspace


def test_every_kind_of_job_has_a_handler() -> None:
    assert set(tasks.HANDLERS) == {
        ingest.INGEST_JOB,
        maintenance.COMPACT_JOB,
        reports.EVIDENTLY,
        erasure.ERASURE_JOB,
        disposal.DISPOSAL_JOB,
        MONTHLY_JOB,
        PACK_JOB,
        audit_verify.VERIFY_JOB,
        audit_export_jobs.EXPORT_JOB,
        BULK_JOB,
        schedule.CHECK_JOB,
        RECHECK_JOB,
        DELIVERY_JOB,
        CALL_JOB,
        ROUTE_JOB,
        BLIND_JOB,
        FEED_JOB,
        WARN_JOB,
    }


def test_it_looks_into_the_watched_folders(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    actors: list[object] = []
    monkeypatch.setattr(ingest, "scan_watches", lambda _, *, actor: actors.append(actor))
    tasks.look_around(workspace)
    assert actors == [WORKER]
    assert not caplog.records


def test_a_fault_there_is_logged_and_goes_no_further(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StorageError("The folder is gone.")

    monkeypatch.setattr(ingest, "scan_watches", fail)
    with caplog.at_level(logging.WARNING):
        tasks.look_around(workspace)
    assert "watched folders were not looked at: The folder is gone." in caplog.text
