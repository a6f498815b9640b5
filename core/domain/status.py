"""The four states that every figure and every model can be in."""

from collections.abc import Iterable
from enum import StrEnum


class Status(StrEnum):
    """How a figure stands against its thresholds."""

    in_range = "in_range"
    watch = "watch"
    act = "act"
    not_enough_data = "not_enough_data"


_SEVERITY = (Status.not_enough_data, Status.in_range, Status.watch, Status.act)


def worst(statuses: Iterable[Status]) -> Status:
    """Return the most severe of the statuses; nothing at all is not enough data.

    Examples
    --------
    >>> worst([Status.in_range, Status.watch])
    <Status.watch: 'watch'>
    """
    return max(statuses, key=_SEVERITY.index, default=Status.not_enough_data)
