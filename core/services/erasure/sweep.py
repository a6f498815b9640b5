"""What an erasure takes away outside the lake's files in force: downloads, uploads, leftovers."""

import os
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from core.lake.duck import Duck
from core.lake.upkeep.doctor import unknown_files, writer_of
from core.lake.upkeep.erase import Wanted
from core.lake.upkeep.erase_artefacts import holds_subject
from core.services.erasure.lake import ERASURE
from core.services.ingest.uploads import uploads_dir
from core.services.workspace import Workspace
from core.store import batches, jobs, manifest, models
from core.store.retention import erasures

_REPORT = "evidently-"
_FRESH_S = 600.0


@dataclass(frozen=True, slots=True)
class Swept:
    """Files removed of each kind, and those that another process still writes or waits for."""

    exports: int
    uploads: int
    leftovers: int
    scratch: int
    waiting: int


def sweep(
    workspace: Workspace,
    erasure_id: str,
    model_ids: Collection[str],
    duck: Duck,
    wanted: Wanted,
) -> Swept:
    """Remove every file that may hold rows of a subject's models and that no manifest names.

    Parameters
    ----------
    workspace : Workspace
        Where.
    erasure_id : str
        The erasure, of which earlier attempts may have left files.
    model_ids : collection of str
        Models that the subject was erased from.
    duck : Duck
        That knows the ids of the subject's predictions.
    wanted : Wanted
        Whose.
    """
    uploads, waiting = _uploads(workspace, model_ids)
    leftovers, written = _leftovers(workspace, erasure_id, model_ids, duck, wanted)
    return Swept(
        remove_downloads(workspace, model_ids),
        uploads,
        leftovers,
        _scratch(workspace),
        waiting + written,
    )


def remove_downloads(workspace: Workspace, model_ids: Collection[str]) -> int:
    """Remove downloads of these models, and those of which nobody knows the model."""
    folder = workspace.settings.exports_dir
    with workspace.store.begin() as conn:
        others = erasures.exports_of_others(conn, model_ids, at=workspace.clock())
        known = {record.id for record in models.list_models(conn)} - set(model_ids)
    removed = 0
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        name = path.relative_to(folder).as_posix()
        of_other = any(path.name.startswith(f"{_REPORT}{model}-") for model in known)
        of_ours = any(path.name.startswith(f"{_REPORT}{model}-") for model in model_ids)
        if path.is_file() and name not in others and (of_ours or not of_other):
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _uploads(workspace: Workspace, model_ids: Collection[str]) -> tuple[int, int]:
    """Remove files that were uploaded for these models; those not ingested yet are waited for."""
    removed = waiting = 0
    for folder in sorted(uploads_dir(workspace).glob("*")):
        with workspace.store.read() as conn:
            job = jobs.find(conn, folder.name)
        if job is not None and job.model_id not in model_ids:
            continue
        if job is not None and job.is_active:
            waiting += 1
            continue
        shutil.rmtree(folder, ignore_errors=True)
        removed += 1
    return removed, waiting


def _leftovers(
    workspace: Workspace,
    erasure_id: str,
    model_ids: Collection[str],
    duck: Duck,
    wanted: Wanted,
) -> tuple[int, int]:
    """Remove files of the lake that nobody published and that hold the subject, or cannot say."""
    lake = workspace.settings.lake_dir
    with workspace.store.read() as conn:
        known = {file.path for file in manifest.kept_files(conn)}
        writing = {each.id: each for each in batches.list_batches(conn, states=["writing"])}
    removed = written = 0
    for path in unknown_files(lake, known):
        if path.split("/", maxsplit=1)[0] not in model_ids:
            continue
        own = f"{ERASURE}-{erasure_id}-" in path
        if own:  # of an attempt that was stopped; this one has swapped
            (lake / path).unlink(missing_ok=True)
            removed += 1
        elif writer_of(path, writing) is not None or _is_fresh(workspace, lake / path):
            written += 1
        elif holds_subject(duck, lake / path, wanted) is not False:
            (lake / path).unlink(missing_ok=True)
            removed += 1
    return removed, written


def _is_fresh(workspace: Workspace, path: Path) -> bool:
    """Whether somebody may be writing an unfinished file at this moment."""
    if not path.name.endswith(".part"):
        return False
    try:
        age = workspace.clock().timestamp() - path.stat().st_mtime
    except OSError:
        return True
    return abs(age) < _FRESH_S


def _scratch(workspace: Workspace) -> int:
    """Remove what DuckDB spilled in processes that are gone."""
    removed = 0
    for path in sorted(workspace.settings.scratch_dir.glob("duckdb-*")):
        number = path.name.rsplit("-", maxsplit=1)[-1]
        if number.isdigit() and not _runs(int(number)):
            shutil.rmtree(path, ignore_errors=True)
            removed += 1
    return removed


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
