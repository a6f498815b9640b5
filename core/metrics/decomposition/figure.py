"""What is told apart: a figure of sums over rows, with its slope."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from core.metrics.arrays import Floats


class Figure(Protocol):
    """A figure of K sums over rows, such as a share, a mean, a ratio or a total."""

    def values(self, sums: Floats) -> Floats:
        """Return the figure of sums of shape (..., K) as (...); NaN where it has no value."""

    def gradient(self, sums: Floats) -> Floats:
        """Return its slopes in every sum, shape (..., K)."""


@dataclass(frozen=True, slots=True)
class Total:
    """One sum as it is: the figure of totals."""

    def values(self, sums: Floats) -> Floats:
        """Return the first sum."""
        return np.asarray(sums[..., 0])

    def gradient(self, sums: Floats) -> Floats:
        """Return 1 for the first sum."""
        slopes: Floats = np.zeros(sums.shape)
        slopes[..., 0] = 1.0
        return slopes


@dataclass(frozen=True, slots=True)
class Ratio:
    """The first sum over the second: shares, means, ratios of two sums of money."""

    def values(self, sums: Floats) -> Floats:
        """Return the ratio; NaN where the second sum is 0."""
        above, below = sums[..., 0], sums[..., 1]
        found: Floats = np.full(above.shape, np.nan)
        np.divide(above, below, out=found, where=below != 0)
        return found

    def gradient(self, sums: Floats) -> Floats:
        """Return 1/b and -a/b²."""
        slopes: Floats = np.full(sums.shape, np.nan)
        below = sums[..., 1]
        known = below != 0
        np.divide(1.0, below, out=slopes[..., 0], where=known)
        np.divide(-sums[..., 0], below**2, out=slopes[..., 1], where=known)
        return slopes
