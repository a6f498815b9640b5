"""What a figure should be at the end of a period that is not over, on the chart of its course."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.charts.base import Look, faded, safe
from app.charts.sketch import Sketch

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Expected:
    """What the figure of a period that is not over should be at its end, and the band of that.

    Parameters
    ----------
    at : datetime
        Start of the period, one of those drawn.
    value, low, high : float
        In the figure's unit.
    """

    at: datetime
    value: float
    low: float
    high: float


def draw_expected(
    figure: Sketch,
    look: Look,
    at: Sequence[datetime],
    values: Values,
    expected: Expected,
    write: Callable[[float], str],
) -> None:
    """Draw the way from the last figure before the period to what is expected, and its band."""
    colours = look.colours
    here = list(at).index(expected.at)
    before = np.flatnonzero(np.isfinite(values[:here]))
    end = at[here].isoformat()
    pale = faded(colours.current, 0.6)
    if before.size:
        start, value = at[int(before[-1])].isoformat(), round(float(values[before[-1]]), 8)
        figure.add(
            "scatter",
            x=[start, end, end, start],
            y=[value, round(expected.high, 8), round(expected.low, 8), value],
            mode="lines",
            line={"width": 0, "color": colours.current},
            fill="toself",
            fillcolor=faded(colours.current, 0.1),
            hoverinfo="skip",
        )
        figure.add(
            "scatter",
            x=[start, end],
            y=[value, round(expected.value, 8)],
            mode="lines",
            line={"color": pale, "width": 1.6, "dash": "5px,4px"},
            hoverinfo="skip",
        )
    figure.add(
        "scatter",
        x=[end, end],
        y=[round(expected.low, 8), round(expected.high, 8)],
        mode="lines+markers",
        line={"color": pale, "width": 1.6, "dash": "5px,4px"},
        marker={"symbol": "line-ew-open", "size": 9, "color": pale},
        hoverinfo="skip",
    )
    named = look.t("expected {value}", value=write(expected.value))
    figure.add(
        "scatter",
        x=[end],
        y=[round(expected.value, 8)],
        mode="markers",
        marker={
            "symbol": "diamond",
            "size": 9,
            "color": colours.card,
            "line": {"color": colours.current, "width": 1.6},
        },
        text=[safe(named)],
        hovertemplate="%{x}<br><b>%{text}</b><extra></extra>",
    )
    figure.add_annotation(
        text=safe(named),
        x=end,
        y=round(expected.high, 8),
        xanchor="right",
        yanchor="bottom",
        yshift=14,  # over the name of a ring that may lie here
        showarrow=False,
        font={"size": 11.5, "color": colours.ink},
    )


def with_expected(
    values: Values, low: Values, high: Values, expected: Expected | None
) -> tuple[Values, Values, Values]:
    """Return figures and their ends with what is expected among them, for the axis."""
    if expected is None:
        return values, low, high
    shown = [expected.value, expected.low, expected.high]
    return np.append(values, shown), np.append(low, expected.low), np.append(high, expected.high)


def table_with_expected(
    look: Look, table: pd.DataFrame, at: Sequence[datetime], expected: Expected
) -> pd.DataFrame:
    """Return the table with columns of what is expected, empty in all other periods."""
    t = look.t
    here = np.asarray([moment == expected.at for moment in at])
    names = t("Expected"), t("Expected, low"), t("Expected, high")
    ends = expected.value, expected.low, expected.high
    added = {name: np.where(here, end, np.nan) for name, end in zip(names, ends, strict=True)}
    return table.assign(**added)


def describe_expected(look: Look, expected: Expected, write: Callable[[float], str]) -> str:
    """Return the same in words."""
    return look.t(
        "Expected at the end of the last period: {value}, from {low} to {high}.",
        value=write(expected.value),
        low=write(expected.low),
        high=write(expected.high),
    )
