"""Of whom a figure may be shown alone."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
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


def cells_shown(
    cells: Sequence[Mapping[Person, int]], *, minimum: int = MINIMUM
) -> tuple[bool, ...]:
    """Return of which parts of a team's verdicts a figure may be shown, side by side.

    Each holds by itself what :func:`team_is_shown` asks. What is kept back would follow from all
    verdicts and the parts shown; so unless all that is kept back holds it together, the smallest
    of those shown is kept back too. A part without verdicts tells nothing, and is not shown.

    Parameters
    ----------
    cells : sequence of mapping of person to int
        Verdicts of each part, by person.
    minimum : int
        How many are left in each without any one person's.
    """
    shown = [team_is_shown(each, minimum=minimum) for each in cells]
    sizes = [sum(each.values()) for each in cells]
    while any(shown):
        together: Counter[Person] = Counter()
        for cell, kept in zip(cells, shown, strict=True):
            together.update({} if kept else cell)
        if not together.total() or team_is_shown(together, minimum=minimum):
            break
        shown[min((at for at, each in enumerate(shown) if each), key=sizes.__getitem__)] = False
    return tuple(shown)
