"""The program, run in this process: on a new workspace, or on one with loans and tenants."""

import gc
from pathlib import Path

import pytest

from tests.support.harbour import Harbour
from tests.support.program import Run, program_of


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run the program in this process; return exit code, output and errors."""
    program = program_of(tmp_path / "home", monkeypatch, capsys)

    def call(*words: str) -> tuple[int, str, str]:
        said = program(*words)
        assert gc.isenabled()  # it rests only while modules are imported
        gc.unfreeze()  # the tests after this one have garbage of their own
        return said

    return call


@pytest.fixture
def at_harbour(run: Run, harbour: Harbour, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run it on the workspace with loans and tenants."""
    monkeypatch.setenv("HARBOURLIGHT_HOME", str(harbour.workspace.settings.home))
    return run
