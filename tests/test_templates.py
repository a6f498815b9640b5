"""Templates are built once, also by several processes at once, and again after a failure."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.config import PROJECT_ROOT
from tests.support import templates

PROGRAM = """
from tests.support.templates import built_once
def build(folder):
    import time
    with (folder.parent / "built").open("a") as told:
        told.write("x")
    time.sleep(0.2)
    (folder / "made").touch()
print((built_once("thing", build) / "made").is_file())
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HARBOURLIGHT_TEST_TEMPLATES", str(tmp_path))
    return tmp_path


def test_of_three_processes_one_builds(folder: Path) -> None:
    started = [
        subprocess.Popen([sys.executable, "-c", PROGRAM], cwd=PROJECT_ROOT, stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    assert [each.communicate(timeout=60)[0] for each in started] == 3 * [b"True\n"]
    assert (folder / "built").read_text("utf-8") == "x"


def test_what_was_left_by_a_failure_is_not_used(folder: Path) -> None:
    def fail(made: Path) -> None:
        (made / "half").touch()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        templates.built_once("thing", fail)
    made = templates.built_once("thing", lambda made: (made / "whole").touch())
    assert [path.name for path in made.iterdir()] == ["whole"]
