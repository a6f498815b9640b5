"""Ordering work of the worker, with the entry that tells of it, and fetching the file it made."""

from collections.abc import Mapping
from pathlib import Path

from core.domain.identity import Actor, Permission
from core.services import access
from core.services.workspace import Workspace
from core.store import jobs
from core.store.audit import trail as audit


def order(
    workspace: Workspace,
    job_kind: str,
    payload: Mapping[str, object],
    *,
    actor: Actor,
    permission: Permission,
    dedupe_key: str,
    entry_kind: str,
    body: Mapping[str, object],
    objects: Mapping[str, str] | None = None,
    model_id: str | None = None,
    job_id: str | None = None,
) -> jobs.Ticket:
    """Enqueue a job and tell the trail of it, in one transaction; the same ordered twice is one.

    Parameters
    ----------
    workspace : Workspace
        Where.
    job_kind : str
        What the worker shall do.
    payload : mapping
        What it has to know.
    actor : Actor
        Who orders it.
    permission : Permission
        What the order needs, of the model if it is of one.
    dedupe_key : str
        While a job with this key waits or runs, no second one is made.
    entry_kind, body, objects
        The entry of the audit trail; its objects are the model, these, and the job.
    model_id : str, optional
        The model that it is about.
    job_id : str, optional
        Its id, where files were put under it before.

    Returns
    -------
    Ticket
        The job, and whether it was made now.
    """
    access.require(actor, permission, model=model_id)
    now = workspace.clock()
    with workspace.store.begin() as conn:
        ticket = jobs.enqueue(
            conn,
            job_id=job_id or workspace.new_id(),
            kind=job_kind,
            payload=payload,
            actor=actor.audit_name,
            at=now,
            model_id=model_id,
            dedupe_key=dedupe_key,
        )
        if ticket.created:
            about = {"model": model_id} if model_id else {}
            audit.append(
                conn,
                at=now,
                actor=actor.audit_name,
                role=actor.role_text,
                kind=entry_kind,
                objects={**about, **(objects or {}), "job": ticket.id},
                body=body,
            )
    return ticket


def made_file(
    workspace: Workspace, job: jobs.Job, *, actor: Actor, permission: Permission, prefix: str
) -> Path | None:
    """Return the file that a job of the actor's made; ``None`` unless it is done and still there.

    The file lies among the exports and its name begins with ``prefix``: what a job says of its
    own result leads nowhere else.
    """
    access.require(actor, permission, model=job.model_id)
    if job.state != "done" or job.result is None or job.created_by != actor.audit_name:
        return None
    name = Path(str(job.result.get("file", ""))).name
    path = workspace.settings.exports_dir / name
    return path if name.startswith(prefix) and path.is_file() else None
