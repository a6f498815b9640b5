"""Which groups are too small to be shown, and which more must be hidden for their sake.

A count left out of a table whose total is known is no secret: it is the total less the rest. So
where a row or column of a table hides exactly one cell that holds people, its smallest shown cell
is hidden too (complementary suppression).
"""

import numpy as np
from numpy.typing import ArrayLike

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.arrays import Booleans, Floats

NEGATIVE_MESSAGE = N_("Counts must be finite and not negative.")


def shown_groups(n: ArrayLike, not_given: float, minimum: int) -> Booleans:
    """Return which groups of one attribute may be shown.

    Parameters
    ----------
    n : array_like, shape (G,)
        Rows of each group.
    not_given : float
        Rows that belong to no group. Where a group is hidden these are told together with it, so
        that neither can be taken from the total.
    minimum : int
        Fewest rows of a group that is shown.

    Returns
    -------
    ndarray of bool, shape (G,)
        Never exactly one group hidden, unless rows without a group stand beside it.
    """
    cells = np.append(np.asarray(n, dtype=np.float64), not_given)[np.newaxis, :]
    apart = np.append(np.zeros(cells.size - 1, dtype=bool), True)[np.newaxis, :]
    return shown_cells(cells, minimum, apart=apart, columns=False)[0, :-1]


def shown_cells(
    n: ArrayLike,
    minimum: int,
    *,
    allowed: ArrayLike | None = None,
    apart: ArrayLike | None = None,
    columns: bool = True,
) -> Booleans:
    """Return which cells of a table may be shown when the totals of its rows are known.

    Parameters
    ----------
    n : array_like, shape (R, C)
        Rows behind each cell; an empty cell is never shown, and hides nobody.
    minimum : int
        Fewest rows of a cell that is shown.
    allowed : array_like of bool, shape (R, C), optional
        Cells that may be shown at all.
    apart : array_like of bool, shape (R, C), optional
        Cells of people without a group: never shown, no secret themselves, and cover for a hidden
        cell beside them.
    columns : bool
        Whether the totals of the columns are known too.

    Returns
    -------
    ndarray of bool, shape (R, C)
        No row (or column) hides exactly one cell that holds people.

    Raises
    ------
    core.errors.InvalidInput
        If a count is negative or not finite.
    """
    counts = np.asarray(n, dtype=np.float64)
    if not np.isfinite(counts).all() or (counts < 0).any():
        raise InvalidInput(NEGATIVE_MESSAGE)
    everywhere = np.ones(counts.shape, dtype=bool)
    beside = ~everywhere if apart is None else np.asarray(apart, dtype=bool)
    may = everywhere if allowed is None else np.asarray(allowed, dtype=bool)
    shown = np.asarray((counts >= max(minimum, 1)) & may & ~beside)
    while _hide_one_more(counts, shown, beside) or (
        columns and _hide_one_more(counts.T, shown.T, beside.T)
    ):
        pass
    return shown


def _hide_one_more(counts: Floats, shown: Booleans, beside: Booleans) -> bool:
    """Hide one more cell of a row that hides one alone; say whether there was such a row.

    The smallest goes, and rather one whose column hides a cell already: it calls for no other.
    """
    crossed = (~shown & (counts > 0)).any(axis=0)
    for row, seen, apart in zip(counts, shown, beside, strict=True):
        hidden = ~seen & (row > 0)
        if np.count_nonzero(hidden) == 1 and not (hidden & apart).any() and seen.any():
            better = seen & crossed
            seen[np.argmin(np.where(better if better.any() else seen, row, np.inf))] = False
            return True
    return False
