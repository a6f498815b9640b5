"""A model's mean output by the value of one field, how rows differ, and where there are any."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from app.charts.base import Chart, Labels, Look, check_points, faded, new_figure, safe
from app.charts.remembered import remembered
from app.charts.row_names import columns_wide
from app.charts.sketch import Sketch
from app.charts.ticks import round_step, round_ticks

_TOP, _PLOT, _BELOW, _BELOW_SLANTED = 36, 200, 58, 112  # pixels: curves are equally high
_ROWS_TOP, _CURVE_BOTTOM = 0.13, 0.19  # of the plot: bars of rows below, the curve above
_LONGEST, _CROWDED = 14, 30  # letters of a category under the axis, and of all of them


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One value of the field.

    Parameters
    ----------
    name : str
        The value as people read it.
    at : float, optional
        Where it lies, of a number; None for a category or a missing value.
    mean, low, high : float
        Mean output, and between which eight of ten rows' own lie.
    rows : int
        Rows of the data that have it, or are nearest to it.
    groups : tuple of float
        Mean output of each group of rows that are moved alike, from a common start.
    """

    name: str
    at: float | None
    mean: float
    low: float
    high: float
    rows: int
    groups: tuple[float, ...] = ()


@remembered
def dependence(
    look: Look,
    labels: Labels,
    *,
    points: Sequence[CurvePoint],
    reach: tuple[float, float],
    write: Callable[[float], str],
    write_at: Callable[[float], str],
    band_word: str,
    said: str,
) -> Chart:
    """Draw a line over numbers, or a point for each category; below it how many rows there are.

    Parameters
    ----------
    points : sequence of CurvePoint
        Numbers rise; categories in any order; a missing value last.
    reach : (float, float)
        Ends of the axis, the same for all fields of a model.
    write, write_at : callable
        Write an output, and a number of the field.
    band_word : str
        What the band is, for the table.
    said : str
        The chart in words.
    """
    check_points(len(points) * (5 + len(points[0].groups)))
    figure = new_figure(look, labels, height=_TOP + _PLOT + _BELOW)
    places = _places(points)
    numbers = [place for place, point in enumerate(points) if point.at is not None]
    _line(figure, look, [points[i] for i in numbers], [places[i] for i in numbers])
    alone = [place for place, point in enumerate(points) if point.at is None]
    _dots(figure, look, [points[i] for i in alone], [places[i] for i in alone])
    _hover(figure, look, points, places, write)
    _rows(figure, look, points, places)
    _axes(figure, points, places, reach, write, write_at)
    table = pd.DataFrame(
        {
            labels.x: [point.name for point in points],
            labels.y: [write(point.mean) for point in points],
            band_word: [f"{write(point.low)} … {write(point.high)}" for point in points],
            look.t("Rows"): [look.t.number(point.rows) for point in points],
        }
    )
    return Chart(figure.finished(), said, table, labels)


def _places(points: Sequence[CurvePoint]) -> list[float]:
    """Return where each value is drawn; a missing one a little beyond the numbers."""
    known = [point.at for point in points if point.at is not None]
    if not known:
        return [float(place) for place in range(len(points))]
    apart = 0.12 * ((known[-1] - known[0]) or 1.0)
    return [known[-1] + apart if point.at is None else point.at for point in points]


def _line(
    figure: Sketch, look: Look, points: Sequence[CurvePoint], places: Sequence[float]
) -> None:
    colour = look.colours.current
    for ends, fill in (("high", None), ("low", "tonexty")):
        figure.add(
            "scatter",
            x=list(places),
            y=[_number(getattr(point, ends)) for point in points],
            mode="lines",
            line={"width": 0, "color": colour},
            fill=fill,
            fillcolor=faded(colour, 0.13),
            hoverinfo="skip",
        )
    for group in range(len(points[0].groups) if points else 0):
        figure.add(
            "scatter",
            x=list(places),
            y=[_number(point.groups[group]) for point in points],
            mode="lines",
            line={"width": 1, "color": faded(look.colours.muted, 0.6), "dash": "dot"},
            hoverinfo="skip",
        )
    figure.add(
        "scatter",
        x=list(places),
        y=[_number(point.mean) for point in points],
        mode="lines",
        line={"width": 2.2, "color": colour},
        hoverinfo="skip",
    )


