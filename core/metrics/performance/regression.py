"""How far estimates lie from what came: errors in the measure's own unit and relative to it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.arrays import Floats
from core.metrics.intervals import Interval, normal_quantile
from core.metrics.performance.means import mean_interval, within


@dataclass(frozen=True, slots=True, eq=False)
class ErrorSums:
    """Sums over labelled rows that every error of a regression is read from; they add up.

    Parameters
    ----------
    n : ndarray, shape (...)
        Labelled rows.
    error, absolute, squared, fourth : ndarray, shape (...)
        Sums of e = estimate - actual, of abs(e), of e² and of e⁴.
    actual, actual_squared, absolute_by_actual : ndarray, shape (...)
        Sums of abs(actual), of its square, and of abs(e) · abs(actual).
    relative, relative_squared, relative_n : ndarray, shape (...)
        Sums of abs(e / actual) and of its square over the rows whose actual is not 0, and how
        many these are.
    log_squared, log_fourth, log_n : ndarray, shape (...)
        Sums of (ln(1 + estimate) - ln(1 + actual))² and of its square over rows where neither is
        below 0, and how many these are.
    """

    n: Floats
    error: Floats
    absolute: Floats
    squared: Floats
    fourth: Floats
    actual: Floats
    actual_squared: Floats
    absolute_by_actual: Floats
    relative: Floats
    relative_squared: Floats
    relative_n: Floats
    log_squared: Floats
    log_fourth: Floats
    log_n: Floats


def error_sums(estimates: ArrayLike, actuals: ArrayLike) -> ErrorSums:
    """Return the sums of raw rows.

    Parameters
    ----------
    estimates, actuals : array_like, shape (n,)
        What was predicted, and what came.

    Raises
    ------
    core.errors.InvalidInput
        If one is not finite, or their numbers differ.
    """
    said, came = np.asarray(estimates, dtype=np.float64), np.asarray(actuals, dtype=np.float64)
    if said.ndim != 1 or said.shape != came.shape or not np.isfinite(said + came).all():
        raise InvalidInput(N_("Every outcome needs one estimate that is a number."))
    error = said - came
    some = came != 0
    relative = np.abs(error[some] / came[some])
    logged = (said >= 0) & (came >= 0)
    ratio = np.log1p(said[logged]) - np.log1p(came[logged])
    size = np.abs(came)
    parts = (
        float(error.size),
        error.sum(),
        np.abs(error).sum(),
        (error**2).sum(),
        (error**4).sum(),
        size.sum(),
        (size**2).sum(),
        (np.abs(error) * size).sum(),
        relative.sum(),
        (relative**2).sum(),
        float(some.sum()),
        (ratio**2).sum(),
        (ratio**4).sum(),
        float(logged.sum()),
    )
    return ErrorSums(*(np.asarray(part, dtype=np.float64) for part in parts))


def mean_absolute_error(sums: ErrorSums, *, confidence: float = 0.95) -> Interval:
    """Return MAE = Σ abs(e) / n, with the normal interval of a mean; 0 is no error."""
    found = mean_interval(sums.absolute, sums.squared, sums.n, confidence=confidence)
    return within(found, 0.0, np.inf)


def mean_squared_error(sums: ErrorSums, *, confidence: float = 0.95) -> Interval:
    """Return MSE = Σ e² / n, with the normal interval of a mean; 0 is no error."""
    found = mean_interval(sums.squared, sums.fourth, sums.n, confidence=confidence)
    return within(found, 0.0, np.inf)


def root_mean_squared_error(sums: ErrorSums, *, confidence: float = 0.95) -> Interval:
    """Return RMSE = √MSE; its limits are the roots of those of the MSE."""
    return _root(mean_squared_error(sums, confidence=confidence))


def mean_absolute_percentage_error(sums: ErrorSums, *, confidence: float = 0.95) -> Interval:
    """Return MAPE = mean of abs(e / actual) over the rows whose actual is not 0.

    scikit-learn divides by the machine precision where the actual is 0, which makes one such row
    the whole figure; here such rows are left out, and ``n`` says how many remain.
    """
    found = mean_interval(
        sums.relative, sums.relative_squared, sums.relative_n, confidence=confidence
    )
    return within(found, 0.0, np.inf)


def weighted_absolute_percentage_error(sums: ErrorSums, *, confidence: float = 0.95) -> Interval:
    r"""Return WAPE = Σ abs(e) / Σ abs(actual); NaN where nothing came.

    0 is no error, 1 an error as large as everything that came.

    Notes
    -----
    The interval is the delta method's for a ratio W of two means: that of the mean of
    abs(e) - W · abs(actual), which is 0, over the mean of abs(actual) (Cochran 1977, section 6.4).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(sums.actual > 0, sums.absolute / sums.actual, np.nan)
        squares = (
            sums.squared - 2 * value * sums.absolute_by_actual + value**2 * sums.actual_squared
        )
        spread = np.sqrt(np.maximum(squares, 0.0) * sums.n / (sums.n - 1)) / sums.actual
    half = np.where(sums.n > 1, normal_quantile(confidence) * spread, np.nan)
    return within(Interval(value, value - half, value + half, sums.n), 0.0, np.inf)


def root_mean_squared_log_error(sums: ErrorSums, *, confidence: float = 0.95) -> Interval:
    """Return RMSLE = √mean (ln(1 + estimate) - ln(1 + actual))²; 0 is no error.

    NaN where an estimate or an outcome lies below 0, for which it is not defined. Its limits are
    the roots of those of the mean.
    """
    found = mean_interval(sums.log_squared, sums.log_fourth, sums.log_n, confidence=confidence)
    known = sums.log_n == sums.n
    value, low, high = (
        np.where(known, part, np.nan) for part in (found.value, found.low, found.high)
    )
    return _root(Interval(value, low, high, sums.n))


def bias(sums: ErrorSums, *, confidence: float = 0.95) -> Interval:
    """Return the mean of e = estimate - actual: above 0 the model says too much."""
    return mean_interval(sums.error, sums.squared, sums.n, confidence=confidence)


def _root(squared: Interval) -> Interval:
    value, low, high = (
        np.sqrt(np.maximum(part, 0.0)) for part in (squared.value, squared.low, squared.high)
    )
    return Interval(value, low, high, squared.n)
