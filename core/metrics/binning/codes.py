"""The bin code of every value: the reference implementation that SQL is checked against."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.arrays import AnyArray, Booleans, Integers
from core.metrics.binning.bins import NAN_CODE, NULL_CODE, CategoricalBins, FeatureBins, NumericBins

VALUE_MESSAGE = N_("A numeric feature holds something that is not a number.")


def assign(bins: FeatureBins, values: ArrayLike, *, null: ArrayLike | None = None) -> Integers:
    """Return the bin code of every value.

    Parameters
    ----------
    bins : NumericBins or CategoricalBins
        Bins of the feature.
    values : array_like, shape (n,)
        Numbers, or texts. ``None`` counts as NULL.
    null : array_like of bool, shape (n,), optional
        True where the value is NULL whatever ``values`` holds there.

    Returns
    -------
    ndarray of int64, shape (n,)
        Codes: -2 NaN, -1 NULL, 0… as in :mod:`core.metrics.binning.bins`. Minus infinity is below
        the reference, plus infinity above it.

    Raises
    ------
    core.errors.InvalidInput
        If a numeric feature holds text.
    """
    array = np.asarray(values)
    is_null = _null_mask(array, null)
    if isinstance(bins, CategoricalBins):
        return _categorical_codes(bins, array, is_null)
    return _numeric_codes(bins, array, is_null)


def _null_mask(array: AnyArray, null: ArrayLike | None) -> Booleans:
    mask = np.zeros(array.shape, dtype=np.bool_)
    if null is not None:
        mask |= np.asarray(null, dtype=np.bool_)
    if array.dtype == object:
        mask |= np.array([value is None for value in array.tolist()], dtype=np.bool_)
    return mask


def _numeric_codes(bins: NumericBins, array: AnyArray, is_null: Booleans) -> Integers:
    try:
        numbers = np.where(is_null, 0.0, array).astype(np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidInput(VALUE_MESSAGE) from error
    codes = np.searchsorted(bins.edge_array, numbers, side="left").astype(np.int64)
    codes[np.isnan(numbers)] = NAN_CODE
    codes[is_null] = NULL_CODE
    return codes


def _categorical_codes(bins: CategoricalBins, array: AnyArray, is_null: Booleans) -> Integers:
    known: dict[Any, int] = dict.fromkeys(bins.rest, bins.rest_code)
    known.update({value: code for code, value in enumerate(bins.values)})
    other = bins.other_code
    found = [known.get(value, other) for value in array.tolist()]
    return np.where(is_null, NULL_CODE, np.asarray(found, dtype=np.int64)).astype(np.int64)
