"""Blind cases as a job: ordered once a day in Hong Kong for each model that wants some."""

from collections.abc import Mapping

from core.domain.working_days import local_day
from core.services.jobs.worker import Progress
from core.services.oversight.controls import SYSTEM_NAME, make_controls
from core.services.oversight.doubles import make_doubles
from core.services.questions import parsed_contract
from core.services.workspace import Workspace
from core.store import jobs, models

BLIND_JOB = "review.blind"


def blind_job(workspace: Workspace, job: jobs.Job, progress: Progress) -> Mapping[str, object]:
    """Do an order; return how many cases were made."""
    progress(0.0, "")
    model_id = str(job.payload["model"])
    return {
        "controls": make_controls(workspace, model_id),
        "doubles": make_doubles(workspace, model_id),
    }


def order_due_blind_cases(workspace: Workspace) -> int:
    """Order today's blind cases of each model that was not ordered today; return of how many."""
    day = local_day(workspace.clock()).isoformat()
    with workspace.store.read() as conn:
        due = [
            each.id
            for each in models.list_models(conn)
            if _wants(each) and not jobs.list_jobs(conn, dedupe_key=_key(each.id, day), limit=1)
        ]
    for model_id in due:
        with workspace.store.begin() as conn:
            jobs.enqueue(
                conn,
                job_id=workspace.new_id(),
                kind=BLIND_JOB,
                payload={"model": model_id},
                actor=SYSTEM_NAME,
                at=workspace.clock(),
                model_id=model_id,
                dedupe_key=_key(model_id, day),
            )
    return len(due)


def _wants(record: models.ModelRecord) -> bool:
    review = parsed_contract(record.spec_text).review
    return review is not None and bool(review.controls.share or review.doubles.share)


def _key(model_id: str, day: str) -> str:
    return f"{BLIND_JOB}:{model_id}:{day}"
