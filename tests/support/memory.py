"""What tests write is kept in memory, where the machine has room, and each keeps to one core.

The product syncs every file to the disk, and tests make a hundred thousand of them: half of their
time would be waiting. What a fault leaves behind is the same: a killed process leaves what the
kernel has, and failing disks are played by libfiu or are small ones of their own.
"""

import os
import tempfile
from pathlib import Path

from core.lake.duck import memory_limit_bytes

MEMORY = Path("/dev/shm")  # noqa: S108  # a file system, and no file of a name to guess
ROOM_BYTES = 4 * 1024**3
MACHINE_BYTES = 12 * 1024**3


def work_in_memory() -> None:
    """Have this process and its children write their temporary files there."""
    if "TMPDIR" not in os.environ and has_room(MEMORY):
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # pytest has asked for the folder before


def one_thread_each() -> None:
    """Have this process and its children fit and ask models on one thread, not on every core.

    Workers share the cores: threads of theirs would wait in turns for each, and burn what they
    wait. How many threads a user's query takes is a setting of the workspace, and tested as that.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")


def has_room(folder: Path) -> bool:
    """Whether files can be written and run there, and memory is left to the tests."""
    if not os.access(folder, os.W_OK | os.X_OK) or memory_limit_bytes(1.0) < MACHINE_BYTES:
        return False
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize >= ROOM_BYTES and not found.f_flag & os.ST_NOEXEC
