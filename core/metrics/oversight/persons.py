"""Of whom a figure may be shown alone."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

MINIMUM = 100
"""Verdicts of a measure from which on it says anything of one person."""
FEWEST_PEOPLE = 3
"""People who have a part in a figure of a team."""
Person = TypeVar("Person", bound=Hashable)


def shown_persons(counts: Mapping[Person, int], *, minimum: int = MINIMUM) -> frozenset[Person]:
    """Return the people of whom a figure may be shown alone, beside the team's.

    Those with at least ``minimum`` verdicts of that measure. If all others together have fewer
    verdicts than that, the team's figure and the rest would tell of them: then the one with the
    fewest of those shown is kept back too.

    Parameters
    ----------
    counts : mapping of person to int
        Verdicts of the measure, by person.
    minimum : int
        From how many on.
    """
    enough = {person for person, n in counts.items() if n >= minimum}
    hidden = sum(n for person, n in counts.items() if person not in enough)
    if 0 < hidden < minimum and enough:
        enough.discard(min(enough, key=lambda person: (counts[person], str(person))))
    return frozenset(enough)


def team_is_shown(counts: Mapping[Person, int], *, minimum: int = MINIMUM) -> bool:
    """Whether the figure of a team may be shown without telling of one person.

    Whoever knows their own verdicts can take them out of the team's figure. So at least three
    people have a part in it, and without any one of them ``minimum`` verdicts are left.

    Parameters
    ----------
    counts : mapping of person to int
        Verdicts of the measure, by person.
    minimum : int
        How many are left.
    """
    known = [n for n in counts.values() if n]
    return len(known) >= FEWEST_PEOPLE and sum(known) - max(known) >= minimum
