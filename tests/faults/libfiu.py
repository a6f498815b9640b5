"""libfiu, which makes system calls fail at random: find it, or install Debian's packages."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

PROGRAM = "fiu-run"
PACKAGES = ("fiu-utils", "libfiu0")
_TRIES = 10
_HANGS_AFTER_S = 6.0
_LONGEST_S = 240.0
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


def under_faults(
    program: str, command: Sequence[str], folder: Path, began: Callable[[], bool]
) -> tuple[int, str, str]:
    """Run a command with libfiu loaded; return its exit code and what it printed.

    While a library is loaded that allocates memory, libfiu may wait for a lock of its own for ever.
    A run in which that happened before any fault began is repeated; ``began`` says whether.
    """
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    for _ in range(_TRIES):
        with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
            process = subprocess.Popen(
                [program, "-x", "-f", "", *command],
                cwd=folder,
                env=environment,
                stdout=output,
                stderr=errors,
            )
            if _ends(process, began):
                output.seek(0)
                errors.seek(0)
                return process.returncode, output.read(), errors.read()
    raise NoLibfiu(f"libfiu hung {_TRIES} times before any fault began")


def _ends(process: "subprocess.Popen[bytes]", began: Callable[[], bool]) -> bool:
    """Wait for the end; kill a process that waits for nothing before a fault began."""
    used, since, deadline = -1, time.monotonic(), time.monotonic() + _LONGEST_S
    while True:
        try:
            process.wait(timeout=0.5)
        except subprocess.TimeoutExpired:
            now, ticks = time.monotonic(), _ticks(process.pid)
            if ticks != used:
                used, since = ticks, now
            if now - since < _HANGS_AFTER_S and now < deadline:
                continue
            process.kill()
            process.wait()
            if began():
                raise
            return False
        return True


def _ticks(pid: int) -> int:
    """Return how long a process has run so far."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return -1
    return int(fields[11]) + int(fields[12])
