"""That the registered model gives another score than the log: put on record, and looked into.

Each decision is told once for a model's file, at most two hundred of a model a day; the worker then
scores them again, and an alert follows what it finds (see :mod:`core.services.checks.again`).
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from core.domain.explanation.record import ExplanationRecord
from core.services.workspace import Workspace
from core.store import jobs
from core.store.audit import trail as audit
from core.store.explanations import score_findings
from core.store.explanations.score_findings import KIND

RECHECK_JOB = "check.again"
SYSTEM_NAME, SYSTEM_ROLE = "worker", "admin"


def note_scores(workspace: Workspace, records: Sequence[ExplanationRecord]) -> None:
    """Put on record which decisions of one model were given another score, and order a recheck.

    A recheck is also ordered where a decision that was told of is given the logged score again.

    Parameters
    ----------
    workspace : Workspace
        Where; no transaction of the caller may be open.
    records : sequence of ExplanationRecord
        What was found, of one model.
    """
    scored = [each for each in records if each.rescored is not None]
    if not scored:
        return
    model_id = scored[0].subject.model_id
    with workspace.store.read() as conn:
        known = score_findings.found(conn, model_id)
        room = score_findings.room_for(conn, model_id, workspace.clock())
    new = [each for each in scored if not _agrees(each) and not _is_known(each, known)]
    again = any(_agrees(each) and each.subject.prediction_id in known for each in scored)
    if not new[:room] and not again:
        return
    with workspace.store.begin() as conn:
        for record in new[:room]:
            audit.append(
                conn,
                at=workspace.clock(),
                actor=SYSTEM_NAME,
                role=SYSTEM_ROLE,
                kind=KIND,
                objects={
                    "model": model_id,
                    "prediction": record.subject.prediction_id,
                    "jurisdiction": record.subject.jurisdiction,
                },
                body={"version": record.subject.version, "artefact": _file(record)},
            )
        order_recheck(workspace, conn, model_id)


def order_recheck(workspace: Workspace, conn: Connection, model_id: str) -> None:
    """Have the worker ask again what checks say of a model's explanations."""
    jobs.enqueue(
        conn,
        job_id=workspace.new_id(),
        kind=RECHECK_JOB,
        payload={"model": model_id},
        actor=SYSTEM_NAME,
        at=workspace.clock(),
        model_id=model_id,
        dedupe_key=recheck_key(model_id),
    )


def recheck_key(model_id: str) -> str:
    """Return what the orders of a model's rechecks are found by."""
    return f"{RECHECK_JOB}:{model_id}"


def _agrees(record: ExplanationRecord) -> bool:
    return record.rescored is not None and record.rescored.agrees


def _file(record: ExplanationRecord) -> str:
    return "" if record.artefact is None else record.artefact.sha256


def _is_known(record: ExplanationRecord, known: dict[str, str]) -> bool:
    return known.get(record.subject.prediction_id) == _file(record)
