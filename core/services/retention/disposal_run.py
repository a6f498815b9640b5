"""Carrying out an approved disposal; each step may be repeated after a crash.

    new files beside the old → ONE transaction: manifests and the entry ``retention.disposed`` with
    all counts → replaced files, downloads and leftovers of killed attempts deleted → report

What was interrupted is found again by the entry: with it the rows are gone, without it nothing is.
"""

import socket
from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.errors import Conflict
from core.i18n import N_
from core.lake.duck import open_duck
from core.lake.upkeep.doctor import unknown_files
from core.services import access
from core.services.erasure.lake import ERASURE, purge
from core.services.erasure.sweep import remove_downloads
from core.services.jobs.worker import WORKER, run_one
from core.services.retention.disposal import DISPOSAL_JOB, Scope, check_rule, plan_of, scope_of
from core.services.retention.disposal_lake import ModelDisposal
from core.services.retention.disposal_records import (
    covers_records,
    overdue,
    remove_files,
    still_logged,
    take_out,
)
from core.services.workspace import Workspace
from core.store import jobs, manifest
from core.store.audit import trail as audit
from core.store.retention.cleanse import cleanse

DISPOSED = "retention.disposed"
_ATTEMPTS = 50
Progress = Callable[[float, str], None]
Step = Callable[[str], None]


def run_disposal(
    workspace: Workspace,
    order: Mapping[str, object],
    *,
    actor: Actor,
    progress: Progress = lambda _share, _note: None,
    step: Step = lambda _: None,
) -> Mapping[str, object]:
    """Carry out a disposal that was approved, or complete it; return its report.

    Parameters
    ----------
    workspace : Workspace
        Where.
    order : Mapping
        What the approval ordered.
    actor : Actor
        Who runs it; the approval says who decided it.
    progress, step : callable
        Told how far it is, and the name of each step; tests stop the process there.

    Raises
    ------
    Conflict
        If the rule was changed since, or files changed too often meanwhile.
    """
    access.require(actor, Permission.erasure_request)
    disposal_id = str(order["disposal"])
    told = _told(workspace, disposal_id)
    if told is None:
        _take_out(workspace, order, actor, progress, step)
        told = _told(workspace, disposal_id) or {}
    progress(0.8, "")
    names = sorted(str(each) for each in _models(told) if each)
    leftovers = _remove_leftovers(workspace, disposal_id)
    deleted = sum(purge(workspace, each) for each in names)
    step("purged")
    downloads = remove_downloads(workspace, names) if names else 0
    if covers_records(str(order["record_class"])):
        leftovers += remove_files(workspace)
        cleanse(workspace.store)
    workspace.memo.clear()
    step("finished")
    return {**told, "files_deleted": deleted + leftovers, "downloads_deleted": downloads}


def dispose_job(workspace: Workspace, job: jobs.Job, progress: Progress) -> Mapping[str, object]:
    """Do a disposal that was ordered as a job."""
    return run_disposal(workspace, job.payload, actor=WORKER, progress=progress)


def run_waiting(workspace: Workspace, *, actor: Actor) -> int:
    """Carry out the disposals that wait, without the worker; return how many."""
    access.require(actor, Permission.erasure_request)
    owner, done = f"{socket.gethostname()}:{workspace.new_id()}", 0
    while run_one(workspace, {DISPOSAL_JOB: dispose_job}, owner=owner):
        done += 1
    return done


