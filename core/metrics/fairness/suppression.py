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
    own = np.append(np.ones(cells.size - 1, dtype=bool), False)[np.newaxis, :]
    return shown_cells(cells, minimum, allowed=own, columns=False)[0, :-1]


def shown_cells(
    n: ArrayLike, minimum: int, *, allowed: ArrayLike | None = None, columns: bool = True
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
    may = np.ones(counts.shape, dtype=bool) if allowed is None else np.asarray(allowed, dtype=bool)
    shown = np.asarray((counts >= max(minimum, 1)) & may)
    while _hide_one_more(counts, shown) or (columns and _hide_one_more(counts.T, shown.T)):
        pass
    return shown


def _hide_one_more(counts: Floats, shown: Booleans) -> bool:
    """Hide the smallest shown cell of a row that hides one cell alone; say whether there was."""
    for row, seen in zip(counts, shown, strict=True):
        hidden = np.count_nonzero(~seen & (row > 0))
        if hidden == 1 and seen.any():
            seen[np.argmin(np.where(seen, row, np.inf))] = False
            return True
    return False
