"""Doing a short change once more when the database was busy, or two changes met in a deadlock."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from core.errors import Busy

ATTEMPTS = 3
Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")


def repeat_when_busy(change: Callable[Parameters, Answer]) -> Callable[Parameters, Answer]:
    """Make a service repeat itself when its transaction was undone because others were at it.

    Only for services whose whole effect is one transaction: what was undone has left no trace.
    """

    @wraps(change)
    def repeated(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Answer:
        for _ in range(ATTEMPTS - 1):
            try:
                return change(*args, **kwargs)
            except Busy:
                continue
        return change(*args, **kwargs)

    return repeated
