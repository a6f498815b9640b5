"""Which function does which kind of job, and what the worker does when it is idle."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from core.errors import HarbourlightError
from core.services import exports, ingest, maintenance, reports
from core.services.alerts import delivery
from core.services.alerts.sending import DELIVERY_JOB
from core.services.approvals import four_eyes as approvals
from core.services.audit import checkpoints as audit_checkpoints
from core.services.audit import export_jobs as audit_export_jobs
from core.services.audit import verify as audit_verify
from core.services.checks import again, schedule
from core.services.erasure import asking as erasure
from core.services.erasure import run as erasure_run
from core.services.examiner import packs
from core.services.explanation import bulk
from core.services.explanation.score_findings import RECHECK_JOB
from core.services.hooks import calling
from core.services.hooks.queueing import CALL_JOB
from core.services.jobs.worker import WORKER, Handler
from core.services.monthly import schedule as monthly
from core.services.oversight import jobs as oversight
from core.services.retention import disposal, disposal_run
from core.services.review import assigning, auto_assigning, feedback, returning
from core.services.rights import warnings as rights_warnings
from core.services.routing import jobs as routing
from core.services.serving import files as serving_files
from core.services.workspace import Workspace

_LOG = logging.getLogger(__name__)

HANDLERS: Mapping[str, Handler] = {
    ingest.INGEST_JOB: ingest.ingest_upload,
    maintenance.COMPACT_JOB: maintenance.compact_job,
    reports.EVIDENTLY: reports.make_report,
    erasure.ERASURE_JOB: erasure_run.erase_job,
    disposal.DISPOSAL_JOB: disposal_run.dispose_job,
    audit_verify.VERIFY_JOB: audit_verify.verify_job,
    audit_export_jobs.EXPORT_JOB: audit_export_jobs.export_job,
    bulk.BULK_JOB: bulk.bulk_job,
    schedule.CHECK_JOB: schedule.check_job,
    RECHECK_JOB: again.recheck_job,
    monthly.MONTHLY_JOB: monthly.report_job,
    packs.PACK_JOB: packs.pack_job,
    DELIVERY_JOB: delivery.deliver_job,
    CALL_JOB: calling.call_job,
    routing.ROUTE_JOB: routing.route_job,
    oversight.BLIND_JOB: oversight.blind_job,
    feedback.FEED_JOB: feedback.feed_job,
    rights_warnings.WARN_JOB: rights_warnings.warn_job,
}


def look_around(workspace: Workspace) -> None:
    """Take what lies in watched folders, and tidy up; a fault is logged and stops nothing."""
    _tidy_up(workspace)
    with _logged("watched folders were not looked at"):
        ingest.scan_watches(workspace, actor=WORKER)
    with _logged("cases were not handed back or given out"):
        returning.return_expired(workspace)
        returning.return_unanswered(workspace)
        assigning.hand_over(workspace)
        auto_assigning.assign_made(workspace)
    with _logged("no warning of customers' requests was sent", logging.ERROR):
        rights_warnings.warn_due(workspace)
    with _logged("no checkpoint of the audit trail was made", logging.ERROR):
        audit_checkpoints.make_due_checkpoint(workspace, actor=WORKER)
    with _logged("the files of the models' states were not written", logging.ERROR):
        serving_files.publish_due_states(workspace)
    with _logged("checks, deliveries and calls were not ordered"):
        schedule.order_due_checks(workspace, actor=WORKER)
        again.order_due_rechecks(workspace)
        delivery.order_due_deliveries(workspace)
        calling.order_due_calls(workspace)
    with _logged("predictions were not routed to human review", logging.ERROR):
        routing.order_due_routing(workspace)
    with _logged("no blind cases were made", logging.ERROR):
        oversight.order_due_blind_cases(workspace)
    with _logged("verdicts did not reach the decisions stream", logging.ERROR):
        feedback.order_due_feeding(workspace)
    with _logged("monthly reports were not ordered"):
        monthly.order_due_reports(workspace)


def _tidy_up(workspace: Workspace) -> None:
    with _logged("what is past its time was not removed"):
        ingest.remove_finished_uploads(workspace)
        reports.remove_old_reports(workspace)
        exports.remove_expired(workspace)
        audit_export_jobs.remove_old_exports(workspace)
        bulk.remove_old_letters(workspace)
        packs.remove_old_packs(workspace)
        monthly.remove_old_files(workspace)
        approvals.expire_due(workspace)
        erasure.forget_unapproved(workspace)


@contextmanager
def _logged(undone: str, level: int = logging.WARNING) -> Iterator[None]:
    """Log what was not done, and go on: it is tried again at the next look."""
    try:
        yield
    except HarbourlightError as error:
        _LOG.log(level, "%s: %s", undone, error)
