"""Runs of pages, few at a time.

A process runs one thread of Python at a time. A hundred runs that pass the interpreter round in
turns of 5 ms are all late together, and spend most of it waiting for each other's locks. So some
run, and the others wait in line: as quick as ever while few ask, and first come, first served when
many do.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

AT_ONCE = 2
"""Runs of a process at the same time: one that takes seconds does not hold up all others, as what
takes long (DuckDB, NumPy) lets another use the interpreter. With four, passing it round takes a
fifth of the processor time of a rerun (docs/load.md)."""

_TURNS = BoundedSemaphore(AT_ONCE)


@contextmanager
def turn() -> Iterator[None]:
    """Wait until this run's turn comes, and give it back at the end, however the run ends."""
    with _TURNS:
        yield
