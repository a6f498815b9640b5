"""One figure a row with its confidence interval, against a limit: groups beside each other."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.charts.base import Chart, Labels, Look, check_points, new_figure, safe
from app.charts.remembered import remembered
from app.charts.row_names import line_above, name_rows
from app.charts.ticks import scale_of_rows
from core.domain.status import Status

_ROW = 46  # pixels: a line of text above each point


@remembered
def interval_rows(
    look: Look,
    labels: Labels,
    *,
    rows: Sequence[str],
    values: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    n: Sequence[int],
    limit: float,
    limit_word: str,
    write: Callable[[float], str],
    interval_word: str,
    marked: Sequence[bool] | None = None,
) -> Chart:
    """Draw a point with its 95 % interval a row, the first row on top.

    Parameters
    ----------
    rows : sequence of str
        What each row is; written above its point.
    values, low, high : array, shape (rows,)
        Figure and interval; NaN rows are left empty.
    n : sequence of int
        Rows of the log behind each.
    limit : float
        Points below it are squares in the colour of "act", unless ``marked`` says which are.
    limit_word : str
        What the line at the limit is.
    write : callable
        Writes a figure.
    interval_word : str
        Heading of the interval in the table.
    marked : sequence of bool, optional
        Which points are squares in the colour of "act".
    """
    check_points(len(rows))
    colours, t = look.colours, look.t
    figure = new_figure(look, labels, height=86 + _ROW * max(len(rows), 1))
    places = list(range(len(rows)))[::-1]
    below = np.nan_to_num(values, nan=limit) < limit if marked is None else np.asarray(marked)
    figure.add(
        "scatter",
        x=[None if np.isnan(value) else round(float(value), 6) for value in values],
        y=places,
        mode="markers",
        marker={
            "size": 11,
            "symbol": ["square" if each else "circle" for each in below],
            "color": [colours.statuses[Status.act] if each else colours.current for each in below],
            "line": {"color": colours.ink, "width": 1},
        },
        error_x={
            "type": "data",
            "symmetric": False,
            "array": np.nan_to_num(high - values).round(6).tolist(),
            "arrayminus": np.nan_to_num(values - low).round(6).tolist(),
            "color": colours.muted,
            "thickness": 1.6,
            "width": 5,
        },
        text=[safe(row) for row in rows],
        customdata=[[t.number(count), write(float(v))] for count, v in zip(n, values, strict=True)],
        hovertemplate="%{text}<br><b>%{customdata[1]}</b> · n = %{customdata[0]}<extra></extra>",
    )
    above = [
        line_above(row, write(float(value)), f"n = {t.number(count)}")
        for row, value, count in zip(rows, values, n, strict=True)
    ]
    # Below the last there is room for the limit's word.
    name_rows(figure, look, above, places, shift=8, rows=(-0.75, len(rows) - 0.25))
    figure.add_vline(x=limit, line={"color": colours.muted, "width": 1, "dash": "4px,3px"})
    bottom, top = _reach(values, low, high, limit)
    to_the_left = limit - bottom > top - limit
    figure.add_annotation(
        text=safe(f"{limit_word} {write(limit)}"),
        x=limit,
        y=0,
        yref="paper",
        yanchor="bottom",
        xanchor="right" if to_the_left else "left",
        xshift=-4 if to_the_left else 4,
        showarrow=False,
        font={"size": 11.5, "color": colours.muted},
    )
    scale_of_rows(figure, bottom, top, write)
    table = pd.DataFrame(
        {
            labels.y: list(rows),
            labels.x: [write(float(value)) for value in values],
            interval_word: [
                "–" if np.isnan(value) else f"{write(float(a))}–{write(float(b))}"
                for value, a, b in zip(values, low, high, strict=True)
            ],
            "n": [t.number(count) for count in n],
        }
    )
    return Chart(figure.finished(), _describe(look, labels, rows, values, write), table, labels)


def _reach(
    values: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64], limit: float
) -> tuple[float, float]:
    """Return where the axis begins and ends: at 0, or below it where figures do."""
    known = np.concatenate([values, low, high, [limit, 0.0]])
    known = known[np.isfinite(known)]
    room = 0.04 * float(np.ptp(known)) or 1.0
    lowest, highest = float(known.min()), float(known.max())
    return lowest - room if lowest < 0 else 0.0, highest + room if highest > 0 else 0.0


def _describe(
    look: Look,
    labels: Labels,
    rows: Sequence[str],
    values: NDArray[np.float64],
    write: Callable[[float], str],
) -> str:
    if not np.isfinite(values).any():
        return look.t("{title}: no value could be computed.", title=labels.title)
    lowest, highest = int(np.nanargmin(values)), int(np.nanargmax(values))
    return look.t(
        "{title}: from {low} ({lowest}) to {high} ({highest}).",
        title=labels.title,
        low=write(float(values[lowest])),
        lowest=rows[lowest],
        high=write(float(values[highest])),
        highest=rows[highest],
    )
