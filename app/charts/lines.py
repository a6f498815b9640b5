"""Up to four measures over time, each named at the end of its line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

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
    new_figure,
    safe,
    use_time_axis,
)
from app.charts.remembered import remembered
from app.charts.sketch import Sketch

_MAX_SERIES = 4


@dataclass(frozen=True, slots=True)
class Series:
    """One line: its name at the line's end, and its values (NaN leaves a gap)."""

    name: str
    values: NDArray[np.float64]
    style: Literal["solid", "estimate"] = "solid"


@remembered
def lines(
    look: Look,
    labels: Labels,
    *,
    at: Sequence[datetime],
    series: Sequence[Series],
    marks: Sequence[Mark] = (),
    as_share: bool = False,
    logarithmic: bool = False,
    limit: tuple[float, str] | None = None,
) -> Chart:
    """Draw latency percentiles, rates or means by time chunk; estimates are dashed.

    Parameters
    ----------
    at : sequence of datetime
        The start of each chunk.
    series : sequence of Series
        At most four.
    marks : sequence of Mark
        What happened when.
    as_share : bool
        Write the axis in percent.
    logarithmic : bool
        Draw a logarithmic axis.
    limit : (float, str), optional
        A value with a thin line across, and what it is.

    Raises
    ------
    ValueError
        For more than four series: names at the line ends would run into each other.
    """
    if len(series) > _MAX_SERIES:
        raise ValueError(f"{len(series)} series exceed {_MAX_SERIES}; use small multiples")
    check_points(len(at) * len(series))
    t = look.t
    figure = new_figure(look, labels, height=300)
    times = [moment.isoformat() for moment in at]
    write = t.percent if as_share else t.number
    for line, colour in zip(series, look.colours.series, strict=False):
        figure.add(
            "scatter",
            x=times,
            y=[None if np.isnan(v) else round(float(v), 6) for v in line.values],
            mode="lines+markers" if _stands_alone(line.values) else "lines",
            line={
                "color": colour,
                "width": 1.8,
                "dash": "dash" if line.style == "estimate" else "solid",
            },
            text=[write(float(value)) for value in line.values],
            hovertemplate=f"%{{x}}<br>{safe(line.name)} <b>%{{text}}</b><extra></extra>",
        )
    _name_lines(figure, look, at, series, logarithmic)
    if logarithmic:
        ticks = _round_steps(series)
        words = [t.number(tick) for tick in ticks]
        figure.update_yaxes(type="log", tickmode="array", tickvals=ticks, ticktext=words)
    else:
        figure.update_yaxes(rangemode="tozero", nticks=5, tickformat=".1~%" if as_share else None)
    if limit is not None:
        _add_limit(figure, look, *limit)
    widest = max((len(line.name) for line in series), default=0)
    figure.update_layout(margin={"r": 24 + 8 * widest})
    add_marks(figure, look, marks)
    use_time_axis(figure, look)
    table = pd.DataFrame(
        {
            labels.x: [moment.date() for moment in at],
            **{line.name: line.values for line in series},
        }
    )
    parts = [f"{line.name} {write(_last(line.values))}" for line in series]
    alt = t("{title}: last values {values}.", title=labels.title, values=t.items(*parts))
    shares = tuple(line.name for line in series) if as_share else ()
    return Chart(figure.finished(), alt, table, labels, shares)


def _add_limit(figure: Sketch, look: Look, value: float, word: str) -> None:
    """Draw a thin line across; its word stands under its left end, away from the lines' names."""
    figure.add_hline(y=value, line={"color": look.colours.muted, "width": 1, "dash": "4px,3px"})
    figure.add_annotation(
        text=safe(f"{word} {look.t.number(value)}"),
        x=0,
        xref="paper",
        xanchor="left",
        xshift=4,
        y=value,
        yanchor="top",
        showarrow=False,
        font={"size": 11.5, "color": look.colours.muted},
    )


def _stands_alone(values: NDArray[np.float64]) -> bool:
    """Whether some point has no neighbour to be joined to by a line."""
    known = np.concatenate([[False], np.isfinite(values), [False]])
    return bool((known[1:-1] & ~known[:-2] & ~known[2:]).any())


def _round_steps(series: Sequence[Series]) -> list[float]:
    """Return 1, 2, 5, 10, 20 … as far as the values reach, for a logarithmic axis."""
    found = [line.values[np.isfinite(line.values) & (line.values > 0)] for line in series]
    values = np.concatenate(found) if found else np.empty(0)
    if not values.size:
        return []
    low, high = int(np.floor(np.log10(values.min()))), int(np.ceil(np.log10(values.max())))
    steps = [step * 10.0**power for power in range(low, high + 1) for step in (1, 2, 5)]
    return [step for step in steps if values.min() / 2.5 <= step <= values.max() * 2.5]


def _last(values: NDArray[np.float64]) -> float:
    finite = values[np.isfinite(values)]
    return float(finite[-1]) if len(finite) else float("nan")


def _name_lines(
    figure: Sketch,
    look: Look,
    at: Sequence[datetime],
    series: Sequence[Series],
    logarithmic: bool,
) -> None:
    """Write each name beside its line's last point, pushed apart where they would overlap."""
    ends = [(_last(line.values), index) for index, line in enumerate(series)]
    ends = sorted((end for end in ends if np.isfinite(end[0])), reverse=True)
    top = max((end[0] for end in ends), default=1.0) or 1.0
    floor = float("inf")
    for value, index in ends:
        height = np.log10(max(value, 1e-9) / top) * 90 if logarithmic else 200 * (value / top - 1)
        placed = min(height, floor - 14)
        floor = placed
        figure.add_annotation(
            text=f"<b>{safe(series[index].name)}</b>",
            x=at[-1].isoformat(),
            y=np.log10(value) if logarithmic else value,
            xanchor="left",
            xshift=6,
            yshift=placed - height,
            showarrow=False,
            font={"color": look.colours.series[index], "size": 12},
        )
