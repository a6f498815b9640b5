"""Pseudo-references and pseudo-current data, drawn from the days of the reference.

Both sides are drawn independently and with replacement, so that a figure between them carries the
noise of both: 1/n + 1/N, where a chunk that is part of its own reference has 1/n − 1/N.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.metrics.alarms.series import Counts, Series, Tail, empty_tails
from core.metrics.arrays import Floats, Integers


def day_weights(places: Integers, days: int) -> Floats:
    """Return how often each day is drawn, the same for all series of a reference.

    Parameters
    ----------
    places : ndarray of int, shape (draws, places)
        Days by their number, as often as they are drawn.
    days : int
        Days of the reference.

    Returns
    -------
    ndarray, shape (draws, days)
        Whole numbers.
    """
    draws = places.shape[0]
    flat = (places + np.arange(draws)[:, None] * days).reshape(-1)
    return np.bincount(flat, minlength=draws * days).reshape(draws, days).astype(np.float64)


def pooled(series: Series, weights: Floats) -> Counts:
    """Add up days.

    Parameters
    ----------
    series : Series
        Of D days.
    weights : ndarray, shape (draws, D)
        How often each day, see :func:`day_weights`.

    Returns
    -------
    Counts
        Of shape (draws, C).
    """
    n, sums = series.counts.n, series.counts.sums
    return Counts(weights @ n, np.stack([weights @ part for part in sums]) if len(sums) else
                  np.zeros((0, weights.shape[0], n.shape[1])))  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """The days that each draw of a look is made of, the same for all series.

    Parameters
    ----------
    weights : ndarray, shape (draws, D)
        How often each day of the reference, in all repeats together.
    repeats, days : int
        How many months are drawn for one, and how many days of each the look covers.
    """

    weights: Floats
    repeats: int
    days: int

    @classmethod
    def of(cls, places: Integers, reference_days: int) -> "Window":
        """Return the window of drawn days, shape (repeats, draws, days)."""
        together = np.concatenate(list(places), axis=1)
        return cls(day_weights(together, reference_days), places.shape[0], places.shape[2])


def pooled_smoothly(
    random: np.random.Generator, series: Series, window: Window, spread: Sequence[Floats]
) -> Counts:
    r"""Add up days, with the tails of a sum of more blocks than the days hold.

    A month of two blocks, drawn from a dozen, can be no further out than the furthest of them, so
    its tails are too short for rare alarms. The deviations of r independent draws from the mean
    month, added up and divided by :math:`\sqrt r`, have the same variance and the tails of the
    normal law.

    Parameters
    ----------
    random : numpy.random.Generator
        Source of chance.
    series : Series
        Of D days.
    window : Window
        Days of each draw.
    spread : sequence of ndarray, shapes (C,)
        Standard deviation of the values in each bin, for each sum.

    Returns
    -------
    Counts
        Of shape (draws, C); whole rows, none below 0.
    """
    repeats = window.repeats
    parts = pooled(series, window.weights)
    if repeats == 1:
        return parts
    together = parts.n
    mean = series.counts.n.sum(axis=0) * (window.days / series.days)
    n = np.rint(np.maximum(mean + (together - repeats * mean) / repeats**0.5, 0.0))
    sums = []
    for place, width in enumerate(spread):
        total = parts.sums[place]
        level = np.divide(total, together, out=np.zeros_like(total), where=together > 0)
        noise = random.standard_normal(n.shape) * np.sqrt(n * (1 - 1 / repeats)) * width
        sums.append(n * level + noise)
    return Counts(n, np.stack(sums) if sums else np.zeros((0, *n.shape)))


class Thinner:
    """Draws as many rows as there are now out of pooled days, without replacement.

    Parameters
    ----------
    series : Series
        The reference, day by day.
    """

    def __init__(self, series: Series) -> None:
        self._merged = series.counts.merged()
        self._tails = empty_tails(series)
        self._reference_rows = float(series.counts.n.sum())
        self.spread = [_spread(series.counts.n, part) for part in series.counts.sums]

    def thinned(self, random: np.random.Generator, counts: Counts, rows: int) -> Counts:
        """Return ``rows`` rows of each draw, and rows in the bins that the reference left empty.

        Draws with fewer rows are left as they are, which errs on the side of no alarm.

        Parameters
        ----------
        random : numpy.random.Generator
            Source of chance.
        counts : Counts, shape (draws, C)
            Pooled days.
        rows : int
            Rows of the current data.

        Notes
        -----
        Multivariate hypergeometric, bin by bin. The sum of k of a bin's m values has the mean k
        times theirs and the variance k (m − k) / m · s², where s² is read off how the bin's daily
        means vary.
        """
        found = self._drawn(random, counts, rows)
        return _with_tails(random, found, self._tails, self._reference_rows)

    def independent(self, random: np.random.Generator, rows: Floats) -> Counts:
        """Return rows drawn independently of each other from all rows of the reference.

        Parameters
        ----------
        random : numpy.random.Generator
            Source of chance.
        rows : ndarray, shape (draws,)
            How many rows in each draw.
        """
        n = random.multinomial(
            np.rint(rows).astype(np.int64), self._merged.n / self._reference_rows
        ).astype(np.float64)
        known = self._merged.n > 0
        sums = [
            n * np.divide(total, self._merged.n, out=np.zeros_like(total), where=known)
            + np.sqrt(n) * spread * random.standard_normal(n.shape)
            for total, spread in zip(self._merged.sums, self.spread, strict=True)
        ]
        return Counts(n, np.stack(sums) if sums else np.zeros((0, *n.shape)))

    def _drawn(self, random: np.random.Generator, counts: Counts, rows: int) -> Counts:
        have = np.rint(counts.n).astype(np.int64)
        rest = have.sum(axis=1)
        left = np.minimum(rest, rows)
        if (rest <= rows).all():
            return counts
        chosen = np.empty_like(have)
        for place in range(have.shape[1]):
            rest = rest - have[:, place]
            chosen[:, place] = random.hypergeometric(have[:, place], rest, left)
            left = left - chosen[:, place]
        n = chosen.astype(np.float64)
        share = np.divide(n, counts.n, out=np.zeros_like(n), where=counts.n > 0)
        noise = np.sqrt(n * (1 - np.minimum(share, 1.0)))
        sums = [
            part * share + noise * spread * random.standard_normal(n.shape)
            for part, spread in zip(counts.sums, self.spread, strict=True)
        ]
        return Counts(n, np.stack(sums) if sums else np.zeros((0, *n.shape)))


def _spread(n: Floats, total: Floats) -> Floats:
    """Return the standard deviation of the values in each bin from its daily means, shape (C,)."""
    rows, seen = n.sum(axis=0), (n > 0).sum(axis=0)
    mean = np.divide(total.sum(axis=0), rows, out=np.zeros_like(rows), where=rows > 0)
    off = (total - n * mean) ** 2
    squares = np.divide(off, n, out=np.zeros_like(n), where=n > 0).sum(axis=0)
    found = np.sqrt(np.divide(squares, seen - 1, out=np.zeros_like(rows), where=seen > 1))
    return np.where(np.isfinite(found), found, 0.0)


def _with_tails(
    random: np.random.Generator, counts: Counts, tails: Sequence[Tail], reference_rows: float
) -> Counts:
    if not tails or reference_rows == 0:
        return counts
    n, sums = counts.n.copy(), counts.sums.copy()
    rows = np.rint(counts.rows).astype(np.int64)
    for tail in tails:
        chance = random.beta(tail.prior, reference_rows, size=rows.shape)
        new = random.binomial(rows, chance)
        n[:, tail.column] += new
        sums[:, :, tail.column] += new * tail.value
    return Counts(n, sums)
