"""Run a command as a child process and read what it used from the kernel.

The bench's own process stays small on purpose: on Linux a child's peak memory starts at what
its parent held when it was forked.
"""

import ctypes
import os
import statistics
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from resource import struct_rusage
from sys import platform
from tempfile import TemporaryFile
from typing import IO

_RSS_UNIT = 1 if platform == "darwin" else 1024  # ru_maxrss is in bytes there, in KiB elsewhere
_SHOWN = 400
_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


@dataclass(frozen=True, slots=True)
class Usage:
    """What one run used.

    Parameters
    ----------
    wall_s : float
        Elapsed seconds.
    cpu_s : float
        User and system seconds of the process and the children it waited for.
    peak_bytes : int
        Largest resident set of the process or of any child it waited for.
    """

    wall_s: float
    cpu_s: float
    peak_bytes: int

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.wall_s + other.wall_s,
            self.cpu_s + other.cpu_s,
            max(self.peak_bytes, other.peak_bytes),
        )


@dataclass(frozen=True, slots=True)
class ChildRun:
    """A child that ended well: what it used and what it printed."""

    usage: Usage
    output: str


class ChildFailed(Exception):
    """A child that ended badly or took too long; the text says how."""


def run_child(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    folder: Path,
    timeout_s: float,
    codes: Sequence[int] = (0,),
) -> ChildRun:
    """Run a command to its end.

    Parameters
    ----------
    command : sequence of str
        Program and arguments.
    env : mapping
        Variables added to this process's own.
    folder : Path
        Working directory.
    timeout_s : float
        The child is killed after so many seconds.
    codes : sequence of int
        The exit codes that are well; a load that misses its target ends with 1.

    Raises
    ------
    ChildFailed
        If it cannot start, exits with another code than these, or takes too long.
    """
    with TemporaryFile() as out, TemporaryFile() as err:
        started = time.perf_counter()
        try:
            child = subprocess.Popen(
                command, cwd=folder, env={**os.environ, **env}, stdout=out, stderr=err
            )
        except OSError as error:
            raise ChildFailed(f"{command[0]} does not start: {error.strerror}") from error
        late = threading.Event()
        timer = threading.Timer(timeout_s, _kill, (child, late))
        timer.start()
        try:
            _, status, used = os.wait4(child.pid, 0)
        finally:
            timer.cancel()
        wall = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        if late.is_set():
            raise ChildFailed(f"not done after {timeout_s:.0f} s")
        if child.returncode not in codes:
            raise ChildFailed(f"exit code {child.returncode}: {_tail(err) or _tail(out)}")
        out.seek(0)
        return ChildRun(_usage(wall, used), out.read().decode("utf-8", "replace"))


def _kill(child: "subprocess.Popen[bytes]", late: threading.Event) -> None:
    late.set()
    child.kill()


def adopt_orphans() -> None:
    """Become the parent of every program below this one whose own parent ends.

    A database server detaches itself from whoever starts it. Adopted and waited for, what it
    worked is this process's own in the kernel's books, and not that of somebody else.
    """
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def _usage(wall_s: float, used: struct_rusage) -> Usage:
    return Usage(wall_s, used.ru_utime + used.ru_stime, used.ru_maxrss * _RSS_UNIT)


def _tail(stream: IO[bytes]) -> str:
    stream.seek(0)
    text = stream.read().decode("utf-8", "replace")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " ".join(lines[-3:])[-_SHOWN:]


def median_usage(usages: Sequence[Usage]) -> Usage:
    """Return the median seconds and the largest peak of several runs of one thing."""
    return Usage(
        statistics.median(usage.wall_s for usage in usages),
        statistics.median(usage.cpu_s for usage in usages),
        max(usage.peak_bytes for usage in usages),
    )
