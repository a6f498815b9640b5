"""Runs of pages, few at a time.

A process runs one thread of Python at a time. A hundred runs that pass the interpreter round in
turns of 5 ms are all late together, and spend most of it waiting for each other's locks. So some
run, and the others wait in line: as quick as ever while few ask, and first come, first served when
many do.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock

AT_ONCE = 2
"""Runs of a process at the same time: one that takes seconds does not hold up all others, as what
takes long (DuckDB, NumPy) lets another use the interpreter. With four, passing it round takes a
fifth of the processor time of a rerun (docs/load.md)."""

_TURNS = BoundedSemaphore(AT_ONCE)


class _Runs:
    """How many runs there are, in line or inside, and when there last was one."""

    def __init__(self) -> None:
        self._lock, self._now, self._last = Lock(), 0, time.monotonic()

    def add(self, change: int) -> None:
        with self._lock:
            self._now += change
            self._last = time.monotonic()

    def quiet_for(self) -> float:
        with self._lock:
            return 0.0 if self._now else time.monotonic() - self._last


_RUNS = _Runs()


@contextmanager
def turn() -> Iterator[None]:
    """Wait until this run's turn comes, and give it back at the end, however the run ends."""
    _RUNS.add(1)
    try:
        with _TURNS:
            yield
    finally:
        _RUNS.add(-1)


def quiet_for() -> float:
    """Return for how many seconds nobody has waited for a page; none while somebody does."""
    return _RUNS.quiet_for()
