"""Tables: a ranked one whose rows open a detail, and a plain one to read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from unicodedata import east_asian_width

import pandas as pd
import streamlit as st

from app import theme
from app.components.status import STATUS_WORDS, status_badge
from app.components.text import escape, plain
from app.marks import data_address, status_shape
from core.domain.status import Status
from core.i18n import Translator
from core.i18n.format import NO_VALUE

Kind = Literal["text", "figure", "number", "percent", "count", "status", "bar", "trend"]
_ROW_HEIGHT, _HEAD_HEIGHT, _MOST_ROWS = 35, 38, 14
_SENTENCE_WIDTH = 500  # pixels
_WORD_WIDTH, _FIGURE_WIDTH = 80, 215  # pixels up to which a cell of a plain table stays whole
_FIGURE = re.compile(r"\W{0,4}\d")
_MOMENT = re.compile(r"\d.* \d\d:\d\d")  # a day and the time of it
_RIGHT = frozenset({"figure", "number", "percent", "count", "bar"})


@dataclass(frozen=True, slots=True)
class Link:
    """A cell of a plain table that leads to another page: its words, and the page's address."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A cell of a column of statuses that has words of its own beside the shape, translated."""

    status: Status
    text: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column: where its values are, what it is called, how they are written.

    Parameters
    ----------
    name : str
        Column of the frame.
    label : str
        Heading, translated.
    kind : str
        ``number`` (three decimals unless ``digits`` says else), ``percent`` (a share),
        ``count``, ``status`` (a :class:`Status` or :class:`Judged`), ``bar`` (a number with a bar
        up to ``top``), ``trend`` (a list of numbers as a small line), ``figure`` (a number that
        is written already, as with its currency) or ``text``.
    help : str
        Explanation of the heading.
    digits : int
        Decimals of numbers and percentages.
    top : float
        The end of a bar's scale.
    wide : bool
        Whether the column holds sentences.
    words : mapping of Status to str, optional
        Message ids of a status's words, where they are not the usual ones.
    """

    name: str
    label: str
    kind: Kind = "text"
    help: str = ""
    digits: int | None = None
    top: float = 1.0
    wide: bool = False
    words: Mapping[Status, str] | None = None


def ranked_table(
    t: Translator,
    frame: pd.DataFrame,
    columns: Sequence[Column],
    *,
    key: str,
    alt: str,
    selected: int = 0,
) -> int | None:
    """Show rows, worst first, and return the position of the one whose detail is wanted.

    Parameters
    ----------
    t : Translator
        The reader's language.
    frame : DataFrame
        Sorted already; only the named columns leave the server.
    columns : sequence of Column
        In the order of display.
    key : str
        Stable and unique on the page.
    alt : str
        What the table lists, for screen readers.
    selected : int
        The row chosen at first.

    Returns
    -------
    int or None
        A position in ``frame``; ``None`` if it has no rows.
    """
    if frame.empty:
        return None
    shown, config = _grid(t, frame, columns)
    rows = min(len(frame), _MOST_ROWS)
    state: Any = st.dataframe(
        shown,
        key=key,
        hide_index=True,
        height=_HEAD_HEIGHT + _ROW_HEIGHT * rows,
        row_height=_ROW_HEIGHT,
        column_config=config,
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [min(selected, len(frame) - 1)]}},
        placeholder=NO_VALUE,
        alt=alt,
    )
    chosen = list(state["selection"]["rows"])
    return chosen[0] if chosen and chosen[0] < len(frame) else 0


def static_table(
    t: Translator, frame: pd.DataFrame, columns: Sequence[Column], *, caption: str
) -> None:
    """Show a table to read, as real HTML: for cohorts, definitions and charts' data."""
    head = "".join(
        f'<th scope="col"{_align(column)}>{escape(column.label)}</th>' for column in columns
    )
    body = "".join(
        "<tr>"
        + "".join(f"<td{_align(c)}>{_cell(t, record[c.name], c)}</td>" for c in columns)
        + "</tr>"
        for record in frame.to_dict("records")
    )
    if frame.empty:
        nothing = escape(t("None yet."))
        body = f'<tr><td class="hl-none" colspan="{len(columns)}">{nothing}</td></tr>'
    st.html(
        f'<div class="hl-scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table class="hl-table"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _grid(
    t: Translator, frame: pd.DataFrame, columns: Sequence[Column]
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the frame as the grid shows it; a status becomes its shape and its word."""
    shown: dict[str, list[Any]] = {}
    config: dict[str, Any] = {}
    colours = theme.current_palette()
    for place, column in enumerate(columns):
        values = frame[column.name]
        if column.kind == "status":
            shown[f"{place}s"] = [
                data_address(status_shape(_judged(t, value, column).status, colours, margin=8))
                for value in values
            ]
            config[f"{place}s"] = st.column_config.ImageColumn("", width=40)
        words = _values(t, values, column)
        shown[str(place)] = words
        config[str(place)] = _config(column, words)
    return pd.DataFrame(shown), config


def _align(column: Column) -> str:
    """Return the class of a column's cells: numbers stand right, sentences get room."""
    if column.kind in _RIGHT:
        return ' class="hl-right"'
    return ' class="hl-wide"' if column.wide else ""


def _cell(t: Translator, value: object, column: Column) -> str:
    if column.kind == "status":
        judged = _judged(t, value, column)
        return status_badge(t, judged.status, judged.text)
    if isinstance(value, Link):
        address = escape(value.address)
        return f'<a class="hl-export" href="{address}" target="_self">{escape(value.text)}</a>'
    text = _written(t, value, column)
    shown = escape(text)
    if not _is_whole(text):
        return shown
    moment = " hl-moment" if _MOMENT.match(text) else ""
    return f'<span class="hl-whole{moment}">{shown}</span>'


def _is_whole(text: str) -> bool:
    """Return whether a text is a word, a figure or a day, not to be broken.

    Chinese may be broken anywhere, which in a narrow column parts a figure from its unit.
    """
    width = _text_width(text)
    return width <= (_FIGURE_WIDTH if _FIGURE.match(text) else _WORD_WIDTH)


def _judged(t: Translator, value: object, column: Column) -> Judged:
    if isinstance(value, Judged):
        return value
    status = Status(str(value))
    return Judged(status, t((column.words or STATUS_WORDS)[status]))


def _written(t: Translator, value: object, column: Column) -> str:
    """Return a value as text in the reader's language."""
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, date):
        return t.date(value)
    if isinstance(value, int | float):
        if column.kind == "percent":
            return t.percent(float(value), 1 if column.digits is None else column.digits)
        return t.number(float(value), column.digits)
    return NO_VALUE if value is None or value is pd.NaT else str(value)


