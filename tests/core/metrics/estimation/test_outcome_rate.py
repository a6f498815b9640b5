import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.metrics.estimation import (
    Calibrator,
    Reason,
    concept_drift,
    concept_drift_in_order,
    expected_outcome_rate,
    expected_rows,
    expected_rows_from_counts,
    fit_calibrator,
)
from tests.core.metrics.estimation.data import car_loan

AS_IT_IS = Calibrator(
    np.array([0.0, 1.0]), np.array([0.0, 1.0]), Reason.already_calibrated, 0.0, 0.0, 9
)


def test_the_rate_by_hand() -> None:
    # Mean of .9, .8, .3, .1; variance .09 + .16 + .21 + .09 of the sum.
    found = expected_outcome_rate(expected_rows([0.9, 0.8, 0.3, 0.1], [1, 0, 1, 0], AS_IT_IS))
    assert float(found.value) == pytest.approx(2.1 / 4)
    assert float(found.error) == pytest.approx(np.sqrt(0.55) / 4)
    assert float(found.n) == 4
    assert float(found.of_estimator(100)) == pytest.approx(np.sqrt(0.55) / 4 * np.sqrt(4 / 100))


def test_without_rows_there_is_none() -> None:
    rows = expected_rows_from_counts([0.5], [[0], [3]], [[0], [1]], AS_IT_IS)
    found = expected_outcome_rate(rows)
    assert np.isnan(found.value).tolist() == [True, False]
    assert np.isnan(found.error).tolist() == [True, False]


@given(st.lists(st.integers(0, 100), min_size=1, max_size=50))
def test_the_error_is_at_most_that_of_a_plain_share(percents: list[int]) -> None:
    scores = np.array(percents) / 100
    found = expected_outcome_rate(expected_rows(scores, scores > 0.5, AS_IT_IS))
    share = float(found.value)
    assert share == pytest.approx(scores.mean())
    assert float(found.error) <= np.sqrt(max(share * (1 - share), 0) / scores.size) + 1e-12


@pytest.mark.parametrize(("power", "least", "most"), [(1.0, 0.0, 0.01), (1.2, 0.8, 1.0)])
def test_it_tells_drift_from_chance(power: float, least: float, most: float) -> None:
    # 500 chunks of 2,000 rows whose score s means s^power; at most 0.27 % alarms without drift.
    random = np.random.default_rng(3)
    scores = np.round(random.beta(1.2, 1.8, (500, 2_000)), 2)
    came = (random.random(scores.shape) < scores**power).mean(axis=1)
    found = [expected_outcome_rate(expected_rows(chunk, chunk > 0.5, AS_IT_IS)) for chunk in scores]
    judged = concept_drift(
        [float(each.value) for each in found],
        came,
        realised_error=[float(each.error) for each in found],
    )
    assert least <= judged.alarm.mean() <= most
    if power == 1:
        assert np.std(judged.statistic) == pytest.approx(1, abs=0.1)


def test_it_tells_the_car_loans_degraded_chunks_from_the_healthy_ones() -> None:
    # nannyml's data: the last five of ten chunks were changed.
    reference, rows = car_loan("reference"), car_loan("analysis")
    calibrator = fit_calibrator(reference["y_pred_proba"], reference["repaid"])
    found = [
        expected_outcome_rate(expected_rows(chunk["y_pred_proba"], chunk["y_pred"], calibrator))
        for chunk in (rows.iloc[at : at + 5_000] for at in range(0, 50_000, 5_000))
    ]
    judged = concept_drift_in_order(
        [float(each.value) for each in found],
        rows["repaid"].to_numpy().reshape(10, 5_000).mean(axis=1),
        realised_error=[float(each.error) for each in found],
        estimate_error=[float(each.of_estimator(50_000)) for each in found],
    )
    assert judged.alarm.tolist() == [False] * 5 + [True] * 5
    assert (judged.effect[5:] < -0.014).all()
