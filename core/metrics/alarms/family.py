"""The chance distribution of a whole month's alarms: every figure of every check at once.

The largest of the standardised figures is what is held against its own distribution (Westfall and
Young 1993), so what figures have in common is used and a month has one stated rate of false alarms,
however many figures are watched.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from types import MappingProxyType

import numpy as np

from core.errors import InvalidInput, NotComputable
from core.i18n import N_
from core.metrics.alarms.blocks import Blocks, attainable_rate, choose_blocks
from core.metrics.alarms.measures import MEASURES, Measure, measure
from core.metrics.alarms.series import Series
from core.metrics.alarms.series_draws import Drawn, Places, SeriesDraws, corrected, draw_places
from core.metrics.arrays import Booleans, Floats

DRAWS = 999
RATE = 0.01
"""False alarms of a family that asks for no other rate."""

ANCHORS = MappingProxyType({0.02: 2.0537489106, 0.01: 2.3263478740, 0.005: 2.5758293035})
"""Shares of the draws that are further out than so many standard deviations of a normal figure."""

NO_FIGURE = N_("No figure of the reference can be computed.")
SECOND = 1.25
"""What stretches the scale of a figure that seconds another, see :class:`Measure`."""


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
        Chance figures without sign, with the variance that all of them vouch for.
    center, scale : ndarray, shape (M, K)
        Median of the figures on the scale of :func:`straightened`, and what stands there for a
        standard deviation: read off the upper tail at :data:`ANCHORS`, so that rare figures and
        long tails are held to the same standard. A figure that chance leaves at 0 takes a third of
        its minimum effect for its tail; one that seconds another has a scale :data:`SECOND` as
        wide. NaN where there is no figure.
    largest : ndarray, shape (draws,)
        Largest standardised figure of each draw, ascending; figures below their minimum effect can
        raise no alarm and are left out; -inf where none is left.
    minimum_effects : ndarray, shape (M,)
        Smaller effects raise no alarm.
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
    minimum_effects: Floats
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
        """Standardised figure above which an alarm is significant.

        Never below what one figure alone would need at the stated rate.
        """
        beyond = int(self.stated_rate * (self.draws + 1) + 1e-9)
        if beyond < 1:
            return float("inf")
        alone = NormalDist().inv_cdf(1 - self.stated_rate)
        return max(float(self.largest[self.draws - beyond]), alone)

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
        """Return how often, if nothing changed, a figure of alarm size is as far out as this."""
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

    def minimum_effect(self, member: Member) -> float:
        """Return the effect that an alarm of a figure needs."""
        return float(self.minimum_effects[self.members.index(member)])

    def expected_alarms(self) -> float:
        """Return how many false alarms a month of this model is expected to raise.

        Figures of all checks that would be both significant and large enough, on average over the
        draws. One event may raise several.
        """
        total = 0.0
        for member in self.members:
            for check in self.checks:
                limit = max(self.threshold(member, check.key), self.minimum_effect(member))
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
    minimum_effects: Mapping[str, float] | None = None,
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
    minimum_effects : mapping of str to float, optional
        In place of the measures' own, by :attr:`Member.key`.

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
    month = max(check.first + check.days for check in checks)
    blocks = choose_blocks(used, length=block_length, month=month)
    streams = np.random.SeedSequence(seed).spawn(1 + len(used))
    places = draw_places(np.random.default_rng(streams[0]), blocks, month, draws)
    if all(
        places.is_empty_once(series, check.first, check.days)
        for series in used.values()
        for check in checks
        if check.rows.get(series.name, 0) > 0
    ):
        raise NotComputable(NO_FIGURE)  # before anything is drawn in vain
    sources = {
        name: SeriesDraws(series, blocks, np.random.default_rng(stream), places)
        for (name, series), stream in zip(used.items(), streams[1:], strict=True)
    }
    drawn = [_look(sources, _measures(members, used), places, check) for check in checks]
    figures = np.full((len(members), len(checks), draws), np.nan)
    for place, look in enumerate(drawn):
        for row, found in zip(look, corrected(list(look.values()), places.luck), strict=True):
            figures[row, place] = found
    given = minimum_effects or {}
    smallest = [given.get(member.key, measure_of(member).minimum_effect) for member in members]
    seconds = [used[member.series].kind in measure_of(member).second_of for member in members]
    spread = _spread_of(members, figures, np.array(smallest), np.array(seconds))
    longest = max(check.days for check in checks)
    return FamilyNull(
        members=tuple(members),
        checks=tuple(checks),
        figures=figures,
        center=spread.center,
        scale=spread.scale,
        largest=spread.largest,
        minimum_effects=np.array(smallest),
        blocks=blocks,
        rate=rate,
        attainable=attainable_rate(blocks.count, longest // blocks.length, draws),
        seed=seed,
        draws=draws,
    )


def _measures(
    members: Sequence[Member], used: Mapping[str, Series]
) -> Mapping[str, Mapping[int, Measure]]:
    """Return the figures of each series by their place in the family."""
    return {
        name: {
            row: measure(member.measure, series.kind)
            for row, member in enumerate(members)
            if member.series == name
        }
        for name, series in used.items()
    }


def _look(
    sources: Mapping[str, SeriesDraws],
    measures: Mapping[str, Mapping[int, Measure]],
    places: Places,
    check: Check,
) -> dict[int, Drawn]:
    """Return the chance figures of one look at all series, by their place in the family."""
    window = places.window(check.first, check.days)
    found: dict[int, Drawn] = {}
    for name, source in sources.items():
        if (rows := check.rows.get(name, 0)) > 0:
            found.update(source.figures(window, rows, measures[name]))
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Spread:
    center: Floats
    scale: Floats
    largest: Floats


def _spread_of(
    members: Sequence[Member], figures: Floats, smallest: Floats, seconds: Booleans
) -> _Spread:
    draws = figures.shape[-1]
    orders = np.array([measure_of(member).order for member in members])[:, None, None]
    scores = np.abs(figures) ** (2 / (3 * orders))
    usable = np.isfinite(scores).all(axis=-1)
    if not usable.any():
        raise NotComputable(NO_FIGURE)
    center, scale = np.full(usable.shape, np.nan), np.full(usable.shape, np.nan)
    center[usable] = np.median(scores[usable], axis=-1)
    ordered = np.sort(scores[usable], axis=-1)
    heights = [
        (ordered[:, -max(1, round(share * (draws + 1)))] - center[usable]) / height
        for share, height in ANCHORS.items()
    ]
    scale[usable] = np.mean(heights, axis=0)
    own = np.array([measure_of(member).minimum_effect for member in members])[:, None]
    floor = (own / 3) ** (2 / (3 * orders[:, :, 0])) / ANCHORS[0.005]
    scale = np.where(scale == 0, floor, scale)
    scale[seconds] *= SECOND
    largest = _largest(scores, center, scale, figures >= smallest[:, None, None])
    return _Spread(center, scale, np.sort(largest))


def _largest(scores: Floats, center: Floats, scale: Floats, counts: Booleans) -> Floats:
    """Return the largest standardised figure of each draw, of those that count."""
    found = np.full(scores.shape, -np.inf)
    np.subtract(scores, center[..., None], out=found, where=counts)
    np.divide(found, scale[..., None], out=found, where=counts)
    return np.asarray(found.max(axis=(0, 1)))


def measure_of(member: Member) -> Measure:
    """Return the figure that a member is of."""
    return MEASURES[member.measure]
