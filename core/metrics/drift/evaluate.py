"""Drift of one feature, all chunks at once: the right bins, thresholds, and reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from core.domain.status import Status
from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.arrays import AnyArray, Booleans, Floats
from core.metrics.binning import CODE_OFFSET, BinnedCounts, FeatureBins, NumericBins
from core.metrics.drift.chi2 import chi2
from core.metrics.drift.groups import group_counts
from core.metrics.drift.hellinger import hellinger
from core.metrics.drift.jensen_shannon import jensen_shannon
from core.metrics.drift.kolmogorov_smirnov import kolmogorov_smirnov
from core.metrics.drift.normal_scores import normal_score_shift
from core.metrics.drift.psi import psi
from core.metrics.drift.total_variation import l_infinity, total_variation
from core.metrics.drift.wasserstein import SUMS_MESSAGE, wasserstein
from core.metrics.metric import Metric, judge
from core.metrics.registry import metric


class Reason(StrEnum):
    """Why a drift figure is missing, or not held against thresholds."""

    ok = "ok"
    not_applicable = "not_applicable"
    reference_empty = "reference_empty"
    current_empty = "current_empty"
    no_spread = "no_spread"
    not_finite = "not_finite"
    too_few_rows = "too_few_rows"
    outside_log = "outside_log"
    no_such_period = "no_such_period"
    comparison_empty = "comparison_empty"


REASONS: Mapping[Reason, str] = {
    Reason.ok: N_("Computed."),
    Reason.not_applicable: N_("This method does not apply to this type of feature."),
    Reason.reference_empty: N_("The reference has no rows here."),
    Reason.current_empty: N_("There are no rows in this period."),
    Reason.no_spread: N_("All reference values are equal, so there is no unit to measure in."),
    Reason.not_finite: N_("The values are infinite or too large to add up."),
    Reason.too_few_rows: N_("Too few rows to hold against a threshold."),
    Reason.outside_log: N_("The log does not reach back to the period compared with."),
    Reason.no_such_period: N_("There is no such period to compare with."),
    Reason.comparison_empty: N_("There are no rows to compare with."),
}


@dataclass(frozen=True, slots=True, eq=False)
class DriftResult:
    """Drift of one feature by one method; arrays have the shape of the chunks.

    Parameters
    ----------
    method : str
        Id of the metric.
    value : ndarray
        The figure that thresholds apply to; for chi2 that is Cramér's V. NaN if not computable.
    statistic : ndarray
        Test statistic: chi-squared, or Kolmogorov–Smirnov's D; otherwise NaN.
    p_value : ndarray
        NaN for methods that are no test.
    effect : ndarray
        Size of the change free of the number of rows; equals ``value``.
    n_ref, n_cur : ndarray
        Rows counted on either side; Kolmogorov–Smirnov and Wasserstein leave missing values out.
    required_n : int
        Rows needed on both sides to be held against thresholds.
    watch, act : float or None
        Thresholds applied.
    status : ndarray of str
        Values of :class:`core.domain.status.Status`.
    reason : ndarray of str
        Values of :class:`Reason`; with ``too_few_rows`` the value is still given.
    """

    method: str
    value: Floats
    statistic: Floats
    p_value: Floats
    effect: Floats
    n_ref: Floats
    n_cur: Floats
    required_n: int
    watch: float | None
    act: float | None
    status: AnyArray
    reason: AnyArray


def evaluate(
    method: str,
    bins: FeatureBins,
    reference: BinnedCounts,
    current: BinnedCounts,
    *,
    watch: float | None = None,
    act: float | None = None,
    minimum_n: int | None = None,
) -> DriftResult:
    """Measure the drift of one feature in every chunk.

    Population stability, Jensen–Shannon, Hellinger, total variation, L-infinity and chi-squared
    compare coarse groups (deciles, below, above; or categories) with missing values as a group;
    Kolmogorov–Smirnov, Wasserstein and the shift of the normal scores compare fine bins without
    missing values.

    Parameters
    ----------
    method : str
        Id of a drift metric.
    bins : NumericBins or CategoricalBins
        Bins of the feature.
    reference : BinnedCounts, shape (C,)
        The reference.
    current : BinnedCounts, shape (..., C)
        The chunks; Wasserstein needs their sums.
    watch, act : float, optional
        Thresholds in place of the registry's.
    minimum_n : int, optional
        Rows needed on both sides in place of the registry's.

    Returns
    -------
    DriftResult
        Never raises for data that cannot give a figure: the reason says why.

    Raises
    ------
    core.errors.InvalidInput
        If the method is unknown, or the counts do not belong to the bins.
    """
    entry = metric(method, "drift")
    _check_shapes(bins, reference, current)
    kind = "numeric" if isinstance(bins, NumericBins) else "categorical"
    if kind not in entry.applies_to:
        return _not_applicable(entry, reference, current)
    fine = "categorical" not in entry.applies_to
    sides = [
        side.n[..., CODE_OFFSET:] if fine else group_counts(bins, side.n)
        for side in (reference, current)
    ]
    value, statistic, p_value = _figures(method, bins, sides[0], sides[1], reference, current)
    required = _required(entry, sides[0]) if minimum_n is None else minimum_n
    n_ref, n_cur = sides[0].sum(), sides[1].sum(axis=-1)
    enough = (n_cur >= required) & (n_ref >= required)
    limits = (entry.watch if watch is None else watch, entry.act if act is None else act)
    return DriftResult(
        method=method,
        value=value,
        statistic=statistic,
        p_value=p_value,
        effect=value,
        n_ref=np.broadcast_to(n_ref, value.shape),
        n_cur=n_cur,
        required_n=required,
        watch=limits[0],
        act=limits[1],
        status=judge(
            value, enough=enough, watch=limits[0], act=limits[1], direction=entry.direction
        ),
        reason=_reasons(value, float(n_ref), n_cur, enough, bins, method),
    )


def required_rows(method: str, bins: FeatureBins, reference: BinnedCounts) -> int:
    """Return the rows needed on both sides to hold a figure against the registry's thresholds.

    Parameters
    ----------
    method : str
        Id of a drift metric.
    bins : NumericBins or CategoricalBins
        Bins of the feature.
    reference : BinnedCounts, shape (C,)
        The reference: each group of it that has a row asks for some rows.
    """
    entry = metric(method, "drift")
    fine = "categorical" not in entry.applies_to
    return _required(entry, reference.n[CODE_OFFSET:] if fine else group_counts(bins, reference.n))


def _required(entry: Metric, reference: Floats) -> int:
    groups = int(np.count_nonzero(reference)) * entry.minimum_n_per_group
    return max(entry.minimum_n, groups)


def _check_shapes(bins: FeatureBins, reference: BinnedCounts, current: BinnedCounts) -> None:
    size = bins.bin_count + CODE_OFFSET
    if reference.n.shape != (size,) or current.n.ndim == 0 or current.n.shape[-1] != size:
        raise InvalidInput(N_("The counts do not belong to the bins of the feature."))


def _figures(
    method: str,
    bins: FeatureBins,
    ref: Floats,
    cur: Floats,
    reference: BinnedCounts,
    current: BinnedCounts,
) -> tuple[Floats, Floats, Floats]:
    """Return value, statistic and p-value."""
    none = np.full(cur.shape[:-1], np.nan)
    if method == "chi2":
        test = chi2(ref, cur)
        return test.cramers_v, test.statistic, test.p_value
    if method == "kolmogorov_smirnov":
        gap = kolmogorov_smirnov(ref, cur)
        return gap.distance, gap.distance, gap.p_value
    if method == "normal_score_shift":
        return np.abs(normal_score_shift(ref, cur)), none, none
    if method == "wasserstein":
        return _wasserstein(bins, ref, cur, reference, current), none, none
    distances = {
        "psi": psi,
        "jensen_shannon": jensen_shannon,
        "hellinger": hellinger,
        "l_infinity": l_infinity,
        "total_variation": total_variation,
    }
    return distances[method](ref, cur), none, none


def _wasserstein(
    bins: FeatureBins,
    ref: Floats,
    cur: Floats,
    reference: BinnedCounts,
    current: BinnedCounts,
) -> Floats:
    if reference.total is None or current.total is None or not isinstance(bins, NumericBins):
        raise InvalidInput(SUMS_MESSAGE)
    return wasserstein(
        ref,
        cur,
        reference_totals=reference.total[CODE_OFFSET:],
        current_totals=current.total[..., CODE_OFFSET:],
        edges=bins.edge_array,
        deviation=bins.deviation,
    )


def _reasons(
    value: Floats, n_ref: float, n_cur: Floats, enough: Booleans, bins: FeatureBins, method: str
) -> AnyArray:
    reason = np.where(enough, Reason.ok.value, Reason.too_few_rows.value).astype("<U16")
    reason = np.where(np.isnan(value), Reason.not_finite.value, reason)
    if method == "wasserstein" and isinstance(bins, NumericBins) and not bins.deviation > 0:
        reason = np.full_like(reason, Reason.no_spread.value)
    reason = np.where(n_cur == 0, Reason.current_empty.value, reason)
    return np.full_like(reason, Reason.reference_empty.value) if n_ref == 0 else reason


def _not_applicable(entry: Metric, reference: BinnedCounts, current: BinnedCounts) -> DriftResult:
    n_cur = current.row_count
    none = np.full(n_cur.shape, np.nan)
    return DriftResult(
        method=entry.id,
        value=none,
        statistic=none,
        p_value=none,
        effect=none,
        n_ref=np.broadcast_to(reference.row_count, n_cur.shape),
        n_cur=n_cur,
        required_n=entry.minimum_n,
        watch=entry.watch,
        act=entry.act,
        status=np.full(n_cur.shape, Status.not_enough_data.value),
        reason=np.full(n_cur.shape, Reason.not_applicable.value),
    )
