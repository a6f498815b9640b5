"""Routing as a job: ordered after each batch, and by the idle worker for what was left behind."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import Connection

from core.services.jobs.worker import Progress
from core.services.questions import parsed_contract
from core.services.review.auto_assigning import assign_made
from core.services.routing.run import SYSTEM_NAME, has_rules, route_model
from core.services.workspace import Workspace
from core.store import jobs, models, routing

ROUTE_JOB = "review.route"
_PAUSE = timedelta(minutes=10)
"""For how long a model is left alone whose routing failed."""


def route_job(workspace: Workspace, job: jobs.Job, progress: Progress) -> Mapping[str, object]:
    """Do an order; return what came of it in numbers."""
    progress(0.0, "")
    done = route_model(workspace, str(job.payload["model"]))
    if done.cases:
        assign_made(workspace)
    return {"batches": done.batches, "predictions": done.predictions, "cases": done.cases}


def order_routing(workspace: Workspace, model_id: str) -> bool:
    """Order the routing of what a model's log has new; return whether there is anything to do."""
    with workspace.store.read() as conn:
        if not _waits(conn, models.get(conn, model_id)):
            return False
    with workspace.store.begin() as conn:
        jobs.enqueue(
            conn,
            job_id=workspace.new_id(),
            kind=ROUTE_JOB,
            payload={"model": model_id},
            actor=SYSTEM_NAME,
            at=workspace.clock(),
            model_id=model_id,
            dedupe_key=_key(model_id),
        )
    return True


def order_due_routing(workspace: Workspace) -> int:
    """Order the routing of every model that has something to route; return of how many."""
    with workspace.store.read() as conn:
        waiting = [each.id for each in models.list_models(conn) if _waits(conn, each)]
        due = [each for each in waiting if not _failed_lately(workspace, conn, each)]
    return sum(order_routing(workspace, each) for each in due)


def _waits(conn: Connection, record: models.ModelRecord) -> bool:
    rules = has_rules(parsed_contract(record.spec_text))
    return rules and bool(routing.waiting_batches(conn, record.id))


def _failed_lately(workspace: Workspace, conn: Connection, model_id: str) -> bool:
    found = jobs.list_jobs(conn, dedupe_key=_key(model_id), states=["failed"], limit=1)
    ended = found[0].finished_at if found else None
    return ended is not None and workspace.clock() - ended < _PAUSE


def _key(model_id: str) -> str:
    return f"{ROUTE_JOB}:{model_id}"
