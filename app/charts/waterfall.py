"""From one figure to the next: what each cause added or took away, one under the other."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.charts.base import Chart, Labels, Look, check_points, faded, new_figure, safe
from app.charts.remembered import remembered
from app.charts.row_names import line_above, name_rows
from app.charts.sketch import Sketch
from app.charts.ticks import scale_of_rows
from core.domain.status import Status

Better = Literal["higher", "lower"] | None
_ROW = 46  # pixels: a line of text above each bar
_THICK, _END_THICK = 0.34, 0.62


@dataclass(frozen=True, slots=True)
class Step:
    """What one cause added to the figure, with its 95 % interval (NaN: none was computed)."""

    name: str
    value: float
    low: float = math.nan
    high: float = math.nan


@dataclass(frozen=True, slots=True)
class Level:
    """The figure at one end: its period's name, its value and the rows behind it."""

    name: str
    value: float
    n: int


@remembered
def waterfall(
    look: Look,
    labels: Labels,
    *,
    before: Level,
    after: Level,
    steps: Sequence[Step],
    better: Better,
    write: Callable[[float], str],
    write_change: Callable[[float], str],
    interval_word: str,
) -> Chart:
    """Draw how a figure came from one value to another, the first at the top.

    A bar begins where the one above it ends, and is as long as what its cause added. The two ends
    are thick ticks, not bars: the axis need not begin at zero, and a bar that begins elsewhere
    would say that one end is so many times the other. Which way is better is told by colour, by
    hatching (worse) and in words.

    Parameters
    ----------
    before, after : Level
        The figure in the two periods.
    steps : sequence of Step
        Causes in the order of display; they add up to the difference.
    better : {"higher", "lower"}, optional
        Which direction is good; ``None`` judges nothing.
    write : callable
        Writes a value.
    write_change : callable
        Writes a difference with its sign and what it means.
    interval_word : str
        Heading of the interval in the table.
    """
    check_points(len(steps) + 2)
    figure = new_figure(look, labels, height=100 + _ROW * (len(steps) + 2), unit_on="x")
    reached = before.value + np.cumsum([0.0, *(step.value for step in steps)])
    places = list(range(len(steps) + 2))[::-1]
    _bars(figure, look, steps, reached, places, better, write_change)
    _whiskers(figure, look, steps, reached, places)
    _joints(figure, look, reached, places)
    _ends(figure, look, (before, after), places)
    texts = [
        line_above(before.name, write(before.value), _rows(look, before)),
        *(line_above(step.name, write_change(step.value), "") for step in steps),
        line_above(after.name, write(after.value), _rows(look, after)),
    ]
    name_rows(figure, look, texts, places, shift=9, rows=(-0.55, len(places) - 0.1))
    scale_of_rows(figure, *_reach(reached, steps, after.value), write)
    table = _table(look, labels, (before, after), steps, write, write_change, interval_word)
    return Chart(
        figure.finished(),
        _describe(look, labels, (before, after), steps, write, write_change),
        table,
        labels,
    )


def _rows(look: Look, level: Level) -> str:
    return f"n = {look.t.number(level.n)}"


def colour_of(look: Look, change: float, better: Better) -> str:
    """Return the colour of a change: blue for better, vermilion for worse, grey otherwise."""
    if better is None or change == 0 or math.isnan(change):
        return look.colours.reference
    good = (change > 0) == (better == "higher")
    return look.colours.current if good else look.colours.statuses[Status.act]


def _is_seen(step: Step, write_change: Callable[[float], str]) -> bool:
    """Whether what a cause added is written as anything but nothing."""
    return write_change(step.value) != write_change(0.0)


def _bars(
    figure: Sketch,
    look: Look,
    steps: Sequence[Step],
    reached: NDArray[np.float64],
    places: Sequence[int],
    better: Better,
    write_change: Callable[[float], str],
) -> None:
    colours = [
        colour_of(look, step.value if _is_seen(step, write_change) else 0.0, better)
        for step in steps
    ]
    worse = look.colours.statuses[Status.act]
    figure.add(
        "bar",
        orientation="h",
        base=[_number(value) for value in reached[:-1]],
        x=[_number(step.value) for step in steps],
        y=places[1:-1],
        width=_THICK,
        marker={
            "color": colours,
            "line": {"color": look.colours.ink, "width": 1},
            "pattern": {
                "shape": ["/" if each == worse else "" for each in colours],
                "fgcolor": look.colours.card,
                "fillmode": "overlay",
                "size": 7,
                "solidity": 0.22,
            },
        },
        text=[safe(step.name) for step in steps],
        textposition="none",
        customdata=[safe(write_change(step.value)) for step in steps],
        hovertemplate="%{text}<br><b>%{customdata}</b><extra></extra>",
    )


