"""Array types of the metrics, and the one check of a pair of count arrays."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import InvalidInput
from core.i18n import N_

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]
AnyArray = NDArray[Any]

SHAPE_MESSAGE = N_("The reference has {reference} bins and the current data {current}.")
COUNTS_MESSAGE = N_("Counts must be finite and not negative.")


def checked_counts(reference: ArrayLike, current: ArrayLike) -> tuple[Floats, Floats]:
    """Return both count arrays as float64 after checking that they belong together.

    Parameters
    ----------
    reference : array_like, shape (B,)
        Counts per bin of the reference.
    current : array_like, shape (..., B)
        Counts per bin of the current data, one row per chunk.

    Returns
    -------
    tuple of ndarray
        Shapes (B,) and (..., B).

    Raises
    ------
    core.errors.InvalidInput
        If the bins differ in number, or a count is negative, infinite or NaN.
    """
    ref = np.asarray(reference, dtype=np.float64)
    cur = np.asarray(current, dtype=np.float64)
    if ref.ndim != 1 or cur.ndim == 0 or cur.shape[-1] != ref.shape[0] or ref.shape[0] == 0:
        raise InvalidInput(
            SHAPE_MESSAGE,
            reference=ref.shape[-1] if ref.ndim else 0,
            current=cur.shape[-1] if cur.ndim else 0,
        )
    for counts in (ref, cur):
        if not np.isfinite(counts).all() or (counts < 0).any():
            raise InvalidInput(COUNTS_MESSAGE)
    return ref, cur


def shares(counts: Floats) -> Floats:
    """Return each row of counts divided by its sum; a row of zeros becomes NaN.

    Parameters
    ----------
    counts : ndarray, shape (..., B)
        Non-negative counts.

    Returns
    -------
    ndarray, shape (..., B)
        Shares that add up to 1, or NaN throughout.
    """
    totals = counts.sum(axis=-1, keepdims=True)
    result: Floats = np.full(counts.shape, np.nan)
    np.divide(counts, totals, out=result, where=totals > 0)
    return result
