"""A figure over time against the targets that held, period by period."""

import math
from collections.abc import Callable, Sequence
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.charts.base import (
    Chart,
    Labels,
    Look,
    Mark,
    add_marks,
    check_points,
    faded,
    new_figure,
    safe,
    use_time_axis,
)
from app.charts.expected import (
    Expected,
    describe_expected,
    draw_expected,
    table_with_expected,
    with_expected,
)
from app.charts.remembered import remembered
from app.charts.sketch import Sketch
from app.charts.ticks import round_step, round_ticks, short_ticks

Values = NDArray[np.float64]


@remembered
def against_target(
    look: Look,
    labels: Labels,
    *,
    at: Sequence[datetime],
    values: Values,
    low: Values,
    high: Values,
    targets: Values,
    partial: Sequence[bool],
    write: Callable[[float], str],
    marks: Sequence[Mark] = (),
    chosen: datetime | None = None,
    compared: datetime | None = None,
    expected: Expected | None = None,
) -> Chart:
    """Draw a figure by period with its interval, and its target as a line that steps.

    Parameters
    ----------
    at : sequence of datetime
        The start of each period.
    values, low, high : array, shape (periods,)
        Figure and its 95 % interval; NaN where nothing can be said.
    targets : array, shape (periods,)
        The target that held in each period; NaN where there was none.
    partial : sequence of bool
        Periods that are not over, or whose results are not all known: faded and hollow.
    write : callable
        Writes a figure.
    marks : sequence of Mark
        What happened when.
    chosen, compared : datetime, optional
        Starts of the two periods that the page sets side by side.
    expected : Expected, optional
        Where the last of the periods should end: dashed, its band faded.
    """
    check_points(5 * len(at))
    figure = new_figure(look, labels, height=320)
    times = [moment.isoformat() for moment in at]
    faint = np.asarray(partial, dtype=np.bool_)
    _band(figure, look, times, low, high)
    _target(figure, look, times, values, targets, write)
    if expected is not None:
        draw_expected(figure, look, at, values, expected, write)
    _line(figure, look, times, values, faint, write)
    _rings(figure, look, at, values, (chosen, compared))
    ends = with_expected(values, low, high, expected)
    _axis(figure, *ends, targets, write)
    add_marks(figure, look, marks)
    use_time_axis(figure, look)
    table = _table(look, labels, at, (values, low, high, targets), faint, write)
    alt = _describe(look, labels, at, values, write)
    if expected is not None:
        table = table_with_expected(look, table, at, expected)
        alt = look.t.sentences(alt, describe_expected(look, expected, write))
    return Chart(figure.finished(), alt, table, labels)


def _band(figure: Sketch, look: Look, times: Sequence[str], low: Values, high: Values) -> None:
    """Draw the intervals as one surface for each stretch of periods without a gap."""
    known = np.isfinite(low) & np.isfinite(high)
    x: list[str | None] = []
    y: list[float | None] = []
    for stretch in _stretches(known):
        x += [times[place] for place in (*stretch, *reversed(stretch))]
        y += [*_numbers(high[stretch]), *_numbers(low[stretch[::-1]])]
        x, y = [*x, None], [*y, None]
    figure.add(
        "scatter",
        x=x,
        y=y,
        mode="lines",
        line={"width": 0, "color": look.colours.current},
        fill="toself",
        fillcolor=faded(look.colours.current, 0.12),
        hoverinfo="skip",
    )


def _stretches(known: NDArray[np.bool_]) -> list[list[int]]:
    """Return the places of neighbours that are known, stretch by stretch."""
    found: list[list[int]] = []
    for place in np.flatnonzero(known).tolist():
        if found and found[-1][-1] == place - 1:
            found[-1].append(place)
        else:
            found.append([place])
    return found


def _target(
    figure: Sketch,
    look: Look,
    times: Sequence[str],
    values: Values,
    targets: Values,
    write: Callable[[float], str],
) -> None:
    if not np.isfinite(targets).any():
        return
    figure.add(
        "scatter",
        x=list(times),
        y=_numbers(targets),
        mode="lines",
        line={"color": look.colours.ink, "width": 1.2, "dash": "5px,3px", "shape": "hv"},
        hoverinfo="skip",
    )
    # Where the figure lies further away, and on the other side of the line than the figure.
    ends = np.flatnonzero(np.isfinite(targets))[[0, -1]].tolist()
    far = [np.nan_to_num(abs(values[each] - targets[each]), nan=np.inf) for each in ends]
    place = ends[0] if targets[ends[0]] == targets[ends[1]] and far[0] > far[1] else ends[1]
    figure.add_annotation(
        text=safe(look.t("target {value}", value=write(float(targets[place])))),
        x=times[place],
        y=float(targets[place]),
        xanchor="right" if place == ends[1] else "left",
        yanchor="top" if values[place] > targets[place] else "bottom",
        showarrow=False,
        font={"size": 11.5, "color": look.colours.ink},
    )


