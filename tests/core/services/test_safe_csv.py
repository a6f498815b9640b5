import csv
import io
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.services.safe_csv import csv_bytes, harmless

FORMULAS = ["=1+2", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1", "＝1", "＋1"]


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_is_never_a_formula(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize(
    "value", [-1, -1.5, 0, np.int64(-3), np.float64(-2.5), Decimal("-1.5"), None]
)
def test_numbers_stay_numbers(value: object) -> None:
    assert harmless(value) is value


def test_a_whole_table_with_its_header() -> None:
    content = csv_bytes(["=name", "n"], [['a,b\n"c"', -1], [None, 2.5], ["分組", np.int64(3)]])
    assert content.startswith(b"\xef\xbb\xbf")
    assert read(content) == [["'=name", "n"], ['a,b\n"c"', "-1"], ["", "2.5"], ["分組", "3"]]


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=5))
def test_no_cell_begins_as_a_formula_and_nothing_is_lost(rows: list[list[str]]) -> None:
    cells = [cell for row in read(csv_bytes(["a", "b"], rows)) for cell in row]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "\0")) for cell in cells)
    readable = [cell.encode("utf-8", "replace").decode() for row in rows for cell in row]
    assert [cell.removeprefix("'") for cell in cells[2:]] == [
        cell.removeprefix("'") for cell in readable
    ]
