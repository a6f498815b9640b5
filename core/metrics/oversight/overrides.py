"""Where people overturn the model clearly more often than elsewhere."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import erfc, nan, sqrt

from core.metrics.oversight.shares import Difference, difference, share
from core.metrics.slices import holm

FEWEST = 30
"""Verdicts with a value, and without it, below which nothing is said of it."""
ALPHA = 0.05
CLEAR = 0.10
"""Smallest difference of two shares that is worth somebody's time."""


@dataclass(frozen=True, slots=True)
class Systematic:
    """One value of one segment beside all others.

    Parameters
    ----------
    segment, value : str
        Which.
    difference : Difference
        Share overturned with the value, and without it.
    p_value : float
        Of a difference in this direction by chance, adjusted for all values looked at.
    """

    segment: str
    value: str
    difference: Difference
    p_value: float

    @property
    def is_clear(self) -> bool:
        """Whether it is beyond chance, and large enough to matter."""
        return self.p_value <= ALPHA and self.difference.value >= CLEAR


def systematic_overrides(
    segments: Mapping[str, Sequence[str]], overturned: Sequence[bool]
) -> tuple[Systematic, ...]:
    r"""Compare the share overturned with each value of each segment with that of all the rest.

    .. math:: z = \frac{\hat p_1 - \hat p_2}{\sqrt{\hat p (1 - \hat p) (1/n_1 + 1/n_2)}}

    with the pooled share :math:`\hat p`; one-sided, and adjusted by Holm over everything compared.

    Parameters
    ----------
    segments : mapping of str to sequence of str, each of shape (n,)
        Name of the segment → value of each verdict.
    overturned : sequence of bool, shape (n,)
        Whether the verdict overturns the model.

    Returns
    -------
    tuple of Systematic
        Everything compared, by segment and value; values with fewer than 30 verdicts, or with
        fewer than 30 without them, are left out.
    """
    whole, hits = len(overturned), sum(overturned)
    compared: list[tuple[str, str, Difference]] = []
    for name, values in segments.items():
        counts = Counter(values)
        against = Counter(value for value, hit in zip(values, overturned, strict=True) if hit)
        for value in sorted(counts):
            n = counts[value]
            if n < FEWEST or whole - n < FEWEST:
                continue
            both = share(against[value], n), share(hits - against[value], whole - n)
            compared.append((name, value, difference(*both)))
    adjusted = holm([_one_sided(each) for *_, each in compared]).tolist()
    return tuple(
        Systematic(name, value, found, float(p))
        for (name, value, found), p in zip(compared, adjusted, strict=True)
    )


def _one_sided(found: Difference) -> float:
    first, second = found.first, found.second
    pooled = (first.hits + second.hits) / (first.n + second.n)
    error = sqrt(pooled * (1 - pooled) * (1 / first.n + 1 / second.n))
    return 0.5 * erfc(found.value / error / sqrt(2)) if error else nan
