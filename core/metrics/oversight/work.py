"""Work in a row: how long somebody has been at it when a verdict is given."""

from collections.abc import Sequence
from datetime import datetime, timedelta

PAUSE_MINUTES = 20
"""After a longer gap between two verdicts somebody begins anew."""
STREAKS = (10, 20, 40)
"""The last place in a row of each group but the last."""


def positions(instants: Sequence[datetime], *, pause_minutes: int = PAUSE_MINUTES) -> list[int]:
    """Return which in a row each verdict of one person is, from 1.

    Parameters
    ----------
    instants : sequence of datetime
        When one person's verdicts were given, in their order.
    pause_minutes : int
        A longer gap ends the row.

    Raises
    ------
    ValueError
        If they are not in order.
    """
    pause = timedelta(minutes=pause_minutes)
    found: list[int] = []
    last: datetime | None = None
    for each in instants:
        if last is not None and each < last:
            raise ValueError("The verdicts are not in the order of time.")
        follows = last is not None and each - last <= pause
        found.append(found[-1] + 1 if follows else 1)
        last = each
    return found


def streak_group(position: int) -> int:
    """Return the place in :data:`STREAKS` of the group that a verdict falls in."""
    return sum(position > last for last in STREAKS)
