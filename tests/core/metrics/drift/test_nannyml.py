"""Conformance with nannyml 0.13.1: every chunk and column of its figures for the car-loan data."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp, wasserstein_distance

from core.errors import InvalidInput
from core.metrics.drift.nannyml import CompatSeries, Kind, compare, row_chunks

FIXTURES = Path(__file__).parents[3] / "fixtures" / "car_loan"
METHODS = "kolmogorov_smirnov|jensen_shannon|wasserstein|hellinger|chi2|l_infinity"
CATEGORICAL = {"repaid_loan_on_prev_car", "salary_range", "size_of_downpayment", "y_pred"}


@cache
def expected() -> pd.DataFrame:
    return pd.read_csv(FIXTURES / "nannyml_univariate_car_loan.csv")


@cache
def chunks(part: str) -> list[pd.DataFrame]:
    rows = pd.read_parquet(FIXTURES / f"{part}.parquet").sort_values("timestamp", kind="stable")
    return [rows.iloc[cut] for cut in row_chunks(len(rows), 5_000)]


def pairs() -> list[tuple[str, str]]:
    found = (re.fullmatch(rf"(.+)_({METHODS})_value", name) for name in expected().columns)
    return [(match[1], match[2]) for match in found if match]


def ours(column: str, method: str) -> CompatSeries:
    kind: Kind = "categorical" if column in CATEGORICAL else "numeric"
    reference, analysis = (
        [chunk[column].to_numpy() for chunk in chunks(part)] for part in ("reference", "analysis")
    )
    return compare(method, kind, reference, analysis)


def test_the_figures_cover_nine_columns_and_six_methods() -> None:
    assert len(pairs()) == 36
    assert len({column for column, _ in pairs()}) == 9
    assert len({method for _, method in pairs()}) == 6


@pytest.mark.parametrize(("column", "method"), pairs())
def test_every_chunk_agrees_with_nannyml(column: str, method: str) -> None:
    series = ours(column, method)
    want = expected()
    prefix = f"{column}_{method}"
    np.testing.assert_allclose(series.value, want[f"{prefix}_value"], rtol=1e-9, atol=0)
    assert series.alert.tolist() == want[f"{prefix}_alert"].tolist()
    assert want[f"{prefix}_lower_threshold"].isna().all()
    upper = want[f"{prefix}_upper_threshold"]
    if method == "chi2":
        assert series.upper_threshold is None
        assert upper.isna().all()
    else:
        np.testing.assert_allclose(series.upper_threshold or 0.0, upper, rtol=1e-9, atol=0)


def test_chunks_have_nannymls_rows() -> None:
    want = expected()
    starts = [
        chunk["timestamp"].min() for part in ("reference", "analysis") for chunk in chunks(part)
    ]
    assert starts == pd.to_datetime(want["chunk_start_date"]).tolist()


def test_a_short_last_chunk_is_kept() -> None:
    assert row_chunks(7, 3) == (slice(0, 3), slice(3, 6), slice(6, 7))
    assert row_chunks(0, 3) == ()
    with pytest.raises(InvalidInput, match="at least one row"):
        row_chunks(7, 0)


def test_a_short_reference_is_compared_exactly() -> None:
    # Second source: scipy's two-sample statistic and one-dimensional Wasserstein distance.
    random = np.random.default_rng(5)
    reference, current = random.normal(size=500), random.normal(0.3, size=200)
    gap = compare("kolmogorov_smirnov", "numeric", [reference], [current])
    assert gap.value[1] == pytest.approx(ks_2samp(reference, current).statistic, rel=1e-12)
    area = compare("wasserstein", "numeric", [reference], [current])
    assert area.value[1] == pytest.approx(wasserstein_distance(reference, current), rel=1e-12)


def test_missing_values_are_left_out() -> None:
    with_gaps = np.array(["a", None, "b", "a", float("nan")], dtype=object)
    series = compare("l_infinity", "categorical", [with_gaps], [["b", "b"], np.array([None])])
    # By hand: a 2/3 → 0; the last chunk has no value.
    np.testing.assert_allclose(series.value, [0.0, 2 / 3, np.nan])
    assert series.alert.tolist() == [False, True, False]
    numbers = compare("hellinger", "numeric", [[1.0, np.nan, 2.0]], [[np.nan]])
    np.testing.assert_array_equal(numbers.value, [0.0, np.nan])


def test_values_outside_the_reference_share_a_bin() -> None:
    # By hand: no bin is shared, so both distances are 1.
    for method in ("jensen_shannon", "hellinger"):
        series = compare(method, "numeric", [[1.0, 2.0, 3.0]], [[10.0, -10.0]])
        assert series.value[1] == pytest.approx(1.0)


def test_wasserstein_below_and_above_the_reference_counts_the_edge_row() -> None:
    # By hand: 10,000 equal bins over [0, 1]; one row at −1, one at 2 of two. Tails: (1 + 1)/2 = 1.
    # Inside, G is 0 from the histogram plus (1 + 1)/2 = 1; F is the uniform staircase.
    reference = np.linspace(0.0, 1.0, 10_000)
    series = compare("wasserstein", "numeric", [reference], [[-1.0, 2.0]])
    assert series.value[1] == pytest.approx(1.0 + 0.5, abs=1e-3)


def test_a_method_of_the_other_kind_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no method chi2 for numeric"):
        compare("chi2", "numeric", [[1.0]], [])


@pytest.mark.parametrize("reference", [[], [[np.nan]]])
def test_an_empty_reference_is_refused(reference: list[list[float]]) -> None:
    with pytest.raises(InvalidInput, match="no values"):
        compare("hellinger", "numeric", reference, [[1.0]])
