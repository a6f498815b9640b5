"""Work in a row and by the hour: how often the model is overturned, and how long a case takes."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import nan
from statistics import median

from core.domain.working_days import HONG_KONG
from core.metrics.oversight import (
    STREAKS,
    Share,
    positions,
    share,
    streak_group,
    team_is_shown,
)
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
        Verdicts that overturn the model; without a value where it would tell of one person.
    seconds : float
        Half the cases took less; NaN where it was not measured, or for the same reason.
    """

    first: int
    last: int | None
    overturned: Share
    seconds: float


def by_streak(
    rows: Sequence[VerdictRow], moments: Mapping[str, Sequence[datetime]]
) -> tuple[Group, ...]:
    """Return verdicts by how many the same person has given in a row.

    Parameters
    ----------
    rows : sequence of VerdictRow
        One model's, in the order of time.
    moments : mapping of str to sequence of datetime
        Person → when all verdicts were given, of every model: who takes two models by turns has
        no pause because of it.
    """
    groups: dict[int, list[VerdictRow]] = defaultdict(list)
    for person, mine in by_person(rows).items():
        every = Counter(moments.get(person, ())) | Counter(row.at for row in mine)
        ordered = sorted(every.elements())
        place_of = dict(zip(ordered, positions(ordered), strict=True))
        for row in mine:
            groups[streak_group(place_of[row.at])].append(row)
    starts = (1, *(last + 1 for last in STREAKS))
    ends = (*STREAKS, None)
    return _groups(list(zip(starts, ends, strict=True)), groups)


def by_hour(rows: Iterable[VerdictRow]) -> tuple[Group, ...]:
    """Return verdicts by the hour of the day in Hong Kong."""
    groups: dict[int, list[VerdictRow]] = defaultdict(list)
    for row in rows:
        hour = row.at.astimezone(HONG_KONG).hour
        groups[sum(hour >= start for start in HOURS)].append(row)
    return _groups(list(zip((0, *HOURS), (*HOURS, 24), strict=True)), groups)


def _groups(
    edges: Sequence[tuple[int, int | None]], rows: Mapping[int, Sequence[VerdictRow]]
) -> tuple[Group, ...]:
    """Return the figures of groups; one that would tell of a person is put to its neighbour.

    A figure that is merely kept back would follow from all verdicts and the other groups.
    """
    parts = [(first, last, list(rows.get(at, ()))) for at, (first, last) in enumerate(edges)]
    while (place := _smallest_telling(parts)) is not None:
        others = [at for at, part in enumerate(parts) if part[2] and at != place]
        near = [max((at for at in others if at < place), default=None)]
        near.append(min((at for at in others if at > place), default=None))
        other = min((at for at in near if at is not None), key=lambda at: len(parts[at][2]))
        low, high = sorted((place, other))
        together = [row for part in parts[low : high + 1] for row in part[2]]
        parts[low : high + 1] = [(parts[low][0], parts[high][1], together)]
    return tuple(_group(*part) for part in parts)


def _smallest_telling(parts: Sequence[tuple[int, int | None, Sequence[VerdictRow]]]) -> int | None:
    """Return the smallest group that would tell of a person, if it has a neighbour."""
    filled = [at for at, part in enumerate(parts) if part[2]]
    telling = [at for at in filled if not team_is_shown(_counts(parts[at][2]))]
    if not telling or len(filled) < 2:
        return None
    return min(telling, key=lambda at: len(parts[at][2]))


def _group(first: int, last: int | None, rows: Sequence[VerdictRow]) -> Group:
    if not team_is_shown(_counts(rows)):
        return Group(first, last, Share(0, len(rows), nan, nan, nan), nan)
    timed = [row for row in rows if row.seconds > 0]
    told = team_is_shown(_counts(timed))  # the pace of the two who were timed is theirs
    seconds = float(median(row.seconds for row in timed)) if told else nan
    hits = sum(row.verdict == OVERTURN for row in rows)
    return Group(first, last, share(hits, len(rows)), seconds)


def _counts(rows: Sequence[VerdictRow]) -> dict[str, int]:
    return {person: len(mine) for person, mine in by_person(rows).items()}
