"""The one writer of CSV: a spreadsheet opens it, and calculates nothing of it.

A text that begins with ``= + - @`` or a control character would be run as a formula (CWE-1236); it
gets an apostrophe in front. Numbers stay numbers, also negative ones.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from numbers import Number

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
_MARK = b"\xef\xbb\xbf"  # without it spreadsheets read UTF-8 as something else


def csv_bytes(
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    about: Sequence[tuple[str, str]] = (),
) -> bytes:
    """Return a table as CSV in UTF-8 with a byte-order mark.

    Parameters
    ----------
    header : sequence of str
        Names of the columns.
    rows : iterable of sequences
        Cells; ``None`` is empty.
    about : sequence of (str, str)
        What the table is and what was asked: lines of a name behind ``#`` and a text, before the
        header, which readers of CSV pass over as comments.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    for name, said in about:
        writer.writerow([f"# {_one_line(name)}", harmless(_one_line(said))])
    writer.writerow([harmless(name) for name in header])
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
    return _MARK + text.getvalue().encode("utf-8", "replace")


def _one_line(text: str) -> str:
    """Return text without line breaks: a comment ends with its line."""
    return " ".join(text.split())


def harmless(cell: object) -> object:
    """Return a cell that no spreadsheet takes for a formula; numbers are returned as they are."""
    if cell is None or isinstance(cell, Number):
        return cell
    text = str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text
