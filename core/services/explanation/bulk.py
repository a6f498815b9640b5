"""Bulk production that a page orders: made by the worker, stopped and fetched by who ordered it."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from core.domain.identity import Actor, Permission
from core.errors import Conflict
from core.i18n import N_
from core.lake.files import storage_errors
from core.services import access, exports
from core.services.explanation.bulk_letters import LetterFolder
from core.services.explanation.bulk_making import Produced, produce
from core.services.explanation.bulk_order import BulkOrder, chosen, ids_are_personal, order_of
from core.services.identity import users
from core.services.jobs import ordering
from core.services.jobs.worker import Progress
from core.services.questions import parsed_contract
from core.services.workspace import Workspace
from core.store import jobs, models
from core.store.audit import trail as audit

BULK_JOB = "explanation_bulk"
MADE = "explanation.bulk_made"
LIFETIME = timedelta(days=1)
_PREFIX = "letters-"


def order_bulk(workspace: Workspace, order: BulkOrder, *, actor: Actor) -> jobs.Ticket:
    """Let the worker keep explanations of many decisions, and write letters if they are wanted.

    The same order while it is made is one job; one that broke off is continued by ordering it
    again within a day.

    Parameters
    ----------
    workspace : Workspace
        Where.
    order : BulkOrder
        What is wanted.
    actor : Actor
        As of :func:`core.services.explanation.bulk_order.chosen`; says again who they are where
        letters are wanted.

    Raises
    ------
    Forbidden, NotFound, ExpressionError, InvalidInput
        As :func:`core.services.explanation.bulk_order.chosen`.
    StepUpNeeded
        If the actor has to say again who they are.
    Conflict
        If the order chooses no decision.
    """
    access.require(actor, Permission.explanation_make, model=order.model_id)
    if order.letters:
        access.require_recent(workspace, actor)
    key = f"{BULK_JOB}:{actor.user_id}:{order.key}"
    ids = chosen(workspace, order, among=_chosen_before(workspace, key), actor=actor).ids()
    if not ids:
        raise Conflict(N_("No decision fits."), remedy=N_("Widen the condition or the days."))
    return ordering.order(
        workspace,
        BULK_JOB,
        {
            "user": actor.user_id,
            "order": order.payload(),
            "ids": ids if order.worklist else None,
        },
        actor=actor,
        permission=Permission.explanation_make,
        model_id=order.model_id,
        dedupe_key=key,
        entry_kind="explanation.bulk_ordered",
        body={"decisions": len(ids), "letters": order.letters, "language": order.language},
    )


def newest_bulk(workspace: Workspace, model_id: str, *, actor: Actor) -> jobs.Job | None:
    """Return the actor's newest order for a model, in whatever state it is."""
    access.require(actor, Permission.explanation_make, model=model_id)
    return next(iter(recent_bulk(workspace, model_id, actor=actor, limit=1)), None)


def recent_bulk(
    workspace: Workspace, model_id: str, *, actor: Actor, limit: int = 10
) -> tuple[jobs.Job, ...]:
    """Return the actor's last orders for a model, the newest first."""
    access.require(actor, Permission.explanation_make, model=model_id)
    with workspace.store.read() as conn:
        return jobs.list_jobs(
            conn, models=[model_id], kinds=[BULK_JOB], created_by=actor.audit_name, limit=limit
        )


def stop_bulk(workspace: Workspace, model_id: str, *, actor: Actor) -> bool:
    """Stop the actor's order at its next step; return whether one was under way.

    What was kept and released until then stays.
    """
    access.require(actor, Permission.explanation_make, model=model_id)
    job = newest_bulk(workspace, model_id, actor=actor)
    if job is None:
        return False
    with workspace.store.begin() as conn:
        return jobs.ask_to_stop(conn, job.id)