def _line(
    figure: Sketch,
    look: Look,
    times: Sequence[str],
    values: Values,
    faint: NDArray[np.bool_],
    write: Callable[[float], str],
) -> None:
    """Draw what is final as a line, and what is not as a faded line with hollow points."""
    colours, t = look.colours, look.t
    beside = faint.copy()  # the faded line begins at the last final point before it
    beside[:-1] |= faint[1:]
    beside[1:] |= faint[:-1]
    pale = faded(colours.current, 0.45)
    for shown, line, fill, note in (
        (np.where(beside, values, np.nan), pale, colours.card, ""),
        (np.where(faint, np.nan, values), colours.current, colours.current, ""),
        (np.where(faint, values, np.nan), pale, colours.card, t("not final yet")),
    ):
        drawn = note == "" and line == pale
        figure.add(
            "scatter",
            x=list(times),
            y=_numbers(shown),
            mode="lines" if drawn else "markers" if note else "lines+markers",
            connectgaps=False,
            line={"color": line, "width": 2, "dash": "dot" if drawn else "solid"},
            marker={"size": 7, "color": fill, "line": {"color": line, "width": 1.6}},
            text=[write(float(value)) for value in shown],
            hovertemplate=f"%{{x}}<br><b>%{{text}}</b> {safe(note)}<extra></extra>",
            hoverinfo="skip" if drawn else None,
        )


def _rings(
    figure: Sketch,
    look: Look,
    at: Sequence[datetime],
    values: Values,
    moments: tuple[datetime | None, datetime | None],
) -> None:
    """Ring the points of the period shown and of the one compared with, and name them.

    The higher one is named above and the other below: neighbours would write over each other.
    Below, the name stands where the line does not pass.
    """
    names = (look.t("shown"), look.t("compared"))
    found = [
        (moment, float(values[list(at).index(moment)]), name)
        for moment, name in zip(moments, names, strict=True)
        if moment is not None and moment in at
    ]
    found = [each for each in found if not math.isnan(each[1])]
    top = max((value for _, value, _ in found), default=0.0)
    for place, (moment, value, name) in enumerate(found):
        above = value == top and not (place and found[0][1] == top)
        figure.add(
            "scatter",
            x=[moment.isoformat()],
            y=[round(value, 8)],
            mode="markers+text",
            text=[safe(name)],
            textposition="top center" if above else _below(values, list(at).index(moment)),
            textfont={"size": 11.5, "color": look.colours.ink},
            marker={
                "size": 14,
                "color": "rgba(0,0,0,0)",
                "line": {"color": look.colours.ink, "width": 1.6},
            },
            cliponaxis=False,
            hoverinfo="skip",
        )


def _below(values: Values, place: int) -> str:
    """Return where a name below a point is clear of the line that leads to and from it."""
    if not 0 < place < len(values) - 1:
        return "bottom center"
    rise = values[place + 1] - values[place - 1]
    if math.isnan(rise) or rise == 0:
        return "bottom center"
    return "bottom right" if rise > 0 else "bottom left"


def _axis(
    figure: Sketch,
    values: Values,
    low: Values,
    high: Values,
    targets: Values,
    write: Callable[[float], str],
) -> None:
    """Begin at zero, or below where figures do; an interval that says nothing may run out."""
    shown = np.concatenate([values, targets])
    shown = shown[np.isfinite(shown)]
    bottom = min([0.0, *shown.tolist()])
    top = max([0.0, *shown.tolist()])
    span = (top - bottom) or 1.0
    ends = np.concatenate([low, high])
    ends = np.clip(ends[np.isfinite(ends)], bottom - span / 2, top + span / 2)
    bottom, top = min([bottom, *ends.tolist()]), max([top, *ends.tolist()])
    bottom = bottom - 0.08 * span if bottom < 0 else 0.0
    step = round_step((top - bottom) or 1.0)
    ticks = round_ticks(bottom, top * 1.12, step)
    figure.update_yaxes(
        range=[bottom, top + 0.12 * span],
        tickmode="array",
        tickvals=ticks,
        ticktext=short_ticks([write(tick) for tick in ticks]),
    )


def _table(
    look: Look,
    labels: Labels,
    at: Sequence[datetime],
    columns: tuple[Values, Values, Values, Values],
    faint: NDArray[np.bool_],
    write: Callable[[float], str],
) -> pd.DataFrame:
    t = look.t
    values, low, high, targets = columns
    return pd.DataFrame(
        {
            labels.x: [moment.date() for moment in at],
            labels.y: values,
            t("Written"): [write(float(value)) for value in values],
            t("Low"): low,
            t("High"): high,
            t("Target"): targets,
            t("Final"): [t("no") if each else t("yes") for each in faint],
        }
    )


def _describe(
    look: Look,
    labels: Labels,
    at: Sequence[datetime],
    values: Values,
    write: Callable[[float], str],
) -> str:
    t = look.t
    known = np.flatnonzero(np.isfinite(values))
    if not known.size:
        return t("{title}: no value could be computed.", title=labels.title)
    lowest, highest = int(np.nanargmin(values)), int(np.nanargmax(values))
    return t(
        "{title}: lowest {low} on {first}, highest {high} on {second}, over {period}.",
        title=labels.title,
        low=write(float(values[lowest])),
        first=at[lowest].date(),
        high=write(float(values[highest])),
        second=at[highest].date(),
        period=labels.period,
    )


def _numbers(values: Values) -> list[float | None]:
    return [None if np.isnan(value) else round(float(value), 8) for value in values]
