"""Shares of verdicts, and how far two of them lie apart."""

from dataclasses import dataclass
from math import hypot, nan

from core.metrics.intervals import wilson


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its interval.

    Parameters
    ----------
    hits, n : int
        Verdicts that count, and all of them.
    value, low, high : float
        The share and its limits; NaN where there is none.
    """

    hits: int
    n: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference of two shares with its interval.

    Parameters
    ----------
    first, second : Share
        What is compared.
    value, low, high : float
        The first minus the second, and its limits; NaN where one of them is of nothing.
    """

    first: Share
    second: Share
    value: float
    low: float
    high: float

    @property
    def is_beyond_chance(self) -> bool:
        """Whether the interval leaves no difference out; never where nothing is known."""
        return self.low > 0 or self.high < 0


def share(hits: int, n: int, *, confidence: float = 0.95) -> Share:
    """Return a share with its Wilson interval.

    Parameters
    ----------
    hits, n : int
        Verdicts that count, and all of them.
    confidence : float
        Level of the interval.

    Raises
    ------
    core.errors.InvalidInput
        As :func:`core.metrics.intervals.wilson`.
    """
    found = wilson(hits, n, confidence=confidence)
    return Share(hits, n, float(found.value), float(found.low), float(found.high))


def difference(first: Share, second: Share) -> Difference:
    r"""Return how far two shares of different cases lie apart.

    .. math:: \hat p_1 - \hat p_2 - \sqrt{(\hat p_1 - l_1)^2 + (u_2 - \hat p_2)^2}, \quad
              \hat p_1 - \hat p_2 + \sqrt{(u_1 - \hat p_1)^2 + (\hat p_2 - l_2)^2}

    with the Wilson limits l and u of both. 0: no difference.

    Parameters
    ----------
    first, second : Share
        Intervals of the same level.

    Notes
    -----
    Newcombe (1998), method 10.
    """
    if not first.n or not second.n:
        return Difference(first, second, nan, nan, nan)
    value = first.value - second.value
    low = value - hypot(first.value - first.low, second.high - second.value)
    high = value + hypot(first.high - first.value, second.value - second.low)
    return Difference(first, second, value, low, high)
