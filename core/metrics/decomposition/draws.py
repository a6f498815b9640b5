"""How far a figure would lie elsewhere with other rows: groups of rows drawn again."""

import math

import numpy as np

from core.metrics.arrays import Floats


def group_weights(draws: int, groups: int, *, paired: bool, seed: int) -> Floats:
    """Return how often each group counts in each draw, on average once.

    Weights are shares of exponential numbers (Rubin's Bayesian bootstrap): unlike whole numbers
    drawn with replacement they never leave a group out, so no cell vanishes in a draw.

    Parameters
    ----------
    draws, groups : int
        How many.
    paired : bool
        Whether a group is the same people in both periods, who then count alike in both.
    seed : int
        Of the random numbers.

    Returns
    -------
    ndarray, shape (draws, 2, groups)
        Those of a draw and period add up to ``groups``.

    Notes
    -----
    Rubin (1981), "The Bayesian bootstrap".
    """
    random = np.random.default_rng(seed)
    drawn = random.standard_exponential((draws, 1 if paired else 2, groups))
    weights = drawn * (groups / drawn.sum(axis=-1, keepdims=True))
    return np.broadcast_to(weights, (draws, 2, groups))


def standard_error(drawn: Floats, groups: int) -> Floats:
    """Return the standard error of figures drawn along the first axis; NaN if one has no value.

    The spread of such draws is that of G groups over G + 1; one of G - 1 is unbiased.
    """
    return np.asarray(np.std(drawn, axis=0, ddof=1) * math.sqrt((groups + 1) / (groups - 1)))


def reach(groups: int, confidence: float, looks: int = 1) -> float:
    """Return how many standard errors limits lie away, for several intervals to hold together.

    Parameters
    ----------
    groups : int
        Groups of rows that the standard error comes from: Student's t with one less.
    confidence : float
        Level at which all of them hold at once (Bonferroni).
    looks : int
        How many there are.
    """
    from scipy.special import stdtrit  # noqa: PLC0415  # a tenth of a second, and few need it

    return float(stdtrit(groups - 1, 1 - (1 - confidence) / (2 * max(looks, 1))))