def _take_out(
    workspace: Workspace,
    order: Mapping[str, object],
    actor: Actor,
    progress: Progress,
    step: Step,
) -> None:
    for _ in range(_ATTEMPTS):
        with workspace.store.read() as conn:
            scope = _scope(conn, order)
        in_log = still_logged(workspace, scope.records) if scope.records else {}
        plans = [
            plan_of(workspace, scope, each, str(order["disposal"]))
            for each in scope.models
            if scope.records is None and not scope.stopped_by(each)
        ]
        try:
            with open_duck(workspace.settings, "ingest") as duck:
                for number, plan in enumerate(plans):
                    progress(0.7 * number / len(plans), plan.model_id)
                    plan.step = step
                    plan.prepare(duck)
            step("before-swap")
            if _swapped(workspace, order, (scope, in_log), plans, actor, step):
                step("swapped")
                return
        except BaseException:
            _forget(plans)
            raise
        _forget(plans)
    raise Conflict(
        N_("Files or holds changed too often meanwhile."),
        remedy=N_("Run 'harbourlight retention run' later."),
    )


def _swapped(
    workspace: Workspace,
    order: Mapping[str, object],
    by: tuple[Scope, Mapping[str, Collection[str]]],
    plans: list[ModelDisposal],
    actor: Actor,
    step: Step,
) -> bool:
    """Swap all models' files; ``False`` if files were replaced or holds placed meanwhile."""
    scope, in_log = by
    try:
        with workspace.store.begin() as conn:
            if _scope(conn, order) != scope:
                return False
            done = {plan.model_id: _counts(plan, plan.publish(conn)) for plan in plans}
            if scope.records is not None:
                done |= take_out(conn, overdue(conn, scope.records, in_log))
            step("in-transaction")
            audit.append(
                conn,
                at=workspace.clock(),
                actor=actor.audit_name,
                role=actor.role_text,
                kind=DISPOSED,
                objects=_objects(order),
                body={
                    "record_class": scope.rule.record_class,
                    "before": scope.before.isoformat(),
                    "minimum_days": scope.rule.minimum_days,
                    "maximum_days": scope.rule.maximum_days,
                    "approved_by": str(order["approved_by"]),
                    "models": done,
                    "held": {
                        each: list(stopped)
                        for each in scope.models
                        if (stopped := scope.stopped_by(each))
                    },
                },
            )
    except Conflict:
        return False
    return True


def _scope(conn: Connection, order: Mapping[str, object]) -> Scope:
    model = str(order["model"]) if order.get("model") else None
    at = datetime.fromisoformat(str(order["at"]))
    found = scope_of(conn, str(order["record_class"]), model=model, at=at)
    check_rule(found, order)
    return found


def _objects(order: Mapping[str, object]) -> dict[str, str]:
    found = {"disposal": str(order["disposal"]), "approval": str(order["disposal"])}
    return {**found, "model": str(order["model"])} if order.get("model") else found


def _counts(plan: ModelDisposal, generation: int | None) -> dict[str, object]:
    return {
        "rows": {name: rows for name, rows in plan.rows.items() if rows},
        "refused": plan.refused,
        "files": len(plan.removed),
        "profiles": plan.profiles,
        "held_rows": plan.held_rows,
        "generation": generation,
    }


def _told(workspace: Workspace, disposal_id: str) -> Mapping[str, object] | None:
    """Return what the trail tells of a disposal; ``None`` if its rows are still there."""
    with workspace.store.read() as conn:
        found = audit.list_newest(conn, kind=DISPOSED, objects={"disposal": disposal_id}, limit=1)
    return found[0].body if found else None


def _models(told: Mapping[str, object]) -> Mapping[str, object]:
    found = told.get("models")
    return found if isinstance(found, Mapping) else {}


def _remove_leftovers(workspace: Workspace, disposal_id: str) -> int:
    """Remove files of attempts that were killed before the swap."""
    lake = workspace.settings.lake_dir
    with workspace.store.read() as conn:
        known = {file.path for file in manifest.kept_files(conn)}
    mark = f"{ERASURE}-{disposal_id}-"
    own = [path for path in unknown_files(lake, known) if mark in path]
    for path in own:
        (lake / path).unlink(missing_ok=True)
    return len(own)


def _forget(plans: list[ModelDisposal]) -> None:
    for plan in plans:
        plan.forget()
