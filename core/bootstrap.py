"""The composition root: settings in, an open workspace out."""

from collections.abc import Callable
from datetime import datetime

from core.config import Settings
from core.errors import NotFound
from core.services.workspace import Workspace
from core.store.engine import open_store


def create_workspace(settings: Settings) -> Workspace:
    """Make the workspace's folders and database if they are missing, and open it."""
    # Password hashes and people's data lie here: nobody else on the machine may look in.
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    for folder in (
        settings.lake_dir,
        settings.models_dir,
        settings.exports_dir,
        settings.scratch_dir,
    ):
        folder.mkdir(parents=True, exist_ok=True)
    return Workspace(settings, open_store(settings.state_url))


def open_workspace(
    settings: Settings,
    *,
    clock: Callable[[], datetime] | None = None,
    new_id: Callable[[], str] | None = None,
) -> Workspace:
    """Open a workspace that exists; never make a second one in silence.

    Raises
    ------
    NotFound
        If there is no workspace at ``settings.home``.
    """
    if not settings.lake_dir.is_dir():
        raise NotFound(
            "There is no workspace at {home}.",
            remedy="Set HARBOURLIGHT_HOME, or make one with 'harbourlight init'.",
            home=str(settings.home),
        )
    workspace = create_workspace(settings)
    return Workspace(
        workspace.settings,
        workspace.store,
        clock or workspace.clock,
        new_id or workspace.new_id,
    )
