"""How long the blocks of days are that keep the reference's dependence, and what they cannot keep.

The rule, in this order:

1. Politis and White's (2004) automatic length for every daily figure, after the weekday's mean is
   taken off; the longest counts.
2. At least a week, and then whole weeks, as long as that leaves eight blocks: weekdays stay in
   their proportion, and short dependence needs no detecting.
3. At most half of the month that is judged, in whole weeks, so that chance has blocks to differ by;
   what is cut off is made up for (:meth:`Blocks.inflation`). At most a quarter of the reference.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, comb, log10

import numpy as np

from core.errors import NotComputable
from core.i18n import N_
from core.metrics.alarms.series import Series, daily_figures, same_days
from core.metrics.arrays import Floats, Integers

WEEK = 7
FEWEST_WHOLE_WEEKS = 8
"""Blocks that whole weeks must leave, otherwise shorter blocks are taken."""

NOISE = 1.4
"""Autocorrelations below this times √(log₁₀ D / D) count as chance. Politis and White take 2, which
overlooks dependence diluted by daily sampling noise; and a false alarm costs more than a block."""

FEWEST_BLOCKS = 4
SHORT_MESSAGE = N_("A reference of {days} days is too short to tell chance from change.")


@dataclass(frozen=True, slots=True)
class Blocks:
    """The blocks that a reference is resampled by.

    Parameters
    ----------
    days : int
        Days of the reference.
    length : int
        Days of a block.
    wanted : float
        Length that the dependence of the days asks for; longer than ``length`` if the reference is
        too short for it.
    cumulated : mapping of str to tuple of float
        Of each series, the variance of a mean over 1, 2, … days, times the days, over that of a
        single day: what dependence adds. See :func:`inflation`.
    """

    days: int
    length: int
    wanted: float
    cumulated: Mapping[str, tuple[float, ...]]

    @property
    def count(self) -> int:
        """Whole blocks that the reference holds."""
        return self.days // self.length

    def independent(self, name: str) -> float:
        """Return how many independent blocks the reference is worth, at least 2.

        Fewer than it holds if neighbouring blocks still depend on each other.
        """
        table = self.cumulated[name]
        return max(2.0, self.days / self.length * table[self.length - 1] / table[-1])

    def inflation(self, name: str, days: int) -> float:
        """Return by how much blocks understate the variance of a mean over ``days``, at least 1.

        Cutting days into blocks forgets the dependence across their ends; and blocks vary less
        around their own mean than around the true one, by (B - 1) / B for B independent blocks.
        """
        table = self.cumulated[name]
        across = table[min(days, self.days) - 1] / table[self.length - 1]
        blocks = self.independent(name)
        return max(1.0, across) * blocks / (blocks - 1)


def choose_blocks(
    series: Mapping[str, Series], *, length: int | None = None, month: int | None = None
) -> Blocks:
    """Choose the length of the blocks by the rule at the top of this module.

    Parameters
    ----------
    series : mapping of str to Series
        The reference, day by day.
    length : int, optional
        A length in place of the rule's.
    month : int, optional
        Days that are judged together; as many as the reference has by default.

    Returns
    -------
    Blocks
        The choice.

    Raises
    ------
    core.errors.NotComputable
        If the reference has fewer days than four blocks need.
    core.errors.InvalidInput
        If the series differ in their days.

    Notes
    -----
    Politis and White (2004), with the correction of Patton, Politis and White (2009), circular
    blocks.
    """
    days = same_days(series)
    if days < FEWEST_BLOCKS or (length is not None and days // length < FEWEST_BLOCKS):
        raise NotComputable(SHORT_MESSAGE, days=days)
    wanted = 1.0
    cumulated: dict[str, tuple[float, ...]] = {}
    for name, item in series.items():
        table = np.ones(days)
        for figure in daily_figures(item):
            weights = _flat_top(_without_weekdays(figure))
            wanted = max(wanted, _best_length(weights, days))
            table = np.maximum(table, _cumulated(weights, days))
        cumulated[name] = tuple(table.tolist())
    return Blocks(days, length or _ruled(wanted, days, month or days), wanted, cumulated)


def _ruled(wanted: float, days: int, month: int) -> int:
    most = max(month // 2 // WEEK * WEEK, WEEK)
    whole = min(ceil(max(wanted, WEEK) / WEEK) * WEEK, most)
    if days // whole >= FEWEST_WHOLE_WEEKS:
        return whole
    shorter = max(ceil(wanted), min(WEEK, days // FEWEST_WHOLE_WEEKS), 1)
    return max(min(shorter, days // FEWEST_BLOCKS), 1)


def _without_weekdays(figure: Floats) -> Floats:
    """Return deviations from the weekday's mean (of the mean, below four weeks); NaN becomes 0."""
    period = WEEK if figure.size >= 4 * WEEK else 1
    result = np.zeros(figure.size)
    for first in range(period):
        part = figure[first::period]
        known = ~np.isnan(part)
        if known.any():
            result[first::period] = np.where(known, part - part[known].mean(), 0.0)
    return result


