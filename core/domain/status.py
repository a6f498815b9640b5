"""The four states that every figure and every model can be in."""

from collections.abc import Iterable
from enum import StrEnum


class Status(StrEnum):
    """How a figure stands against its thresholds."""

    in_range = "in_range"
    watch = "watch"
    act = "act"
    not_enough_data = "not_enough_data"


NOT_JUDGED = "not_judged"
"""Level of a figure that has no thresholds to be held against."""
_SEVERITY = (Status.not_enough_data, Status.in_range, Status.watch, Status.act)


def status_of_level(level: str) -> Status:
    """Return the status of a figure's level; nothing can be said of one that is not judged.

    Examples
    --------
    >>> status_of_level("act"), status_of_level(NOT_JUDGED)
    (<Status.act: 'act'>, <Status.not_enough_data: 'not_enough_data'>)
    """
    return Status.not_enough_data if level == NOT_JUDGED else Status(level)


def worst(statuses: Iterable[Status]) -> Status:
    """Return the most severe of the statuses; nothing at all is not enough data.

    Examples
    --------
    >>> worst([Status.in_range, Status.watch])
    <Status.watch: 'watch'>
    """
    return max(statuses, key=_SEVERITY.index, default=Status.not_enough_data)
