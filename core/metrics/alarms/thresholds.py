"""The three kinds of thresholds, and the false alarms that each must be expected to raise."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from core.errors import InvalidInput, NotComputable
from core.i18n import N_
from core.metrics.alarms.family import FamilyNull, Member, measure_of
from core.metrics.alarms.measures import measure
from core.metrics.alarms.series import Counts, Series
from core.metrics.arrays import Floats

DEVIATIONS = 3.0
FEWEST_CHUNKS = 3


class ThresholdKind(StrEnum):
    """Where a threshold comes from."""

    constant = "constant"
    deviations = "deviations"
    bootstrap = "bootstrap"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a figure may be without an alarm.

    Parameters
    ----------
    kind : ThresholdKind
        Where they come from.
    lower, upper : float or None
        The range of no alarm; None is open.
    expected_rate : float or None
        False alarms a look, of this figure alone, that must be expected; None if that cannot be
        told, as for a constant.
    """

    kind: ThresholdKind
    lower: float | None
    upper: float | None
    expected_rate: float | None = None

    def crossed(self, value: float) -> bool:
        """Return whether a figure lies outside; NaN does not."""
        below = self.lower is not None and value < self.lower
        return below or (self.upper is not None and value > self.upper)


def constant_limits(*, lower: float | None = None, upper: float | None = None) -> Limits:
    """Return limits that somebody chose.

    Raises
    ------
    core.errors.InvalidInput
        If both are open, or the lower one is not below the upper one.
    """
    if lower is None and upper is None:
        raise InvalidInput(N_("A threshold needs a number."))
    if lower is not None and upper is not None and not lower < upper:
        raise InvalidInput(N_("The lower threshold must be below the upper one."))
    return Limits(ThresholdKind.constant, lower, upper)


def deviation_limits(
    figures: ArrayLike, *, deviations: float = DEVIATIONS, two_sided: bool = False
) -> Limits:
    r"""Return the mean of the reference's chunks plus so many standard deviations.

    Parameters
    ----------
    figures : array_like, shape (C,)
        Figures of chunks that are not part of what they are compared with, see
        :func:`chunk_figures`; NaN is left out.
    deviations : float
        How many standard deviations (with C - 1 in the denominator).
    two_sided : bool
        Whether a figure far below is an alarm too.

    Returns
    -------
    Limits
        With the rate that a normal figure gives, :math:`P(t_{C-1} > k / \sqrt{1 + 1/C})`: with ten
        chunks three deviations are 1 %, not the 0.13 % of a known mean and deviation.

    Raises
    ------
    core.errors.NotComputable
        If there are fewer than three figures.
    """
    from scipy.stats import t  # noqa: PLC0415  # slow to load, and few need it

    known = np.asarray(figures, dtype=np.float64)
    known = known[~np.isnan(known)]
    if known.size < FEWEST_CHUNKS:
        raise NotComputable(N_("A standard deviation needs at least three chunks."))
    center, spread = float(known.mean()), float(known.std(ddof=1))
    tail = float(t.sf(deviations / (1 + 1 / known.size) ** 0.5, known.size - 1))
    return Limits(
        ThresholdKind.deviations,
        center - deviations * spread if two_sided else None,
        center + deviations * spread,
        expected_rate=2 * tail if two_sided else tail,
    )


def chunk_figures(series: Series, measure_id: str, days: int) -> Floats:
    """Return the figure of every chunk of the reference against the rest of it.

    Parameters
    ----------
    series : Series
        The reference, day by day.
    measure_id : str
        Figure.
    days : int
        Days of a chunk; days left over at the end are left out.

    Returns
    -------
    ndarray, shape (chunks,)
        NaN where a side has no rows.
    """
    item, whole = measure(measure_id, series.kind), series.counts.merged()
    figures = []
    for first in range(0, series.days - days + 1, days):
        part = slice(first, first + days)
        chunk = Counts(series.counts.n[part].sum(axis=0), series.counts.sums[:, part].sum(axis=1))
        rest = Counts(whole.n - chunk.n, whole.sums - chunk.sums)
        figures.append(float(item.effect(series.bins, rest, chunk)))
    return np.asarray(figures, dtype=np.float64)


def family_limits(
    family: FamilyNull, member: Member, check: str, *, minimum_effect: float | None = None
) -> Limits:
    """Return the limits of one figure of a family: significant and large enough.

    Parameters
    ----------
    family : FamilyNull
        The month's chance distribution.
    member : Member
        The figure.
    check : str
        The look.
    minimum_effect : float, optional
        In place of the family's.

    Returns
    -------
    Limits
        Two-sided for a difference, from above for a distance; without an upper limit if there is
        no figure.
    """
    item = measure_of(member)
    smallest = family.minimum_effect(member) if minimum_effect is None else minimum_effect
    threshold = family.threshold(member, check)
    if np.isnan(threshold):
        return Limits(ThresholdKind.bootstrap, None, None)
    limit = max(threshold, smallest)
    beyond = float(np.mean(family.figures[family.place(member, check)] > limit))
    return Limits(ThresholdKind.bootstrap, -limit if item.signed else None, limit, beyond)
