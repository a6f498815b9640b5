"""Counts of labelled rows by score."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings

from core.errors import InvalidInput
from core.metrics.performance import score_counts
from tests.core.metrics.performance.rows import RAW, Rows, binned


def test_by_hand() -> None:
    found = score_counts([0.8, 0.5, 0.5, 0.5, 0.1], [1, 1, 0, 1, 0])
    assert found.positives.tolist() == [0, 2, 1]
    assert found.negatives.tolist() == [1, 1, 0]
    assert found.rows.tolist() == [1, 3, 1]
    assert found.n == 5
    np.testing.assert_allclose(found.scores, [0.1, 1.5, 0.8])
    np.testing.assert_allclose(found.square_of_positives, [0, 0.5, 0.64])
    np.testing.assert_allclose(found.square_of_negatives, [0.01, 0.25, 0])
    np.testing.assert_allclose(found.surprise, [-np.log(0.9), 3 * np.log(2), -np.log(0.8)])
    np.testing.assert_allclose(found.fourth_power, [0.1**4, 3 / 16, 0.2**4])
    np.testing.assert_allclose(
        found.surprise_squared, [np.log(0.9) ** 2, 3 * np.log(2) ** 2, np.log(0.8) ** 2]
    )


def test_no_rows_are_one_empty_bin() -> None:
    found = score_counts([], [])
    assert all(getattr(found, each.name).tolist() == [0] for each in fields(found))
    assert found.n == 0


def test_certain_and_wrong_scores_surprise_by_36() -> None:
    found = score_counts([0.0, 1.0], [1, 0])
    assert found.surprise == pytest.approx([36.04365338911715] * 2)  # 52 · ln 2


@settings(deadline=None)
@given(rows=RAW)
def test_sums_are_those_of_the_rows(rows: Rows) -> None:
    found, second = score_counts(*rows), binned(*rows, bins=7)
    for each in fields(found):
        assert getattr(found, each.name).sum() == pytest.approx(getattr(second, each.name).sum())


def test_input_that_does_not_fit_is_refused() -> None:
    with pytest.raises(InvalidInput, match="0 or 1"):
        score_counts([0.1, 0.2], [1, 2])
    with pytest.raises(InvalidInput, match="one score"):
        score_counts([0.1], [1, 0])
    for wrong in (-0.1, 1.1, np.nan):
        with pytest.raises(InvalidInput, match="probability"):
            score_counts([0.1, wrong], [1, 0])
