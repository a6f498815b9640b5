"""Dense parts of a page that one person works on all day: facts, tables and notes in panels.

Each function takes plain text and returns HTML; :func:`show` puts it on the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from app.components.status import status_badge
from app.components.text import escape
from core.domain.status import Status
from core.i18n import Translator


class Html(str):
    """HTML that was made here, every value in it escaped."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class ValueRow:
    """A value beside what is usual.

    Parameters
    ----------
    name, value, usual : str
        What it is, the value, and the group's.
    place : float, optional
        Where it lies in the group, 0 to 1.
    note : str
        That in words.
    odd : str
        What is odd about it; empty if nothing is.
    """

    name: str
    value: str
    usual: str
    place: float | None
    note: str
    odd: str = ""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A row of a queue: a button that opens it, texts, and one cell made by :func:`badge`."""

    case_id: int
    reference: str
    cells: tuple[str, ...]
    due: Html


def show(*parts: Html) -> None:
    """Put parts on the page."""
    st.html("".join(parts))


def badge(t: Translator, status: Status | None, plain: str) -> Html:
    """Return words with the shape of a status, or the words alone."""
    return Html(escape(plain) if status is None else status_badge(t, status, plain))


def words(plain: str) -> Html:
    """Return plain words."""
    return Html(escape(plain))


def quiet(plain: str) -> Html:
    """Return a quiet line."""
    return Html(f'<p class="hl-panel-note">{escape(plain)}</p>')


def strong(plain: str) -> Html:
    """Return a line that says most."""
    return Html(f'<p class="hl-panel-main">{escape(plain)}</p>')


def warned(title: str, lines: Sequence[str]) -> Html:
    """Return something that must not be overlooked."""
    inside = "".join(f"<p>{escape(each)}</p>" for each in lines)
    return Html(f'<div class="hl-panel-warned" role="note"><h3>{escape(title)}</h3>{inside}</div>')


def pairs(found: Sequence[tuple[str, Html]]) -> Html:
    """Return names and what each stands for, one a line."""
    items = "".join(f"<div><dt>{escape(name)}</dt><dd>{value}</dd></div>" for name, value in found)
    return Html(f'<dl class="hl-panel-pairs">{items}</dl>')


def bullets(found: Sequence[Html]) -> Html:
    """Return lines of a list."""
    items = "".join(f"<li>{each}</li>" for each in found)
    return Html(f'<ul class="hl-panel-list">{items}</ul>')


def in_language(locale: str, *parts: Html) -> Html:
    """Return parts in another language than the page's, and say so to whoever reads them aloud."""
    return Html(f'<div lang="{escape(locale)}">{"".join(parts)}</div>')


def paragraph(plain: str) -> Html:
    """Return words as a paragraph."""
    return Html(f"<p>{escape(plain)}</p>")


def paper(locale: str, title: str, *parts: Html) -> Html:
    """Return a document as it will be printed, in its own language."""
    inside = "".join(parts)
    return Html(
        f'<article class="hl-paper" lang="{escape(locale)}"><h3>{escape(title)}</h3>{inside}'
        "</article>"
    )


def said(who: str, what: str) -> Html:
    """Return who said what."""
    return Html(f"<span>{escape(who)}</span> <q>{escape(what)}</q>")


def panel(title: str, *parts: Html, stop: bool = True) -> Html:
    """Return a part of the page under a heading; J and K stop at it."""
    inside = "".join(parts)
    stops = ' data-hl-stop="" tabindex="-1"' if stop else ""
    return Html(f'<section class="hl-panel"{stops}><h2>{escape(title)}</h2>{inside}</section>')


def fold(title: str, pane: str, *parts: Html) -> Html:
    """Return what is shown when it is asked for; that it was opened is noted under ``pane``."""
    inside = "".join(parts)
    return Html(
        f'<details class="hl-panel-fold" data-hl-pane="{escape(pane)}">'
        f"<summary>{escape(title)}</summary>{inside}</details>"
    )


def values_table(caption: str, head: Sequence[str], rows: Sequence[ValueRow]) -> Html:
    """Return values beside those of a group."""
    names = "".join(f'<th scope="col">{escape(each)}</th>' for each in head)
    body = "".join(_value_row(each) for each in rows)
    return Html(
        f'<table class="hl-panel-table"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{names}</tr></thead><tbody>{body}</tbody></table>"
    )


def small_table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Html:
    """Return a table of texts."""
    names = "".join(f'<th scope="col">{escape(each)}</th>' for each in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(each)}</td>" for each in row) + "</tr>" for row in rows
    )
    return Html(
        f'<div class="hl-scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table class="hl-panel-table"><caption class="hl-unseen">{escape(caption)}</caption>'
        f"<thead><tr>{names}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def queue_table(caption: str, head: Sequence[str], rows: Sequence[QueueRow]) -> Html:
    """Return the rows of a queue, each opened by its button; the due time stands second."""
    names = "".join(f'<th scope="col">{escape(each)}</th>' for each in head)
    body = "".join(_queue_row(each) for each in rows)
    return Html(
        f'<div class="hl-scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table class="hl-panel-table hl-queue"><caption class="hl-unseen">{escape(caption)}'
        f"</caption><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _value_row(row: ValueRow) -> str:
    bar = ""
    if row.place is not None:
        left = f"{100 * max(0.0, min(1.0, row.place)):.0f}"
        bar = f'<i class="hl-place" style="--hl-at:{left}%"></i>'
    odd = f'<em class="hl-odd">▲ {escape(row.odd)}</em>' if row.odd else ""
    return (
        f'<tr><th scope="row">{escape(row.name)}</th><td>{escape(row.value)} {odd}</td>'
        f"<td>{escape(row.usual)}</td><td>{bar}<span>{escape(row.note)}</span></td></tr>"
    )


def _queue_row(row: QueueRow) -> str:
    cells = "".join(f"<td>{escape(each)}</td>" for each in row.cells)
    due = str.__str__(row.due)
    return (
        f'<tr><td><button type="button" class="hl-open" data-hl-stop="" '
        f'data-hl-case="{escape(row.case_id)}">{escape(row.reference)}</button></td>'
        f"<td>{due}</td>{cells}</tr>"
    )
