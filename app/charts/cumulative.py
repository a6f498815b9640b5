"""Two distribution functions, and the area between them that a Wasserstein distance measures."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.charts.base import Chart, Labels, Look, check_points, faded, new_figure, safe, swatch
from app.charts.remembered import remembered


@remembered
def cumulative(
    look: Look,
    labels: Labels,
    *,
    at: NDArray[np.float64],
    reference: NDArray[np.float64],
    current: NDArray[np.float64],
    current_n: int,
    beside: str = "",
    shown: tuple[float, float],
    write: Callable[[float], str],
) -> Chart:
    """Draw the share of rows up to each value, reference in grey, current in blue.

    Parameters
    ----------
    at : array, shape (P,)
        Ascending values.
    reference, current : array, shape (P,)
        Shares of the rows up to the value.
    current_n : int
        Rows of the current period; ``labels.n`` counts those of the reference.
    shown : (float, float)
        The ends of the axis of values.
    write : callable
        Writes a value with its unit.
    beside : str
        What the grey side is called, where it is not the reference.
    """
    check_points(2 * len(at))
    t, colours = look.t, look.colours
    before = beside or t("reference")
    figure = new_figure(look, labels, height=320)
    for name, shares, colour in (
        (before, reference, colours.reference),
        (t("current"), current, colours.current),
    ):
        figure.add(
            "scatter",
            x=at.tolist(),
            y=np.round(shares, 6).tolist(),
            name=safe(name),
            mode="lines",
            line={"color": colour, "width": 2},
            fill="tonexty" if colour is colours.current else None,
            fillcolor=faded(colours.current, 0.22),
            customdata=[
                [safe(write(float(value))), t.percent(float(share))]
                for value, share in zip(at, shares, strict=True)
            ],
            hovertemplate="≤ %{customdata[0]}<br>%{fullData.name} <b>%{customdata[1]}</b>"
            "<extra></extra>",
        )
    figure.layout["title"]["text"] = " · ".join(
        (
            swatch(colours.reference, before, t.number(labels.n)),
            swatch(colours.current, t("current"), t.number(current_n)),
            safe(labels.period),
        )
    )
    figure.update_yaxes(tickformat=".0%", range=[0, 1.02], nticks=5)
    ticks = round_values(*shown)
    figure.update_xaxes(
        range=list(shown),
        tickmode="array",
        tickvals=ticks,
        ticktext=[safe(write(tick)) for tick in ticks],
    )
    table = pd.DataFrame({labels.x: at, before: reference, t("current"): current})
    return Chart(
        figure.finished(),
        _describe(look, labels, at, reference, current, write),
        table,
        labels,
        (before, t("current")),
    )


def round_values(low: float, high: float, most: int = 5) -> list[float]:
    """Return at most ``most`` multiples of 1, 2 or 5 times a power of ten in a range."""
    span = high - low
    if not span > 0:
        return [low]
    power = 10.0 ** math.floor(math.log10(span / most))
    for factor in (1, 2, 5, 10, 20):
        step = factor * power
        first, last = math.ceil(low / step), math.floor(high / step)
        if last - first < most:
            return [round(place * step, 12) + 0.0 for place in range(first, last + 1)]
    return [low, high]


def _describe(
    look: Look,
    labels: Labels,
    at: NDArray[np.float64],
    reference: NDArray[np.float64],
    current: NDArray[np.float64],
    write: Callable[[float], str],
) -> str:
    widest = int(np.argmax(np.abs(current - reference)))
    return look.t(
        "{title}: the lines are furthest apart at {value}: {before} and {after} of the rows lie "
        "at or below it.",
        title=labels.title,
        value=write(float(at[widest])),
        before=look.t.percent(float(reference[widest])),
        after=look.t.percent(float(current[widest])),
    )
