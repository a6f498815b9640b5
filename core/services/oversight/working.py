"""Work in a row and by the hour: how often the model is overturned, and how long a case takes."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import nan
from statistics import median

from core.domain.working_days import HONG_KONG
from core.metrics.oversight import STREAKS, Share, positions, share, streak_group, team_is_shown
from core.services.oversight.measures import OVERTURN, by_person
from core.store.review.verdict_rows import VerdictRow

HOURS = (9, 12, 14, 16, 18, 20)
"""Where the groups of hours begin, but for the first, which begins at midnight."""


@dataclass(frozen=True, slots=True)
class Group:
    """Verdicts of one group.

    Parameters
    ----------
    first, last : int, optional
        First and last place in a row, or first hour and the hour before which it ends; ``None``
        where the group is open.
    overturned : Share
        Verdicts that overturn the model; without a value where they are one person's and too few.
    seconds : float
        Half the cases took less; NaN where it was not measured, or for the same reason.
    """

    first: int
    last: int | None
    overturned: Share
    seconds: float


def by_streak(rows: Sequence[VerdictRow]) -> tuple[Group, ...]:
    """Return verdicts by how many the same person has given in a row."""
    groups: dict[int, list[VerdictRow]] = defaultdict(list)
    for mine in by_person(rows).values():
        for row, place in zip(mine, positions([each.at for each in mine]), strict=True):
            groups[streak_group(place)].append(row)
    starts = (1, *(last + 1 for last in STREAKS))
    ends = (*STREAKS, None)
    return tuple(
        _group(first, last, groups[at])
        for at, (first, last) in enumerate(zip(starts, ends, strict=True))
    )


def by_hour(rows: Iterable[VerdictRow]) -> tuple[Group, ...]:
    """Return verdicts by the hour of the day in Hong Kong."""
    groups: dict[int, list[VerdictRow]] = defaultdict(list)
    for row in rows:
        hour = row.at.astimezone(HONG_KONG).hour
        groups[sum(hour >= start for start in HOURS)].append(row)
    edges = zip((0, *HOURS), (*HOURS, 24), strict=True)
    return tuple(_group(first, last, groups[at]) for at, (first, last) in enumerate(edges))


def _group(first: int, last: int | None, rows: Sequence[VerdictRow]) -> Group:
    counts = {person: len(mine) for person, mine in by_person(rows).items()}
    if not team_is_shown(counts):
        return Group(first, last, Share(0, len(rows), nan, nan, nan), nan)
    times = [row.seconds for row in rows if row.seconds > 0]
    hits = sum(row.verdict == OVERTURN for row in rows)
    return Group(first, last, share(hits, len(rows)), float(median(times)) if times else nan)
