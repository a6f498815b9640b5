"""Shapley values by walks in random orders, for any model that can be asked for scores."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.metrics.arrays import Floats, Integers
from core.metrics.attribution.mixtures import Predict, mixed_scores, scores

if TYPE_CHECKING:
    import pandas as pd

PAIRS = 2
"""Pairs of orders for each row of the background: with two their spread can be told."""


@dataclass(frozen=True, slots=True, eq=False)
class Sampled:
    """Attributions that were sampled.

    Parameters
    ----------
    base : float
        Mean score of the background.
    values : ndarray, shape (rows, fields)
        What each field adds; base and the values of a row add up to its score.
    error : ndarray, shape (rows, fields)
        Standard errors of the values, of the choice of orders. What another background would
        change is not in them.
    walks : int
        Orders that were walked through for each row.
    """

    base: float
    values: Floats
    error: Floats
    walks: int


def sampled_attributions(
    predict: Predict,
    rows: "pd.DataFrame",
    background: "pd.DataFrame",
    *,
    pairs: int = PAIRS,
    seed: int = 0,
) -> Sampled:
    r"""Estimate what each field adds to the score of each row beside the background.

    From each row of the background a walk leads to the row: one field after the other is taken
    over, in a random order, and what the score changes is the field's. Every order is walked
    backwards too, and each row of the background has the same number of such pairs. The mean is
    an unbiased estimate of the Shapley value; its variance is

    .. math:: \frac{1}{m^2} \sum_b \frac{s_b^2}{k}

    with m rows of background, k pairs for each and :math:`s_b^2` the variance of a row's pairs.

    Parameters
    ----------
    predict : callable
        Gives a score for each row of a table.
    rows, background : DataFrame, shapes (rows, fields) and (m, fields)
        The decisions and the background: the same columns, of the same types.
    pairs : int
        Pairs of orders for each row of the background, at least 2.
    seed : int
        Of the orders. All rows walk in the same ones, so that a row's attributions do not depend
        on what else is asked for.

    Notes
    -----
    Štrumbelj and Kononenko, *Explaining prediction models and individual predictions with feature
    contributions* (2014); pairs: Mitchell, Cooper, Frank and Holmes (2022).
    """
    fields, size = background.shape[1], len(background)
    orders = _orders(size, max(pairs, PAIRS), fields, seed)
    values, error = np.empty((len(rows), fields)), np.empty((len(rows), fields))
    start = scores(predict, background)
    for place in range(len(rows)):
        each = _walked(predict, rows.iloc[[place]], background, start, orders)
        means = each.mean(axis=1)
        values[place] = means.mean(axis=0)
        spread = each.var(axis=1, ddof=1).sum(axis=0) / each.shape[1]
        error[place] = np.sqrt(spread) / size
    return Sampled(float(start.mean()), values, error, 2 * orders.shape[0] * orders.shape[1])


def _orders(size: int, pairs: int, fields: int, seed: int) -> Integers:
    """Return for each pair when each field is taken over, shape (size, pairs, fields)."""
    draw = np.random.default_rng(seed)
    places = np.broadcast_to(np.arange(fields), (size, pairs, fields))
    return draw.permuted(places, axis=-1)


def _walked(
    predict: Predict,
    row: "pd.DataFrame",
    background: "pd.DataFrame",
    start: Floats,
    orders: Integers,
) -> Floats:
    """Return what each field adds in the mean of each pair, shape (m, pairs, fields)."""
    size, pairs, fields = orders.shape
    end = float(scores(predict, row)[0])
    both = np.stack([orders, fields - 1 - orders], axis=2)
    steps = np.arange(1, fields)
    taken = both[:, :, :, None, :] < steps[:, None]
    beside = np.broadcast_to(np.arange(size)[:, None, None, None], taken.shape[:-1])
    asked = mixed_scores(predict, row, background, taken.reshape(-1, fields), beside.reshape(-1))
    path = np.empty((size, pairs, 2, fields + 1))
    path[..., 0], path[..., -1] = start[:, None, None], end
    path[..., 1:-1] = asked.reshape(size, pairs, 2, fields - 1)
    by_field = np.take_along_axis(np.diff(path, axis=-1), both, axis=-1)
    return np.asarray(by_field.mean(axis=2))
