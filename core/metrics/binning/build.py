"""Making bins from the distinct values of a reference and their counts."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from core.errors import InvalidInput, NotComputable
from core.i18n import N_
from core.metrics.arrays import Booleans, Floats, Integers
from core.metrics.binning.bins import QUANTILE_BINS, CategoricalBins, NumericBins

KEPT_VALUES = 100
"""A categorical feature keeps this many values; the others are pooled."""

POOLED_VALUES = 10_000
"""So many pooled values are remembered by name, to tell known from unseen."""

SMALLEST_RATIO = 1.001

EMPTY_MESSAGE = N_("The reference has no value to make bins from.")
ORDER_MESSAGE = N_("Distinct values must be finite and ascending, with one positive count each.")
RANGE_MESSAGE = N_("The value {value} is too large to be binned.")


def numeric_bins_from_counts(values: ArrayLike, counts: ArrayLike) -> NumericBins:
    """Make the bins of a numeric feature.

    Parameters
    ----------
    values : array_like, shape (D,)
        Distinct reference values, finite, strictly ascending.
    counts : array_like, shape (D,)
        How often each occurs, at least 1.

    Returns
    -------
    NumericBins
        Atoms alone in their bins; every other bin with at most 1/200 of the reference; deciles
        (inverted distribution function, as ``numpy.quantile(method="inverted_cdf")``) as edges.

    Raises
    ------
    core.errors.NotComputable
        If there is no value.
    core.errors.InvalidInput
        If the values are not finite and ascending, a count is below 1, or no double lies below
        the smallest value.
    """
    distinct, weights = _checked_distinct(values, counts)
    cumulative = np.cumsum(weights)
    with np.errstate(over="ignore", under="ignore"):
        below = np.nextafter(distinct, -np.inf)
    if not np.isfinite(below[0]):
        raise InvalidInput(RANGE_MESSAGE, value=float(distinct[0]))
    is_atom = weights * QUANTILE_BINS >= cumulative[-1]
    ends = _interval_ends(cumulative, is_atom)
    edges = np.unique(np.concatenate([below[:1], distinct[ends], below[is_atom]]))
    deciles = distinct[_quantile_positions(cumulative, 10)[:-1]]
    return NumericBins(
        edges=tuple(edges.tolist()),
        atoms=tuple(distinct[is_atom].tolist()),
        deciles=tuple(np.unique(np.searchsorted(edges, deciles)).tolist()),
        deviation=_deviation(distinct, weights),
    )


def _checked_distinct(values: ArrayLike, counts: ArrayLike) -> tuple[Floats, Integers]:
    distinct = np.asarray(values, dtype=np.float64)
    weights = np.asarray(counts, dtype=np.int64)
    if distinct.size == 0:
        raise NotComputable(EMPTY_MESSAGE)
    if (
        distinct.ndim != 1
        or distinct.shape != weights.shape
        or not np.isfinite(distinct).all()
        or (distinct[1:] <= distinct[:-1]).any()
        or (weights < 1).any()
    ):
        raise InvalidInput(ORDER_MESSAGE)
    return distinct, weights


def _quantile_positions(cumulative: Integers, parts: int) -> Integers:
    """Return where the distribution function first reaches 1/parts, 2/parts, …, 1."""
    total = int(cumulative[-1])
    wanted = np.array([-(-total * k // parts) for k in range(1, parts + 1)], dtype=np.int64)
    return np.searchsorted(cumulative, wanted, side="left").astype(np.int64)


def _interval_ends(cumulative: Integers, is_atom: Booleans) -> Integers:
    """Return the positions of values that end a bin: quantiles, atoms, and what keeps bins small.

    A quantile value that is no atom can still lift its bin above 1/200; the value before it then
    becomes an edge too.
    """
    total = int(cumulative[-1])
    ends = np.unique(
        np.concatenate([_quantile_positions(cumulative, QUANTILE_BINS), np.flatnonzero(is_atom)])
    )
    starts = np.concatenate([[0], cumulative[ends[:-1]]])
    too_full = ((cumulative[ends] - starts) * QUANTILE_BINS > total) & ~is_atom[ends]
    return np.unique(np.concatenate([ends, ends[too_full] - 1])).astype(np.int64)


def _deviation(distinct: Floats, weights: Integers) -> float:
    """Return the population standard deviation, safe from overflow; 0 for a constant."""
    scale = float(np.abs(distinct).max())
    if scale == 0.0 or distinct.size == 1:
        return 0.0
    with np.errstate(under="ignore", over="ignore"):
        scaled = distinct / scale
        shares = weights / weights.sum()
        # Sums of products: the matrix library's own would keep a second core busy waiting.
        centred = scaled - (shares * scaled).sum()
        return float(scale * np.sqrt((shares * (centred * centred)).sum()))


def categorical_bins_from_counts(
    values: Sequence[str],
    counts: ArrayLike,
    *,
    kept: int = KEPT_VALUES,
    pooled: int = POOLED_VALUES,
) -> CategoricalBins:
    """Make the bins of a categorical feature.

    Parameters
    ----------
    values : sequence of str
        Distinct reference values.
    counts : array_like, shape (D,)
        How often each occurs, at least 1.
    kept : int
        How many of the most frequent values get a bin each; ties are broken alphabetically.
    pooled : int
        How many further values are remembered as the rest.

    Returns
    -------
    CategoricalBins
        ``complete`` is False if some values were neither kept nor remembered.

    Raises
    ------
    core.errors.NotComputable
        If there is no value.
    core.errors.InvalidInput
        If a value repeats, or a count is below 1.
    """
    weights = np.asarray(counts, dtype=np.int64)
    if len(values) == 0:
        raise NotComputable(EMPTY_MESSAGE)
    if weights.shape != (len(values),) or len(set(values)) != len(values) or (weights < 1).any():
        raise InvalidInput(N_("Distinct categories need one positive count each."))
    ranked = sorted(
        zip(values, weights.tolist(), strict=True), key=lambda pair: (-pair[1], pair[0])
    )
    names = tuple(value for value, _ in ranked)
    return CategoricalBins(
        values=names[:kept],
        rest=names[kept : kept + pooled],
        complete=len(names) <= kept + pooled,
    )


def log_spaced_bins(low: float, high: float, *, ratio: float = 1.05) -> NumericBins:
    """Make fixed bins that need no reference: powers of ``ratio`` from ``low`` to ``high``.

    The edges are ``ratio ** k`` for whole k, so bins made for different spans share their edges.

    Parameters
    ----------
    low, high : float
        Span to cover, 0 < low < high, in the unit of the values.
    ratio : float
        Width of a bin as a factor, at least 1.001; quantiles read off the bins are within it.

    Returns
    -------
    NumericBins
        Without atoms or deciles.

    Raises
    ------
    core.errors.InvalidInput
        If the span or the ratio makes no bins.
    """
    if not (0 < low < high < float("inf") and ratio >= SMALLEST_RATIO):
        raise InvalidInput(N_("Log-spaced bins need 0 < low < high and a ratio of at least 1.001."))
    first = int(np.floor(np.log(low) / np.log(ratio)))
    last = int(np.ceil(np.log(high) / np.log(ratio)))
    edges = tuple(ratio**k for k in range(first, last + 1))
    return NumericBins(edges=edges, atoms=(), deciles=())
