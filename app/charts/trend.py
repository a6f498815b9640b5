"""One measure over time against its thresholds."""

from collections.abc import Sequence
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
    add_threshold,
    check_points,
    faded,
    new_figure,
    use_time_axis,
)
from app.charts.remembered import remembered
from app.charts.sketch import Sketch

_MANY_POINTS = 150  # beyond, points of full size would hide the line


@remembered
def trend(
    look: Look,
    labels: Labels,
    *,
    at: Sequence[datetime],
    values: NDArray[np.float64],
    watch: float | None = None,
    act: float | None = None,
    partial: Sequence[bool] | None = None,
    marks: Sequence[Mark] = (),
    reference: tuple[datetime, datetime] | None = None,
    as_share: bool = False,
    from_zero: bool = True,
    usual: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None,
) -> Chart:
    """Draw a measure by time chunk.

    Parameters
    ----------
    at : sequence of datetime
        The start of each chunk.
    values : array, shape (chunks,)
        NaN where there was not enough data: the line has a gap there.
    watch, act : float, optional
        Thresholds.
    partial : sequence of bool, optional
        Chunks whose outcomes have not all matured: hollow points.
    marks : sequence of Mark
        What happened when.
    reference : (datetime, datetime), optional
        The reference period, shaded.
    as_share : bool
        Write the axis in percent.
    from_zero : bool
        Begin the axis at zero.
    usual : (array, array), optional
        Between what values each chunk would lie without a change: a grey band.
    """
    check_points(len(at))
    colours, t = look.colours, look.t
    hollow = list(partial) if partial is not None else [False] * len(at)
    figure = new_figure(look, labels, height=300)
    if reference is not None:
        _shade(figure, look, reference)
    if usual is not None:
        _add_usual(figure, look, at, usual)
    write = t.percent if as_share else t.number
    figure.add(
        "scatter",
        x=[moment.isoformat() for moment in at],
        y=[None if np.isnan(value) else round(float(value), 6) for value in values],
        mode="lines+markers",
        connectgaps=False,
        line={"color": colours.current, "width": 2},
        marker={
            "size": [7 if empty else 5.5 if len(at) <= _MANY_POINTS else 2.5 for empty in hollow],
            "color": [colours.card if empty else colours.current for empty in hollow],
            "line": {"color": colours.current, "width": 1.6},
        },
        text=[write(float(value)) for value in values],
        hovertemplate="%{x}<br><b>%{text}</b><extra></extra>",
    )
    finite = values[np.isfinite(values)]
    top = max([*finite.tolist(), act if act and (finite >= 0.4 * act).any() else 0.0, 1e-9]) * 1.18
    if from_zero:
        figure.update_yaxes(range=[0, top], rangemode="tozero")
    # One label at each side: on a long axis the two lines lie closer than a line of text.
    highest = top if from_zero else float("inf")
    if watch is not None:
        add_threshold(figure, look, watch, t("watch"), highest, "left", write)
    if act is not None:
        add_threshold(figure, look, act, t("act"), highest, "right", write)
    if as_share:
        figure.update_yaxes(tickformat=".1~%")
    add_marks(figure, look, marks)
    use_time_axis(figure, look)
    table = pd.DataFrame({labels.x: [moment.date() for moment in at], labels.y: values})
    if partial is not None:
        table[t("partial")] = hollow
    if usual is not None:
        table[t("usual from")], table[t("usual to")] = usual
    return Chart(
        figure.finished(),
        _describe(look, labels, at, values, as_share),
        table,
        labels,
        (labels.y,) if as_share else (),
    )


def _add_usual(
    figure: Sketch,
    look: Look,
    at: Sequence[datetime],
    usual: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> None:
    """Draw the band; the line above it is not filled, the one below fills up to it."""
    times = [moment.isoformat() for moment in at]
    for values, fill in ((usual[1], None), (usual[0], "tonexty")):
        figure.add(
            "scatter",
            x=times,
            y=[None if np.isnan(value) else round(float(value), 6) for value in values],
            mode="lines",
            line={"width": 0, "color": look.colours.reference},
            fill=fill,
            fillcolor=faded(look.colours.reference, 0.22),
            hoverinfo="skip",
        )
    known = np.flatnonzero(np.isfinite(usual[1]))
    if known.size:
        figure.add_annotation(
            text=look.t("usual"),
            x=times[int(known[-1])],
            y=float(usual[1][known[-1]]),
            xanchor="right",
            yanchor="bottom",
            showarrow=False,
            font={"size": 11.5, "color": look.colours.muted},
        )


def _shade(figure: Sketch, look: Look, reference: tuple[datetime, datetime]) -> None:
    start, end = reference
    figure.add_vrect(
        x0=start.isoformat(),
        x1=end.isoformat(),
        fillcolor=look.colours.reference,
        opacity=0.1,
        line_width=0,
        layer="below",
    )
    figure.add_annotation(
        text=look.t("reference period"),
        x=start.isoformat(),
        y=1,
        yref="paper",
        xanchor="left",
        xshift=3,
        yanchor="top",
        showarrow=False,
        font={"size": 11.5, "color": look.colours.muted},
    )


def _describe(
    look: Look,
    labels: Labels,
    at: Sequence[datetime],
    values: NDArray[np.float64],
    as_share: bool,
) -> str:
    t = look.t
    if not np.isfinite(values).any():
        return t("{title}: no value could be computed.", title=labels.title)
    peak = int(np.nanargmax(values))
    write = t.percent if as_share else t.number
    return t(
        "{title}: highest {value} on {date}, over {period}.",
        title=labels.title,
        value=write(float(values[peak])),
        date=at[peak].date(),
        period=labels.period,
    )
