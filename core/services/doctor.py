"""Doctor: is the workspace what its manifest says, and what was left lying about."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from core.contract.review_rules import never_reviewed
from core.domain.identity import Actor, Permission
from core.i18n import N_
from core.lake.upkeep.doctor import Expected, damaged_files, unknown_files, writer_of
from core.services import access
from core.services.backup.loose_files import damage_of, expected_files, files_there
from core.services.erasure.lake import ERASURE
from core.services.maintenance import COMPACTION
from core.services.questions import parsed_contract
from core.services.workspace import Workspace
from core.store import batches, jobs, manifest, models
from core.store.audit import trail as audit
from core.store.batches import Batch
from core.store.migrate import is_current

STALE_AFTER = timedelta(minutes=10)
KEPT_FOR = timedelta(hours=24)
Level = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that doctor looked at.

    Parameters
    ----------
    check : {"schema", "files", "orphans", "attachments", "batches", "jobs", "reviews"}
        What was looked at.
    level : {"ok", "warning", "error"}
        How it is.
    subject : str
        Which file, batch, job or model; empty for the whole.
    message : str
        A message of the catalogue.
    params : dict
        Its values.
    """

    check: str
    level: Level
    subject: str
    message: str
    params: dict[str, object] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The message in English."""
        return self.message.format(**self.params)

    def as_row(self) -> dict[str, str]:
        """Return the finding as one row of a table."""
        return {
            "check": self.check,
            "level": self.level,
            "subject": self.subject,
            "finding": self.text,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """Everything doctor found; ``healthy`` if nothing is broken, warnings aside."""

    findings: tuple[Finding, ...]

    @property
    def healthy(self) -> bool:
        """Whether there is no error."""
        return not self.at("error")

    def at(self, *levels: Level) -> tuple[Finding, ...]:
        """Return the findings of these levels."""
        return tuple(finding for finding in self.findings if finding.level in levels)


_DAMAGE = {
    "missing": N_("The file is missing."),
    "size": N_("The file has another size than the manifest says."),
    "content": N_("The file's content is not what was published."),
}


def examine(
    workspace: Workspace, *, actor: Actor, with_hashes: bool = True, repair: bool = False
) -> Report:
    """Examine the workspace; every check gives at least one finding.

    Batches without a sign of life for ten minutes are marked expired. Only with ``repair`` are
    files removed, and only those of batches that expired or failed, or of compactions and erasures
    that stopped, more than 24 hours ago.

    Parameters
    ----------
    workspace : Workspace
        Which.
    actor : Actor
        Who asks.
    with_hashes : bool
        Also read every file and compare its hash.
    repair : bool
        Remove the leftovers.
    """
    access.require(actor, Permission.workspace_maintain)
    expired = _expire(workspace, actor)
    return Report(
        (
            *_schema(workspace),
            *_files(workspace, with_hashes),
            *_batches(workspace, expired),
            *_orphans(workspace, actor, repair),
            *_loose_files(workspace, with_hashes),
            *_jobs(workspace),
            *_reviews(workspace),
        )
    )


def _expire(workspace: Workspace, actor: Actor) -> tuple[str, ...]:
    now = workspace.clock()
    with workspace.store.begin() as conn:
        expired = batches.expire(conn, stale_before=now - STALE_AFTER, at=now)
        for batch_id in expired:
            batch = batches.get(conn, batch_id)
            audit.append(
                conn,
                at=now,
                actor=actor.audit_name,
                role=actor.role_text,
                kind="batch.expired",
                objects={"model": batch.model_id, "batch": batch_id},
                body={"stream": batch.stream},
            )
    return expired


def _schema(workspace: Workspace) -> Iterator[Finding]:
    with workspace.store.read() as conn:
        current = is_current(conn)
    if current:
        yield Finding("schema", "ok", "", N_("The state database is at this version's schema."))
    else:
        yield Finding("schema", "error", "", N_("The state database has another schema."))


def _files(workspace: Workspace, with_hashes: bool) -> Iterator[Finding]:
    with workspace.store.read() as conn:
        kept = manifest.kept_files(conn)
    expected = [Expected(file.path, file.bytes, file.sha256) for file in kept]
    damaged = damaged_files(workspace.settings.lake_dir, expected, with_hashes=with_hashes)
    for file in damaged:
        yield Finding("files", "error", file.path, _DAMAGE[file.damage])
    if not damaged:
        yield Finding(
            "files",
            "ok",
            "",
            N_("{count} files are as they were published."),
            {"count": len(expected)},
        )


def _loose_files(workspace: Workspace, with_hashes: bool) -> Iterator[Finding]:
    """Look at attachments of cases and frozen data of requests; nothing is removed."""
    home = workspace.settings.home
    there = set(files_there(home))  # before the rows: a file is written first
    with workspace.store.read() as conn:
        expected = expected_files(conn)
    faults = 0
    for file in expected:
        damage = damage_of(home, file, with_hash=with_hashes)
        if damage is not None:
            faults += 1
            yield Finding("attachments", "error", file.path, _DAMAGE[damage])
    fresh = workspace.clock().timestamp() - STALE_AFTER.total_seconds()
    for path in sorted(there - {file.path for file in expected}):
        if _changed_at(home / path) < fresh:
            faults += 1
            message = N_("No case and no request names this file: look at it and remove it.")
            yield Finding("attachments", "warning", path, message)
    if not faults:
        message = N_("{count} files with cases and requests are as they were put there.")
        yield Finding("attachments", "ok", "", message, {"count": len(expected)})


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # removed a moment ago
        return float("inf")


def _batches(workspace: Workspace, expired: tuple[str, ...]) -> Iterator[Finding]:
    with workspace.store.read() as conn:
        writing = batches.list_batches(conn, states=["writing"], limit=None)
    for batch_id in expired:
        message = N_("The batch gave no sign of life; ingest its files again.")
        yield Finding("batches", "warning", batch_id, message)
    for batch in writing:
        yield Finding("batches", "ok", batch.id, N_("The batch is being written."))
    if not expired and not writing:
        yield Finding("batches", "ok", "", N_("No batch is unfinished."))


def _orphans(workspace: Workspace, actor: Actor, repair: bool) -> Iterator[Finding]:
    lake = workspace.settings.lake_dir
    with workspace.store.read() as conn:
        known = {file.path for file in manifest.kept_files(conn)}
        made = {batch.id: batch for batch in batches.list_batches(conn, limit=None)}
    removed: list[str] = []
    count = 0
    for path in unknown_files(lake, known):
        batch = made.get(writer_of(path, made) or "")
        if batch is not None and batch.state == "writing":
            continue
        count += 1
        if repair and _is_leftover(workspace, path, batch):
            (lake / path).unlink(missing_ok=True)
            removed.append(path)
            yield Finding("orphans", "ok", path, N_("The leftover file was removed."))
        else:
            yield Finding("orphans", "warning", path, N_("No batch published this file."))
    if removed:
        _tell_removal(workspace, actor, removed)
    if not count:
        yield Finding("orphans", "ok", "", N_("Every file belongs to a published batch."))


def _is_leftover(workspace: Workspace, path: str, batch: Batch | None) -> bool:
    """Whether nobody can be writing the file: its batch, or compaction, ended a day ago."""
    before = workspace.clock() - KEPT_FOR
    if batch is not None:
        ended: datetime | None = batch.finished_at
        return batch.state in {"expired", "failed"} and ended is not None and ended < before
    name = path.rsplit("/", maxsplit=1)[-1].lstrip(".")
    changed = (workspace.settings.lake_dir / path).stat().st_mtime
    return name.startswith((f"{COMPACTION}-", f"{ERASURE}-")) and changed < before.timestamp()


def _tell_removal(workspace: Workspace, actor: Actor, paths: list[str]) -> None:
    with workspace.store.begin() as conn:
        audit.append(
            conn,
            at=workspace.clock(),
            actor=actor.audit_name,
            role=actor.role_text,
            kind="doctor.removed",
            objects={},
            body={"files": paths},
        )


def _jobs(workspace: Workspace) -> Iterator[Finding]:
    now = workspace.clock()
    with workspace.store.read() as conn:
        running = jobs.list_jobs(conn, states=["running"])
        failed = jobs.list_jobs(conn, states=["failed"])
    for job in running:
        if job.lease_until is not None and job.lease_until < now:
            message = N_("The job's worker gave no sign of life; another will take it.")
            yield Finding("jobs", "warning", job.id, message)
    for job in failed:
        message = N_("The job failed: {reason}")
        yield Finding("jobs", "warning", job.id, message, {"reason": job.error})
    if not running and not failed:
        yield Finding("jobs", "ok", "", N_("No job is running or failed."))


def _reviews(workspace: Workspace) -> Iterator[Finding]:
    """Look for what is held for ever: in the loop, and no rule makes a case of it."""
    with workspace.store.read() as conn:
        found = models.list_models(conn)
    missing = {each.id: never_reviewed(parsed_contract(each.spec_text)) for each in found}
    for model_id, versions in missing.items():
        if versions:
            message = N_(
                "No rule of review makes a case of each prediction of the versions in the loop "
                "({versions}): without a case they stay held."
            )
            yield Finding(
                "reviews", "warning", model_id, message, {"versions": ", ".join(versions)}
            )
    if not any(missing.values()):
        yield Finding("reviews", "ok", "", N_("What is in the loop becomes a case by a rule."))
