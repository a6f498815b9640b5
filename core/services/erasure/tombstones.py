"""The tombstones as a file beside the workspace: keyed hashes only, to be kept with backups.

A backup is older than what was erased since. Whoever restores it hands over the newest of these
files, and the people in it are erased again before anybody sees the workspace.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from core.auth.keys import WorkspaceKeys
from core.errors import InvalidInput, UnreadableFile
from core.i18n import N_
from core.lake.files import finished_file
from core.services.workspace import Workspace
from core.store.retention import tombstones
from core.store.retention.tombstones import ErasedPrediction, Tombstone

FILE_NAME = "tombstones.json"
_FORMAT = 1
_CHECK = "tombstones"


@dataclass(frozen=True, slots=True)
class TombstoneFile:
    """What a file of tombstones holds."""

    subjects: tuple[Tombstone, ...]
    predictions: tuple[ErasedPrediction, ...]


def export_tombstones(workspace: Workspace) -> Path:
    """Write all tombstones into ``tombstones.json`` of the workspace, whole or not at all."""
    with workspace.store.read() as conn:
        subjects = tombstones.list_tombstones(conn)
        predictions = tombstones.list_predictions(conn)
    document = {
        "format": _FORMAT,
        "workspace": key_check(workspace.keys),
        "written_at": workspace.clock().isoformat(),
        "subjects": [
            {**asdict(stone), "erased_at": stone.erased_at.isoformat()} for stone in subjects
        ],
        "predictions": [asdict(each) for each in predictions],
    }
    path = workspace.settings.home / FILE_NAME
    with finished_file(path) as partial:
        partial.write_text(json.dumps(document, indent=1), encoding="utf-8")
    return path


def read_tombstones(path: Path, check: str) -> TombstoneFile:
    """Read a file of tombstones.

    Parameters
    ----------
    path : Path
        The file.
    check : str
        The check value of the workspace's key, see :func:`key_check`.

    Raises
    ------
    UnreadableFile
        If it is no such file.
    InvalidInput
        If another workspace wrote it: its hashes mean nothing here.
    """
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        subjects = tuple(
            Tombstone(**{**each, "erased_at": datetime.fromisoformat(each["erased_at"])})
            for each in document["subjects"]
        )
        predictions = tuple(ErasedPrediction(**each) for each in document["predictions"])
        written_for, version = document["workspace"], document["format"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableFile(
            N_("{path} is not a file of tombstones."),
            remedy=N_("Give the newest tombstones.json of the workspace."),
            path=path.name,
        ) from error
    if written_for != check or version != _FORMAT:
        raise InvalidInput(
            N_("{path} was written by another workspace."),
            remedy=N_("Give the newest tombstones.json of the workspace."),
            path=path.name,
        )
    return TombstoneFile(subjects, predictions)


def key_check(keys: WorkspaceKeys) -> str:
    """Return what tells two workspaces' keys apart and gives neither away."""
    return keys.mac(_CHECK, "check")
