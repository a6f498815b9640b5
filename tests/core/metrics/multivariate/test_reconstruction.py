"""Reconstruction error: scikit-learn's PCA, NannyML's published figures, and its own limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from core.errors import InvalidInput, NotComputable
from core.metrics.multivariate import (
    BlockErrors,
    fit_reconstruction,
    limits_of,
    mean_error,
    out_of_sample,
    three_deviations,
)
from tests.core.metrics.estimation.data import car_loan

FEATURES = (
    *("car_value", "salary_range", "debt_to_income_ratio", "loan_length"),
    *("repaid_loan_on_prev_car", "size_of_downpayment", "driver_tenure"),
)
CATEGORICAL = {"salary_range", "repaid_loan_on_prev_car", "size_of_downpayment"}
# NannyML's tutorial "Multivariate drift, car loan" prints these for chunks of 5,000 rows.
PUBLISHED = (
    *(1.141517, 1.130636, 1.138914, 1.145040, 1.137563),
    *(1.249205, 1.243101, 1.258147, 1.228179, 1.259884),
)
PUBLISHED_SAMPLING_ERROR = 0.006996


def tangled(rows: int, seed: int, strength: float = 0.9) -> dict[str, np.ndarray]:
    """Return six columns that follow two hidden ones."""
    draw = np.random.default_rng(seed)
    hidden = draw.normal(size=(rows, 2))
    noise = draw.normal(size=(rows, 6))
    mixed = strength * hidden[:, [0, 0, 0, 1, 1, 1]] + np.sqrt(1 - strength**2) * noise
    return {f"x{place}": mixed[:, place] for place in range(6)}


def car_loans(part: str) -> list[dict[str, np.ndarray]]:
    rows = car_loan(part).sort_values("timestamp", kind="stable")
    return [
        {name: rows[name].to_numpy()[start : start + 5000] for name in FEATURES}
        for start in range(0, len(rows), 5000)
    ]


def test_as_nannyml_published_them() -> None:
    reference = car_loans("reference")
    whole = {name: np.concatenate([part[name] for part in reference]) for name in FEATURES}
    fitted = fit_reconstruction(whole, CATEGORICAL)
    found = [mean_error(fitted.errors(part)).mean for part in car_loans("analysis")]
    np.testing.assert_allclose(found, PUBLISHED, atol=6e-7)  # they are printed to six digits
    spread = mean_error(fitted.errors(whole)).deviation / np.sqrt(5000)
    assert spread == pytest.approx(PUBLISHED_SAMPLING_ERROR, abs=6e-7)
    # Printed with sample deviations, 1.15404 and 1.114261; newer releases take population ones.
    means = [mean_error(fitted.errors(part)).mean for part in reference]
    limits = three_deviations(means)
    half = (limits.high - limits.low) / 2 * np.sqrt(10 / 9)
    assert (np.mean(means) + half, np.mean(means) - half) == pytest.approx(
        (1.15404, 1.114261), abs=6e-7
    )
    alarms = [not limits.contain(value) for value in found]
    assert alarms == [False] * 5 + [True] * 5


@pytest.mark.parametrize("variance", [0.3, 0.65, 0.9, 0.999])
def test_directions_are_those_of_scikit_learn(variance: float) -> None:
    columns, later = tangled(400, 1), tangled(50, 2, 0.4)
    fitted = fit_reconstruction(columns, (), variance=variance)
    scaler = StandardScaler().fit(np.column_stack(list(columns.values())))
    peer = PCA(n_components=variance, svd_solver="full").fit(
        scaler.transform(np.column_stack(list(columns.values())))
    )
    assert len(fitted.directions) == peer.n_components_
    assert fitted.explained == pytest.approx(peer.explained_variance_ratio_.sum(), rel=1e-12)
    points = scaler.transform(np.column_stack(list(later.values())))
    back = peer.inverse_transform(peer.transform(points))
    wanted = np.linalg.norm(points - back, axis=1)
    np.testing.assert_allclose(fitted.errors(later), wanted, atol=1e-9)


def test_two_columns_that_are_one_by_hand() -> None:
    # z = (x, x): the one direction is (1, 1) / sqrt(2). Of (1, -1) nothing is left of it.
    columns = {"a": [-1.0, 1.0, -1.0, 1.0], "b": [-1.0, 1.0, -1.0, 1.0]}
    fitted = fit_reconstruction(columns, ())
    assert fitted.explained == pytest.approx(1)
    found = fitted.errors({"a": [2.0, 1.0], "b": [2.0, -1.0]})
    np.testing.assert_allclose(found, [0, np.sqrt(2)], atol=1e-12)


def test_it_sees_a_correlation_break_that_no_single_column_shows() -> None:
    fitted = fit_reconstruction(tangled(4000, 1), ())
    same, broken = tangled(4000, 2), tangled(4000, 3)
    shuffled = np.random.default_rng(0).permutation(4000)
    broken["x0"] = broken["x0"][shuffled]  # each column alone is as before
    before, after = (fitted.errors(side).mean() for side in (same, broken))
    assert after > 1.2 * before
    limits = limits_of(_blocks(tangled(4000, 1)), 4000)
    assert limits.contain(before)
    assert not limits.contain(after)


def _blocks(columns: dict[str, np.ndarray]) -> tuple[BlockErrors, ...]:
    size = len(columns["x0"])
    return out_of_sample(columns, (), np.arange(size) * 10 // size)


def test_a_block_is_measured_by_the_others() -> None:
    columns = tangled(300, 5)
    block = np.repeat([0, 1, 4], 100)
    found = out_of_sample(columns, (), block)
    rest = {name: column[100:] for name, column in columns.items()}
    first = {name: column[:100] for name, column in columns.items()}
    errors = fit_reconstruction(rest, ()).errors(first)
    assert len(found) == 3
    assert found[0] == BlockErrors(errors.mean(), errors.std(), 100)


def test_limits_by_hand() -> None:
    # Means 8, 9, 10, of rows that do not vary: s = 1, so 9 ± t * sqrt(1 + 1/3).
    blocks = [BlockErrors(mean, 0.0, 50) for mean in (8.0, 9.0, 10.0)]
    limits = limits_of(blocks, 10, rate=0.05)
    reach = stats.t.ppf(0.975, 2) * np.sqrt(4 / 3)
    assert (limits.low, limits.high) == pytest.approx((9 - reach, 9 + reach))
    assert limits_of(blocks, 10, rate=0.001).low == 0  # no error is below 0
    # Means that differ less than the choice of rows: sigma^2 / n + sigma^2 / (m K).
    same = [BlockErrors(2.0, 3.0, 100)] * 4
    reach = stats.t.ppf(0.975, 3) * 3 * np.sqrt(1 / 25 + 1 / 400)
    assert limits_of(same, 25, rate=0.05).high == pytest.approx(2 + reach)


def test_too_little_to_say_what_is_usual() -> None:
    two = [BlockErrors(1.0, 0.1, 100)] * 2
    for limits in (limits_of(two, 100), limits_of([*two, *two], 0), three_deviations([np.nan])):
        assert np.isnan([limits.low, limits.high]).all()
        assert not limits.contain(1.0)
    assert limits_of([*two, mean_error(np.zeros(0))], 9).contain(1.0) is False
    with pytest.raises(NotComputable, match="no rows"):
        fit_reconstruction({"a": [1.0]}, ())
    with pytest.raises(NotComputable, match="varies"):
        fit_reconstruction({"a": [1.0, 1.0]}, ())
    with pytest.raises(InvalidInput, match="between 0 and 1"):
        fit_reconstruction({"a": [1.0, 2.0]}, (), variance=1.0)


def test_unchanged_periods_lie_outside_as_often_as_stated() -> None:
    """Of 300 references with a period after each, about one in ten is outside at a rate of 0.1."""
    draw = np.random.default_rng(4)
    outside = 0
    for _ in range(300):
        # Ten blocks of 200 rows whose level wanders, and a period of 500.
        level = draw.normal(0, 0.05, 11)
        blocks = [mean_error(draw.gamma(4, 0.25, 200) + shift) for shift in level[:10]]
        new = mean_error(draw.gamma(4, 0.25, 500) + level[10])
        outside += not limits_of(blocks, 500, rate=0.1).contain(new.mean)
    assert 0.05 < outside / 300 < 0.15


@given(st.integers(0, 2**32 - 1), st.floats(0.1, 0.95), st.floats(0.1, 100))
def test_units_and_order_of_columns_do_not_matter(seed: int, strength: float, unit: float) -> None:
    columns, later = tangled(60, seed, strength), tangled(20, seed + 1, strength)
    plain = fit_reconstruction(columns, ()).errors(later)
    assert (plain >= 0).all()
    turned = {name: unit * columns[name] + 7 for name in reversed(columns)}
    also = {name: unit * later[name] + 7 for name in columns}
    np.testing.assert_allclose(fit_reconstruction(turned, ()).errors(also), plain, atol=1e-6)
