"""The chance distribution of a whole month's alarms: every figure of every check at once.

The largest of the standardised figures is what is held against its own distribution (Westfall and
Young 1993), so what figures have in common is used and a month has one stated rate of false alarms,
however many figures are watched.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from types import MappingProxyType

import numpy as np

from core.errors import InvalidInput, NotComputable
from core.i18n import N_
from core.metrics.alarms.blocks import Blocks, attainable_rate, choose_blocks, draw_days
from core.metrics.alarms.measures import MEASURES, Measure, measure
from core.metrics.alarms.resample import Thinner, pooled, pooled_smoothly
from core.metrics.alarms.series import Series
from core.metrics.arrays import Floats, Integers

DRAWS = 999
RATE = 0.01
"""False alarms in a model-month: one model in a hundred raises one, if nothing changed."""

ANCHORS = MappingProxyType({0.02: 2.0537489106, 0.01: 2.3263478740, 0.005: 2.5758293035})
"""Shares of the draws that are further out than so many standard deviations of a normal figure."""

BLOCKS_OF_A_TAIL = 8
"""So many blocks make up a month's chance, see :func:`pooled_smoothly`."""


@dataclass(frozen=True, slots=True)
class Member:
    """One figure of one series, such as the Wasserstein distance of income."""

    series: str
    measure: str

    @property
    def key(self) -> str:
        """Both names in one."""
        return f"{self.series}/{self.measure}"


