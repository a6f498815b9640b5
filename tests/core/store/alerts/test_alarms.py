from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import NotFound
from core.store import Store
from core.store.alerts import alarms
from tests.support.fakes import START
from tests.support.monitoring import ALARM, MODEL, add_run, register_loans

OTHER = replace(ALARM, column="amount")


def test_alarms_are_kept_whole_and_found_by_matter(store: Store) -> None:
    register_loans(store)
    assert ALARM.key != OTHER.key
    assert replace(ALARM, method="wasserstein").key == ALARM.key
    with store.begin() as conn:
        add_run(conn, 1)
        add_run(conn, 2, alarms=(ALARM, OTHER))
        add_run(conn, 3, alarms=())
    with store.read() as conn:
        assert alarms.get(conn, "alarm-1-0") == replace(
            ALARM, id="alarm-1-0", as_of=START + timedelta(days=1)
        )
        assert [each.run_id for each in alarms.of_matter(conn, MODEL, ALARM.key)] == [
            "run-2",
            "run-1",
        ]
        since = START + timedelta(days=2)
        assert len(alarms.of_matter(conn, MODEL, ALARM.key, since=since)) == 1
        assert alarms.keys_by_run(conn, ["run-1", "run-2", "run-3"]) == {
            "run-1": {ALARM.key},
            "run-2": {ALARM.key, OTHER.key},
        }
        with pytest.raises(NotFound):
            alarms.get(conn, "none")


def test_both_kinds_of_drift_of_a_column_are_one_matter(store: Store) -> None:
    small = replace(ALARM, kind="drift_beyond_chance", severity="watch")
    quality = replace(ALARM, kind="quality")
    assert small.key != ALARM.key
    assert small.matter == ALARM.matter == ALARM.key
    assert quality.matter == quality.key != replace(quality, method="other").matter
    assert alarms.keys_of(small.matter) == {"drift": ALARM.key, "drift_beyond_chance": small.key}
    register_loans(store)
    with store.begin() as conn:
        # The same method may find a column large and no accident: both are kept.
        add_run(conn, 1, alarms=(ALARM, small, quality))
    with store.read() as conn:
        found = alarms.of_matter(conn, MODEL, ALARM.matter)
    assert {each.kind for each in found} == {"drift", "drift_beyond_chance"}


def test_results_that_are_more_than_chance_are_one_matter() -> None:
    """The outcome rate, the Brier score and the calibration move together."""
    rate = replace(ALARM, kind="performance_beyond_chance", method="outcome_rate", column="")
    assert rate.matter == replace(rate, method="brier_score").matter
    assert rate.matter != replace(rate, slice="sector=IT").matter


def test_harm_is_distance_times_weight() -> None:
    assert ALARM.harm == pytest.approx(0.31 / 0.25)
    weighed = replace(ALARM, evidence={alarms.IMPORTANCE: 0.5})
    assert weighed.harm == pytest.approx(0.31 / 0.25 / 2)
    assert replace(ALARM, threshold=None).harm == 0
