"""Codes that people read aloud: no two letters look alike, and typing them is forgiving."""

from hypothesis import given
from hypothesis import strategies as st

from core.domain.explanation.check_code import LETTERS, as_kept, grouped, written


def test_no_letter_looks_like_another() -> None:
    assert len(set(LETTERS)) == 32
    assert not set(LETTERS) & set("ILOU")


@given(st.integers(min_value=0, max_value=32**10 - 1))
def test_a_code_is_the_number_to_the_base_32(number: int) -> None:
    code = written(number)
    assert len(code) == 10
    assert sum(LETTERS.index(each) * 32**place for place, each in enumerate(code[::-1])) == number


@given(st.integers(min_value=0))
def test_what_is_printed_is_read_however_it_is_typed(number: int) -> None:
    code = written(number)
    typed = grouped(code).lower().replace("0", "o").replace("1", "l")
    assert as_kept(typed) == as_kept(f" {grouped(code)} ") == code
