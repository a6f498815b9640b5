import io
import math
from datetime import UTC, datetime

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st

from core.reports.number import Number
from core.reports.workbook import Workbook

AT = datetime(2011, 2, 1, 9, 30, tzinfo=UTC)


def read(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def test_numbers_are_numbers_with_their_format() -> None:
    with Workbook("Loans", AT) as made:
        made.sheet(
            "Figures [of]: a/very*long?name that goes on",
            ["name", "value"],
            [
                ["share", Number(0.0468, "4.7%", "share")],
                ["money", Number(-12.5, "-US$13", "money", "USD")],
                ["count", Number(12345.0, "12,345", "count")],
                ["none", Number(math.nan, "–")],
            ],
            above=("Loans", "A sentence"),
        )
    book = read(made.content)
    (sheet,) = book.worksheets
    assert sheet.title == "Figures  of   a very long name "
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["Loans", None],
        ["A sentence", None],
        [None, None],
        ["name", "value"],
        ["share", 0.0468],
        ["money", -12.5],
        ["count", 12345],
        ["none", None],
    ]
    formats = [sheet.cell(row, 2).number_format for row in (5, 6, 7)]
    assert formats == ["0.0%", "[$US$]#,##0", "#,##0"]
    assert sheet.auto_filter.ref == "A4:B8"
    assert sheet.freeze_panes == "B5"
    assert book.properties.title == "Loans"
    assert book.properties.created == AT.replace(tzinfo=None)


_TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["=1+1", "+A1", "@x", "{=1}", "http://x.example", "mailto:a@b", "1e3", "\x00"]),
)


@settings(max_examples=40)
@given(texts=st.lists(_TEXTS, min_size=1, max_size=6))
def test_no_text_becomes_a_formula_a_link_or_a_number(texts: list[str]) -> None:
    with Workbook("x", AT) as made:
        made.sheet("x", [], [[text] for text in texts])
    (sheet,) = read(made.content).worksheets
    for row in range(1, len(texts) + 1):
        cell = sheet.cell(row, 1)
        assert cell.data_type in {"s", "n"}
        assert cell.value is None or isinstance(cell.value, str)
        assert cell.hyperlink is None
