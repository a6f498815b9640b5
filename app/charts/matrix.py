"""What was predicted against what happened: a square whose tone is the share of each row."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.charts.base import Chart, Labels, Look, new_figure, safe
from app.charts.remembered import remembered

_ROW_HEIGHT = 44


@remembered
def matrix(
    look: Look,
    labels: Labels,
    *,
    classes: Sequence[str],
    counts: NDArray[np.float64],
) -> Chart:
    """Draw a confusion matrix: each cell has its rows and their share of what happened.

    Parameters
    ----------
    classes : sequence of str
        Names in the order of the matrix.
    counts : array, shape (K, K)
        Rows by what happened (down) and what was predicted (across).
    """
    t = look.t
    with np.errstate(divide="ignore", invalid="ignore"):
        share = counts / counts.sum(axis=1, keepdims=True)
    text = [
        [_cell(look, n, part) for n, part in zip(line, parts, strict=True)]
        for line, parts in zip(counts, share, strict=True)
    ]
    names = [safe(name) for name in classes]
    figure = new_figure(look, labels, height=110 + _ROW_HEIGHT * len(names))
    figure.add(
        "heatmap",
        z=np.round(np.nan_to_num(share), 4).tolist(),
        x=list(range(len(names))),
        y=list(range(len(names))),
        colorscale=[(0.0, look.colours.card), (1.0, look.colours.below[1])],
        zmin=0,
        zmax=1,
        showscale=False,
        xgap=2,
        ygap=2,
        text=text,
        texttemplate="%{text}",
        textfont={"color": look.colours.ink, "size": 13},
        hoverinfo="skip",
    )
    ticks = {"tickmode": "array", "tickvals": list(range(len(names))), "ticktext": names}
    figure.update_xaxes(**ticks)
    figure.update_yaxes(**ticks, autorange="reversed", showgrid=False)
    table = pd.DataFrame(counts, index=pd.Index(classes, name=labels.y), columns=list(classes))
    alt = t(
        "{title}: {right} of {n} as predicted.",
        title=labels.title,
        right=t.number(float(np.trace(counts)), 0),
        n=t.number(float(counts.sum()), 0),
    )
    return Chart(figure.finished(), alt, table.reset_index(), labels)


def _cell(look: Look, n: float, share: float) -> str:
    rows = look.t.number(n, 0)
    return rows if np.isnan(share) else f"{rows}<br>{look.t.percent(share)}"
