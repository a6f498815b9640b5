"""NannyML's conventions on raw values, for ``--compat nannyml``.

They differ from ours: bins are made by numpy's ``doane`` rule from the reference; what is outside
shares one overflow bin; Kolmogorov–Smirnov and Wasserstein use 10,000 equally wide bins from 10,000
reference rows on; the Wasserstein distance is in the feature's own unit; thresholds are the mean
plus three population standard deviations of the reference's own chunks, which are part of the
reference. Conformance is tested against figures of nannyml 0.13.1.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2_contingency

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.arrays import AnyArray, Booleans, Floats
from core.metrics.drift.kolmogorov_smirnov import kolmogorov_smirnov_exact
from core.metrics.drift.wasserstein import area_between

ESTIMATE_FROM = 10_000
"""Reference rows from which Kolmogorov–Smirnov and Wasserstein are read off equal bins."""

EQUAL_BINS = 10_000
ALERT_P_VALUE = 0.05
DEVIATIONS = 3.0

Kind = Literal["numeric", "categorical"]
Figure = tuple[float, float]
Measure = Callable[[AnyArray], Figure]


@dataclass(frozen=True, slots=True, eq=False)
class CompatSeries:
    """One column by one method, reference chunks first.

    Parameters
    ----------
    value : ndarray, shape (chunks,)
        The statistic; for chi2 that is chi-squared itself. NaN for a chunk without values.
    p_value : ndarray, shape (chunks,)
        For chi2, otherwise NaN.
    upper_threshold : float or None
        None for chi2, whose alert is a p-value below 0.05.
    alert : ndarray of bool, shape (chunks,)
        Whether the value is above the threshold. There is no lower threshold.
    """

    value: Floats
    p_value: Floats
    upper_threshold: float | None
    alert: Booleans


def row_chunks(rows: int, size: int) -> tuple[slice, ...]:
    """Cut rows in time order into chunks of ``size``; a shorter last chunk is kept.

    Parameters
    ----------
    rows, size : int
        Number of rows, and of rows per chunk (1 or more).

    Returns
    -------
    tuple of slice
        Adjacent slices.

    Raises
    ------
    core.errors.InvalidInput
        If the size is below 1.
    """
    if size < 1:
        raise InvalidInput(N_("A chunk needs at least one row."))
    return tuple(slice(start, min(start + size, rows)) for start in range(0, rows, size))


def compare(
    method: str,
    kind: Kind,
    reference_chunks: Sequence[ArrayLike],
    analysis_chunks: Sequence[ArrayLike],
) -> CompatSeries:
    """Measure every chunk against the whole reference as NannyML does.

    Parameters
    ----------
    method : str
        jensen_shannon or hellinger; kolmogorov_smirnov or wasserstein for numeric columns; chi2 or
        l_infinity for categorical ones.
    kind : {"numeric", "categorical"}
        Type of the column.
    reference_chunks, analysis_chunks : sequence of array_like, shapes (n_i,)
        Raw values; NaN and None are left out.

    Returns
    -------
    CompatSeries
        Reference chunks, then analysis chunks.

    Raises
    ------
    core.errors.InvalidInput
        If the method does not apply to the kind, or the reference has no values.
    """
    prepare = _METHODS.get((method, kind))
    if prepare is None:
        raise InvalidInput(
            N_("NannyML has no method {method} for {kind} columns."), method=method, kind=kind
        )
    clean = [_without_missing(chunk, kind) for chunk in (*reference_chunks, *analysis_chunks)]
    own_chunks = len(reference_chunks)
    reference = np.concatenate(clean[:own_chunks]) if own_chunks else np.empty(0)
    if reference.size == 0:
        raise InvalidInput(N_("The reference has no values."))
    measure = prepare(reference)
    figures = np.array([measure(chunk) if chunk.size else (np.nan, np.nan) for chunk in clean])
    value, p_value = figures[:, 0], figures[:, 1]
    if method == "chi2":
        return CompatSeries(value, p_value, None, p_value < ALERT_P_VALUE)
    own = value[:own_chunks]
    upper = float(np.nanmean(own) + DEVIATIONS * np.nanstd(own))
    return CompatSeries(value, p_value, upper, value > upper)


def _without_missing(values: ArrayLike, kind: Kind) -> AnyArray:
    if kind == "numeric":
        numbers = np.asarray(values, dtype=np.float64)
        return numbers[~np.isnan(numbers)]
    texts = [
        str(value)
        for value in np.asarray(values, dtype=object).tolist()
        if value is not None and value == value
    ]
    return np.asarray(texts, dtype=np.str_)


def _doane_shares(reference: AnyArray) -> Callable[[AnyArray], tuple[Floats, Floats]]:
    edges = np.histogram_bin_edges(reference, bins="doane")
    before = np.histogram(reference, bins=edges)[0] / reference.size

    def both(chunk: AnyArray) -> tuple[Floats, Floats]:
        return _with_overflow(before, np.histogram(chunk, bins=edges)[0] / chunk.size)

    return both


def _category_shares(reference: AnyArray) -> Callable[[AnyArray], tuple[Floats, Floats]]:
    values, counts = np.unique(reference, return_counts=True)
    before = counts / reference.size

    def both(chunk: AnyArray) -> tuple[Floats, Floats]:
        found = dict(
            zip(*(part.tolist() for part in np.unique(chunk, return_counts=True)), strict=True)
        )
        after = np.array([found.get(value, 0) for value in values.tolist()]) / chunk.size
        return _with_overflow(before, after)

    return both


def _with_overflow(before: Floats, after: Floats) -> tuple[Floats, Floats]:
    """Add one bin for everything that the reference's bins do not hold."""
    left = 1 - after.sum()
    if left > 0:
        return np.append(before, 0.0), np.append(after, left)
    return before, after


