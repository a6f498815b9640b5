"""Making and opening a workspace."""

import stat
from pathlib import Path

import pytest

from core.bootstrap import create_workspace, open_workspace
from core.config import load_settings
from core.errors import NotFound
from tests.support.fakes import FakeClock, FakeIds


def test_a_new_workspace_is_closed_to_others_and_opens_again(tmp_path: Path) -> None:
    settings = load_settings({"HARBOURLIGHT_HOME": str(tmp_path / "a home")})
    create_workspace(settings).store.close()
    assert stat.S_IMODE(settings.home.stat().st_mode) == 0o700
    clock, ids = FakeClock(), FakeIds()
    workspace = open_workspace(settings, clock=clock, new_id=ids)
    assert workspace.clock() == clock.now
    assert workspace.new_id() == "id-0001"
    assert {path.name for path in settings.home.iterdir()} >= {"lake", "models", "state.db"}
    workspace.store.close()


def test_an_existing_folder_keeps_its_mode(tmp_path: Path) -> None:
    home = tmp_path / "shared"
    home.mkdir(mode=0o750)
    home.chmod(0o750)
    create_workspace(load_settings({"HARBOURLIGHT_HOME": str(home)})).store.close()
    assert stat.S_IMODE(home.stat().st_mode) == 0o750


def test_no_second_workspace_is_made_in_silence(tmp_path: Path) -> None:
    home = tmp_path / "nowhere"
    with pytest.raises(NotFound, match="nowhere"):
        open_workspace(load_settings({"HARBOURLIGHT_HOME": str(home)}))
    assert not home.exists()
