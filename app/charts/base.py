"""What every chart shares: its words, its colours, its frame and its limits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go

from app.charts.sketch import Sketch
from app.palette import FONT_STACK, Palette
from core.i18n import Translator

MAX_POINTS = 2_000
DASHES = {"version": "solid", "incident": "dot", "threshold": "dash"}


@dataclass(frozen=True, slots=True)
class Look:
    """The colours of the reader's theme and the reader's language."""

    colours: Palette
    t: Translator


@dataclass(frozen=True, slots=True)
class Labels:
    """The words a chart may not be shown without.

    Parameters
    ----------
    title : str
        What the chart shows, for the accessible name.
    x, y : str
        Axis titles.
    unit : str
        Unit of the measure; empty for a pure number.
    n : int
        Rows behind the chart.
    period : str
        The days they come from, written out.
    """

    title: str
    x: str
    y: str
    unit: str
    n: int
    period: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A labelled tick on the time axis: a new version, an incident, a threshold change."""

    at: datetime
    label: str
    kind: Literal["version", "incident", "threshold"] = "version"


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure, its accessible name, the same data as a table, and its words.

    Parameters
    ----------
    figure : Figure
        What is drawn.
    alt : str
        Its accessible name.
    table : DataFrame
        The same data: numbers as numbers.
    labels : Labels
        The words it was drawn with: its files say them too.
    shares : tuple of str
        Columns of the table that are shares: written in percent where people read them.
    """

    figure: go.Figure
    alt: str
    table: pd.DataFrame
    labels: Labels
    shares: tuple[str, ...] = ()


def labels_for(
    t: Translator, *, title: str, x: str, y: str, n: int, first: date, last: date, unit: str = ""
) -> Labels:
    """Return the labels of a chart over the days ``first`` … ``last``, both included."""
    return Labels(title=title, x=x, y=y, unit=unit, n=n, period=t.period(first, last))


def check_points(count: int) -> None:
    """Refuse to draw more than :data:`MAX_POINTS` points.

    Raises
    ------
    ValueError
        If there are more: the caller must ask for longer chunks.
    """
    if count > MAX_POINTS:
        raise ValueError(
            f"{count} points exceed the chart limit of {MAX_POINTS}; use longer chunks"
        )


def safe(text: str) -> str:
    """Return text that Plotly shows as it is: its labels understand a little HTML."""
    return escape(text, quote=False)


def faded(colour: str, strength: float) -> str:
    """Return a hex colour as ``rgba()`` of some opacity; Plotly 5 knows no eight-digit hex."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{strength})"


def swatch(colour: str, name: str, n: str) -> str:
    """Return a series' name and number of rows behind its colour, for the line above a chart."""
    return f'<span style="color:{colour}">■</span> {safe(name)} n = {n}'


def axis_title(t: Translator, name: str, unit: str) -> str:
    """Return an axis title with its unit in brackets."""
    return safe(t("{name} ({text})", name=name, text=unit) if unit else name)


def new_figure(
    look: Look, labels: Labels, *, height: int, unit_on: Literal["x", "y", "title"] = "y"
) -> Sketch:
    """Return an empty sketch with axes and fonts set, and the line that gives n and period."""
    colours = look.colours
    parts = (
        labels.unit if unit_on == "title" else "",
        f"n = {look.t.number(labels.n)}",
        labels.period,
    )
    axis = {
        "showline": False,
        "zeroline": False,
        "gridcolor": colours.grid,
        "tickfont": {"color": colours.muted, "size": 12},
        "automargin": True,
        "exponentformat": "none",  # 10k is no number of a Chinese page
        "separatethousands": True,
        "ticks": "",
        "ticklabelstandoff": 3,  # the lowest and the leftmost would touch
    }
    return Sketch(
        template="none",
        height=height,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT_STACK[look.t.locale], "color": colours.ink, "size": 12.5},
        margin={"l": 8, "r": 16, "t": 36, "b": 8},
        title={
            "text": safe(" · ".join(part for part in parts if part)),
            "font": {"size": 12, "color": colours.muted},
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": 6, "l": 2},
        },
        hoverlabel={
            "bgcolor": colours.card,
            "bordercolor": colours.line,
            "font": {"color": colours.ink, "family": FONT_STACK[look.t.locale]},
        },
        showlegend=False,
        bargap=0.25,
        dragmode=False,
        separators=".,",
        xaxis={
            **axis,
            "showgrid": False,
            "title": _title(look, labels.x, labels.unit if unit_on == "x" else ""),
        },
        yaxis={**axis, "title": _title(look, labels.y, labels.unit if unit_on == "y" else "")},
    )


def _title(look: Look, name: str, unit: str) -> dict[str, Any]:
    return {
        "text": axis_title(look.t, name, unit),
        "font": {"size": 12, "color": look.colours.muted},
        "standoff": 8,
    }


def add_threshold(
    figure: Sketch,
    look: Look,
    value: float,
    word: str,
    row_top: float,
    side: Literal["left", "right"] = "right",
    write: Callable[[float], str] | None = None,
) -> None:
    """Draw a thin line at a threshold, labelled at one side, unless it is above the range.

    ``write`` writes its value; default: as a number.
    """
    if value > row_top:
        return
    figure.add_hline(y=value, line={"color": look.colours.muted, "width": 1, "dash": "4px,3px"})
    figure.add_annotation(
        text=safe(f"{word} {(write or look.t.number)(value)}"),
        x=1 if side == "right" else 0,
        xref="paper",
        xanchor=side,
        y=value,
        yanchor="bottom",
        showarrow=False,
        bgcolor=faded(look.colours.paper, 0.85),  # another line close above ends at the words
        font={"size": 11.5, "color": look.colours.muted},
    )


def add_marks(figure: Sketch, look: Look, marks: Sequence[Mark]) -> None:
    """Draw labelled ticks for versions, incidents and threshold changes."""
    for place, mark in enumerate(sorted(marks, key=lambda mark: mark.at)):
        figure.add_vline(
            x=mark.at.isoformat(),
            line={"color": look.colours.muted, "width": 1, "dash": DASHES[mark.kind]},
        )
        figure.add_annotation(
            text=safe(mark.label),
            x=mark.at.isoformat(),
            y=1,
            yref="paper",
            yanchor="top",
            yshift=-15 * (place % 3),
            xanchor="left",
            xshift=4,
            showarrow=False,
            font={"size": 11.5, "color": look.colours.muted},
        )


def use_time_axis(figure: Sketch, look: Look) -> None:
    """Write dates on the x axis in the order that the reader's language uses."""
    chinese = look.t.locale != "en"
    figure.update_xaxes(
        type="date",
        hoverformat="%Y年%-m月%-d日" if chinese else "%-d %b %Y",
        tickformatstops=[
            {"dtickrange": [None, 86_400_000], "value": "%H:%M"},
            {"dtickrange": [86_400_000, "M1"], "value": "%-m月%-d日" if chinese else "%-d %b"},
            {"dtickrange": ["M12", None], "value": "%Y年" if chinese else "%Y"},
            {"dtickrange": ["M1", "M12"], "value": "%Y年%-m月" if chinese else "%b %Y"},
        ],
    )
