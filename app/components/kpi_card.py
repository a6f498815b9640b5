"""A KPI as a card: its value, how it stands against its target, and since when."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from app.components.text import escape, plain
from app.kpi_line import kpi_line
from app.marks import data_address
from app.palette import Palette
from core.domain.status import Status


@dataclass(frozen=True, slots=True)
class Course:
    """How a KPI came to its value; see :func:`app.kpi_line.kpi_line`.

    ``label`` says in words what the line shows.
    """

    values: Sequence[float]
    label: str
    targets: Sequence[float] = ()
    partial: Sequence[bool] = ()
    chosen: int | None = None


@dataclass(frozen=True, slots=True)
class KpiCard:
    """What a card shows; every text is translated and every figure written already.

    Parameters
    ----------
    key : str
        Stable and unique on the page.
    name, value : str
        What is measured, and the figure.
    meaning : str
        One plain sentence, shown when the pointer rests on the name.
    status : Status
        The shape that stands before ``word``.
    word : str
        How the figure stands: on track, at risk, missed; or why nothing can be said.
    change : str
        Since the period compared with: arrow, size, better or worse.
    beside : str
        What it is compared with.
    target : str
        What was aimed at, since when and by whom; empty without a target.
    remarks : sequence of str
        What the reader must know with it: a target set after go-live, results that are not all
        known, a period that is not over.
    course : Course, optional
        The line.
    """

    key: str
    name: str
    value: str
    status: Status
    word: str
    meaning: str = ""
    change: str = ""
    beside: str = ""
    target: str = ""
    remarks: Sequence[str] = ()
    course: Course | None = None


def kpi_cards(
    palette: Palette,
    cards: Sequence[KpiCard],
    *,
    chosen: str,
    action: str,
    choose: Callable[[str], None],
    key: str = "hl_kpi_cards",
) -> None:
    """Show cards beside each other; one of them is chosen, and each can be.

    Parameters
    ----------
    palette : Palette
        The reader's colours.
    cards : sequence of KpiCard
        In the order of display.
    chosen : str
        Key of the one that the rest of the page tells of.
    action : str
        What choosing a card leads to, translated: the text of its button.
    choose : callable
        Called with a card's key when it is chosen.
    key : str
        Unique on the page; begins with ``hl_kpi_cards``.
    """
    with st.container(key=key):
        for card in cards:
            here = "here" if card.key == chosen else "other"
            with st.container(key=f"hl_kpicard_{here}_{card.key}"):
                st.html(_card(palette, card))
                st.button(
                    plain(action),
                    key=f"hl_choose_kpi_{card.key}",
                    type="tertiary",
                    on_click=choose,
                    args=(card.key,),
                )


def _card(palette: Palette, card: KpiCard) -> str:
    title = f' title="{escape(card.meaning)}"' if card.meaning else ""
    mark = f'<i class="hl-shape-{escape(card.status)}"></i>'
    return (
        f'<article class="hl-kpi-card"><h2{title}>{escape(card.name)}</h2>'
        f'<div class="hl-kpi-main"><p class="hl-kpi-value">{escape(card.value)}</p>'
        f"{_line(palette, card.course)}</div>"
        f'<p class="hl-status">{mark}<span>{escape(card.word)}</span></p>'
        f"{_change(card)}{_paragraph(card.target)}"
        f"{''.join(_paragraph(remark) for remark in card.remarks)}</article>"
    )


def _line(palette: Palette, course: Course | None) -> str:
    if course is None or len(course.values) < 2:
        return ""
    drawing = kpi_line(
        course.values,
        palette,
        targets=course.targets,
        partial=course.partial,
        chosen=course.chosen,
    )
    address = data_address(drawing)
    return f'<img class="hl-kpi-line" src="{escape(address)}" alt="{escape(course.label)}">'


def _change(card: KpiCard) -> str:
    if not card.change:
        return ""
    beside = f' <span class="hl-kpi-beside">{escape(card.beside)}</span>' if card.beside else ""
    return f'<p class="hl-kpi-change">{escape(card.change)}{beside}</p>'


def _paragraph(text: str) -> str:
    return f'<p class="hl-kpi-note">{escape(text)}</p>' if text else ""