def _whiskers(
    figure: Sketch,
    look: Look,
    steps: Sequence[Step],
    reached: NDArray[np.float64],
    places: Sequence[int],
) -> None:
    """Draw from where to where each bar may end."""
    known = [
        (start, step, place)
        for start, step, place in zip(reached[:-1], steps, places[1:-1], strict=True)
        if math.isfinite(step.low) and math.isfinite(step.high) and step.low < step.high
    ]
    figure.add(
        "scatter",
        x=[_number(start + step.value) for start, step, _ in known],
        y=[place for _, _, place in known],
        mode="markers",
        marker={"size": 1, "color": look.colours.ink},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [_number(max(step.high - step.value, 0.0)) for _, step, _ in known],
            "arrayminus": [_number(max(step.value - step.low, 0.0)) for _, step, _ in known],
            "color": look.colours.ink,
            "thickness": 1.2,
            "width": 4,
        },
        hoverinfo="skip",
    )


def _joints(
    figure: Sketch,
    look: Look,
    reached: NDArray[np.float64],
    places: Sequence[int],
) -> None:
    """Lead from the end of each bar down to the next."""
    x: list[float | None] = []
    y: list[float | None] = []
    for value, place in zip(reached, places[:-1], strict=True):
        x += [_number(value), _number(value), None]
        y += [place - _THICK / 2, place - 1 + _THICK / 2, None]
    figure.add(
        "scatter",
        x=x,
        y=y,
        mode="lines",
        line={"color": faded(look.colours.muted, 0.7), "width": 1, "dash": "dot"},
        hoverinfo="skip",
    )


def _ends(figure: Sketch, look: Look, ends: tuple[Level, Level], places: Sequence[int]) -> None:
    """Draw the figure at both ends as a thick tick."""
    for level, place in zip(ends, (places[0], places[-1]), strict=True):
        figure.add(
            "scatter",
            x=[_number(level.value)] * 2,
            y=[place - _END_THICK / 2, place + _END_THICK / 2 - 0.12],
            mode="lines",
            line={"color": look.colours.ink, "width": 5},
            text=[safe(level.name)] * 2,
            customdata=[_rows(look, level)] * 2,
            hovertemplate="%{text} · %{customdata}<extra></extra>",
        )


def _reach(
    reached: NDArray[np.float64], steps: Sequence[Step], after: float
) -> tuple[float, float]:
    """Return what the bars and their whiskers reach, and no more; a whisker may run out of it."""
    known = [value for value in (*reached.tolist(), after) if math.isfinite(value)] or [0.0]
    span = (max(known) - min(known)) or abs(known[0]) or 1.0
    for start, step in zip(reached[:-1], steps, strict=True):
        for end in (step.low, step.high):
            if math.isfinite(start + end):
                inside = min(max(start + end, min(known) - span / 2), max(known) + span / 2)
                known.append(float(inside))
    bottom, top = min(known), max(known)
    room = 0.06 * (top - bottom) or 0.5 * span
    return bottom - room, top + room


def _table(
    look: Look,
    labels: Labels,
    ends: tuple[Level, Level],
    steps: Sequence[Step],
    write: Callable[[float], str],
    write_change: Callable[[float], str],
    interval_word: str,
) -> pd.DataFrame:
    before, after = ends
    return pd.DataFrame(
        {
            labels.y: [before.name, *(step.name for step in steps), after.name],
            labels.x: [
                write(before.value),
                *(write_change(step.value) for step in steps),
                write(after.value),
            ],
            interval_word: [
                "–",
                *(
                    "–"
                    if math.isnan(step.low) or math.isnan(step.high)
                    else f"{write_change(step.low)} … {write_change(step.high)}"
                    for step in steps
                ),
                "–",
            ],
            "n": [look.t.number(before.n), *("" for _ in steps), look.t.number(after.n)],
        }
    )


def _describe(
    look: Look,
    labels: Labels,
    ends: tuple[Level, Level],
    steps: Sequence[Step],
    write: Callable[[float], str],
    write_change: Callable[[float], str],
) -> str:
    before, after = ends
    t = look.t
    parts = [
        f"{step.name} {write_change(step.value)}" for step in steps if _is_seen(step, write_change)
    ]
    return t(
        "{title}: from {before} ({first}) to {after} ({last}). {causes}",
        title=labels.title,
        before=write(before.value),
        first=before.name,
        after=write(after.value),
        last=after.name,
        causes=t.items(*parts),
    )


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(float(value), 8)