_SHARES = {"numeric": _doane_shares, "categorical": _category_shares}


def _jensen_shannon(kind: Kind, reference: AnyArray) -> Measure:
    both = _SHARES[kind](reference)

    def measure(chunk: AnyArray) -> Figure:
        with np.errstate(invalid="ignore"):
            found = float(jensenshannon(*both(chunk), base=2))
        # Between equal shares, rounding may leave the root of a negative number.
        return (0.0 if np.isnan(found) else found), np.nan

    return measure


def _hellinger(kind: Kind, reference: AnyArray) -> Measure:
    both = _SHARES[kind](reference)

    def measure(chunk: AnyArray) -> Figure:
        before, after = both(chunk)
        return float(np.sqrt(((np.sqrt(before) - np.sqrt(after)) ** 2).sum() / 2)), np.nan

    return measure


def _l_infinity(reference: AnyArray) -> Measure:
    def measure(chunk: AnyArray) -> Figure:
        values = np.union1d(reference, chunk)
        before, after = (
            np.bincount(np.searchsorted(values, side), minlength=values.size) / side.size
            for side in (reference, chunk)
        )
        return float(np.abs(before - after).max()), np.nan

    return measure


def _chi2(reference: AnyArray) -> Measure:
    def measure(chunk: AnyArray) -> Figure:
        values = np.union1d(reference, chunk)
        table = [
            np.bincount(np.searchsorted(values, side), minlength=values.size)
            for side in (reference, chunk)
        ]
        test = chi2_contingency(np.array(table))
        return float(test.statistic), float(test.pvalue)

    return measure


def _kolmogorov_smirnov(reference: AnyArray) -> Measure:
    if reference.size < ESTIMATE_FROM:
        return lambda chunk: (float(kolmogorov_smirnov_exact(reference, chunk).distance), np.nan)
    edges = np.linspace(reference.min(), reference.max(), EQUAL_BINS + 1)
    before = np.cumsum(np.histogram(reference, edges)[0] / reference.size)

    def measure(chunk: AnyArray) -> Figure:
        below = np.count_nonzero(chunk < edges[0]) / chunk.size
        after = below + np.cumsum(np.histogram(chunk, edges)[0] / chunk.size)
        return float(np.abs(before - after).max()), np.nan

    return measure


def _wasserstein(reference: AnyArray) -> Measure:
    if reference.size < ESTIMATE_FROM:
        return lambda chunk: (area_between(np.sort(reference), np.sort(chunk)), np.nan)
    counts, edges = np.histogram(reference, bins=EQUAL_BINS)
    before = np.cumsum(counts / reference.size)
    width = edges[1] - edges[0]

    def measure(chunk: AnyArray) -> Figure:
        low, low_share = _tail(edges[0] - chunk[chunk < edges[0]], chunk.size)
        high, _ = _tail(chunk[chunk > edges[-1]] - edges[-1], chunk.size)
        after = np.cumsum(np.histogram(chunk, bins=edges)[0] / chunk.size) + low_share
        return float((np.abs(before - after) * width).sum() + low + high), np.nan

    return measure


def _tail(distances: Floats, rows: int) -> tuple[float, float]:
    """Return the area beyond the reference and its share, which counts one row too many.

    The area is the mean distance over the rows outside and the edge itself, times (n + 1) / rows:
    the sum of the distances over all rows.
    """
    if distances.size == 0:
        return 0.0, 0.0
    return float(distances.sum() / rows), (distances.size + 1) / rows


_METHODS: dict[tuple[str, str], Callable[[AnyArray], Measure]] = {
    ("jensen_shannon", "numeric"): partial(_jensen_shannon, "numeric"),
    ("jensen_shannon", "categorical"): partial(_jensen_shannon, "categorical"),
    ("hellinger", "numeric"): partial(_hellinger, "numeric"),
    ("hellinger", "categorical"): partial(_hellinger, "categorical"),
    ("kolmogorov_smirnov", "numeric"): _kolmogorov_smirnov,
    ("wasserstein", "numeric"): _wasserstein,
    ("chi2", "categorical"): _chi2,
    ("l_infinity", "categorical"): _l_infinity,
}
