"""libfiu, which makes system calls fail at random: find it, or install Debian's packages."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

PROGRAM = "fiu-run"
PACKAGES = ("fiu-utils", "libfiu0")
INSTALL = (
    ("apt-get", "update", "-qq"),
    ("apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES),
)


class NoLibfiu(Exception):
    """libfiu is not on this machine and could not be installed; says what to run."""


def fiu_run() -> str:
    """Return the path of ``fiu-run``; as root it is installed where apt-get is there.

    Raises
    ------
    NoLibfiu
        With the commands to run.
    """
    found = shutil.which(PROGRAM)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in INSTALL:
            subprocess.run(command, env=environment, capture_output=True, check=False)
        found = shutil.which(PROGRAM)
    if found is None:
        by_hand = " && ".join(f"sudo {' '.join(command)}" for command in INSTALL)
        raise NoLibfiu(f"The runs with faults of the disk need libfiu. Run: {by_hand}")
    return found


def under_faults(program: str, command: Sequence[str], folder: Path) -> "tuple[int, str, str]":
    """Run a command with libfiu loaded; return its exit code and what it printed."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [program, "-x", "-f", "", *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=240,
    )
    return done.returncode, done.stdout, done.stderr
