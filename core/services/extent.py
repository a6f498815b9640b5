"""How far a model's log reaches, for whoever asks: rows outside a scope do not exist for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.lake.rows import span_in_scope
from core.services.workspace import Workspace
from core.store.manifest import ManifestFile
from core.store.models import ModelRecord


@dataclass(frozen=True, slots=True)
class Extent:
    """The reach of a log.

    Parameters
    ----------
    first, last : datetime
        Instants of the first and the last prediction, in UTC.
    newest_event : datetime
        The newest event of any kind.
    rows : int
        Predictions.
    """

    first: datetime
    last: datetime
    newest_event: datetime
    rows: int


def log_extent(
    workspace: Workspace,
    row: ModelRecord,
    files: Sequence[ManifestFile],
    jurisdictions: tuple[str, ...] | None,
) -> Extent | None:
    """Return how far the rows of some jurisdictions reach; ``None`` if there are none.

    Parameters
    ----------
    workspace : Workspace
        Where the log is.
    row : ModelRecord
        The model at one generation.
    files : sequence of ManifestFile
        Its files at that generation.
    jurisdictions : tuple of str, optional
        The reader's scope; ``None`` asks the manifest alone and reads no file.
    """
    data = [file for file in files if file.kind == "data"]
    logged = [file for file in data if file.stream == "predictions"]
    if jurisdictions is None:
        return _of_manifest(logged, row.newest_event)
    resolved = [file for file in data if file.stream == "resolved"]
    return workspace.memo.get(
        ("extent", row.id, row.lake_generation, jurisdictions, len(resolved)),
        lambda: _in_scope(workspace, logged, resolved, jurisdictions),
    )


def _of_manifest(logged: Sequence[ManifestFile], newest: datetime | None) -> Extent | None:
    starts = [file.first_time for file in logged if file.first_time is not None]
    ends = [file.last_time for file in logged if file.last_time is not None]
    if not starts or not ends or newest is None:
        return None
    return Extent(min(starts), max(ends), newest, sum(file.rows for file in logged))


def _in_scope(
    workspace: Workspace,
    logged: Sequence[ManifestFile],
    resolved: Sequence[ManifestFile],
    jurisdictions: tuple[str, ...],
) -> Extent | None:
    """Read the rows: the manifest knows files only, and a file may hold several places."""
    predictions = span_in_scope(workspace.duck, workspace.lake_paths(logged), jurisdictions)
    if predictions is None:
        return None
    outcomes = span_in_scope(
        workspace.duck, workspace.lake_paths(resolved), jurisdictions, time="observed_at"
    )
    newest = max(predictions.last, outcomes.last) if outcomes else predictions.last
    return Extent(predictions.first, predictions.last, newest, predictions.rows)