def _dots(
    figure: Sketch, look: Look, points: Sequence[CurvePoint], places: Sequence[float]
) -> None:
    colour = look.colours.current
    figure.add(
        "scatter",
        x=list(places),
        y=[_number(point.mean) for point in points],
        mode="markers",
        marker={"size": 8, "color": colour, "line": {"color": look.colours.ink, "width": 1}},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [_number(point.high - point.mean) for point in points],
            "arrayminus": [_number(point.mean - point.low) for point in points],
            "color": faded(colour, 0.45),
            "thickness": 4,
            "width": 0,
        },
        hoverinfo="skip",
    )


def _hover(
    figure: Sketch,
    look: Look,
    points: Sequence[CurvePoint],
    places: Sequence[float],
    write: Callable[[float], str],
) -> None:
    """Answer the pointer at every value, whatever is drawn there."""
    figure.add(
        "scatter",
        x=list(places),
        y=[_number(point.mean) for point in points],
        mode="markers",
        marker={"size": 8, "opacity": 0},
        text=[safe(point.name) for point in points],
        customdata=[
            [
                write(point.mean),
                f"{write(point.low)} … {write(point.high)}",
                f"n = {look.t.number(point.rows)}",
            ]
            for point in points
        ],
        hovertemplate="%{text}<br><b>%{customdata[0]}</b> (%{customdata[1]})<br>%{customdata[2]}"
        "<extra></extra>",
    )


def _rows(
    figure: Sketch, look: Look, points: Sequence[CurvePoint], places: Sequence[float]
) -> None:
    """Draw how densely rows lie: the area of a bar is how many there are."""
    widths = _widths(points, places)
    figure.add(
        "bar",
        x=list(places),
        y=[round(point.rows / width, 9) for point, width in zip(points, widths, strict=True)],
        width=[0.9 * width for width in widths],
        yaxis="y2",
        marker={"color": look.colours.reference, "line": {"width": 0}},
        hoverinfo="skip",
    )


def _widths(points: Sequence[CurvePoint], places: Sequence[float]) -> list[float]:
    """Return how much of the axis stands for each value: half way to its neighbours."""
    if points[0].at is None:
        return [1.0] * len(points)
    gaps = [later - sooner for sooner, later in pairwise(places)]
    if points[-1].at is None:
        gaps[-1] = gaps[-2] if len(gaps) > 1 else gaps[-1]
    return [
        (gaps[max(place - 1, 0)] + gaps[min(place, len(gaps) - 1)]) / 2
        for place in range(len(places))
    ]


def _axes(
    figure: Sketch,
    points: Sequence[CurvePoint],
    places: Sequence[float],
    reach: tuple[float, float],
    write: Callable[[float], str],
    write_at: Callable[[float], str],
) -> None:
    ticks = round_ticks(*reach)
    figure.update_yaxes(
        range=list(reach),
        domain=[_CURVE_BOTTOM, 1],
        tickmode="array",
        tickvals=ticks,
        ticktext=[write(tick) for tick in ticks],
        fixedrange=True,
    )
    figure.layout["yaxis2"] = {
        "domain": [0, _ROWS_TOP],
        "anchor": "x",
        "showticklabels": False,
        "showgrid": False,
        "zeroline": False,
        "rangemode": "tozero",
        "fixedrange": True,
    }
    at, words = _ticks(points, places, write_at)
    room = 0.6 if points[0].at is None else 0.04 * (places[-1] - places[0])
    slanted = points[0].at is None and sum(map(columns_wide, words)) > _CROWDED
    below = _BELOW_SLANTED if slanted else _BELOW
    figure.update_layout(height=_TOP + _PLOT + below, margin={"t": _TOP, "b": below})
    figure.update_xaxes(
        automargin=False,
        anchor="y2",
        range=[places[0] - room, places[-1] + room],
        tickmode="array",
        tickvals=at,
        ticktext=[safe(word) for word in words],
        tickangle=-45 if slanted else 0,
        fixedrange=True,
    )


def _ticks(
    points: Sequence[CurvePoint], places: Sequence[float], write_at: Callable[[float], str]
) -> tuple[list[float], list[str]]:
    known = [point.at for point in points if point.at is not None]
    if not known:
        return list(places), [_short(point.name) for point in points]
    step = 2 * round_step((known[-1] - known[0]) or 1.0)
    at = round_ticks(known[0], known[-1], step) or [known[0], known[-1]]
    words = [write_at(tick) for tick in at]
    if points[-1].at is None:
        at, words = [*at, places[-1]], [*words, _short(points[-1].name)]
    return at, words


def _short(text: str) -> str:
    if columns_wide(text) <= _LONGEST:
        return text
    while columns_wide(text) >= _LONGEST:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(float(value), 9)
