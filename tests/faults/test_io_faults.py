"""Reads, writes and fsyncs that fail at random, by libfiu, over ingest and audit.

An error leaves the batch whole or absent; the same process goes on once the disk works again; and a
repeat completes what failed. DuckDB ends the whole process at some failed reads ("terminate called
after throwing … InternalException"): that is a crash, and is held to the same.
"""

import json
import random
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from core.config import PROJECT_ROOT
from tests.faults import history
from tests.faults.io_work import READY
from tests.faults.libfiu import fiu_run, under_faults

RUNS = 100
POINTS = (
    "posix/io/rw/*",
    "posix/io/rw/write",
    "posix/io/rw/pwrite",
    "posix/io/rw/pread",
    "posix/io/sync/*",
)
ERRNO = {"EIO": 5, "ENOSPC": 28}
PROBABILITIES = (0.005, 0.02, 0.1)
# What a shell adds to a signal's number; fiu-run is a shell script.
ABORTED = {-signal.SIGABRT, 128 + signal.SIGABRT}


def test_a_few_runs_under_faults_of_the_disk(tmp_path: Path) -> None:
    """The short form: the same writer and checks, each kind of fault once."""
    faults = [("posix/io/rw/*", "EIO", 0.1), ("posix/io/sync/*", "ENOSPC", 0.5)]
    _run_under_faults(tmp_path, faults, files=4)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_hundred_runs_under_faults_of_the_disk(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(2**32)
    sys.stdout.write(f"seed {seed}\n")
    draw = random.Random(seed)
    faults = [
        (draw.choice(POINTS), draw.choice(list(ERRNO)), draw.choice(PROBABILITIES))
        for _ in range(RUNS)
    ]
    _run_under_faults(tmp_path, faults, files=8)


def _run_under_faults(
    tmp_path: Path, faults: Sequence[tuple[str, str, float]], *, files: int
) -> None:
    """Let the writer work once under each fault, and check what it leaves."""
    program, told = fiu_run(), Counter[str]()
    history.new_scene(tmp_path / "template", files)
    acked = 0
    for number, fault in enumerate(faults):
        folder = tmp_path / str(number)
        shutil.copytree(tmp_path / "template", folder)
        try:
            told += _run(program, folder, *fault)
            acked += sum(line != READY for line in history.acks(folder))
            _repeat(folder, files)
        except AssertionError as error:
            raise AssertionError(f"run {number}, {fault}: {error}") from error
        shutil.rmtree(folder)
    errors = ", ".join(f"{count} × {what}" for what, count in told.most_common())
    sys.stdout.write(
        f"{len(faults)} runs under faults: {acked} acknowledged, 0 lost, 0 half; {errors}\n"
    )
    assert sum(told.values()) >= len(faults)  # the faults were felt
    assert acked >= len(faults)


def _run(program: str, folder: Path, point: str, errno: str, probability: float) -> "Counter[str]":
    """Let the writer work under a fault; return how often it was told of an error."""
    worker = [sys.executable, "-m", "tests.faults.io_work", str(folder)]
    code, output, errors = under_faults(
        program,
        [*worker, point, str(ERRNO[errno]), str(probability)],
        PROJECT_ROOT,
        lambda: READY in history.acks(folder),
    )
    if code in ABORTED:
        assert "terminate called" in errors, errors[-2000:]
        told = Counter({"the process ended by DuckDB": 1})
    else:
        assert code == 0, errors[-2000:]
        told = Counter(json.loads(output.splitlines()[-1]))
    history.check(folder)
    foreign = [what for what in told if what.startswith("other")]
    assert not foreign, foreign
    return told


def _repeat(folder: Path, files: int) -> None:
    """Take every file again, without faults: what was stored is known, the rest is stored."""
    history.work(folder)
    assert history.check(folder)["files"] == files
