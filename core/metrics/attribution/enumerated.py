"""Shapley values of few fields, for any model that can be asked for scores: every set of them."""

from typing import TYPE_CHECKING

import numpy as np

from core.metrics.arrays import Floats
from core.metrics.attribution.mixtures import Predict, mixed_scores, scores
from core.metrics.decomposition import shapley

if TYPE_CHECKING:
    import pandas as pd

MOST_FIELDS = 6
"""Fields up to which 64 scores for each row of the background are asked for, rather than some."""


def enumerated_attributions(
    predict: Predict, rows: "pd.DataFrame", background: "pd.DataFrame"
) -> tuple[float, Floats]:
    r"""Return the mean score of the background, and what each field adds to each row's, exactly.

    The game is that of the definition: a set of fields is worth the mean score of the background
    with these fields taken from the row.

    Parameters
    ----------
    predict : callable
        Gives a score for each row of a table.
    rows, background : DataFrame, shapes (rows, fields) and (m, fields)
        The decisions and the background: the same columns, of the same types.

    Returns
    -------
    tuple of float and ndarray
        The base, and values of shape (rows, fields).
    """
    size, fields = background.shape
    sets = np.indices((2,) * fields).reshape(fields, -1).T.astype(np.bool_)
    taken = np.repeat(sets, size, axis=0)
    beside = np.tile(np.arange(size), len(sets))
    values = np.empty((len(rows), fields))
    for place in range(len(rows)):
        found = mixed_scores(predict, rows.iloc[[place]], background, taken, beside)
        worth = found.reshape(len(sets), size).mean(axis=1)
        values[place] = shapley(worth.reshape((2,) * fields), fields)
    return float(scores(predict, background).mean()), values