def hand_over(workspace: Workspace, job: jobs.Job, *, actor: Actor) -> exports.MadeExport | None:
    """Let the actor fetch the letters of a finished order; ``None`` if there are none.

    Raises
    ------
    StepUpNeeded
        If ids of decisions are personal, and the actor has to say again who they are.
    """
    access.require(actor, Permission.letter_release, model=job.model_id)
    path = ordering.made_file(
        workspace, job, actor=actor, permission=Permission.letter_release, prefix=_PREFIX
    )
    if path is None:
        return None
    with workspace.store.read() as conn:
        contract = parsed_contract(models.get(conn, str(job.model_id)).spec_text)
    return exports.publish(
        workspace,
        path.read_bytes(),
        actor=actor,
        permission=Permission.letter_release,
        name=f"letters-{job.model_id}.zip",
        media_type="application/zip",
        model=job.model_id,
        personal=ids_are_personal(contract),
    )


def bulk_job(workspace: Workspace, job: jobs.Job, progress: Progress) -> Mapping[str, object]:
    """Do what :func:`order_bulk` ordered, with the rights that the person has now."""
    person = users.actor_for(workspace, str(job.payload["user"]), "worker")
    given = job.payload["order"]
    order = order_of(given if isinstance(given, Mapping) else {})
    done = workspace.settings.exports_dir / f"{_PREFIX}{job.id}"
    folder = done if done.is_dir() else _folder(workspace, person, order)

    def stopped() -> bool:
        with workspace.store.read() as conn:
            return jobs.is_to_stop(conn, job.id)

    made = produce(
        workspace,
        order,
        (lambda: LetterFolder(workspace, folder, order)) if order.letters else None,
        actor=person,
        begun=job.created_at,
        among=_ids(job),
        tell=lambda done, of: progress(done / of if of else 1.0, ""),
        stopped=stopped,
    )
    file, digest = "", ""
    if folder.is_dir():
        file, digest = _packed(workspace, folder, order, job)
    _record(workspace, job, made, digest, actor=person)
    if folder.is_dir() and folder != done:
        with storage_errors():
            folder.rename(done)  # the next order of the same is another one
    return asdict(made) | {"file": file}


def remove_old_letters(workspace: Workspace) -> int:
    """Remove letters whose day is over, packed or broken off; the worker does so when idle."""
    oldest = (workspace.clock() - LIFETIME).timestamp()
    found = workspace.settings.exports_dir.glob(f"{_PREFIX}*")
    old = [path for path in found if path.stat().st_mtime < oldest]
    for path in old:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(old)


def _chosen_before(workspace: Workspace, key: str) -> Sequence[str] | None:
    """Return what the same order chose of the worklist, unless it is done, or a day ago."""
    with workspace.store.read() as conn:
        found = jobs.list_jobs(conn, kinds=[BULK_JOB], dedupe_key=key, limit=1)
    for job in found:
        if job.state != "done" and workspace.clock() - job.created_at < LIFETIME:
            return _ids(job)
    return None


def _ids(job: jobs.Job) -> Sequence[str] | None:
    found = job.payload.get("ids")
    return [str(each) for each in found] if isinstance(found, list) else None


def _folder(workspace: Workspace, person: Actor, order: BulkOrder) -> Path:
    """Return where an order's letters are written: the same for the same person and order."""
    whose = sha256(f"{person.user_id}:{order.key}".encode()).hexdigest()[:32]
    return workspace.settings.exports_dir / f"{_PREFIX}{whose}"


def _packed(workspace: Workspace, folder: Path, order: BulkOrder, job: jobs.Job) -> tuple[str, str]:
    """Return the name and the hash of the archive of a folder."""
    target = workspace.settings.exports_dir / f"{_PREFIX}{job.id}.zip"
    LetterFolder(workspace, folder, order).pack(target)
    return target.name, sha256(target.read_bytes()).hexdigest()


def _record(
    workspace: Workspace, job: jobs.Job, made: Produced, digest: str, *, actor: Actor
) -> None:
    objects = {"model": str(job.model_id), "job": job.id}
    with workspace.store.begin() as conn:
        if audit.list_newest(conn, kind=MADE, objects=objects, limit=1):
            return  # by an attempt that ended after it
        audit.append(
            conn,
            at=workspace.clock(),
            actor=actor.audit_name,
            role=actor.role_text,
            kind=MADE,
            objects=objects,
            body=asdict(made) | {"sha256": digest},
        )
