"""Time on a case, against the reviewer's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, nan

import numpy as np

from core.metrics.oversight.shares import Share, share

_NORMAL = 1.4826  # median absolute deviations to standard deviations of a normal distribution
_REACH = 2.0  # standard deviations below the middle


@dataclass(frozen=True, slots=True)
class FastTail:
    """How many cases took far less than a person's usual time.

    Parameters
    ----------
    median, limit : float
        Seconds that half the cases took less than, and below which a case counts as fast; NaN
        where there is none.
    fast : Share
        Cases below the limit.
    """

    median: float
    limit: float
    fast: Share


def fast_tail(seconds: Sequence[float]) -> FastTail:
    r"""Return how many of a person's cases took far less than that person's usual time.

    The limit lies two robust standard deviations of the logarithms below their median:

    .. math:: \exp\big(m - 2 \cdot 1.4826 \cdot \operatorname{median} |\ln t - m|\big), \quad
              m = \operatorname{median} \ln t

    Of times whose logarithms are normal 2.3 % lie below it, however quick a person is. Where half
    of the times are the same, nothing lies apart and the limit is the median.

    Parameters
    ----------
    seconds : sequence of float
        One for each case; those of 0 were not measured and are left out.
    """
    known = np.asarray([each for each in seconds if each > 0], dtype=np.float64)
    if not known.size:
        return FastTail(nan, nan, share(0, 0))
    logs = np.log(known)
    middle = float(np.median(logs))
    spread = _NORMAL * float(np.median(np.abs(logs - middle)))
    below = middle - _REACH * spread
    # One unit in the last place of a logarithm must not make the median itself fast.
    fast = int((logs < below - 1e-9).sum())
    return FastTail(float(np.median(known)), exp(below), share(fast, known.size))
