"""Feature × time: one hue, pale below the threshold and strong above it."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.charts.base import DASHES, MAX_POINTS, Chart, Labels, Look, Mark, new_figure, safe
from app.charts.remembered import remembered
from app.charts.sketch import Sketch
from app.palette import Palette

_ROW_HEIGHT = 22
_MANY_COLUMNS = 150  # beyond, a gap between cells would be as wide as the cells
_MARK_HEIGHT, _MARK_LINES = 15, 3  # pixels, and names above each other
_DEEPEST = 4.0  # the strongest tone stands for this many times the threshold


@remembered
def heat_map(
    look: Look,
    labels: Labels,
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    values: NDArray[np.float64],
    threshold: float,
    selected: str | None = None,
    ticks: Sequence[str] | None = None,
    at: Sequence[datetime] = (),
    marks: Sequence[Mark] = (),
    as_share: bool = False,
) -> Chart:
    """Draw values by feature and time chunk.

    The scale has two parts: up to the threshold the hue stays pale, from the threshold on it is
    strong, so that the break can be seen without reading the scale. A cell without enough data
    is grey with a ring in it. Beyond 2,000 cells only the rows with the highest values are drawn;
    the table keeps all of them.

    Parameters
    ----------
    rows, columns : sequence of str
        Feature names, and chunk labels in time order.
    values : array, shape (rows, columns)
        The drift measure; NaN where it could not be computed.
    threshold : float
        The value from which on it is time to act; greater than zero.
    selected : str, optional
        The row whose detail is shown, marked on the axis.
    ticks : sequence of str, optional
        Short names of the columns for the axis, where ``columns`` are long.
    at : sequence of datetime
        The start of each column, in time order; marks need them.
    marks : sequence of Mark
        What happened when; named above the map.
    as_share : bool
        Write the values in percent.
    """
    table = pd.DataFrame(values, index=pd.Index(rows, name=labels.y), columns=list(columns))
    kept = drawn_rows(values)
    names = [rows[index] for index in kept]
    drawn = values[kept]
    room = 2 + _MARK_HEIGHT * min(len(marks), _MARK_LINES) if marks else 0
    height = 150 + room + _ROW_HEIGHT * len(names)
    write = look.t.percent if as_share else look.t.number
    figure = new_figure(look, labels, height=height, unit_on="title")
    _add_empty_cells(figure, look, names, columns, drawn)
    _add_values(figure, look, labels, names, columns, drawn, threshold, write)
    _add_marks(figure, look, at, marks)
    # What, how many and when on two lines, the scale under them: they fit a narrow screen.
    figure.layout["title"]["text"] = figure.layout["title"]["text"].replace(
        " · n = ", "<br>n = ", 1
    )
    figure.layout["title"]["pad"]["t"] = 18
    figure.data[-1]["colorbar"]["y"] = 1 - 40 / height
    figure.update_layout(margin={"t": 84 + room})
    figure.update_yaxes(
        autorange="reversed",
        showgrid=False,
        tickmode="array",
        tickvals=list(range(len(names))),
        ticktext=[f"<b>{safe(name)}</b>" if name == selected else safe(name) for name in names],
        tickfont={"color": look.colours.ink, "size": 12},
        title=None,
    )
    step = max(1, -(-len(columns) // 8))
    figure.update_xaxes(
        tickmode="array",
        tickvals=list(range(0, len(columns), step)),
        ticktext=[safe(name) for name in (ticks or columns)[::step]],
    )
    over = int(np.nansum(values >= threshold))
    alt = look.t(
        "{title}: {over} of {cells} cells at or above the threshold {threshold}.",
        title=labels.title,
        over=over,
        cells=int(np.isfinite(values).sum()),
        threshold=write(threshold),
    )
    shares = tuple(columns) if as_share else ()
    return Chart(figure.finished(), alt, table.reset_index(), labels, shares)


def _place(at: Sequence[datetime], moment: datetime) -> float:
    """Return where a moment lies: a column reaches half a step to either side of its number."""
    column = max(0, bisect_right(at, moment) - 1)
    steps = [later - earlier for earlier, later in pairwise(at)]
    if not steps:
        return -0.5
    passed = (moment - at[column]) / steps[min(column, len(steps) - 1)]
    return round(column - 0.5 + min(1.0, max(0.0, passed)), 3)


def _add_marks(figure: Sketch, look: Look, at: Sequence[datetime], marks: Sequence[Mark]) -> None:
    """Draw a line between the columns where something happened, with its name above the map."""
    for place, mark in enumerate(sorted(marks, key=lambda mark: mark.at)):
        column = _place(at, mark.at)
        figure.add_vline(
            x=column, line={"color": look.colours.ink, "width": 1, "dash": DASHES[mark.kind]}
        )
        figure.add_annotation(
            text=safe(mark.label),
            x=column,
            y=1,
            yref="paper",
            yanchor="bottom",
            yshift=_MARK_HEIGHT * (place % _MARK_LINES),
            xanchor="right" if 2 * column > len(at) else "left",
            showarrow=False,
            font={"size": 11.5, "color": look.colours.muted},
        )


def drawn_rows(values: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the places of the rows that fit the limit, the worst of them, in their given order."""
    room = max(1, MAX_POINTS // max(1, values.shape[1]))
    if len(values) <= room:
        return np.arange(len(values))
    peaks = np.nan_to_num(values, nan=-1.0).max(axis=1)
    return np.sort(np.argsort(-peaks, kind="stable")[:room])


def _scale(colours: Palette) -> list[tuple[float, str]]:
    """Return a colour scale over [0, 1] that jumps where the threshold lies."""
    pale, middle = colours.below
    strong, deepest = colours.above
    split = 1 / _DEEPEST
    return [(0.0, pale), (split, middle), (split, strong), (1.0, deepest)]


def _add_empty_cells(
    figure: Sketch,
    look: Look,
    names: Sequence[str],
    columns: Sequence[str],
    drawn: NDArray[np.float64],
) -> None:
    missing = np.where(np.isnan(drawn), 0.0, np.nan)
    figure.add(
        "heatmap",
        z=missing.tolist(),
        x=list(range(len(columns))),
        y=list(range(len(names))),
        colorscale=[(0, look.colours.empty_cell), (1, look.colours.empty_cell)],
        showscale=False,
        xgap=1 if len(columns) <= _MANY_COLUMNS else 0,
        ygap=1,
        text=np.where(np.isnan(drawn), "◌", "").tolist(),
        texttemplate="%{text}",
        textfont={"color": look.colours.muted, "size": 10},
        hoverinfo="skip",
    )


def _add_values(
    figure: Sketch,
    look: Look,
    labels: Labels,
    names: Sequence[str],
    columns: Sequence[str],
    drawn: NDArray[np.float64],
    threshold: float,
    write: Callable[[float], str],
) -> None:
    t = look.t
    hover = [
        [
            f"<b>{safe(name)}</b><br>{safe(column)}<br>{safe(labels.unit or labels.title)} "
            f"{write(float(value)) if np.isfinite(value) else safe(t('Not enough data'))}"
            for column, value in zip(columns, line, strict=True)
        ]
        for name, line in zip(names, drawn, strict=True)
    ]
    figure.add(
        "heatmap",
        z=np.round(drawn, 4).tolist(),
        x=list(range(len(columns))),
        y=list(range(len(names))),
        colorscale=_scale(look.colours),
        zmin=0,
        zmax=threshold * _DEEPEST,
        xgap=1 if len(columns) <= _MANY_COLUMNS else 0,
        ygap=1,
        text=hover,
        hovertemplate="%{text}<extra></extra>",
        hoverongaps=True,
        colorbar={
            "orientation": "h",
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "ypad": 4,
            "xpad": 10,
            "thickness": 8,
            "len": 190,
            "lenmode": "pixels",
            "outlinewidth": 0,
            "ticks": "",
            "ticklabeloverflow": "allow",
            "tickvals": [0, threshold, threshold * _DEEPEST],
            "ticktext": ["0", write(threshold), f"≥ {write(threshold * _DEEPEST)}"],
            "tickfont": {"size": 11, "color": look.colours.muted},
        },
    )
