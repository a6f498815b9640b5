"""Values cut into what one statement can hold: all of them, in their order."""

from hypothesis import given
from hypothesis import strategies as st

from core.store.rows import in_parts


@given(st.integers(0, 1700))
def test_parts_hold_every_value_once_and_never_too_many(number: int) -> None:
    parts = list(in_parts(range(number)))
    assert [each for part in parts for each in part] == list(range(number))
    assert all(0 < len(part) <= 400 for part in parts)


def test_values_of_a_set_are_cut_too() -> None:
    assert sorted(next(in_parts({"b", "a"}))) == ["a", "b"]
