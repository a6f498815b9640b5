"""How sure a model is of its scores, from binned counts: entropy, margin, nearness to a cut-off.

Each figure comes with bounds that hold whatever the values within a bin are. A bin tells how many
scores it has, their mean, and between which two numbers they lie. The entropy is concave, so its
mean in a bin is at most that of the bin's mean, and at least what it would be if all scores lay at
the bin's two ends; the margin is convex, so the other way round (Jensen's inequality). The figure
is the middle of the two.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.arrays import Floats
from core.metrics.binning import CODE_OFFSET, BinnedCounts, NumericBins

_NOTHING = 1e-300
_ROUNDING = 1e-9
NEAR = 0.2
"""The band around a cut-off, as a share of its distance from 0 or 1, whichever is nearer."""


@dataclass(frozen=True, slots=True, eq=False)
class Bounded:
    """A figure a chunk, and between what the exact one lies; shapes (...); NaN without scores."""

    value: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Filled:
    """Bins as the figures need them; arrays have the shape (..., bins).

    ``are_probabilities``, shape (...), is 1 where every score may be one, and else NaN.
    """

    n: Floats
    mean: Floats
    low: Floats
    high: Floats
    are_probabilities: Floats

    @property
    def rows(self) -> Floats:
        """Scores per chunk, shape (...)."""
        return np.asarray(self.n.sum(axis=-1))


def mean_entropy(bins: NumericBins, counts: BinnedCounts) -> Bounded:
    r"""Return the mean entropy of a prediction in bits: 0 certain, 1 an even chance.

    :math:`H(p) = -p \log_2 p - (1-p) \log_2 (1-p)` (Shannon 1948), averaged over the scores.

    Parameters
    ----------
    bins : NumericBins
        Bins of the score.
    counts : BinnedCounts, shape (..., C)
        The chunks, with sums; where ``low`` and ``high`` are unknown, the bin's edges bound it.

    Returns
    -------
    Bounded
        NaN without scores, and where a score is no probability.

    Raises
    ------
    core.errors.InvalidInput
        If the counts do not belong to the bins, or come without sums.
    """
    filled = _filled(bins, counts)
    upper, lower = _entropy(filled.mean), _at_ends(filled, _entropy)
    return _middle(filled, lower, upper)


def mean_margin(bins: NumericBins, counts: BinnedCounts) -> Bounded:
    """Return the mean margin: how much likelier the likelier outcome is; 0 even, 1 certain.

    |p - (1 - p)| = |2p - 1|, averaged over the scores. Parameters, result and errors are those
    of :func:`mean_entropy`.
    """
    filled = _filled(bins, counts)
    return _middle(filled, _margin(filled.mean), _at_ends(filled, _margin))


def near_share(
    bins: NumericBins, counts: BinnedCounts, cut_off: float, band: float | None = None
) -> Bounded:
    """Return the share of scores within a band around a cut-off: 0 none, 1 all.

    A bin that reaches over an end of the band counts by the part of it that lies inside, as if its
    scores lay evenly; the bounds count it not at all and whole.

    Parameters
    ----------
    bins, counts
        As in :func:`mean_entropy`.
    cut_off : float
        The score at which the decision changes.
    band : float, optional
        Half the width of the band; :func:`default_band` by default.

    Raises
    ------
    core.errors.InvalidInput
        As in :func:`mean_entropy`, or if the band is negative.
    """
    width = default_band(cut_off) if band is None else band
    if not width >= 0:
        raise InvalidInput(
            N_("A band is a number from 0 on."),
            remedy=N_("Write it in the unit of the score, such as 0.05."),
        )
    filled = _filled(bins, counts)
    first, last = cut_off - width, cut_off + width
    inside = (filled.low >= first) & (filled.high <= last)
    reaches = ~inside & (filled.low <= last) & (filled.high >= first)
    spread = filled.high - filled.low
    overlap = np.minimum(filled.high, last) - np.maximum(filled.low, first)
    part = np.divide(overlap, spread, out=np.zeros_like(spread), where=reaches & (spread > 0))
    whole = np.where(inside, filled.n, 0.0).sum(axis=-1)
    over = np.where(reaches, filled.n, 0.0)
    rows = filled.rows
    return Bounded(
        _ratio(whole + (over * part).sum(axis=-1), rows),
        _ratio(whole, rows),
        _ratio(whole + over.sum(axis=-1), rows),
    )


def default_band(cut_off: float) -> float:
    """Return half the width of the band around a cut-off: a fifth of the way to 0 or 1.

    The nearer of the two counts: 0.5 has the band 0.4 to 0.6, and 0.035 the band 0.028 to 0.042.
    """
    return NEAR * max(min(cut_off, 1.0 - cut_off), 0.0)


def bounded_counts(bins: NumericBins, counts: BinnedCounts) -> BinnedCounts:
    """Return counts whose ``low`` and ``high``, where unknown, are the edges of their bins."""
    low, high = _bounds(bins, counts)
    return BinnedCounts(counts.n, counts.total, low, high)


def _bounds(bins: NumericBins, counts: BinnedCounts) -> tuple[Floats, Floats]:
    """Return between what the values of each bin lie, shape (..., C)."""
    # The edge below a smallest score of 0 is the largest number below it, which is no probability.
    edges = np.where(np.abs(bins.edge_array) < _NOTHING, 0.0, bins.edge_array)
    missing = np.full(CODE_OFFSET, np.nan)
    lowest, highest = (0.0, 1.0) if edges[0] >= 0 and edges[-1] <= 1 else (-np.inf, np.inf)
    lows = np.concatenate([missing, [lowest], edges])
    highs = np.concatenate([missing, edges, [highest]])
    return (
        lows if counts.low is None else np.where(np.isnan(counts.low), lows, counts.low),
        highs if counts.high is None else np.where(np.isnan(counts.high), highs, counts.high),
    )


def _filled(bins: NumericBins, counts: BinnedCounts) -> _Filled:
    if counts.n.ndim == 0 or counts.n.shape[-1] != bins.bin_count + CODE_OFFSET:
        raise InvalidInput(N_("The counts do not belong to the bins of the feature."))
    if counts.total is None:
        raise InvalidInput(N_("The confidence of scores needs the sum of every bin."))
    low, high = (np.broadcast_to(side, counts.n.shape) for side in _bounds(bins, counts))
    n, total = counts.n[..., CODE_OFFSET:], counts.total[..., CODE_OFFSET:]
    low, high = low[..., CODE_OFFSET:], high[..., CODE_OFFSET:]
    mean = np.divide(total, n, out=np.zeros(n.shape), where=n > 0)
    used = n > 0
    outside = used & ((low < 0) | (high > 1) | (mean < -_ROUNDING) | (mean > 1 + _ROUNDING))
    probable = np.where(outside.any(axis=-1), np.nan, 1.0)
    low, high = np.where(used, low, 0.0), np.where(used, high, 0.0)
    # Sums of floating-point numbers may leave the mean a hair outside.
    return _Filled(n, np.clip(mean, low, high), low, high, probable)


def _at_ends(filled: _Filled, of: Callable[[Floats], Floats]) -> Floats:
    """Return the mean over a bin if all its scores lay at its two ends."""
    spread = filled.high - filled.low
    part = np.divide(filled.mean - filled.low, spread, out=np.zeros_like(spread), where=spread > 0)
    return np.asarray(of(filled.low) * (1 - part) + of(filled.high) * part)


def _middle(filled: _Filled, lower: Floats, upper: Floats) -> Bounded:
    sides = [
        _ratio((filled.n * side).sum(axis=-1), filled.rows) * filled.are_probabilities
        for side in (lower, upper)
    ]
    low, high = np.minimum(*sides), np.maximum(*sides)  # rounding may exchange equal ones
    return Bounded((low + high) / 2, low, high)


def _entropy(score: Floats) -> Floats:
    found = np.zeros(score.shape)
    for chance in (score, 1 - score):
        logs = np.log2(chance, out=np.zeros(score.shape), where=chance > 0)
        found -= np.clip(chance, 0.0, None) * logs
    return found


def _margin(score: Floats) -> Floats:
    return np.abs(2 * score - 1)


def _ratio(part: Floats, whole: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(whole > 0, part / whole, np.nan))
