"""Drift of one feature where every chunk has something of its own to be compared with."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.metrics.arrays import AnyArray
from core.metrics.binning import BinnedCounts, FeatureBins
from core.metrics.drift.evaluate import DriftResult, Reason, evaluate, required_rows


def evaluate_each(
    method: str,
    bins: FeatureBins,
    reference: BinnedCounts,
    current: BinnedCounts,
    *,
    missing: Sequence[Reason | None] | None = None,
    watch: float | None = None,
    act: float | None = None,
    minimum_n: int | None = None,
) -> DriftResult:
    """Measure the drift of one feature in every chunk against the chunk's own reference.

    Each figure is that of :func:`core.metrics.drift.evaluate.evaluate` for the pair. The rows
    needed are the same in every chunk: as many as all that is compared with, taken together,
    would ask for.

    Parameters
    ----------
    method : str
        Id of a drift metric.
    bins : NumericBins or CategoricalBins
        Bins of the feature.
    reference, current : BinnedCounts, shape (K, C)
        The two sides of each chunk.
    missing : sequence of Reason or None, length K, optional
        Why a chunk has nothing to be compared with; its figure is NaN then.
    watch, act, minimum_n : optional
        As in :func:`~core.metrics.drift.evaluate.evaluate`.

    Returns
    -------
    DriftResult
        Arrays of shape (K,).

    Raises
    ------
    core.errors.InvalidInput
        If the method is unknown, or the counts do not belong to the bins.
    """
    chunks = len(current.n)
    why = list(missing) if missing is not None else [None] * chunks
    pooled = BinnedCounts(reference.n.sum(axis=0))
    needed = required_rows(method, bins, pooled) if minimum_n is None else minimum_n
    parts = [
        evaluate(
            method,
            bins,
            _nothing(reference, place) if why[place] else reference.at(place),
            current.at(slice(place, place + 1)),
            watch=watch,
            act=act,
            minimum_n=needed,
        )
        for place in range(chunks)
    ]
    if not parts:
        none = BinnedCounts(pooled.n, None if reference.total is None else pooled.n)
        return evaluate(method, bins, none, current, watch=watch, act=act, minimum_n=needed)
    return replace(
        parts[0],
        value=np.concatenate([part.value for part in parts]),
        statistic=np.concatenate([part.statistic for part in parts]),
        p_value=np.concatenate([part.p_value for part in parts]),
        effect=np.concatenate([part.effect for part in parts]),
        n_ref=np.concatenate([part.n_ref for part in parts]),
        n_cur=np.concatenate([part.n_cur for part in parts]),
        status=np.concatenate([part.status for part in parts]),
        reason=_reasons(parts, why),
    )


def _nothing(counts: BinnedCounts, place: int) -> BinnedCounts:
    zeros = np.zeros_like(counts.n[place])
    return BinnedCounts(zeros, None if counts.total is None else zeros)


def _reasons(parts: Sequence[DriftResult], why: Sequence[Reason | None]) -> AnyArray:
    """Return why figures are missing; what is compared with is not called the reference."""
    return np.asarray([_reason(part, each) for part, each in zip(parts, why, strict=True)])


def _reason(part: DriftResult, why: Reason | None) -> str:
    if part.n_cur[0] == 0:
        return str(Reason.current_empty)
    if why is not None:
        return str(why)
    empty = part.reason[0] == Reason.reference_empty
    return str(Reason.comparison_empty if empty else part.reason[0])
