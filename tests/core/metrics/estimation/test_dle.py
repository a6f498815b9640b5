from typing import Any

import numpy as np
import pytest
from sklearn.metrics import (
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    root_mean_squared_error,
    root_mean_squared_log_error,
)

from core.errors import InvalidInput, NotComputable
from core.metrics.arrays import Floats
from core.metrics.estimation import (
    UNLEARNT,
    DirectLoss,
    fit_direct_loss,
    loss_sampling_errors,
)
from core.metrics.estimation import dle as module
from core.metrics.estimation.encoding import Columns
from tests.core.metrics.estimation.data import car_price, published

FEATURES = (
    *("car_age", "km_driven", "price_new", "accident_count", "door_count"),
    *("fuel", "transmission"),
)


def simulated(n: int, seed: int, share: float = 0.5) -> tuple[Columns, Floats, Floats]:
    """Return rows of two kinds, whose errors spread by 1 and by 3, and a number without meaning."""
    random = np.random.default_rng(seed)
    kind = np.where(random.random(n) < share, "hard", "easy").astype(object)
    said = random.uniform(20, 40, n)
    came = said + random.normal(0, 1, n) * np.where(kind == "hard", 3, 1)
    return {"kind": kind, "noise": random.normal(size=n)}, said, came


def learned(n: int = 4_000, **options: Any) -> DirectLoss:
    features, said, came = simulated(n, 1)
    return fit_direct_loss(
        features, said, came, categorical={"kind"}, iterations=30, folds=3, **options
    )


def test_harder_rows_are_expected_to_err_more() -> None:
    # By hand: the mean of |N(0, s)| is s √(2/π), of its square s².
    model = learned()
    for share in (0.0, 0.5, 1.0):
        features, said, _ = simulated(4_000, 2, share)
        found = model.estimate(features, said)
        absolute = (1 + 2 * share) * np.sqrt(2 / np.pi)
        assert float(found["mae"][0]) == pytest.approx(absolute, rel=0.06)
        assert float(found["mse"][0]) == pytest.approx(1 + 8 * share, rel=0.25)
        assert found["rmse"][0] == pytest.approx(np.sqrt(found["mse"][0]))
        assert found["mape"][0] > 0
        assert found["rmsle"][0] > 0


def test_the_reference_is_judged_by_models_that_have_not_seen_it() -> None:
    model = learned(2_000)
    features, said, came = simulated(2_000, 1)
    # Second source: scikit-learn's metrics of the same rows.
    for name, theirs in (
        ("mae", mean_absolute_error),
        ("mse", mean_squared_error),
        ("rmse", root_mean_squared_error),
        ("mape", mean_absolute_percentage_error),
        ("rmsle", root_mean_squared_log_error),
    ):
        assert model.realised[name] == pytest.approx(theirs(came, said), rel=1e-9), name
        assert model.reference[name] == pytest.approx(model.realised[name], rel=0.1), name
    seen = model.estimate(features, said)
    assert float(seen["mae"][0]) != model.reference["mae"]


def test_chunks_are_estimated_together_as_one_by_one() -> None:
    model = learned()
    features, said, _ = simulated(300, 3)
    chunks = np.repeat([0, 2], 150)
    together = model.estimate(features, said, chunks=chunks)
    for place in (0, 2):
        mine = chunks == place
        alone = model.estimate(
            {name: np.asarray(column)[mine] for name, column in features.items()}, said[mine]
        )
        for name, value in alone.items():
            assert together[name][place] == pytest.approx(value[0], rel=1e-12)
    assert all(np.isnan(value[1]) for value in together.values())


def test_no_rows_are_no_figure() -> None:
    found = learned().estimate({"kind": [], "noise": []}, [])
    assert all(value.shape == (1,) and np.isnan(value[0]) for value in found.values())


def test_the_same_seed_gives_the_same_estimates() -> None:
    features, said, _ = simulated(200, 4)
    first, again, other = (
        learned(1_000, metrics=("mae",), seed=seed).estimate(features, said)["mae"][0]
        for seed in (0, 0, 1)
    )
    assert first == again != other


def test_more_folds_than_rows_leave_some_empty() -> None:
    features, said, came = simulated(25, 7)
    model = fit_direct_loss(features, said, came, categorical={"kind"}, folds=30, iterations=1)
    assert len(model.models["absolute"]) == 30
    assert model.reference["mae"] == pytest.approx(mean_absolute_error(came, said), rel=0.2)


def test_missing_and_unknown_values_are_estimated_too() -> None:
    found = learned().estimate({"kind": [None, "new"], "noise": [np.nan, 0.0]}, [30.0, 30.0])
    assert 0.5 < float(found["mae"][0]) < 3


def test_only_the_losses_asked_for_are_learned() -> None:
    model = learned(500, metrics=("rmse", "mae"))
    assert set(model.models) == {"absolute", "squared"}
    assert set(model.reference) == {"mae", "mse", "rmse"}


