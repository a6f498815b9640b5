"""Runs of pages, few at a time.

A process runs one thread of Python at a time. A hundred runs that pass the interpreter round in
turns of 5 ms are all late together, and spend most of it waiting for each other's locks. So some
run, and the others wait in line: as quick as ever while few ask, and first come, first served when
many do.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

AT_ONCE = 4
"""Runs of a process at the same time: enough that a page that takes seconds holds up no others, as
what takes long (DuckDB, NumPy) lets others use the interpreter."""

_TURNS = BoundedSemaphore(AT_ONCE)


@contextmanager
def turn() -> Iterator[None]:
    """Wait until this run's turn comes, and give it back at the end, however the run ends."""
    with _TURNS:
        yield
