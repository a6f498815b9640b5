"""How far the labels of each period are, as stacked shares."""

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
    check_points,
    new_figure,
    safe,
    use_time_axis,
)
from app.charts.remembered import remembered


@remembered
def maturity_bars(
    look: Look,
    labels: Labels,
    *,
    at: Sequence[datetime],
    final: NDArray[np.float64],
    early: NDArray[np.float64],
    marks: Sequence[Mark] = (),
) -> Chart:
    """Draw the share of predictions with a final label, with an early one, and with none.

    Parameters
    ----------
    at : sequence of datetime
        The start of each chunk.
    final, early : array, shape (chunks,)
        Shares of the predictions; NaN for a chunk without predictions.
    marks : sequence of Mark
        What happened when.
    """
    check_points(3 * len(at))
    t, colours = look.t, look.colours
    figure = new_figure(look, labels, height=190)
    times = [moment.isoformat() for moment in at]
    waiting = 1 - final - early
    for name, values, colour in (
        (t("final label"), final, colours.current),
        (t("early label"), early, colours.series[1]),
        (t("no label yet"), waiting, colours.empty_cell),
    ):
        figure.add(
            "bar",
            x=times,
            y=[None if np.isnan(value) else round(float(value), 5) for value in values],
            name=safe(name),
            marker={"color": colour, "line": {"width": 0}},
            customdata=[t.percent(float(value)) for value in values],
            hovertemplate="%{x}<br>%{fullData.name} <b>%{customdata}</b><extra></extra>",
        )
    figure.update_layout(
        barmode="stack",
        bargap=0.08,
        showlegend=True,
        legend={
            "orientation": "h",
            "x": 0,
            "y": -0.24,
            "yanchor": "top",
            "font": {"color": colours.muted, "size": 12},
        },
    )
    figure.update_yaxes(range=[0, 1], tickformat=".0%", nticks=3)
    figure.update_xaxes(title={"text": ""})  # a time axis says so itself, and the legend needs room
    add_marks(figure, look, marks)
    use_time_axis(figure, look)
    parts = {t("final label"): final, t("early label"): early, t("no label yet"): waiting}
    table = pd.DataFrame({labels.x: [moment.date() for moment in at], **parts})
    known = final[np.isfinite(final)]
    alt = t(
        "{title}: {share} of the periods have final labels, over {period}.",
        title=labels.title,
        share=t.percent(float((known >= 1).mean()) if known.size else 0.0),
        period=labels.period,
    )
    return Chart(figure.finished(), alt, table, labels, tuple(parts))
