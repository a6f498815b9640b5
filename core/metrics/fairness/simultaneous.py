"""How wide an interval must be where the two groups that lie furthest apart were picked."""

import math
from functools import lru_cache

import numpy as np

from core.errors import InvalidInput
from core.metrics.intervals import CONFIDENCE_MESSAGE

_HALVINGS = 60
_REACH = 9.0
_STEPS = 1801


@lru_cache(maxsize=256)
def pairwise_confidence(groups: int, *, together: float = 0.95) -> float:
    r"""Return the level that each comparison of two groups needs for all pairs to hold together.

    .. math:: 2\,\Phi(q_{G} / \sqrt 2) - 1, \quad
              P(\text{range of } G \text{ standard normal numbers} \le q_{G}) = \text{together}

    Whoever looks at the pair that lies furthest apart has looked at every pair. With this level
    the intervals of all of them hold what is true in 95 of 100 such tables, so that of the pair
    picked does too.

    Parameters
    ----------
    groups : int
        Groups that are compared; with two or fewer there is one pair, and nothing to adjust.
    together : float
        Level at which all pairs hold together.

    Raises
    ------
    core.errors.InvalidInput
        If the level is not between 0 and 1.

    Notes
    -----
    Tukey (1953), Kramer (1956); for groups of unequal size or variance it is on the safe side:
    Hayter (1984).
    """
    from scipy.special import erf, ndtr  # noqa: PLC0415  # a tenth of a second, and few need it

    if not 0 < together < 1:
        raise InvalidInput(CONFIDENCE_MESSAGE)
    if groups <= 2:
        return together
    smallest = np.linspace(-_REACH, _REACH, _STEPS)
    density = np.exp(-(smallest**2) / 2) / math.sqrt(2 * math.pi)
    low, high = 0.0, 2 * _REACH
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        within = (ndtr(smallest + middle) - ndtr(smallest)) ** (groups - 1)
        if groups * float(np.trapezoid(density * within, smallest)) < together:
            low = middle
        else:
            high = middle
    return float(erf(high / 2))
