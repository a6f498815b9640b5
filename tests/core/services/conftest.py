"""A workspace in a temporary folder, with a clock and ids that stand still."""

from pathlib import Path

import pytest

from core.config import Settings
from core.domain.identity import Actor, Role
from core.services.workspace import Workspace
from core.store import Store
from tests.core.services.signing_in import add
from tests.support.fakes import FakeClock, FakeIds


@pytest.fixture
def workspace(tmp_path: Path, sqlite_store: Store, clock: FakeClock, new_id: FakeIds) -> Workspace:
    settings = Settings(home=tmp_path / "home", state_url="unused", threads=2)
    for folder in (
        settings.lake_dir,
        settings.models_dir,
        settings.exports_dir,
        settings.scratch_dir,
    ):
        folder.mkdir(parents=True)
    return Workspace(settings, sqlite_store, clock, new_id)


@pytest.fixture
def admin() -> Actor:
    return Actor("u-admin", "admin", frozenset({Role.admin}), origin="cli")


@pytest.fixture
def business() -> Actor:
    return Actor("u-business", "business", frozenset({Role.business}))


@pytest.fixture
def shared(store: Store, tmp_path: Path, clock: FakeClock, new_id: FakeIds) -> Workspace:
    """A workspace on each of the two databases, with one user, wai."""
    workspace = Workspace(Settings(tmp_path / "home", "unused", threads=2), store, clock, new_id)
    add(workspace, "wai", Role.business)
    return workspace
