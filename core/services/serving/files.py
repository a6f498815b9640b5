"""The state of each model as a file, for serving systems that read files instead of asking.

A file is replaced whole, while the model is locked in the state database: of two writers the later
one writes what is true last. Whatever could not be written, the worker writes at its next look.
"""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from core.errors import HarbourlightError
from core.lake.files import finished_file
from core.services.workspace import Workspace
from core.store import models, serving
from core.store.alerts import checks

REFRESH = timedelta(seconds=60)
"""How old a file may get before the worker says again that it is so."""

_AS_OF = "as_of"
_LOG = logging.getLogger(__name__)


def publish_state(workspace: Workspace, model_id: str) -> Path | None:
    """Write the state of a model to its file; return where, or ``None`` if it cannot be written.

    What was decided counts all the same: a full disk stops no suspension.
    """
    try:
        with workspace.store.begin() as conn:
            checks.lock_model(conn, model_id)
            return _write(workspace, conn, model_id)
    except HarbourlightError as error:
        _LOG.error("the file of the state of model %s was not written: %s", model_id, error)
        return None


def publish_due_states(workspace: Workspace) -> int:
    """Write the files that are missing, wrong or older than a minute; return how many."""
    now = workspace.clock()
    with workspace.store.read() as conn:
        wanted = {each.id: _document(conn, each.id) for each in models.list_models(conn)}
    due = [name for name, said in wanted.items() if _is_due(_path(workspace, name), said, now)]
    return sum(publish_state(workspace, name) is not None for name in due)


def _write(workspace: Workspace, conn: Connection, model_id: str) -> Path:
    path = _path(workspace, model_id)
    said = {**_document(conn, model_id), _AS_OF: _instant(workspace.clock())}
    with finished_file(path) as partial:
        partial.write_text(json.dumps(said, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path


def _document(conn: Connection, model_id: str) -> dict[str, object]:
    """Return what a file says, but for when; the same as the answer over HTTP."""
    record = serving.find_state(conn, model_id)
    named = next(iter(serving.version_changes(conn, model_id, limit=1)), None)
    return {
        "model": model_id,
        "state": record.state if record else "production",
        "fallback_version": record.fallback_version if record else None,
        "serving_version": named.version if named else None,
        "since": _instant(record.changed_at) if record else None,
        "serving_since": _instant(named.changed_at) if named else None,
    }


def _is_due(path: Path, said: Mapping[str, object], now: datetime) -> bool:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        as_of = datetime.fromisoformat(found.pop(_AS_OF))
    except (OSError, ValueError, AttributeError, KeyError, TypeError):
        return True
    return bool(found != said or not timedelta(0) <= now - as_of < REFRESH)


def _path(workspace: Workspace, model_id: str) -> Path:
    return workspace.settings.serving_dir / f"{model_id}.json"


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
