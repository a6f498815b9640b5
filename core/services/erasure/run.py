"""Carrying out an approved erasure, step by step; each may be repeated after a crash.

    lake: new files beside the old → ONE transaction: manifests, tombstones of predictions,
    payloads and key destroyed, entry ``subject.erased`` → replaced files deleted → downloads,
    uploads, leftovers → state database: texts, then the sealed reference → free pages and log
    → report

Whatever was interrupted is found again: by the tombstone, by the manifest, or by the phase that
the report has reached.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.errors import Conflict
from core.i18n import N_
from core.lake.duck import Duck, open_duck
from core.lake.streams import identity_column
from core.lake.upkeep.erase import Wanted, found_references, set_ids
from core.services import access
from core.services.backup.loose_files import ATTACHMENTS, SNAPSHOTS, remove_loose_files
from core.services.erasure.asking import SEAL, wanted_of
from core.services.erasure.lake import ModelErasure, look, purge
from core.services.erasure.obstacles import obstacles, refuse
from core.services.erasure.sweep import sweep
from core.services.erasure.tombstones import export_tombstones
from core.services.jobs.worker import WORKER
from core.services.workspace import Workspace
from core.store import jobs, models
from core.store.audit import subjects
from core.store.audit import trail as audit
from core.store.explanations import letters as explanation_letters
from core.store.explanations import records as explanations
from core.store.explanations import samples
from core.store.retention import erasures, holds, text_search
from core.store.retention.cleanse import cleanse
from core.store.retention.erasures import Erasure
from core.store.retention.text_search import MASK
from core.store.review import erasing

RESTORED = "restored"
_ATTEMPTS = 50
_PHASES = ("begun", "swapped", "swept", "forgotten")
Progress = Callable[[float, str], None]
Step = Callable[[str], None]


@dataclass(slots=True)
class _Work:
    """One run of an erasure, and what its report says so far."""

    workspace: Workspace
    asked: Erasure
    reference: str | None
    step: Step
    report: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.report = {"phase": "begun", "models": {}, "stores": {}, **(self.asked.report or {})}

    def has_reached(self, phase: str) -> bool:
        return _PHASES.index(str(self.report["phase"])) >= _PHASES.index(phase)

    @property
    def affected(self) -> list[str]:
        """Models that held anything of the subject."""
        done = self.report["models"]
        found = done.items() if isinstance(done, Mapping) else ()
        return [str(name) for name, each in found if each["found"]]

    def add(self, **counts: int) -> None:
        """Add to what was done to stores outside the models."""
        stores = self.report["stores"]
        before: Mapping[str, int] = stores if isinstance(stores, Mapping) else {}
        self.report["stores"] = {
            **before,
            **{name: before.get(name, 0) + count for name, count in counts.items()},
        }

    def keep(self, conn: Connection, phase: str) -> None:
        """Keep the report, and that a phase is reached."""
        self.report["phase"] = phase
        erasures.put_report(conn, self.asked.id, self.report)


def run_erasure(
    workspace: Workspace,
    erasure_id: str,
    *,
    actor: Actor,
    progress: Progress = lambda _share, _note: None,
    step: Step = lambda _: None,
) -> Mapping[str, object]:
    """Carry out an erasure that was approved, or complete it; return its report.

    Parameters
    ----------
    workspace : Workspace
        Where.
    erasure_id : str
        Which.
    actor : Actor
        Who runs it; the approval says who decided it.
    progress : callable
        Told a share of 1 and what is being done.
    step : callable
        Told the name of each step; tests stop the process there.

    Raises
    ------
    Conflict
        If it was not approved, or something stands against it by now.
    """
    access.require(actor, Permission.erasure_request)
    with workspace.store.read() as conn:
        asked = erasures.get(conn, erasure_id)
        scope = [record.id for record in models.list_models(conn)]
    if asked.state == "done":
        return asked.report or {}
    if asked.state != "running":
        raise Conflict(
            N_("This erasure is not approved."), remedy=N_("Let a second person approve it first.")
        )
    sealed = asked.sealed
    reference = workspace.keys.unseal(SEAL, sealed).decode("utf-8") if sealed else None
    work = _Work(workspace, asked, reference, step)
    model_ids = [asked.model_id] if asked.model_id else scope
    with open_duck(workspace.settings, "ingest") as duck:
        if work.reference is None and not work.has_reached("swapped"):
            work.reference = _reference(work, duck, model_ids)
        ids: tuple[str, ...] = ()
        if not work.has_reached("swapped"):
            ids = _take_out(work, duck, model_ids, actor, progress)
        set_ids(duck, ids)
        progress(0.6, "")
        if not work.has_reached("swept"):
            _sweep(work, duck)
    progress(0.8, "")
    if not work.has_reached("forgotten"):
        _forget(work)
    return _finish(work, actor)


def erase_job(workspace: Workspace, job: jobs.Job, progress: Progress) -> Mapping[str, object]:
    """Do an erasure that was ordered as a job."""
    erasure_id = str(job.payload["erasure"])
    run_erasure(workspace, erasure_id, actor=WORKER, progress=progress)
    return {"erasure": erasure_id}


def run_waiting(workspace: Workspace, *, actor: Actor, step: Step = lambda _: None) -> int:
    """Carry out the erasures that are approved and wait, without the worker; return how many."""
    access.require(actor, Permission.erasure_request)
    with workspace.store.read() as conn:
        waiting = erasures.list_erasures(conn, state="running")
    for each in reversed(waiting):
        run_erasure(workspace, each.id, actor=actor, step=step)
    return len(waiting)


def _reference(work: _Work, duck: Duck, model_ids: list[str]) -> str | None:
    """Return what the logs call a subject known by the pseudonym alone, as after a restore."""
    for model_id in model_ids:
        seen = look(work.workspace, model_id)
        wanted = _wanted(work)(identity_column(seen.contract))
        paths = work.workspace.lake_paths(seen.of("predictions"))
        found = found_references(duck, paths, wanted)
        if found:
            return found[0]
    return None


def _take_out(
    work: _Work, duck: Duck, model_ids: list[str], actor: Actor, progress: Progress
) -> tuple[str, ...]:
    """Write the lake without the subject, and swap all models' files in one transaction.

    Returns the ids of the predictions that are gone.
    """
    plans = [
        ModelErasure(work.workspace, each, work.asked.id, _wanted(work), work.step)
        for each in model_ids
    ]
    for _ in range(_ATTEMPTS):
        try:
            for number, plan in enumerate(plans):
                progress(0.5 * number / len(plans), plan.model_id)
                plan.prepare(duck)
            if not work.report.get(RESTORED):
                refuse(obstacles(work.workspace, work.asked.subject_id, plans))
            work.step("before-swap")
            if not _swapped(work, plans, actor):
                for plan in plans:
                    plan.forget()
                continue
        except BaseException:
            for plan in plans:
                plan.forget()
            raise
        work.step("swapped")
        return tuple(each for plan in plans for each in plan.ids)
    raise Conflict(
        N_("The files changed too often while the person was erased."),
        remedy=N_("Run 'harbourlight erasure run' later."),
    )


def _swapped(work: _Work, plans: list[ModelErasure], actor: Actor) -> bool:
    """Swap the files; ``False`` if others were replaced meanwhile."""
    try:
        with work.workspace.store.begin() as conn:
            _swap(work, conn, plans, actor)
    except Conflict:
        return False
    return True


def _swap(work: _Work, conn: Connection, plans: list[ModelErasure], actor: Actor) -> None:
    done: dict[str, dict[str, object]] = {}
    for plan in plans:
        generation = plan.publish(conn)
        done[plan.model_id] = {
            "rows": dict(plan.rows),
            "refused": plan.refused,
            "files": len(plan.removed),
            "profiles": plan.profiles,
            "reference_rows": plan.reference_rows,
            "artefacts": dict(plan.artefacts),
            "generation": generation,
            "found": plan.found or bool(plan.ids),
        }
    everywhere = work.asked.model_id is None
    gone = subjects.destroy(conn, work.asked.subject_id) if everywhere else subjects.Destroyed(0, 0)
    work.report["models"] = done
    masked = holds.forget_reasons(conn, work.asked.subject_id, MASK) if everywhere else 0
    work.add(payloads=gone.payloads, keys=gone.keys, hold_reasons=masked)
    _forget_reviews(work, conn, plans)
    work.keep(conn, "swapped")
    work.step("in-transaction")
    audit.append(
        conn,
        at=work.workspace.clock(),
        actor=actor.audit_name,
        role=actor.role_text,
        kind="subject.erased",
        objects={"subject": work.asked.subject_id, "erasure": work.asked.id},
        body={
            "basis": work.asked.basis,
            "approved_by": work.asked.approved_by,
            "models": {
                name: {key: each[key] for key in ("rows", "refused", "generation")}
                for name, each in done.items()
            },
            "payloads": gone.payloads,
            "key_destroyed": bool(gone.keys),
        },
    )


def _forget_reviews(work: _Work, conn: Connection, plans: list[ModelErasure]) -> None:
    """Take the person out of reviews, requests and explanations; files go when that is kept."""
    asked = work.asked
    gone = erasing.forget(
        conn,
        asked.subject_id,
        model_id=asked.model_id,
        predictions=[(plan.model_id, plan.ids) for plan in plans],
    )
    letters = explanation_letters.forget(
        conn,
        asked.subject_id,
        model_id=asked.model_id,
        predictions=[(plan.model_id, plan.ids) for plan in plans],
    )
    explained = explanations.forget(
        conn,
        asked.subject_id,
        model_id=asked.model_id,
        predictions=[(plan.model_id, plan.ids) for plan in plans],
    )
    sampled = samples.forget(conn, [(plan.model_id, plan.ids) for plan in plans])
    work.report["loose_files"] = [
        *(f"{ATTACHMENTS}/{path}" for path in gone.attachments),
        *(f"{SNAPSHOTS}/{path}" for path in gone.snapshots),
    ]
    work.add(
        review_cases=gone.cases,
        review_texts=gone.texts,
        rights_requests=gone.requests,
        dispute_notes=gone.notes,
        disclosures=gone.disclosures,
        letters=letters,
        explanations=explained,
        sampled=sampled,
    )


def _sweep(work: _Work, duck: Duck) -> None:
    loose = [str(each) for each in _listed(work.report.get("loose_files"))]
    work.add(loose_files=remove_loose_files(work.workspace.settings.home, loose))
    work.report.pop("loose_files", None)
    model_ids = work.affected
    purged = sum(purge(work.workspace, each) for each in model_ids)
    work.step("purged")
    swept = sweep(work.workspace, work.asked.id, model_ids, duck, _wanted(work)("subject"))
    work.workspace.memo.clear()
    work.step("swept")
    counts = asdict(swept)
    counts["waiting_files"] = counts.pop("waiting")
    work.add(replaced_files=purged, **counts)
    with work.workspace.store.begin() as conn:
        work.keep(conn, "swept")
    export_tombstones(work.workspace)


def _forget(work: _Work) -> None:
    """Take the reference out of the state database, the sealed one last."""
    with work.workspace.store.begin() as conn:
        if work.reference is not None:
            scrubbed = text_search.scrub(conn, work.reference)
            work.report["texts_mended"] = dict(scrubbed.mended)
            work.report["texts_left"] = dict(scrubbed.left)
            work.report["entries_left"] = list(scrubbed.entries)
        erasures.unseal(conn, work.asked.id)
        work.keep(conn, "forgotten")
    work.step("forgotten")


def _finish(work: _Work, actor: Actor) -> Mapping[str, object]:
    workspace = work.workspace
    cleansed = cleanse(workspace.store)
    work.step("cleansed")
    work.report["database"] = asdict(cleansed)
    work.report["files_left"] = sum(len(look(workspace, each).gone) for each in work.affected)
    at = workspace.clock()
    with workspace.store.begin() as conn:
        work.report["backups"] = len(
            audit.list_newest(conn, kind="backup.made", until=at, limit=1000)
        )
        work.report["phase"] = "done"
        if erasures.finish(conn, work.asked.id, report=work.report, at=at):
            audit.append(
                conn,
                at=at,
                actor=actor.audit_name,
                role=actor.role_text,
                kind="erasure.completed",
                objects={"subject": work.asked.subject_id, "erasure": work.asked.id},
                body={"stores": work.report["stores"], "database": asdict(cleansed)},
            )
    export_tombstones(workspace)
    work.step("finished")
    return work.report


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _wanted(work: _Work) -> Callable[[str], Wanted]:
    return lambda column: wanted_of(work.workspace, work.asked.subject_id, work.reference, column)
