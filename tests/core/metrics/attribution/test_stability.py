"""How often other backgrounds give the same reasons, by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from core.metrics.attribution import redraw, stability, top_fields

PARTS = st.lists(st.floats(-1, 1).map(lambda part: round(part, 3)), min_size=1, max_size=9)


def test_reasons_are_those_of_one_direction_the_greatest_first() -> None:
    parts = [0.1, -0.9, 0.4, 0.0, 0.3, 0.2, -0.5]
    assert top_fields(parts, towards=1) == (2, 4, 5, 0)
    assert top_fields(parts, towards=-1) == (1, 6)
    assert top_fields(parts, towards=1, top=2) == (2, 4)
    assert top_fields([0.2, 0.2], towards=1) == (0, 1)  # a tie goes by place
    assert top_fields([0.0, -1.0], towards=1) == ()


def test_a_rounding_error_is_no_reason() -> None:
    assert top_fields([0.5, 1e-17, -1e-17], towards=1) == (0,)
    assert top_fields([0.5, 1e-17, -1e-17], towards=-1) == ()


@given(parts=PARTS)
def test_both_directions_share_no_reason(parts: list[float]) -> None:
    up, down = (set(top_fields(parts, towards=towards)) for towards in (1, -1))
    assert not up & down
    assert up == set(top_fields(np.negative(parts), towards=-1))


def test_shares_are_counted() -> None:
    recorded = [5.0, 4.0, 3.0, 2.0, 1.0]
    redraws = [
        [5.0, 4.0, 3.0, 2.0, 1.0],  # the same
        [4.0, 5.0, 2.0, 3.0, 1.0],  # the same four, another first
        [5.0, 4.0, 3.0, 1.0, 2.0],  # another fourth
        [5.0, 4.0, 3.0, -2.0, -1.0],  # only three are left
    ]
    found = stability(recorded, redraws, towards=1)
    assert (found.same_reasons, found.same_first, found.redraws) == (0.5, 0.75, 4)


def test_the_direction_of_the_decision_counts() -> None:
    recorded, redraws = [1.0, -1.0, -2.0], [[9.0, -2.0, -3.0], [1.0, -2.0, -1.0], [1.0, 1.0, -2.0]]
    found = stability(recorded, redraws, towards=-1)
    assert found.same_reasons == pytest.approx(2 / 3)
    assert found.same_first == pytest.approx(2 / 3)
    assert stability(recorded, redraws, towards=1).same_reasons == pytest.approx(2 / 3)


def test_without_a_redraw_nothing_is_known() -> None:
    found = stability([1.0, 2.0], np.empty((0, 2)), towards=1)
    assert np.isnan(found.same_reasons)
    assert np.isnan(found.same_first)
    assert found.redraws == 0


def test_backgrounds_are_drawn_without_a_row_twice() -> None:
    found = redraw(30, 10, 5, seed=3)
    assert found.shape == (5, 10)
    assert all(len(set(rows)) == 10 for rows in found.tolist())
    assert found.min() >= 0
    assert found.max() < 30
    assert len({tuple(rows) for rows in found.tolist()}) == 5


def test_the_same_seed_gives_the_same_backgrounds() -> None:
    assert redraw(30, 10, 3, seed=3).tolist() == redraw(30, 10, 5, seed=3)[:3].tolist()
    assert redraw(30, 10, 3, seed=3).tolist() != redraw(30, 10, 3, seed=4).tolist()


@pytest.mark.parametrize("size", [0, 31])
def test_a_background_needs_its_rows(size: int) -> None:
    with pytest.raises(InvalidInput, match="30"):
        redraw(30, size, 2, seed=0)
