"""The values that a field is given: as they are spread over the data, and none of few rows."""

from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import AnyArray, Floats

Point = float | str | None

FEWEST = 20
"""No category, point of a curve or group of rows that is told apart has fewer rows."""

POINTS, CATEGORIES = 20, 12
_RANGE = (0.05, 0.95)  # of numbers: the extremes are of few rows, and curves say little there
_PARTS = 50
_FINEST = 300  # decimal places; one more would be no number a computer has


@dataclass(frozen=True, slots=True)
class Grid:
    """The values that a field is given.

    Parameters
    ----------
    values : tuple of float, str or None
        Numbers rise; categories by how frequent they are, equals by name. None, for a missing
        value, is the last.
    counts : tuple of int
        Rows of the data that have each value; of numbers those that are nearest to it.
    left_out : int
        Categories that are not among the values: of too few rows, or too many to be shown.
    """

    values: tuple[Point, ...]
    counts: tuple[int, ...]
    left_out: int = 0


def number_grid(column: AnyArray, *, points: int = POINTS, fewest: int = FEWEST) -> Grid:
    """Return the values that a number is given.

    Where it has few values of enough rows each, these. Otherwise quantiles from 5 to 95 %, rounded
    to two digits or to a fiftieth of their range, whichever is finer: they tell no row.

    Parameters
    ----------
    column : array_like, shape (n,)
        The data; NaN where missing.
    points : int
        Most values.
    fewest : int
        Rows for each value: of a missing one and of single ones at least, of quantiles on average.

    Examples
    --------
    >>> import numpy as np
    >>> number_grid(np.arange(1001.0), points=3)
    Grid(values=(50.0, 500.0, 950.0), counts=(276, 450, 275), left_out=0)
    """
    data = np.asarray(column, dtype=np.float64)
    known = data[np.isfinite(data)]
    values, rows = np.unique(known, return_counts=True)
    if values.size > points or (rows < fewest).any():
        quantiles = np.linspace(*_RANGE, min(points, known.size // fewest))
        values = np.unique(_rounded(np.quantile(known, quantiles)))
        if values.size:
            nearest = np.abs(known[:, None] - values).argmin(axis=1)
            rows = np.bincount(nearest, minlength=values.size)
        else:
            rows = rows[:0]
    return _with_missing(values.tolist(), rows.tolist(), data.size - known.size, fewest, 0)


def category_grid(column: AnyArray, *, most: int = CATEGORIES, fewest: int = FEWEST) -> Grid:
    """Return the values that a category is given: the most frequent ones.

    Parameters
    ----------
    column : array_like of str, shape (n,)
        The data; None or NaN where missing.
    most : int
        Most values.
    fewest : int
        Rows that each must have.

    Examples
    --------
    >>> category_grid(["b", "a", "b", "c", None, None], most=1, fewest=2)
    Grid(values=('b', None), counts=(2, 2), left_out=2)
    """
    data = [value for value in column if value is not None and value == value]
    names, rows = np.unique(np.array(data, dtype=str), return_counts=True)
    order = [place for place in np.lexsort((names, -rows)) if rows[place] >= fewest][:most]
    return _with_missing(
        names[order].tolist(),
        rows[order].tolist(),
        len(column) - len(data),
        fewest,
        len(names) - len(order),
    )


def _with_missing(
    values: list[Point], counts: list[int], missing: int, fewest: int, left_out: int
) -> Grid:
    if missing < fewest:
        return Grid(tuple(values), tuple(counts), left_out)
    return Grid((*values, None), (*counts, missing), left_out)


def _rounded(values: Floats) -> Floats:
    """Return numbers rounded to two digits or to a fiftieth of their range, the finer of both."""
    if not values.size:
        return values
    part = (values[-1] - values[0]) / _PARTS
    sizes = np.abs(values)
    own = np.floor(np.log10(np.where(sizes > 0, sizes, 1.0))) - 1
    power = np.minimum(own, np.floor(np.log10(part)) if part > 0 else own)
    unit = 10.0 ** np.minimum(-power, _FINEST)
    return np.asarray(np.round(values * unit) / unit) + 0.0
