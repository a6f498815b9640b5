from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from core.errors import InvalidInput
from core.metrics.estimation import concept_drift, concept_drift_in_order, widening


def test_the_statistic_by_hand() -> None:
    # 0.1 lower, of which 0.02 is the estimator's usual error: 0.08 / √(0.012² + 0.016²) = 4.
    found = concept_drift(0.8, 0.7, realised_error=0.012, estimate_error=0.016, added=0.02)
    assert float(found.statistic) == pytest.approx(-4)
    assert float(found.effect) == pytest.approx(-0.1)
    # Second source: scipy's normal distribution.
    assert float(found.p_value) == pytest.approx(2 * norm.sf(4))
    assert bool(found.alarm)


def test_within_the_estimators_usual_error_nothing_is_said() -> None:
    found = concept_drift(0.8, 0.79, realised_error=0.001, added=0.02)
    assert (float(found.statistic), float(found.p_value), bool(found.alarm)) == (0, 1, False)


def test_an_alarm_needs_band_significance_and_effect() -> None:
    inside = concept_drift(0.8, 0.831, realised_error=0.01, added=0.002)
    assert not inside.alarm
    unsure = concept_drift(0.8, 0.84, realised_error=0.01, estimate_error=0.02)
    assert unsure.p_value > 0.05
    assert not unsure.alarm
    clear = {"realised_error": 0.01, "estimate_error": 0.001}
    assert concept_drift(0.8, 0.84, **clear).alarm
    assert not concept_drift(0.8, 0.84, **clear, minimum_effect=0.05).alarm
    assert not concept_drift(0.8, 0.84, **clear, alarm_p_value=1e-9).alarm


def test_without_error_a_departure_is_certain() -> None:
    found = concept_drift([0.5, 0.5], [0.5, 0.6], realised_error=0.0)
    assert found.statistic.tolist() == [0, np.inf]
    assert found.p_value.tolist() == [1, 0]
    assert found.alarm.tolist() == [False, True]


@pytest.mark.parametrize("place", range(3))
def test_what_is_unknown_is_no_alarm(place: int) -> None:
    parts = [0.8, 0.1, 0.01]
    parts[place] = np.nan
    found = concept_drift(parts[0], parts[1], realised_error=parts[2])
    assert np.isnan(found.statistic)
    assert np.isnan(found.p_value)
    assert not found.alarm


@pytest.mark.parametrize("name", ["realised_error", "estimate_error", "added", "minimum_effect"])
def test_a_negative_error_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="not negative"):
        concept_drift(0.5, 0.5, **{"realised_error": 0.1, name: -0.1})


def test_without_drift_alarms_are_as_rare_as_said() -> None:
    # 200,000 figures of no drift: an alarm needs more than three errors, at most 0.27 %.
    departures = np.random.default_rng(5).normal(0, 0.01, 200_000)
    found = concept_drift(0.5, 0.5 + departures, realised_error=0.01)
    assert found.alarm.mean() == pytest.approx(0.0027, abs=4 * np.sqrt(0.0027 / 200_000))


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.001, 0.1), st.floats(0, 0.1))
def test_either_direction_counts_alike(
    said: float, came: float, error: float, added: float
) -> None:
    up = concept_drift(said, came, realised_error=error, added=added)
    down = concept_drift(came, said, realised_error=error, added=added)
    assert float(up.statistic) == -float(down.statistic)
    assert bool(up.alarm) == bool(down.alarm)
    wider = concept_drift(said, came, realised_error=error, added=added + 0.1)
    assert abs(float(wider.statistic)) <= abs(float(up.statistic))


def test_an_alarm_does_not_teach_what_is_usual() -> None:
    said, error = np.full(6, 0.8), np.full(6, 0.01)
    came = np.array([0.81, 0.79, 0.70, 0.70, 0.70, 0.70])
    found = concept_drift_in_order(said, came, realised_error=error)
    assert found.alarm.tolist() == [False, False, True, True, True, True]
    # The band of the estimate itself has learned it by then, and would say nothing.
    learned = widening(said[:5], error[:5], came[:5]).added
    assert not concept_drift(0.8, 0.7, realised_error=0.01, added=learned).alarm


def test_a_small_constant_error_is_learned() -> None:
    # The first chunk is beyond the band but unsure, the reference being small; the rest equal it.
    found = concept_drift_in_order(
        np.full(4, 0.8), np.full(4, 0.765), realised_error=np.full(4, 0.01), estimate_error=0.01
    )
    assert found.alarm.tolist() == [False] * 4
    assert found.statistic[0] == pytest.approx(-0.035 / np.hypot(0.01, 0.01))
    assert (found.statistic[1:] > found.statistic[0]).all()


def test_each_chunk_waits_for_outcomes() -> None:
    said, error = np.full(3, 0.8), np.full(3, 0.01)
    came = np.array([0.84, 0.84, 0.84])
    judge = partial(concept_drift_in_order, realised_error=error, estimate_error=0.02)
    soon, late = judge(said, came), judge(said, came, matured_after=2)
    alone = concept_drift(said, came, realised_error=error, estimate_error=0.02)
    assert late.statistic[1] == alone.statistic[1] > soon.statistic[1]
    assert late.statistic[2] == soon.statistic[1]
    np.testing.assert_allclose(soon.effect, came - said)


def test_chunks_that_do_not_fit_together_are_refused() -> None:
    with pytest.raises(InvalidInput, match="differ in number"):
        concept_drift_in_order([0.5], [0.5, 0.6], realised_error=[0.1])


def test_an_estimator_whose_error_nobody_knows_accuses_nobody() -> None:
    said, error = np.full(5, 0.8), np.full(5, 0.01)
    came = np.array([0.70, 0.70, 0.71, 0.70, 0.40])
    assert concept_drift_in_order(said, came, realised_error=error).alarm.all()
    # Its first two departures are on record by then: usual is what came before, 0.4 is not.
    found = concept_drift_in_order(said, came, realised_error=error, fewest_chunks=2)
    assert found.alarm.tolist() == [False, False, False, False, True]
    alone = concept_drift(0.8, 0.70, realised_error=0.01)
    assert float(alone.p_value) == found.p_value[0]  # what is not raised is told all the same


def test_each_chunk_may_have_its_own_least_effect() -> None:
    found = concept_drift_in_order(
        [100.0, 100.0], [90.0, 90.0], realised_error=[1.0, 1.0], minimum_effect=[5.0, 20.0]
    )
    assert found.alarm.tolist() == [True, False]
