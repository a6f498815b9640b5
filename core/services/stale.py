"""Reading once more: when a file of the generation is gone, or when DuckDB has given up.

A compaction takes files away; a fatal error of DuckDB, as a full disk may cause, ends its instance
with all connections. The workspace opens another one, so a second try finds it.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from core.errors import StaleGeneration
from core.lake.duck import ENDED, disk_errors

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")


def retry_when_stale(read: Callable[Parameters, Answer]) -> Callable[Parameters, Answer]:
    """Make a reading service repeat itself once when what it read from is gone.

    A compaction keeps replaced files for an hour; only a reader that held its generation longer
    than that meets the gap, and finds the rows in the newest generation. A full disk is told in
    our words, whoever meets it.
    """

    @wraps(read)
    def repeated(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Answer:
        with disk_errors():
            try:
                return read(*args, **kwargs)
            except (StaleGeneration, *ENDED):
                return read(*args, **kwargs)

    return repeated
