"""SIGKILL at random moments, again and again, over ingest and audit: nothing half, nothing lost.

A kill keeps what the kernel has in its cache, so this proves that writes are all or nothing; that
they survive a power cut rests on fsync, which the tests of I/O faults look at.
"""

import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.faults import history
from tests.support.processes import WRITERS

CYCLES_A_SCENE = 25
FILES = 250
_READY_S = 60.0
_KILL_WITHIN_S = 0.8  # a busy machine takes about as long for one file


def _cycle(folder: Path, draw: random.Random) -> bool:
    """Let a writer work, kill it, and check; return whether the kill met it at work."""
    before = len(history.acks(folder))
    writer = WRITERS.Process(target=history.work, args=(folder,))
    writer.start()
    assert writer.pid is not None
    if draw.random() < 0.9:  # else while it opens the workspace
        deadline = time.monotonic() + _READY_S
        while len(history.acks(folder)) == before and writer.is_alive():
            assert time.monotonic() < deadline, "the writer did not start"
            time.sleep(0.001)
    time.sleep(draw.random() * _KILL_WITHIN_S)
    if writer.is_alive():
        os.kill(writer.pid, signal.SIGKILL)
    writer.join(timeout=60)
    code = writer.exitcode
    writer.close()
    assert code in {0, -signal.SIGKILL}, code
    history.check(folder)
    return code != 0


def _cycles(tmp_path: Path, count: int, seed: int) -> None:
    draw, killed, acked = random.Random(seed), 0, 0
    start = time.monotonic()
    for number in range(count):
        folder = tmp_path / str(number // CYCLES_A_SCENE)
        if number % CYCLES_A_SCENE == 0:
            history.new_scene(folder, FILES)
        try:
            killed += _cycle(folder, draw)
        except AssertionError as error:
            raise AssertionError(f"cycle {number} of seed {seed}: {error}") from error
        if number % CYCLES_A_SCENE == CYCLES_A_SCENE - 1 or number == count - 1:
            acked += sum(line != "ready" for line in history.acks(folder))
            shutil.rmtree(folder)
    took = time.monotonic() - start
    sys.stdout.write(
        f"{count} kill -9 cycles, seed {seed}: {killed} met the writer at work, {acked} "
        f"acknowledged, 0 lost, 0 half, {took / count:.2f} s each\n"
    )
    assert killed >= 0.8 * count
    assert acked > 0


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_twenty_kills_lose_nothing(tmp_path: Path) -> None:
    _cycles(tmp_path, 20, seed=random.SystemRandom().randrange(2**32))


@pytest.mark.slow
@pytest.mark.timeout(5400)
def test_a_thousand_kills_lose_nothing(tmp_path: Path) -> None:
    _cycles(tmp_path, 1_000, seed=random.SystemRandom().randrange(2**32))
