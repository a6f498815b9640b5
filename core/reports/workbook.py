"""Excel files: numbers are numbers, texts are texts, and nothing is a formula or a link."""

import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import xlsxwriter
from babel.numbers import get_currency_symbol

from core.i18n.locales import BABEL_NAMES
from core.reports.number import Number

Cell = Number | str
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_PATTERNS = {"share": "0.0%", "number": "#,##0.00", "count": "#,##0"}
_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\']")
_MOST_IN_A_NAME = 31
_MOST_LETTERS = 32_767
_WIDEST = 70


class Workbook:
    """An Excel file in the making; ``content`` is complete after the ``with`` block.

    Parameters
    ----------
    title : str
        In the file's properties.
    at : datetime
        When it was made; aware.
    """

    def __init__(self, title: str, at: datetime) -> None:
        self._file = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._file, _OPTIONS)
        made = at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
        self._book.set_properties({"title": title, "author": "Harbourlight", "created": made})
        self._bold = self._book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self._head = self._book.add_format(
            {"bold": True, "font_color": "#FFFFFF", "bg_color": "#0B6E74", "valign": "top"}
        )
        self._text = self._book.add_format({"text_wrap": True, "valign": "top"})
        self._numbers: dict[str, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._book.close()

    @property
    def content(self) -> bytes:
        """The file."""
        return self._file.getvalue()

    def sheet(
        self,
        name: str,
        heads: Sequence[str],
        rows: Sequence[Sequence[Cell]],
        above: Sequence[str] = (),
    ) -> None:
        """Add a sheet with a table: filters on its heads, which stay while one scrolls.

        Parameters
        ----------
        name : str
            Of the sheet; what a sheet's name may not hold is left out.
        heads : sequence of str
            Names of the columns; without any the rows stand alone.
        rows : sequence of sequences
            Numbers and texts; a number that is not known is an empty cell.
        above : sequence of str
            Lines above the table, the first of them bold.
        """
        sheet = self._book.add_worksheet(_NOT_IN_A_NAME.sub(" ", name)[:_MOST_IN_A_NAME])
        for number, line in enumerate(above):
            sheet.write_string(number, 0, _cut(line), self._line(number))
        top = len(above) + 1 if above else 0
        for column, head in enumerate(heads):
            sheet.write_string(top, column, _cut(head), self._head)
        first = top + 1 if heads else top
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                self._write(sheet, first + number, column, cell)
        for column, width in enumerate(_widths([heads, *rows])):
            sheet.set_column(column, column, width)
        if heads:
            sheet.freeze_panes(first, 1)
            sheet.autofilter(top, 0, top + len(rows), len(heads) - 1)

    def _line(self, number: int) -> Any:
        """Return the format of a line above a table: it runs over the columns beside it."""
        bold = number == 0
        return self._book.add_format({"bold": bold, "font_size": 13 if bold else 11})

    def _write(self, sheet: Any, row: int, column: int, cell: Cell) -> None:
        if isinstance(cell, str):
            sheet.write_string(row, column, _cut(cell), self._text)
        elif cell.known:
            sheet.write_number(row, column, cell.value, self._number(cell))
        else:
            sheet.write_blank(row, column, None, self._text)

    def _number(self, cell: Number) -> Any:
        pattern = _PATTERNS.get(cell.kind)
        if pattern is None:
            pattern = f"[${get_currency_symbol(cell.currency, BABEL_NAMES['en'])}]#,##0"
        if pattern not in self._numbers:
            self._numbers[pattern] = self._book.add_format({"num_format": pattern, "valign": "top"})
        return self._numbers[pattern]


def _cut(text: str) -> str:
    """Return a text that a cell can hold: no control character but line breaks, not too long."""
    plain = "".join(letter if letter >= " " or letter == "\n" else "\ufffd" for letter in text)
    return plain.encode("utf-8", "replace").decode("utf-8")[:_MOST_LETTERS]


def _widths(rows: Sequence[Sequence[Cell]]) -> list[int]:
    """Return a width for each column; Chinese characters take two places."""
    found: list[int] = []
    for row in rows:
        for column, cell in enumerate(row):
            text = cell if isinstance(cell, str) else cell.text
            longest = max((_places(line) for line in text.split("\n")), default=0)
            found += [0] * (column + 1 - len(found))
            found[column] = max(found[column], longest)
    return [min(max(width, 6) + 4, _WIDEST) for width in found]


def _places(text: str) -> int:
    return sum(2 if letter > "\u2e7f" else 1 for letter in text)
