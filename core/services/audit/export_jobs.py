"""Exports of the audit trail that a page orders: made by the worker, fetched by whoever ordered."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from core.domain.identity import Actor, Permission
from core.services import access, exports
from core.services.audit.export import Selection, write_export
from core.services.audit.trail import Search
from core.services.identity import users
from core.services.jobs import ordering
from core.services.jobs.worker import Progress
from core.services.workspace import Workspace
from core.store import jobs

EXPORT_JOB = "audit_export"
_PREFIX = "audit-"
LIFETIME = timedelta(days=1)
_FILTERS = ("kind", "person", "objects", "since", "until")


def order_export(workspace: Workspace, search: Search, *, actor: Actor) -> jobs.Ticket:
    """Let the worker export the entries of a search, or all of them; the export itself is audited.

    The same search ordered again while it is made is one job.
    """
    access.require(actor, Permission.audit_export)
    payload = {
        "user": actor.user_id,
        "kind": search.kind,
        "person": search.person,
        "objects": dict(search.objects or {}),
        "since": search.since.isoformat() if search.since else None,
        "until": search.until.isoformat() if search.until else None,
    }
    return ordering.order(
        workspace,
        EXPORT_JOB,
        payload,
        actor=actor,
        permission=Permission.audit_export,
        dedupe_key=f"{EXPORT_JOB}:{sorted(payload.items())}",
        entry_kind="audit.export_ordered",
        body={"narrowed_by": sorted(name for name in _FILTERS if payload[name])},
    )


def newest_export(workspace: Workspace, *, actor: Actor) -> jobs.Job | None:
    """Return the actor's newest export, in whatever state it is."""
    access.require(actor, Permission.audit_export)
    with workspace.store.read() as conn:
        found = jobs.list_jobs(conn, kinds=[EXPORT_JOB], created_by=actor.audit_name, limit=1)
    return next(iter(found), None)


def hand_over(workspace: Workspace, job: jobs.Job, *, actor: Actor) -> exports.MadeExport | None:
    """Let the actor fetch a finished export; ``None`` if its file is gone."""
    access.require(actor, Permission.audit_export)
    path = ordering.made_file(
        workspace, job, actor=actor, permission=Permission.audit_export, prefix=_PREFIX
    )
    if path is None or job.result is None:
        return None
    return exports.publish(
        workspace,
        path.read_bytes(),
        actor=actor,
        permission=Permission.audit_export,
        name=f"audit-trail-{job.result['size']}.zip",
        media_type="application/zip",
    )


def export_job(workspace: Workspace, job: jobs.Job, progress: Progress) -> Mapping[str, object]:
    """Do what :func:`order_export` ordered, with the rights that the person has now."""
    person = users.actor_for(workspace, str(job.payload["user"]), "worker")
    objects = job.payload.get("objects")
    selection = Selection(
        kind=_text(job.payload.get("kind")),
        person=_text(job.payload.get("person")),
        objects=dict(objects) if isinstance(objects, dict) and objects else None,
        since=_instant(job.payload.get("since")),
        until=_instant(job.payload.get("until")),
    )
    target = workspace.settings.exports_dir / f"{_PREFIX}{job.id}.zip"
    target.unlink(missing_ok=True)  # of an attempt that ended after the file was there
    done = write_export(
        workspace,
        target,
        actor=person,
        selection=selection,
        progress=lambda share: progress(share, ""),
    )
    return {"file": target.name, "entries": done.entries, "whole": done.whole, "size": done.size}


def remove_old_exports(workspace: Workspace) -> int:
    """Remove exports whose day is over; the worker does so when idle."""
    oldest = (workspace.clock() - LIFETIME).timestamp()
    folder = workspace.settings.exports_dir
    old = [path for path in folder.glob(f"{_PREFIX}*.zip") if path.stat().st_mtime < oldest]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _text(value: object) -> str | None:
    return str(value) if value else None


def _instant(value: object) -> datetime | None:
    return datetime.fromisoformat(str(value)) if value else None
