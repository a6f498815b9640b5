"""Drift times importance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from core.metrics.alarms import rank_by_importance


def test_harmless_drift_sinks() -> None:
    # Shares 0.9 and 0.1: impacts 0.18 and 0.05.
    first, second = rank_by_importance({"noise": 0.5, "income": 0.2}, {"noise": 1, "income": 9})
    assert (first.feature, second.feature) == ("income", "noise")
    assert first.impact == pytest.approx(0.18)
    assert second.impact == pytest.approx(0.05)


def test_unknown_importance_is_the_average_and_negative_is_none() -> None:
    drift = {"a": 0.1, "b": 0.1, "c": 0.1, "d": 0.1}
    rows = rank_by_importance(drift, {"a": 3, "b": -1, "c": float("nan")})
    shares = {row.feature: row.importance for row in rows}
    # Known 3 and 0, so 1.5 each for c and d: 3, 0, 1.5, 1.5 of 6.
    assert shares == pytest.approx({"a": 0.5, "b": 0.0, "c": 0.25, "d": 0.25})
    assert [row.known for row in rows] == [True, False, False, True]


def test_without_importance_drift_alone_counts() -> None:
    rows = rank_by_importance({"a": 0.1, "b": 0.3}, {})
    assert [row.feature for row in rows] == ["b", "a"]
    assert [row.importance for row in rank_by_importance({"a": 1.0}, {"a": 0})] == [1.0]


def test_a_missing_figure_comes_last() -> None:
    rows = rank_by_importance({"a": float("nan"), "b": 0.0}, {"a": 9, "b": 1})
    assert [row.feature for row in rows] == ["b", "a"]


def test_a_negative_figure_is_refused() -> None:
    with pytest.raises(InvalidInput):
        rank_by_importance({"a": -0.1}, {})


@given(
    st.dictionaries(st.text(max_size=3), st.tuples(st.floats(0, 9), st.floats(-1, 9)), min_size=1)
)
def test_importances_are_shares(rows: dict[str, tuple[float, float]]) -> None:
    ranked = rank_by_importance(
        {name: pair[0] for name, pair in rows.items()},
        {name: pair[1] for name, pair in rows.items()},
    )
    assert sum(row.importance for row in ranked) == pytest.approx(1)
    impacts = [row.impact for row in ranked]
    assert impacts == sorted(impacts, reverse=True)
