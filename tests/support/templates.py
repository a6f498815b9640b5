"""What takes seconds to build is built once for all workers of a test run, and copied."""

import atexit
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

VARIABLE = "HARBOURLIGHT_TEST_TEMPLATES"


def templates_folder() -> Path:
    """Return the folder of this run, which workers inherit; whoever made it removes it."""
    found = os.environ.get(VARIABLE)
    if found is None:
        found = os.environ[VARIABLE] = tempfile.mkdtemp(prefix="hl-templates-")
        atexit.register(shutil.rmtree, found, ignore_errors=True)
    return Path(found)


def built_once(name: str, build: Callable[[Path], None]) -> Path:
    """Return a folder that ``build`` filled, in this worker or another; nobody changes it."""
    folder = templates_folder() / name
    done = folder.with_name(f"{name}.done")
    with folder.with_name(f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            build(folder)
            done.touch()
    return folder
