"""A model's output when one field takes other values, over many rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.arrays import Floats
from core.metrics.global_view.grid import FEWEST, Grid, Point

if TYPE_CHECKING:
    import pandas as pd

Predict = Callable[["pd.DataFrame"], Floats]
"""Gives an output for each row of a table of fields."""

GROUPS = 5
BAND = (0.1, 0.9)
ROWS_MESSAGE = N_("Partial dependence needs rows and values.")
_AT_ONCE = 50_000  # rows that a model is asked for together


@dataclass(frozen=True, slots=True)
class Dependence:
    """Partial dependence on a field, and how rows differ in it.

    Parameters
    ----------
    field : str
        Which.
    is_number : bool
        Whether its values are numbers; categories otherwise.
    values, counts, left_out : tuple, tuple of int, int
        As in :class:`core.metrics.global_view.Grid`.
    mean : tuple of float
        Mean output of the rows with each value.
    low, high : tuple of float
        10th and 90th percentile of the rows' own outputs with each value.
    groups : tuple of tuple of float
        Of a fifth of the rows each, by how far the field moves them: the mean change of the output
        from that with the first value. Empty where a fifth would be too few rows.
    rows : int
        Rows that the output is a mean of.
    """

    field: str
    is_number: bool
    values: tuple[Point, ...]
    counts: tuple[int, ...]
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    groups: tuple[tuple[float, ...], ...]
    rows: int
    left_out: int = 0

    @property
    def spread(self) -> float:
        """How far the mean moves from its lowest to its highest value."""
        return max(self.mean) - min(self.mean) if self.mean else 0.0


def dependence(
    predict: Predict, rows: "pd.DataFrame", field: str, grid: Grid, *, is_number: bool
) -> Dependence:
    r"""Return how a model's output hangs on one field, all others as they are in the rows.

    .. math:: PD_j(v) = \frac{1}{n} \sum_i f(v, x_{i, \setminus j})

    Parameters
    ----------
    predict : callable
        The model.
    rows : DataFrame, shape (n, fields)
        What the mean is over.
    field : str
        One of its columns.
    grid : Grid
        Values that it is given.
    is_number : bool
        Whether they are numbers.

    Raises
    ------
    InvalidInput
        If there is no row, or no value.
    """
    each = outputs(predict, rows, {field: grid.values})
    low, high = np.quantile(each, BAND, axis=1)
    return Dependence(
        field=field,
        is_number=is_number,
        values=grid.values,
        counts=grid.counts,
        mean=tuple(each.mean(axis=1).tolist()),
        low=tuple(low.tolist()),
        high=tuple(high.tolist()),
        groups=_groups(each),
        rows=len(rows),
        left_out=grid.left_out,
    )


def outputs(predict: Predict, rows: "pd.DataFrame", given: Mapping[str, Sequence[Point]]) -> Floats:
    """Return the output of each row with each combination of values, shape (values, n).

    Parameters
    ----------
    predict, rows
        As for :func:`dependence`.
    given : mapping of str to sequence
        Values of one field, or of several that change together; of equal length.

    Raises
    ------
    InvalidInput
        If there is no row, or no value.
    """
    size = len(next(iter(given.values()), ()))
    if not size or not len(rows):
        raise InvalidInput(ROWS_MESSAGE)
    found = np.empty((size, len(rows)))
    step = max(1, _AT_ONCE // len(rows))
    for first in range(0, size, step):
        part = range(first, min(first + step, size))
        asked = rows.iloc[np.tile(np.arange(len(rows)), len(part))].reset_index(drop=True)
        for name, values in given.items():
            asked[name] = _repeated(rows, name, [values[place] for place in part])
        answer = np.asarray(predict(asked), dtype=np.float64)
        found[part.start : part.stop] = answer.reshape(len(part), len(rows))
    return found


def _repeated(rows: "pd.DataFrame", name: str, values: Sequence[Point]) -> "pd.Series[float]":
    """Return each value once for each row, of the type that the field has."""
    import pandas as pd  # noqa: PLC0415  # half a second

    kind = rows[name].dtype
    known = [np.nan if value is None else value for value in values]
    # A whole number's column cannot hold what lies between, or nothing.
    whole = kind.kind in "iub"
    return pd.Series(np.repeat(np.array(known, dtype=object), len(rows))).astype(
        np.float64 if whole else kind
    )


def _groups(each: Floats) -> tuple[tuple[float, ...], ...]:
    """Return the mean changes of rows that a field moves alike, the most lowered ones first."""
    if each.shape[1] < GROUPS * FEWEST:
        return ()
    changes = each - each[0]
    order = np.argsort(changes.mean(axis=0), kind="stable")
    parts = np.array_split(order, GROUPS)
    return tuple(tuple(changes[:, part].mean(axis=1).tolist()) for part in parts)