@dataclass(frozen=True, slots=True)
class Check:
    """One look at the data, within a month of looks.

    Parameters
    ----------
    key : str
        Name, such as the week.
    first, days : int
        The month's day that it begins on, from 0, and how many days it covers.
    rows : mapping of str to int
        Rows of each series.
    """

    key: str
    first: int
    days: int
    rows: Mapping[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class FamilyNull:
    """What a month looks like if nothing changed.

    Parameters
    ----------
    members : tuple of Member
        M figures.
    checks : tuple of Check
        K checks.
    figures : ndarray, shape (M, K, draws)
        Chance figures without sign, corrected for the length of the reference.
    center, scale : ndarray, shape (M, K)
        Median of the figures on the scale of :func:`straightened`, and what stands there for a
        standard deviation: read off the upper tail at :data:`ANCHORS`, so that rare figures and
        long tails are held to the same standard. A figure that chance leaves at 0 takes a third of
        its minimum effect for its tail. NaN where there is no figure.
    largest : ndarray, shape (draws,)
        Largest standardised figure of each draw, ascending.
    blocks : Blocks
        How the reference was cut.
    rate, attainable : float
        Rate asked for, and the smallest that the reference can vouch for.
    seed, draws : int
        What repeats it.
    """

    members: tuple[Member, ...]
    checks: tuple[Check, ...]
    figures: Floats
    center: Floats
    scale: Floats
    largest: Floats
    blocks: Blocks
    rate: float
    attainable: float
    seed: int
    draws: int

    @property
    def size(self) -> int:
        """Figures in the family that could be computed."""
        return int(np.count_nonzero(self.scale > 0))

    @property
    def stated_rate(self) -> float:
        """The rate that alarms are raised at: what was asked for, or what is attainable."""
        return max(self.rate, self.attainable)

    @property
    def cut(self) -> float:
        """Standardised figure above which an alarm is significant."""
        beyond = int(self.stated_rate * (self.draws + 1) + 1e-9)
        return float(self.largest[self.draws - beyond]) if beyond >= 1 else float("inf")

    def place(self, member: Member, check: str) -> tuple[int, int]:
        """Return where a figure stands in the arrays.

        Raises
        ------
        core.errors.InvalidInput
            If it is not of this family.
        """
        keys = [entry.key for entry in self.checks]
        if member not in self.members or check not in keys:
            raise InvalidInput(N_("This figure is not one of the family."))
        return self.members.index(member), keys.index(check)

    def threshold(self, member: Member, check: str) -> float:
        """Return the figure without sign above which an alarm is significant; NaN if none is."""
        at = self.place(member, check)
        height = self.center[at] + self.scale[at] * self.cut
        order = measure_of(member).order
        return float(max(height, 0.0) ** (3 * order / 2)) if self.scale[at] > 0 else float("nan")

    def p_value(self, member: Member, check: str, statistic: float) -> float:
        """Return how often, if nothing changed, any figure of the month is as far out as this."""
        at = self.place(member, check)
        if not self.scale[at] > 0 or np.isnan(statistic):
            return float("nan")
        order = measure_of(member).order
        score = (straightened(np.asarray(statistic), order) - self.center[at]) / self.scale[at]
        beyond = self.draws - int(np.searchsorted(self.largest, float(score) - 1e-12, side="left"))
        return (1 + beyond) / (self.draws + 1)

    def single_p_value(self, member: Member, check: str, statistic: float) -> float:
        """Return how often, if nothing changed, this one figure is as large."""
        if np.isnan(statistic):
            return float("nan")
        figures = self.figures[self.place(member, check)]
        return (1 + int(np.count_nonzero(figures >= statistic - 1e-12))) / (self.draws + 1)

    def expected_alarms(self, minimum_effects: Mapping[str, float] | None = None) -> float:
        """Return how many false alarms a month of this model is expected to raise.

        Parameters
        ----------
        minimum_effects : mapping of str to float, optional
            In place of the measures' own, by :attr:`Member.key`.

        Returns
        -------
        float
            Figures of all checks that would be both significant and large enough, on average over
            the draws. One event may raise several.
        """
        given = minimum_effects or {}
        total = 0.0
        for member in self.members:
            smallest = given.get(member.key, measure_of(member).minimum_effect)
            for check in self.checks:
                limit = max(self.threshold(member, check.key), smallest)
                figures = self.figures[self.place(member, check.key)]
                total += float(np.mean(figures > limit)) if not np.isnan(limit) else 0.0
        return total


def straightened(figures: Floats, order: int) -> Floats:
    """Return figures on a scale where chance is nearly normal: cube roots of squared distances.

    A squared distance is about a sum of weighted chi-squared variables, whose cube root is nearly
    normal (Wilson and Hilferty 1931), so that distances of many groups and of one, and measures of
    all kinds, can be compared by how many standard deviations they are out.
    """
    return np.asarray(np.abs(figures) ** (2 / (3 * order)))


def draw_family(
    reference: Mapping[str, Series],
    members: Sequence[Member],
    checks: Sequence[Check],
    *,
    rate: float = RATE,
    draws: int = DRAWS,
    seed: int = 0,
    block_length: int | None = None,
) -> FamilyNull:
    """Draw what the month's figures would be if nothing changed.

    Parameters
    ----------
    reference : mapping of str to Series
        The reference, day by day; the same days in all.
    members : sequence of Member
        Figures to watch.
    checks : sequence of Check
        Looks at the data within the month, with their rows.
    rate : float
        False alarms in a model-month.
    draws, seed : int
        How many months to draw, and the seed.
    block_length : int, optional
        Days of a block in place of the rule's.

    Returns
    -------
    FamilyNull
        Thresholds and p-values for any current data with these rows.

    Raises
    ------
    core.errors.InvalidInput
        If a figure does not apply to its series, or there is nothing to draw.
    core.errors.NotComputable
        If the reference is shorter than four blocks.
    """
    if not members or not checks or draws < 1 or not 0 < rate < 1:
        raise InvalidInput(N_("A family needs figures, checks, draws and a rate between 0 and 1."))
    used = {member.series: reference[member.series] for member in members}
    blocks = choose_blocks(used, length=block_length)
    figures = np.full((len(members), len(checks), draws), np.nan)
    month = max(check.first + check.days for check in checks)
    streams = np.random.SeedSequence(seed).spawn(1 + len(used))
    days = np.random.default_rng(streams[0])
    own = draw_days(days, draws, blocks.days, blocks.days, blocks.length)
    repeats = max(1, ceil(BLOCKS_OF_A_TAIL * blocks.length / month))
    new = np.stack(
        [draw_days(days, draws, month, blocks.days, blocks.length) for _ in range(repeats)]
    )
    for (name, series), stream in zip(used.items(), streams[1:], strict=True):
        drawn = _SeriesDraws(series, blocks, np.random.default_rng(stream), own, new)
        for place, check in enumerate(checks):
            rows = check.rows.get(name, 0)
            if rows < 1:
                continue
            measures = {
                row: measure(member.measure, series.kind)
                for row, member in enumerate(members)
                if member.series == name
            }
            for row, found in drawn.figures(check, rows, measures).items():
                figures[row, place] = found
    return _family(tuple(members), tuple(checks), figures, blocks, rate, seed)


class _SeriesDraws:
    """The draws of one series: the pseudo-reference once, the current side for each check."""

    def __init__(
        self,
        series: Series,
        blocks: Blocks,
        random: np.random.Generator,
        own: Integers,
        new: Integers,
    ) -> None:
        self._series, self._blocks, self._random, self._new = series, blocks, random, new
        self._thinner = Thinner(series)
        self._reference = pooled(series, own)
        self._luck = random.standard_normal(own.shape[0])

    def figures(
        self, check: Check, rows: int, measures: Mapping[int, Measure]
    ) -> dict[int, Floats]:
        """Return the chance figures of each member, shape (draws,)."""
        window = self._new[:, :, check.first : check.first + check.days]
        pool = pooled_smoothly(self._random, self._series, window, self._thinner.spread)
        current = self._thinner.thinned(self._random, pool, rows)
        known = float(np.mean(1 - np.minimum(rows / np.maximum(pool.rows, 1.0), 1.0)))
        widening = self._blocks.inflation(self._series.name, check.days)
        result = {}
        for row, item in measures.items():
            raw = np.abs(item.effect(self._series.bins, self._reference, current))
            result[row] = raw * self._correction(raw, item.order, known, widening)
        return result

    def _correction(self, raw: Floats, order: int, known: float, widening: float) -> Floats:
        r"""Return factors for what a reference of few blocks cannot know, shape (draws,).

        The variance between B blocks around their own mean is (B − 1)/B of the true one, and is an
        estimate: that of a distance over k directions has ν = k (B − 2) degrees of freedom (one
        more is spent on the correction for what blocks cut off), with
        k = 4/skewness² of the squared distance, half of that of a χ²_k. So each draw is scaled by
        :math:`\sqrt{B/(B - 1) · ν/χ²_ν}`, as a t-statistic is wider than a normal one. The part
        ``known`` of the variance that comes of thinning needs neither.
        """
        squared = raw ** (2 / order)
        directions = _directions(squared)
        blocks = max(self._blocks.independent(self._series.name) - 2, 1.0)
        freedom = directions * blocks / max(1 - known, 1e-3) ** 2
        part = 2 / (9 * freedom)
        chi2_share = np.maximum(1 - part + self._luck * part**0.5, 0.1) ** 3
        factor = (known + (1 - known) * widening) / chi2_share
        return np.asarray(factor ** (order / 2))


def _directions(squared: Floats) -> float:
    """Return how many directions share the noise of squared distances, at least 1.

    Half of what the skewness says: in draws from few blocks it comes out too small.
    """
    off = squared - squared.mean()
    variance = float((off**2).mean())
    skewness = float((off**3).mean()) / variance**1.5 if variance > 0 else 0.0
    return max(1.0, 4 / skewness**2) if skewness > 0.1 else 1.0


def _family(
    members: tuple[Member, ...],
    checks: tuple[Check, ...],
    figures: Floats,
    blocks: Blocks,
    rate: float,
    seed: int,
) -> FamilyNull:
    draws = figures.shape[-1]
    orders = np.array([measure_of(member).order for member in members])[:, None, None]
    scores = np.abs(figures) ** (2 / (3 * orders))
    usable = np.isfinite(scores).all(axis=-1)
    if not usable.any():
        raise NotComputable(N_("No figure of the reference can be computed."))
    center, scale = np.full(usable.shape, np.nan), np.full(usable.shape, np.nan)
    center[usable] = np.median(scores[usable], axis=-1)
    ordered = np.sort(scores[usable], axis=-1)
    heights = [
        (ordered[:, -max(1, round(share * (draws + 1)))] - center[usable]) / height
        for share, height in ANCHORS.items()
    ]
    scale[usable] = np.mean(heights, axis=0)
    smallest = np.array([measure_of(member).minimum_effect for member in members])[:, None]
    floor = (smallest / 3) ** (2 / (3 * orders[:, :, 0])) / ANCHORS[0.005]
    scale = np.where(scale == 0, floor, scale)
    largest = ((scores[usable] - center[usable, None]) / scale[usable, None]).max(axis=0)
    longest = max(check.days for check in checks)
    return FamilyNull(
        members=members,
        checks=checks,
        figures=figures,
        center=center,
        scale=scale,
        largest=np.sort(largest),
        blocks=blocks,
        rate=rate,
        attainable=attainable_rate(blocks.count, longest // blocks.length, draws),
        seed=seed,
        draws=draws,
    )


def measure_of(member: Member) -> Measure:
    """Return the figure that a member is of."""
    return MEASURES[member.measure]
