"""Wasserstein (earth mover's) distance in units of the reference's standard deviation."""

import numpy as np
from numpy.typing import ArrayLike

from core.errors import InvalidInput, NotComputable
from core.i18n import N_
from core.metrics.arrays import Floats, checked_counts
from core.metrics.drift.kolmogorov_smirnov import sorted_values

SUMS_MESSAGE = N_("The Wasserstein distance needs the sums of the bins.")
NO_SPREAD_MESSAGE = N_("All reference values are equal, so there is no unit to measure a move in.")


def wasserstein(
    reference: ArrayLike,
    current: ArrayLike,
    *,
    reference_totals: ArrayLike,
    current_totals: ArrayLike,
    edges: ArrayLike,
    deviation: float,
) -> Floats:
    r"""Return the Wasserstein distance from counts and sums per bin, over the reference's sd.

    .. math:: W = \frac1\sigma \int |F(x) - G(x)| \, dx
              \approx \frac1\sigma \sum_b \left| \int_b (F(x) - G(x)) \, dx \right|

    0 means the same distribution, 1 that values moved by one standard deviation of the reference
    on average; there is no upper limit. Symmetric up to the unit.

    The sum of the values of a bin gives its integral exactly, so the figure is exact except in bins
    where the distribution functions cross; there it falls short by at most twice the bin's width
    times the smaller of the two shares in it. Below and above the reference it is exact.

    Parameters
    ----------
    reference : array_like, shape (m+2,)
        Counts of the reference: below the edges, m bins, above the edges.
    current : array_like, shape (..., m+2)
        Counts of the current data.
    reference_totals, current_totals : array_like, shapes as the counts
        Sums of the values in each bin, in the feature's unit.
    edges : array_like, shape (m+1,)
        Bin edges, ascending.
    deviation : float
        Population standard deviation of the reference, in the feature's unit.

    Returns
    -------
    ndarray, shape (...)
        0 or more; NaN where a side has no rows, the sums are not finite or the deviation is not
        above 0.

    Raises
    ------
    core.errors.InvalidInput
        If the counts do not belong together or to the edges.

    Notes
    -----
    In one dimension the distance is the area between the distribution functions: Vallender (1974).
    """
    areas = wasserstein_terms(
        reference,
        current,
        reference_totals=reference_totals,
        current_totals=current_totals,
        edges=edges,
    )
    total = areas.sum(axis=-1)
    unit = deviation if deviation > 0 else np.nan
    with np.errstate(over="ignore", invalid="ignore"):
        result = np.asarray(total / unit)
    return np.where(np.isfinite(result), result, np.nan)


def wasserstein_terms(
    reference: ArrayLike,
    current: ArrayLike,
    *,
    reference_totals: ArrayLike,
    current_totals: ArrayLike,
    edges: ArrayLike,
) -> Floats:
    """Return the area between the distribution functions in every bin.

    Parameters
    ----------
    reference, current, reference_totals, current_totals, edges : array_like
        As for :func:`wasserstein`.

    Returns
    -------
    ndarray, shape (..., m+2)
        Areas in the feature's unit, 0 or more; NaN where a side has no rows.

    Raises
    ------
    core.errors.InvalidInput
        If the counts do not belong together or to the edges.
    """
    ref, cur = checked_counts(reference, current)
    ends = np.asarray(edges, dtype=np.float64)
    if ends.shape != (ref.shape[0] - 1,):
        raise InvalidInput(N_("The counts do not belong to these edges."))
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        ref_area = areas_under(ref, np.asarray(reference_totals, dtype=np.float64), ends)
        cur_area = areas_under(cur, np.asarray(current_totals, dtype=np.float64), ends)
        return np.asarray(np.abs(ref_area - cur_area))


def areas_under(counts: Floats, totals: Floats, edges: Floats) -> Floats:
    """Return ∫F per bin; below the edges ∫F as well, above them −∫(1 − F).

    In a bin (a, b] with n of N values that add up to t, ∫F = F(a)(b − a) + (n b − t)/N.

    Parameters
    ----------
    counts, totals : ndarray, shape (..., m+2)
        Rows and sums of the values in each bin; both already checked.
    edges : ndarray, shape (m+1,)
        Bin edges, ascending.

    Returns
    -------
    ndarray, shape (..., m+2)
        Areas in the feature's unit; NaN where there are no rows.
    """
    rows = counts.sum(axis=-1, keepdims=True)
    upper = np.append(edges, edges[-1])
    within = np.where(counts > 0, (counts * upper - totals) / rows, 0.0)
    widths = np.diff(edges)
    within[..., 1:-1] = np.clip(within[..., 1:-1], 0.0, counts[..., 1:-1] / rows * widths)
    before = np.cumsum(counts, axis=-1)[..., :-2] / rows
    within[..., 1:-1] += before * widths
    return np.where(rows > 0, within, np.nan)


def wasserstein_exact(reference: ArrayLike, current: ArrayLike) -> float:
    """Return the Wasserstein distance of two samples of raw values, over the reference's sd.

    Parameters
    ----------
    reference, current : array_like, shapes (R,) and (K,)
        Raw values, finite or NaN; NaN is left out.

    Returns
    -------
    float
        0 or more; formula and meaning as in :func:`wasserstein`.

    Raises
    ------
    core.errors.NotComputable
        If a side has no values, or all reference values are equal.
    """
    ref, cur = sorted_values(reference, current)
    deviation = float(np.std(ref))
    if ref[0] == ref[-1] or not deviation > 0:
        raise NotComputable(NO_SPREAD_MESSAGE)
    return area_between(ref, cur) / deviation


def area_between(reference: Floats, current: Floats) -> float:
    """Return the area between the distribution functions of two samples.

    Parameters
    ----------
    reference, current : ndarray, shapes (R,) and (K,)
        Ascending values without NaN, at least one each.

    Returns
    -------
    float
        The Wasserstein distance in the unit of the values.
    """
    points = np.sort(np.concatenate([reference, current]))
    at_or_below = [
        np.searchsorted(side, points[:-1], side="right") / side.size
        for side in (reference, current)
    ]
    return float(np.abs(at_or_below[0] - at_or_below[1]) @ np.diff(points))
