"""Small groups are hidden, and cannot be told from the totals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from core.errors import InvalidInput
from core.metrics.fairness import shown_cells, shown_groups

MINIMUM = 30


@pytest.mark.parametrize(
    ("n", "not_given", "shown"),
    [
        ([100, 200], 0, [True, True]),
        # Who gave no value is no secret: the groups stay.
        ([100, 200], 5, [True, True]),
        # One small group beside nobody else: 5 = total - 300, so the next smallest goes as well.
        ([100, 200, 5], 0, [False, True, False]),
        # Rows without a value stand in the same remainder, so 5 cannot be told from it.
        ([100, 200, 5], 7, [True, True, False]),
        ([100, 200, 5, 3], 0, [True, True, False, False]),
        # An empty group hides nobody, and is no cover.
        ([100, 200, 5, 0], 0, [False, True, False, False]),
        ([100, 5], 0, [False, False]),
        ([29, 30], 0, [False, False]),
        ([30, 31], 0, [True, True]),
        ([], 0, []),
    ],
)
def test_which_groups_are_shown(n: list[float], not_given: float, shown: list[bool]) -> None:
    assert list(shown_groups(n, not_given, MINIMUM)) == shown


def test_a_table_hides_a_second_cell_in_the_row_and_in_the_column() -> None:
    found = shown_cells([[5, 100, 90], [80, 70, 60], [50, 40, 45]], MINIMUM)
    # (0, 0) is small; beside it goes 90, below it 50; 45 lies in the row and column of both.
    assert found.tolist() == [[False, True, False], [True, True, True], [False, True, False]]


def test_cells_apart_are_never_shown_and_cover_others() -> None:
    n = [[5, 100, 90, 2], [80, 70, 60, 0]]
    apart = np.zeros((2, 4), dtype=bool)
    apart[:, 3] = True
    found = shown_cells(n, MINIMUM, apart=apart, columns=False)
    assert found.tolist() == [[False, True, True, False], [True, True, True, False]]
    assert not shown_cells(n, MINIMUM, allowed=np.zeros((2, 4), dtype=bool)).any()


@pytest.mark.parametrize("n", [[[-1.0]], [[np.nan]]])
def test_counts_must_be_counts(n: list[list[float]]) -> None:
    with pytest.raises(InvalidInput):
        shown_cells(n, MINIMUM)


@given(
    arrays(
        np.float64, array_shapes(min_dims=2, max_dims=2, max_side=6), elements=st.integers(0, 90)
    )
)
def test_no_hidden_cell_is_the_total_less_the_rest(n: np.ndarray) -> None:
    shown = shown_cells(n, MINIMUM)
    assert (n[shown] >= MINIMUM).all()
    for counts, seen in ((n, shown), (n.T, shown.T)):
        hidden = np.count_nonzero(~seen & (counts > 0), axis=1)
        # One cell alone is hidden only where nothing of its row is shown, so that the whole row
        # is no more than its total.
        assert ((hidden != 1) | ~seen.any(axis=1)).all()


@given(st.lists(st.integers(0, 90), max_size=8), st.integers(0, 20))
def test_one_group_is_never_hidden_alone(n: list[int], not_given: int) -> None:
    shown = shown_groups(n, not_given, MINIMUM)
    hidden = [count for count, seen in zip(n, shown, strict=True) if not seen and count]
    assert len(hidden) != 1 or not_given or not shown.any()
