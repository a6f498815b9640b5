"""Reading while the lake is compacted: if a file is gone, read the newest generation once more."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from core.errors import StaleGeneration

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")


def retry_when_stale(read: Callable[Parameters, Answer]) -> Callable[Parameters, Answer]:
    """Make a reading service repeat itself once when a file of its generation is gone.

    A compaction keeps replaced files for an hour; only a reader that held its generation longer
    than that meets the gap, and finds the rows in the newest generation.
    """

    @wraps(read)
    def repeated(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Answer:
        try:
            return read(*args, **kwargs)
        except StaleGeneration:
            return read(*args, **kwargs)

    return repeated
