"""The chance figures of a model's month, series by series, with what blocks of days say of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from core.metrics.alarms.blocks import Blocks, draw_days
from core.metrics.alarms.measures import Measure
from core.metrics.alarms.moderation import moderated, scaled
from core.metrics.alarms.resample import Thinner, Window, day_weights, pooled, pooled_smoothly
from core.metrics.alarms.series import Series
from core.metrics.arrays import Floats, Integers

BLOCKS_OF_A_TAIL = 8
"""So many blocks make up a month's chance, see :func:`pooled_smoothly`."""


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Which days each draw is made of, the same for all series.

    Parameters
    ----------
    own : ndarray, shape (draws, days of the reference)
        How often each day is in the pseudo-reference.
    new : ndarray of int, shape (repeats, draws, days of the month)
        Days of the pseudo-month.
    luck : ndarray, shape (draws,)
        Standard normal draws that all figures share.
    """

    own: Floats
    new: Integers
    luck: Floats

    def window(self, first: int, days: int) -> Window:
        """Return the days of a look that begins on the month's day ``first``."""
        return Window.of(self.new[:, :, first : first + days], self.own.shape[1])

    def is_empty_once(self, series: Series, first: int, days: int) -> bool:
        """Return whether a draw of a look has no row, so that none of its figures is known."""
        rows = series.counts.n.sum(axis=1)
        drawn = rows[self.new[:, :, first : first + days]].sum(axis=(0, 2))
        return bool((drawn == 0).any())


def draw_places(random: np.random.Generator, blocks: Blocks, month: int, draws: int) -> Places:
    """Draw the days of both sides.

    Parameters
    ----------
    random : numpy.random.Generator
        Source of chance.
    blocks : Blocks
        How the reference is cut.
    month, draws : int
        Days of the month, and how many months.
    """
    own = draw_days(random, draws, blocks.days, blocks.days, blocks.length)
    repeats = max(1, ceil(BLOCKS_OF_A_TAIL * blocks.length / month))
    new = [draw_days(random, draws, month, blocks.days, blocks.length) for _ in range(repeats)]
    return Places(day_weights(own, blocks.days), np.stack(new), random.standard_normal(draws))


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """One figure of one look as drawn by blocks.

    Parameters
    ----------
    raw : ndarray, shape (draws,)
        The figure without sign, not yet corrected.
    order : int
        As in :class:`Measure`.
    ratio : float
        Its variance over that of independent rows; NaN if it never varies.
    widening : float
        By how much blocks understate the variance, see :meth:`Blocks.inflation`.
    freedom : float
        Degrees of freedom of the ratio.
    group : tuple of str
        Figures of the same group are moderated together: the same measure of the same kind of
        series. Shares of rows that are not as they should be stand for themselves.
    luck : ndarray, shape (draws,)
        Standard normal draws of this series.
    """

    raw: Floats
    order: int
    ratio: float
    widening: float
    freedom: float
    group: tuple[str, str, str]
    luck: Floats


class SeriesDraws:
    """The draws of one series: the pseudo-reference once, the current side for each look.

    Parameters
    ----------
    series : Series
        The reference, day by day.
    blocks : Blocks
        How it is cut.
    random : numpy.random.Generator
        Source of chance.
    places : Places
        Days of each draw.
    """

    def __init__(
        self, series: Series, blocks: Blocks, random: np.random.Generator, places: Places
    ) -> None:
        self._series, self._blocks, self._random = series, blocks, random
        self._thinner = Thinner(series)
        self._reference = pooled(series, places.own)
        self._plain = self._thinner.independent(random, self._reference.rows)
        self._luck = random.standard_normal(places.luck.shape)

    def figures(
        self, window: Window, rows: int, measures: Mapping[int, Measure]
    ) -> dict[int, Drawn]:
        """Return the chance figures of a look.

        Parameters
        ----------
        window : Window
            Its days.
        rows : int
            Its rows.
        measures : mapping of int to Measure
            Figures, by any number.
        """
        pool = pooled_smoothly(self._random, self._series, window, self._thinner.spread)
        current = self._thinner.thinned(self._random, pool, rows)
        plain = self._thinner.independent(self._random, np.minimum(pool.rows, rows))
        widening = self._blocks.inflation(self._series.name, window.days)
        blocks = max(self._blocks.independent(self._series.name) - 2, 1.0)
        bins, result = self._series.bins, {}
        for row, item in measures.items():
            raw = np.abs(item.effect(bins, self._reference, current))
            free = np.abs(item.effect(bins, self._plain, plain))
            squared, least = raw ** (2 / item.order), float((free ** (2 / item.order)).mean())
            ratio = float(squared.mean()) / least if least > 0 else float("nan")
            result[row] = Drawn(
                raw=raw,
                order=item.order,
                ratio=ratio if ratio > 0 else float("nan"),
                widening=widening,
                freedom=_directions(squared) * blocks,
                group=(item.id, self._series.kind, self._series.name if item.is_share else ""),
                luck=self._luck,
            )
        return result


def corrected(drawn: Sequence[Drawn], luck: Floats) -> list[Floats]:
    """Return the chance figures of one look with the variance that all of them vouch for.

    Blocks vary too little around their own mean and forget the dependence across their ends
    (``widening``); and what a few of them say is an estimate, so each draw is scaled by a chance
    variance, as a t-statistic is wider than a normal one.

    Parameters
    ----------
    drawn : sequence of Drawn
        Figures of all series.
    luck : ndarray, shape (draws,)
        Standard normal draws that all figures share.
    """
    result = [item.raw * item.widening ** (item.order / 2) for item in drawn]
    groups: dict[tuple[str, str, str], list[int]] = {}
    for place, item in enumerate(drawn):
        if np.isfinite(item.ratio):
            groups.setdefault(item.group, []).append(place)
    for places in groups.values():
        chosen = [drawn[place] for place in places]
        ratios = np.array([item.ratio for item in chosen])
        found = moderated(
            ratios * np.array([item.widening for item in chosen]),
            np.array([item.freedom for item in chosen]),
            _likeness(chosen),
        )
        for number, place in enumerate(places):
            item = drawn[place]
            chance = scaled(found.own[number], item.luck) * scaled(found.shared[number], luck)
            factor = found.ratio[number] / ratios[number] / chance
            result[place] = item.raw * factor ** (item.order / 2)
    return result


def _likeness(drawn: Sequence[Drawn]) -> Floats:
    if len(drawn) == 1:
        return np.ones((1, 1))
    squared = np.stack([item.raw ** (2 / item.order) for item in drawn])
    return np.clip(np.corrcoef(squared), 0.0, 1.0)


def _directions(squared: Floats) -> float:
    """Return how many directions share the noise of squared distances, at least 1.

    Half of what the skewness says: in draws from few blocks it comes out too small.
    """
    off = squared - squared.mean()
    variance = float((off**2).mean())
    skewness = float((off**3).mean()) / variance**1.5 if variance > 0 else 0.0
    return max(1.0, 4 / skewness**2) if skewness > 0.1 else 1.0
