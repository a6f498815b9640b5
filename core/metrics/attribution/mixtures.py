"""Scores of rows that are made of two: some fields of a decision, the others of the background."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from core.metrics.arrays import Booleans, Floats, Integers

if TYPE_CHECKING:
    import pandas as pd

_AT_ONCE = 50_000  # rows that a model is asked for together

Predict = Callable[["pd.DataFrame"], Floats]
"""Gives a score for each row of a table of fields."""


def mixed_scores(
    predict: Predict,
    row: "pd.DataFrame",
    background: "pd.DataFrame",
    taken: Booleans,
    beside: Integers,
) -> Floats:
    """Return the scores of rows of the background with some fields taken from a row.

    Parameters
    ----------
    predict : callable
        Gives a score for each row of a table.
    row, background : DataFrame, shapes (1, fields) and (m, fields)
        The same columns, of the same types.
    taken : ndarray of bool, shape (n, fields)
        Which fields of each mixture are those of the row.
    beside : ndarray of int, shape (n,)
        Which row of the background the others are from.
    """
    import pandas as pd  # noqa: PLC0415  # half a second

    # The row is the last of both: a column keeps its type, whatever it is.
    both = pd.concat([background, row], ignore_index=True)
    found = np.empty(len(beside))
    for first in range(0, len(beside), _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        source = np.where(taken[part], len(background), beside[part, None])
        mixed = {
            name: both[name].take(source[:, place]).reset_index(drop=True)
            for place, name in enumerate(background.columns)
        }
        found[part] = scores(predict, pd.DataFrame(mixed))
    return found


def scores(predict: Predict, frame: "pd.DataFrame") -> Floats:
    """Return the scores of a table's rows as numbers, shape (rows,)."""
    return np.asarray(predict(frame), dtype=np.float64).reshape(len(frame))
