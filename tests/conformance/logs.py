"""Data quality and latency of a log against pandas and NumPy."""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from core.metrics.arrays import Floats
from core.metrics.binning import (
    FeatureBins,
    categorical_bins_from_counts,
    count_rows,
    log_spaced_bins,
    numeric_bins_from_counts,
)
from core.metrics.quality import QualityShares, quality_shares
from core.metrics.quantiles import quantile_from_counts
from tests.conformance.cases import categories, numbers, sba_later
from tests.conformance.measure import Comparison, pairs

LATENCY = log_spaced_bins(0.01, 1e7)
"""The bins of latencies in the log, in milliseconds."""


def logs() -> Iterator[Comparison]:
    """Yield the comparisons of data quality and latency."""
    yield _numeric("missing_share", "pandas isna, mean", _missing, lambda found: found.missing)
    yield _numeric(
        "out_of_range_share", "pandas between, mean", _outside, lambda found: found.out_of_range
    )
    yield Comparison(
        "unseen_share", "rows in bins", "pandas isin, mean",
        "all values of the reference are known, as long as there are at most as many as are kept",
        pairs(
            (case, _unseen(one, other), 1 - other.isin(one.unique()).mean())
            for case, (one, other) in categories().items()
        ),
    )  # fmt: skip
    for percent in (50, 95, 99):
        yield Comparison(
            f"latency_p{percent}", "rows in bins", "NumPy quantile, inverted_cdf", "",
            pairs(
                (
                    case,
                    quantile_from_counts(LATENCY, count_rows(LATENCY, values), percent / 100),
                    np.quantile(values, percent / 100, method="inverted_cdf"),
                )
                for case, values in _latencies().items()
            ),
            0.05, "bins are 5 % wide, and within one the values are taken to lie evenly",
        )  # fmt: skip


def _numeric(
    metric: str,
    name: str,
    theirs: Callable[[Floats, Floats], float],
    ours: Callable[[QualityShares], Floats],
) -> Comparison:
    return Comparison(
        metric, "rows in bins", name, "",
        pairs(
            (case, ours(_shares(*both)), theirs(*both)) for case, both in numbers().items()
        ),
    )  # fmt: skip


def _shares(one: Floats, other: Floats) -> QualityShares:
    values, often = np.unique(one[~np.isnan(one)], return_counts=True)
    bins: FeatureBins = numeric_bins_from_counts(values, often)
    return quality_shares(bins, count_rows(bins, other))


def _missing(one: Floats, other: Floats) -> float:
    return float(pd.Series(other).isna().mean())


def _outside(one: Floats, other: Floats) -> float:
    known = pd.Series(other).dropna()
    return float(1 - known.between(np.nanmin(one), np.nanmax(one)).mean())


def _unseen(one: pd.Series, other: pd.Series) -> Floats:
    often = one.value_counts().sort_index()
    bins = categorical_bins_from_counts(list(often.index), often.to_numpy())
    return quality_shares(bins, count_rows(bins, other.to_numpy())).unseen


def _latencies() -> dict[str, Floats]:
    draw = np.random.default_rng(19)
    return {
        "SBA, latency_ms": sba_later()["latency_ms"].to_numpy(dtype=float),
        "synthetic, lognormal": draw.lognormal(4, 0.7, 20_000),
        "synthetic, ties": draw.integers(1, 6, 500) * 10.0,
        "synthetic, 3 rows": np.array([12.0, 900.0, 13.0]),
    }