def _flat_top(deviations: Floats) -> Floats:
    """Return the autocorrelations from lag 0 on, tapered and cut where they are only noise."""
    days = deviations.size
    variance = float((deviations**2).mean())
    if variance == 0:
        return np.ones(1)
    spread = max(5, ceil(log10(days) ** 0.5))
    longest = min(ceil(days**0.5) + spread, days - 1)
    products = [(deviations[k:] * deviations[: days - k]).sum() for k in range(longest + 1)]
    lags = np.array(products) / (days * variance)
    small = np.abs(lags) < NOISE * (log10(days) / days) ** 0.5
    last = next((m for m in range(longest) if small[m + 1 : m + 1 + spread].all()), longest)
    width = min(2 * last, longest)
    taper = np.clip(2 * (1 - np.arange(width + 1) / max(2 * last, 1)), 0.0, 1.0)
    total = min(max(1 + 2 * float((taper * lags[: width + 1])[1:].sum()), 0.0), days / 4)
    # Deviations from the sample's own mean make every autocovariance too small by Var(mean).
    return np.asarray(taper * (lags[: width + 1] + total / days) / (1 + total / days))


def _best_length(weights: Floats, days: int) -> float:
    lags = np.arange(weights.size)
    total = 1 + 2 * float(weights[1:].sum())
    slope = 2 * float((lags * weights).sum())
    if total <= 0:
        return 1.0
    return max(1.0, float((2 * slope**2 / (4 / 3 * total**2)) ** (1 / 3) * days ** (1 / 3)))


def _cumulated(weights: Floats, days: int) -> Floats:
    """Return M · Var(mean of M days) / Var(day) for M = 1, 2, …: 1 + 2 Σ (1 − k/M) r_k."""
    spans = np.arange(1, days + 1)[:, None]
    lags = np.arange(1, weights.size)
    shares = np.clip(1 - lags / spans, 0.0, None)
    return np.asarray(np.maximum(1 + 2 * (shares * weights[1:]).sum(axis=1), 0.1))


def draw_days(
    random: np.random.Generator, draws: int, wanted: int, days: int, length: int
) -> Integers:
    """Draw days by moving blocks that wrap around the end of the reference.

    Parameters
    ----------
    random : numpy.random.Generator
        Source of chance.
    draws, wanted : int
        How many sequences, and days in each.
    days, length : int
        Days of the reference and of a block.

    Returns
    -------
    ndarray of int64, shape (draws, wanted)
        Places of days.

    Notes
    -----
    Circular block bootstrap: Politis and Romano (1992).
    """
    starts = random.integers(0, days, size=(draws, ceil(wanted / length)))
    places = (starts[:, :, None] + np.arange(length)) % days
    return np.asarray(places.reshape(draws, -1)[:, :wanted], dtype=np.int64)


def attainable_rate(blocks: int, current_blocks: int, draws: int) -> float:
    r"""Return the smallest false-alarm rate that a reference can vouch for.

    If nothing changed, the blocks of the current data and of the reference could be exchanged: any
    b of the B + b are as likely to be the current ones, so without further assumptions no rarer
    event than one in :math:`\binom{B + b}{b}` can be told; nor than one in ``draws`` + 1.

    Parameters
    ----------
    blocks, current_blocks : int
        Whole blocks B of the reference, and b (at least 1) of the current data.
    draws : int
        Draws of the bootstrap.
    """
    return max(1 / (draws + 1), 1 / comb(blocks + max(current_blocks, 1), max(current_blocks, 1)))
