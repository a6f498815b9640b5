"""Model versions as the log shows them, beside those that are registered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.errors import InvalidInput
from core.lake.versions import VersionSpan, version_spans
from core.services.questions import View
from core.services.workspace import Workspace
from core.store.manifest import ManifestFile


@dataclass(frozen=True, slots=True)
class VersionSeen:
    """A version in the log: since when, how many predictions, and whether it is registered."""

    version: str
    first: datetime
    rows: int
    registered: bool


def log_versions(
    workspace: Workspace,
    model_id: str,
    generation: int,
    files: Sequence[ManifestFile],
    jurisdictions: tuple[str, ...] | None,
) -> tuple[VersionSpan, ...]:
    """Return the versions in a generation's prediction files; remembered for the generation."""
    paths = workspace.lake_paths(files)
    return workspace.memo.get(
        ("versions", model_id, generation, jurisdictions),
        lambda: version_spans(workspace.duck, paths, jurisdictions),
    )


def require_known_version(workspace: Workspace, view: View) -> None:
    """Refuse a question about a version that neither the contract nor the log knows.

    Raises
    ------
    InvalidInput
        Naming the versions that there are.
    """
    asked = view.question.version
    registered = [version.id for version in view.contract.versions]
    if not asked or asked in registered:
        return
    spans = _spans(workspace, view)
    known = [*registered, *(span.version for span in spans if span.version not in registered)]
    if asked not in known:
        raise InvalidInput(
            "{model} has no version {version}.",
            remedy="Choose from: {versions}.",
            model=view.contract.id,
            version=asked,
            versions=", ".join(known) or "–",
        )


def versions_seen(workspace: Workspace, view: View) -> tuple[VersionSeen, ...]:
    """Return the versions in a view's log as known at ``as_of``, by their first prediction.

    The view was resolved under a permission; the whole log is looked at, whatever its window.
    """
    spans = _spans(workspace, view)
    registered = {version.id for version in view.contract.versions}
    return tuple(
        VersionSeen(span.version, span.first, span.rows, span.version in registered)
        for span in spans
        if span.first <= view.as_of
    )


def versions_between(workspace: Workspace, view: View, since: datetime) -> tuple[VersionSpan, ...]:
    """Return the versions of a view's predictions from an instant to ``as_of``, both included."""
    if since > view.as_of:
        return ()
    paths = workspace.lake_paths(view.data_files("predictions"))
    span = (since, view.as_of + timedelta(microseconds=1))
    return version_spans(workspace.duck, paths, view.jurisdictions, span=span)


def _spans(workspace: Workspace, view: View) -> tuple[VersionSpan, ...]:
    files = view.data_files("predictions")
    return log_versions(workspace, view.contract.id, view.generation, files, view.jurisdictions)
