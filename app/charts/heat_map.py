"""Feature × time: one hue, pale below the threshold and strong above it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.charts.base import MAX_POINTS, Chart, Labels, Look, new_figure, safe
from app.charts.remembered import remembered
from app.charts.sketch import Sketch
from app.palette import Palette

_ROW_HEIGHT = 22
_MANY_COLUMNS = 150  # beyond, a gap between cells would be as wide as the cells
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
    """
    table = pd.DataFrame(values, index=pd.Index(rows, name=labels.y), columns=list(columns))
    kept = drawn_rows(values)
    names = [rows[index] for index in kept]
    drawn = values[kept]
    height = 150 + _ROW_HEIGHT * len(names)
    figure = new_figure(look, labels, height=height, unit_on="title")
    _add_empty_cells(figure, look, names, columns, drawn)
    _add_values(figure, look, labels, names, columns, drawn, threshold)
    # What, how many and when on two lines, the scale under them: they fit a narrow screen.
    figure.layout["title"]["text"] = figure.layout["title"]["text"].replace(
        " · n = ", "<br>n = ", 1
    )
    figure.layout["title"]["pad"]["t"] = 18
    figure.data[-1]["colorbar"]["y"] = 1 - 40 / height
    figure.update_layout(margin={"t": 84})
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
        threshold=threshold,
    )
    return Chart(figure.finished(), alt, table.reset_index())


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
) -> None:
    t = look.t
    hover = [
        [
            f"<b>{safe(name)}</b><br>{safe(column)}<br>{safe(labels.unit or labels.title)} "
            f"{t.number(float(value)) if np.isfinite(value) else safe(t('Not enough data'))}"
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
            "ticktext": ["0", t.number(threshold), f"≥ {t.number(threshold * _DEEPEST)}"],
            "tickfont": {"size": 11, "color": look.colours.muted},
        },
    )
