"""Where an axis has its ticks, and what stands there."""

import math
from collections.abc import Callable

from app.charts.sketch import Sketch


def round_step(span: float) -> float:
    """Return the smallest of 1, 2, 2.5 and 5 times a power of ten that makes few ticks."""
    power = 10.0 ** (math.floor(math.log10(span)) - 1)
    return next(step for each in (1, 2, 2.5, 5, 10, 20) if span / (step := each * power) <= 6.5)


def round_ticks(low: float, high: float, step: float | None = None) -> list[float]:
    """Return the round values from one to another; by default so many that they are few."""
    apart = round_step((high - low) or 1.0) if step is None else step
    first, last = math.ceil(low / apart), math.floor(high / apart)
    return [round(place * apart, 10) for place in range(first, last + 1)]


def short_ticks(texts: list[str]) -> list[str]:
    """Return percentages without the decimal that all of them lack."""
    if all(text.endswith(".0%") for text in texts):
        return [text.replace(".0%", "%") for text in texts]
    return texts


def scale_of_rows(figure: Sketch, low: float, high: float, write: Callable[[float], str]) -> None:
    """Give a chart with a row for each figure the scale beneath, with a line at each tick."""
    ticks = round_ticks(low, high)
    figure.update_xaxes(
        range=[low, high],
        showgrid=True,
        gridcolor=figure.layout["yaxis"]["gridcolor"],
        tickmode="array",
        tickvals=ticks,
        ticktext=short_ticks([write(tick) for tick in ticks]),
        fixedrange=True,
    )
