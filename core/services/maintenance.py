"""Keeping the lake in order: compaction, and removing files that no reader can still hold."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from core.domain.identity import Actor, Permission, Role
from core.errors import Conflict
from core.lake.duck import open_duck
from core.lake.files import finished_file, sha256_of
from core.lake.paths import data_path, profile_path
from core.lake.upkeep.compact import Merge, plan_merges, write_merged
from core.services import access
from core.services.workspace import Workspace
from core.store import jobs, manifest, models
from core.store.audit import trail as audit
from core.store.manifest import ManifestFile, NewFile

COMPACT_JOB = "compact"
COMPACTION = "compaction"
_MAINTAINER = frozenset({Role.admin})
GRACE = timedelta(hours=1)
Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Compaction:
    """What a compaction did to one model's files.

    Parameters
    ----------
    model : str
        Whose files.
    merged, made : int
        Files replaced, and the files that took their place.
    overtaken : int
        Merges given up because the files were replaced meanwhile; the next run does them.
    removed : int
        Files deleted that were replaced more than an hour ago.
    """

    model: str
    merged: int = 0
    made: int = 0
    overtaken: int = 0
    removed: int = 0

    def __str__(self) -> str:
        return (
            f"{self.model}: {self.merged} files merged into {self.made},"
            f" {self.removed} replaced files removed"
        )


def compact(
    workspace: Workspace,
    model_id: str | None = None,
    *,
    actor: Actor,
    progress: Progress = lambda _share, _note: None,
    step: Callable[[str], None] = lambda _: None,
) -> tuple[Compaction, ...]:
    """Merge small files of each month and small profiles, and delete what was replaced long ago.

    Readers of an older generation keep their files for an hour. Ingests go on meanwhile.

    Parameters
    ----------
    workspace : Workspace
        Whose lake.
    model_id : str, optional
        Only this model; all of the actor's scope by default.
    actor : Actor
        Who orders it.
    progress : callable
        Told a share of 1 and what is being done.
    step : callable
        Told the name of each step; tests stop the process there.
    """
    access.require(actor, Permission.workspace_maintain, model=model_id)
    with workspace.store.read() as conn:
        scope = actor.models if model_id is None else [models.get(conn, model_id).id]
        found = [record.id for record in models.list_models(conn, scope)]
    done: list[Compaction] = []
    for number, model in enumerate(found):
        progress(number / len(found), model)
        compacted = _compact_model(workspace, model, actor, step)
        done.append(replace(compacted, removed=_remove_replaced(workspace, model)))
    progress(1.0, "")
    return tuple(done)


def compact_job(workspace: Workspace, job: jobs.Job, progress: Progress) -> Mapping[str, object]:
    """Do a compaction ordered as a job; return what was done to each model."""
    actor = Actor(job.created_by, job.created_by, _MAINTAINER, origin="worker")
    done = compact(workspace, job.model_id, actor=actor, progress=progress)
    return {"models": [asdict(compacted) for compacted in done]}


def _compact_model(
    workspace: Workspace, model_id: str, actor: Actor, step: Callable[[str], None]
) -> Compaction:
    with workspace.store.read() as conn:
        generation = manifest.generation(conn, model_id)
        files = manifest.files_at(conn, model_id, generation, kinds=["data", "profile"])
    merged = made = overtaken = 0
    for merge in plan_merges(files):
        if _merge(workspace, model_id, merge, actor, step):
            merged, made = merged + len(merge.files), made + 1
        else:
            overtaken += 1
    return Compaction(model_id, merged, made, overtaken)


def _merge(
    workspace: Workspace,
    model_id: str,
    merge: Merge,
    actor: Actor,
    step: Callable[[str], None],
) -> bool:
    """Merge files and swap them; ``False`` if some of them are gone already."""
    replaced = {file.id: file for file in _manifest_files(workspace, model_id, merge)}
    if len(replaced) < len(merge.files):
        return False
    lake, path = workspace.settings.lake_dir, _target(workspace, model_id, merge)
    with finished_file(lake / path) as partial, open_duck(workspace.settings, "ingest") as duck:
        rows = write_merged(duck, merge, lake, partial)
        step("merged")
        sha256, size = sha256_of(partial), partial.stat().st_size
    step("renamed")
    first = next(iter(replaced.values()))
    new = NewFile(
        first.kind,
        path,
        sha256,
        size,
        rows,
        stream=first.stream,
        profile_kind=first.profile_kind,
        bins_id=first.bins_id,
        month=first.month,
        first_time=_extreme(min, (file.first_time for file in replaced.values())),
        last_time=_extreme(max, (file.last_time for file in replaced.values())),
    )
    if _swap(workspace, model_id, new, tuple(replaced), actor):
        step("swapped")
        return True
    (lake / path).unlink(missing_ok=True)
    return False


def _manifest_files(workspace: Workspace, model_id: str, merge: Merge) -> tuple[ManifestFile, ...]:
    wanted = {file.id for file in merge.files}
    with workspace.store.read() as conn:
        generation = manifest.generation(conn, model_id)
        files = manifest.files_at(conn, model_id, generation, kinds=[merge.first.kind])
    return tuple(file for file in files if file.id in wanted)


def _target(workspace: Workspace, model_id: str, merge: Merge) -> str:
    writer, first = f"{COMPACTION}-{workspace.new_id()}", merge.first
    if first.kind == "data":
        return data_path(model_id, first.stream or "", first.month or "", writer)
    return profile_path(model_id, first.profile_kind or "", writer, first.bins_id)


def _swap(
    workspace: Workspace, model_id: str, new: NewFile, remove: tuple[int, ...], actor: Actor
) -> bool:
    """Put the new file in the place of the old; ``False`` if one of them is gone already."""
    while True:
        with workspace.store.read() as conn:
            generation = manifest.generation(conn, model_id)
            live = manifest.files_at(conn, model_id, generation, kinds=[new.kind])
        if not set(remove) <= {file.id for file in live}:
            return False
        try:
            with workspace.store.begin() as conn:
                manifest.swap(
                    conn, model_id, generation, add=[new], remove=remove, at=workspace.clock()
                )
                audit.append(
                    conn,
                    at=workspace.clock(),
                    actor=actor.audit_name,
                    role=actor.role_text,
                    kind="lake.compacted",
                    objects={"model": model_id},
                    body={"path": new.path, "sha256": new.sha256, "replaced": len(remove)},
                )
        except Conflict:
            continue  # another publication was faster; look again
        return True


def _remove_replaced(workspace: Workspace, model_id: str) -> int:
    now = workspace.clock()
    with workspace.store.read() as conn:
        removable = manifest.removable(conn, removed_before=now - GRACE)
    old = [file for file in removable if file.model_id == model_id]
    for file in old:
        (workspace.settings.lake_dir / file.path).unlink(missing_ok=True)
    if old:
        with workspace.store.begin() as conn:
            manifest.mark_purged(conn, [file.id for file in old], at=now)
    return len(old)


def _extreme(
    choose: Callable[[list[datetime]], datetime], moments: Iterable[datetime | None]
) -> datetime | None:
    known = [moment for moment in moments if moment is not None]
    return choose(known) if known else None