def _values(t: Translator, values: pd.Series, column: Column) -> list[Any]:
    """Return a column's values as the grid shows and sorts them."""
    if column.kind == "status":
        return [_judged(t, value, column).text for value in values]
    if column.kind == "percent":
        return [None if pd.isna(value) else 100 * float(value) for value in values]
    if column.kind in ("number", "bar", "count"):
        return [None if pd.isna(value) else float(value) for value in values]
    if column.kind == "trend":
        return [list(value) for value in values]
    return [_written(t, value, column) for value in values]


def _config(column: Column, values: Sequence[Any] = ()) -> Any:
    """Return Streamlit's description of a column."""
    label, hint = column.label, plain(column.help) or None
    width = _heading_width(column.label)
    numbers = st.column_config
    if column.kind == "count":
        return numbers.NumberColumn(label, help=hint, format="localized", width=width)
    if column.kind == "number":
        return numbers.NumberColumn(
            label, help=hint, format=f"%.{_digits(column, 3)}f", width=width
        )
    if column.kind == "percent":
        return numbers.NumberColumn(
            label, help=hint, format=f"%.{_digits(column, 1)}f%%", width=width
        )
    if column.kind == "bar":
        return numbers.ProgressColumn(
            label, help=hint, min_value=0, max_value=column.top, format=f"%.{_digits(column, 3)}f"
        )
    if column.kind == "trend":
        return numbers.LineChartColumn(label, help=hint, y_min=0)
    if column.kind == "status":
        longest = max((_text_width(each) for each in values), default=0)
        return numbers.TextColumn(label, help=hint, width=max(75, 16 + longest))
    return numbers.TextColumn(
        label,
        help=hint,
        width=_words_width(column, values),
        alignment="right" if column.kind == "figure" else None,
    )


def _words_width(column: Column, values: Sequence[Any]) -> int | None:
    """Return the pixels of a column of words; ``None`` where the grid finds a good width itself.

    The grid takes no heed of a text that is over twice as long as most, and would cut it off.
    """
    if column.wide:
        return _SENTENCE_WIDTH
    widths = [_text_width(str(each)) for each in values]
    if not widths or max(widths) <= 2 * sum(widths) / len(widths):
        return None
    return min(_SENTENCE_WIDTH, max(_heading_width(column.label), 16 + max(widths)))


def _heading_width(label: str) -> int:
    """Return the pixels that a heading takes, with room for the mark of the sorted column."""
    return max(75, 40 + _text_width(label))


def _text_width(text: str) -> int:
    wide = sum(east_asian_width(letter) in "WF" for letter in text)
    return 7 * (len(text) - wide) + 13 * wide


def _digits(column: Column, default: int) -> int:
    return default if column.digits is None else column.digits
