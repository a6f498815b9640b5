"""Bins from raw rows, and what they find end to end: atoms, unit changes, exact KS."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from scipy import stats

from core.domain.windows import Chunk
from core.lake.duck import open_duck
from core.lake.paths import parquet_relation
from core.lake.profiles.bins import build_bins, distinct_numbers
from core.lake.profiles.memory import ProfileStore
from core.lake.profiles.segments import SEGMENT_MARK, slice_values
from core.lake.profiles.write import write_profile
from core.metrics.binning import (
    CategoricalBins,
    NumericBins,
    categorical_bins_from_counts,
    numeric_bins_from_counts,
)
from core.metrics.drift import evaluate
from core.metrics.drift.kolmogorov_smirnov import kolmogorov_smirnov
from tests.support.lake_builders import (
    AFile,
    FolderSettings,
    a_nasty_log,
    a_sliced_contract,
    register,
    write_lake,
)

CONTRACT = a_sliced_contract()
START = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def duck(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_duck(FolderSettings(tmp_path, "sqlite://", threads=2)) as connection:
        yield connection


def test_the_bins_are_those_of_the_distinct_values(duck: duckdb.DuckDBPyConnection) -> None:
    rows = a_nasty_log(3_000)
    bins = build_bins(duck, register(duck, CONTRACT, rows), CONTRACT)
    amounts = [row["c_loan_amount"] for row in rows if row["c_loan_amount"] is not None]
    known = Counter(amount + 0.0 for amount in amounts if amount == amount)
    values = sorted(known)
    assert bins.features["loan amount"] == numeric_bins_from_counts(
        values, [known[value] for value in values]
    )
    texts = Counter(row["c_industry"] for row in rows if row["c_industry"] is not None)
    assert bins.features["industry"] == categorical_bins_from_counts(
        list(texts), list(texts.values())
    )
    features = [name for name in bins.features if not name.startswith(SEGMENT_MARK)]
    assert features == ["loan amount", "industry", "@score", "@decision"]


def test_zeros_of_both_signs_are_one_value(duck: duckdb.DuckDBPyConnection) -> None:
    rows = [{"c_loan_amount": value} for value in (-0.0, 0.0, 1.0, None, float("inf"))]
    values, counts = distinct_numbers(duck, register(duck, CONTRACT, rows), "c_loan_amount")
    assert values.tolist() == [0.0, 1.0]
    assert counts.tolist() == [2, 1]


def test_segments_keep_fifty_values_by_frequency(duck: duckdb.DuckDBPyConnection) -> None:
    rows = [{"c_industry": f"v{at:02d}"} for at in range(60) for _ in range(60 - at)]
    bins = build_bins(duck, register(duck, CONTRACT, rows), CONTRACT)
    cuts = {cut.name: cut for cut in slice_values(CONTRACT, bins)}
    assert cuts["industry"].values == tuple(f"v{at:02d}" for at in range(50))
    assert cuts["term"].values == ()
    assert cuts["size"].labels == ("<50", "50–150", "≥150", "…missing")


def test_a_column_without_values_has_no_bins(duck: duckdb.DuckDBPyConnection) -> None:
    bins = build_bins(duck, register(duck, CONTRACT, [{"score": 0.5}]), CONTRACT)
    features = [name for name in bins.features if not name.startswith(SEGMENT_MARK)]
    assert features == ["@score"]


def test_many_categories_are_pooled_and_the_rest_is_not_complete(
    duck: duckdb.DuckDBPyConnection,
) -> None:
    rows = [{"c_industry": f"v{at:05d}"} for at in range(10_102)]
    found = build_bins(duck, register(duck, CONTRACT, rows), CONTRACT).features["industry"]
    assert isinstance(found, CategoricalBins)
    assert (len(found.values), len(found.rest), found.complete) == (100, 10_000, False)
    rows = rows[:10_100]
    found = build_bins(duck, register(duck, CONTRACT, rows), CONTRACT).features["industry"]
    assert isinstance(found, CategoricalBins)
    assert found.complete


def test_multiclass_scores_and_predictions_have_bins(duck: duckdb.DuckDBPyConnection) -> None:
    log = {"prediction_id": "id", "time": "t", "scores": {"a": "sa", "b": "sb"}, "prediction": "p"}
    contract = a_sliced_contract(
        task="multiclass_classification", log=log, segments=["prediction"], outcome=None
    )
    rows = [{"score_0": 0.2, "score_1": 0.8, "prediction": "b"}] * 3
    bins = build_bins(duck, register(duck, contract, rows), contract)
    assert {"@score_0", "@score_1", "@prediction", "#prediction"} == set(bins.features)


def _compared(
    duck: duckdb.DuckDBPyConnection, home: Path, reference: Any, current: Any
) -> tuple[NumericBins, Any, Any]:
    """Ingest two samples one after the other; return the bins and the counts of each."""
    step = timedelta(minutes=1)
    numbers = np.concatenate([reference, current])
    rows = [
        {"time": START + step * at, "version": "1", "jurisdiction": "", "c_loan_amount": value}
        for at, value in enumerate(numbers.tolist())
    ]
    cut = START + step * len(reference)
    path = write_lake(home / "data.parquet", CONTRACT, rows)
    scan = parquet_relation([path])
    window = f"(SELECT * FROM {scan} LIMIT {len(reference)})"
    bins = build_bins(duck, window, CONTRACT)
    write_profile(duck, window, CONTRACT, bins, "features", home / "reference.parquet")
    write_profile(duck, scan, CONTRACT, bins, "features", home / "p.parquet")
    times = {"first_time": rows[0]["time"], "last_time": rows[-1]["time"]}
    files = [
        AFile("data", "data.parquet", stream="predictions", **times),
        AFile("profile", "p.parquet", profile_kind="features", bins_id=bins.bins_id, **times),
        AFile("reference", "reference.parquet", bins_id=bins.bins_id),
    ]
    view = ProfileStore(duck, home).view(CONTRACT, 1, files, bins)
    chunks = [Chunk(0, "after", cut, cut + step * len(current))]
    found = view.feature_counts(["loan amount"], chunks)["loan amount"]
    made = bins.features["loan amount"]
    assert isinstance(made, NumericBins)
    return made, view.reference_counts(["loan amount"])["loan amount"], found


def _draws() -> dict[str, tuple[Any, Any]]:
    draw = np.random.default_rng(9)
    atoms = np.where(draw.random(6_000) < 0.4, 50_000.0, draw.random(6_000) * 2e5)
    amounts = draw.lognormal(8, 1, 6_000)
    return {
        "lognormal": (draw.lognormal(0, 1, 6_000), draw.lognormal(0.1, 1.3, 5_000)),
        "half integers": (
            np.round(draw.normal(20, 8, 6_000) * 2) / 2,
            np.round(draw.normal(21, 8, 5_000) * 2) / 2,
        ),
        "atom moves": (atoms, np.where(atoms == 50_000.0, 50_100.0, atoms)),
        "unit change": (amounts, np.where(draw.random(6_000) < 0.05, amounts * 1000, amounts)),
    }


@pytest.mark.parametrize("case", _draws())
def test_drift_from_profiles_is_near_the_exact_one(
    duck: duckdb.DuckDBPyConnection, tmp_path: Path, case: str
) -> None:
    reference, current = _draws()[case]
    bins, expected, found = _compared(duck, tmp_path, reference, current)
    distance = float(kolmogorov_smirnov(expected.n[2:], found.n[:, 2:]).distance[0])
    # scipy's two-sample statistic on the raw values.
    assert distance == pytest.approx(stats.ks_2samp(reference, current).statistic, abs=0.005)
    moved = evaluate("wasserstein", bins, expected, found)
    # scipy's distance on the raw values, in standard deviations of the reference.
    exact = stats.wasserstein_distance(reference, current) / np.std(reference)
    assert float(moved.value[0]) == pytest.approx(exact, abs=max(0.01, 0.02 * exact))
    if case == "atom moves":
        assert distance > 0.35
    if case == "unit change":
        assert exact > 10
