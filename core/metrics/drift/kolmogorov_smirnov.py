"""Two-sample Kolmogorov–Smirnov distance, from ordered counts and from raw values."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.errors import NotComputable
from core.i18n import N_
from core.metrics.arrays import Floats, checked_counts, shares

NO_VALUES_MESSAGE = N_("One of the two samples has no value.")


@dataclass(frozen=True, slots=True, eq=False)
class KolmogorovSmirnov:
    """Kolmogorov–Smirnov results, one per chunk.

    Parameters
    ----------
    distance : ndarray, shape (...)
        Largest gap D between the two distribution functions.
    p_value : ndarray, shape (...)
        Probability of a gap this large if nothing changed.
    """

    distance: Floats
    p_value: Floats


def kolmogorov_smirnov(reference: ArrayLike, current: ArrayLike) -> KolmogorovSmirnov:
    r"""Return the Kolmogorov–Smirnov distance of two rows of ordered counts.

    .. math:: D = \max_b |F(b) - G(b)|

    with F and G the cumulated shares. 0 means the same shares, 1 that all current rows lie on one
    side of all reference rows. Symmetric; never above the exact distance, and with our bins at most
    0.005 below it.

    Parameters
    ----------
    reference : array_like, shape (B,)
        Counts of the reference, in the order of the values.
    current : array_like, shape (..., B)
        Counts of the current data.

    Returns
    -------
    KolmogorovSmirnov
        NaN where either side has no rows.

    Raises
    ------
    core.errors.InvalidInput
        If the counts do not belong together.

    Notes
    -----
    The p-value is the limit distribution at :math:`(\sqrt e + 0.12 + 0.11/\sqrt e) D` with
    :math:`e = RK/(R+K)` (Stephens 1970). From e = 500 on it differs from the finite-sample
    distribution by less than 0.015, below p = 0.1 by less than 0.004, and takes microseconds where
    that takes seconds. The gap is widest where both sides have about as many rows; with a reference
    ten times as long as the chunk it is less than 0.008, below p = 0.1 less than 0.001.
    """
    ref, cur = checked_counts(reference, current)
    gaps = np.abs(np.cumsum(shares(ref)) - np.cumsum(shares(cur), axis=-1))
    distance = np.minimum(gaps.max(axis=-1), 1.0)
    return KolmogorovSmirnov(distance, _p_value(distance, ref.sum(), cur.sum(axis=-1)))


def kolmogorov_smirnov_exact(reference: ArrayLike, current: ArrayLike) -> KolmogorovSmirnov:
    """Return the Kolmogorov–Smirnov distance of two samples of raw values.

    Parameters
    ----------
    reference, current : array_like, shapes (R,) and (K,)
        Raw values; NaN is left out.

    Returns
    -------
    KolmogorovSmirnov
        Arrays without dimensions; formula and meaning as in :func:`kolmogorov_smirnov`.

    Raises
    ------
    core.errors.NotComputable
        If a side has no values.
    """
    ref, cur = sorted_values(reference, current)
    points = np.concatenate([ref, cur])
    at_or_below = [np.searchsorted(side, points, side="right") / side.size for side in (ref, cur)]
    distance = np.asarray(np.abs(at_or_below[0] - at_or_below[1]).max())
    return KolmogorovSmirnov(
        distance, _p_value(distance, np.float64(ref.size), np.asarray(cur.size, dtype=np.float64))
    )


def sorted_values(reference: ArrayLike, current: ArrayLike) -> tuple[Floats, Floats]:
    """Return both samples ascending and without NaN.

    Parameters
    ----------
    reference, current : array_like, shapes (R,) and (K,)
        Raw values.

    Returns
    -------
    tuple of ndarray
        Ascending values.

    Raises
    ------
    core.errors.NotComputable
        If nothing is left of a side.
    """
    sides = [np.asarray(side, dtype=np.float64).ravel() for side in (reference, current)]
    ref, cur = (np.sort(side[~np.isnan(side)]) for side in sides)
    if ref.size == 0 or cur.size == 0:
        raise NotComputable(NO_VALUES_MESSAGE)
    return ref, cur


def _p_value(distance: Floats, ref_rows: np.float64, cur_rows: Floats) -> Floats:
    from scipy.special import kolmogorov  # noqa: PLC0415  # a tenth of a second, and few need it

    rows = ref_rows + cur_rows
    effective = np.sqrt(
        np.divide(ref_rows * cur_rows, rows, out=np.ones_like(rows), where=rows > 0)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = (effective + 0.12 + 0.11 / effective) * distance
    return np.asarray(kolmogorov(scaled))