def test_an_outcome_below_zero_has_no_log_error_and_one_of_zero_no_relative_one() -> None:
    features, said, came = simulated(200, 5)
    came[:10], came[10:20] = -1.0, 0.0
    model = fit_direct_loss(features, said, came, categorical={"kind"}, iterations=5, folds=2)
    assert "rmsle" not in model.reference
    assert np.isnan(model.errors.spreads["rmsle"])
    assert {"mape", "rmsle"} == set(UNLEARNT)
    for where in (model.models, model.realised, model.reference):
        assert not {"mape", "relative"} & set(where)
    assert np.isnan(model.errors.spreads["mape"])
    rest = {name: np.asarray(column)[20:] for name, column in features.items()}
    sound = fit_direct_loss(rest, said[20:], came[20:], categorical={"kind"}, metrics=("mape",))
    theirs = mean_absolute_percentage_error(came[20:], said[20:])
    assert sound.realised["mape"] == pytest.approx(theirs)
    sound = learned(500)
    low = sound.estimate({"kind": ["easy"], "noise": [0.0]}, [-5.0])
    assert np.isnan(low["rmsle"][0])
    assert np.isfinite(low["mae"][0])


def test_a_large_reference_is_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 300)
    model = learned(2_000, metrics=("mae",))
    _, said, came = simulated(2_000, 1)
    assert model.errors.rows == 2_000
    assert model.realised["mae"] != pytest.approx(mean_absolute_error(came, said), rel=1e-9)
    assert model.realised["mae"] == pytest.approx(mean_absolute_error(came, said), rel=0.2)


def test_sampling_errors_by_hand() -> None:
    # Errors 1, 3: mean 2, deviation 1; squares 1, 9: mean 5, deviation 4, of the root 4 / (2 √5).
    found = loss_sampling_errors([11.0, 13.0], [10.0, 10.0]).spreads
    assert found["mae"] == pytest.approx(1)
    assert found["mse"] == pytest.approx(4)
    assert found["rmse"] == pytest.approx(4 / (2 * np.sqrt(5)))
    assert found["mape"] == pytest.approx(0.1)
    nothing = loss_sampling_errors([0.0, 0.0], [0.0, 0.0]).spreads
    assert np.isnan(list(nothing.values())).all()  # two equal rows do not vary, as far as we know


def test_sampling_errors_are_nannymls() -> None:
    # nannyml 0.13.1, chunks of 6,000 rows; its own are deterministic.
    rows = car_price("reference")
    found = loss_sampling_errors(rows["y_pred"], rows["y_true"])
    want = published("nannyml_dle_car_price")
    for name in ("mae", "mse", "rmse", "mape", "rmsle"):
        np.testing.assert_allclose(
            found.of(name, np.full(20, 6_000)), want[f"{name}_sampling_error"], rtol=1e-9
        )


def test_the_car_price_estimates_are_near_nannymls() -> None:
    # nannyml 0.13.1 with LightGBM: MAE 850.42 in chunk 0, where 853.40 came; 715.26 in chunk 5,
    # where 702.52 came. Another regressor differs by less than a fifth of the sampling error's 8.2.
    reference, rows = car_price("reference"), car_price("analysis")
    model = fit_direct_loss(
        {name: reference[name] for name in FEATURES},
        reference["y_pred"],
        reference["y_true"],
        categorical={"fuel", "transmission"},
        metrics=("mae",),
    )
    found = model.estimate(
        {name: rows[name] for name in FEATURES}, rows["y_pred"], chunks=rows["chunk"] // 5
    )["mae"]
    want = published("nannyml_dle_car_price").iloc[[10, 15]]
    np.testing.assert_allclose(found, want["mae_value"], atol=8.2 / 5)
    came = [
        mean_absolute_error(chunk["y_true"], chunk["y_pred"]) for _, chunk in rows.groupby("chunk")
    ]
    np.testing.assert_allclose(came, want["mae_realized"], rtol=1e-9)
    np.testing.assert_allclose(came, [853.4, 702.5], atol=0.05)
    limits = model.errors.band("mae", found, 6_000)
    assert ((limits.low <= came) & (came <= limits.high)).all()
    assert model.reference["mae"] == pytest.approx(model.realised["mae"], rel=0.001)


def test_wrong_rows_are_refused() -> None:
    features, said, came = simulated(30, 6)
    with pytest.raises(InvalidInput, match="a number"):
        fit_direct_loss(features, said, came[:-1])
    with pytest.raises(InvalidInput, match="a number"):
        fit_direct_loss(features, np.full(30, np.nan), came)
    with pytest.raises(InvalidInput, match="estimate of gini"):
        fit_direct_loss(features, said, came, metrics=("gini",))
    with pytest.raises(NotComputable, match="at least 20"):
        fit_direct_loss({"x": [1.0]}, [1.0], [1.0])
    with pytest.raises(InvalidInput, match="a number"):
        learned(100, metrics=("mae",)).estimate(features, said, chunks=[0])
