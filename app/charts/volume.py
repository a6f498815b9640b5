"""How many predictions were logged per chunk of time, and how many of them failed."""

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
    faded,
    new_figure,
    safe,
    use_time_axis,
)
from app.charts.remembered import remembered
from app.charts.sketch import Sketch
from core.domain.status import Status


@remembered
def volume(
    look: Look,
    labels: Labels,
    *,
    at: Sequence[datetime],
    rows: NDArray[np.int64],
    errors: NDArray[np.int64] | None = None,
    marks: Sequence[Mark] = (),
) -> Chart:
    """Draw rows per chunk as an area, and the failed ones in a panel of their own below.

    A few errors among thousands of rows would be a flat line on the axis of the rows.

    Parameters
    ----------
    at : sequence of datetime
        The start of each chunk.
    rows, errors : array of int, shape (chunks,)
        Logged predictions, and those among them whose status says error.
    marks : sequence of Mark
        What happened when.
    """
    check_points(len(at) * (1 if errors is None else 2))
    t, colours = look.t, look.colours
    figure = new_figure(look, labels, height=260)
    times = [moment.isoformat() for moment in at]
    layers = [(labels.y, rows, colours.current, "y")]
    if errors is not None:
        layers.append((t("errors"), errors, colours.statuses[Status.act], "y2"))
    for name, counts, colour, axis in layers:
        figure.add(
            "scatter",
            x=times,
            y=counts.tolist(),
            yaxis=axis,
            mode="lines",
            fill="tozeroy",
            fillcolor=faded(colour, 0.14),
            line={"color": colour, "width": 1.6, "shape": "hv" if len(at) < 40 else "linear"},
            text=[t.number(int(count)) for count in counts],
            hovertemplate=f"%{{x}}<br>{safe(name)} <b>%{{text}}</b><extra></extra>",
        )
    if errors is not None:
        figure.layout["title"]["text"] += (
            f' · <span style="color:{colours.statuses[Status.act]}">■</span> '
            f"{safe(t('errors'))} {t.number(int(errors.sum()))}"
        )
    figure.update_yaxes(rangemode="tozero", nticks=5)
    if errors is not None:
        _add_panel(figure, t("errors"))
    add_marks(figure, look, marks)
    use_time_axis(figure, look)
    table = pd.DataFrame({labels.x: [moment.date() for moment in at], labels.y: rows})
    if errors is not None:
        table[t("errors")] = errors
    alt = t(
        "{title}: {rows} rows, {errors} errors, over {period}.",
        title=labels.title,
        rows=int(rows.sum()),
        errors=0 if errors is None else int(errors.sum()),
        period=labels.period,
    )
    return Chart(figure.finished(), alt, table, labels)


def _add_panel(figure: Sketch, name: str) -> None:
    """Give the second axis the lower quarter of the figure, in the style of the first."""
    above = figure.layout["yaxis"]
    title = {**above["title"], "text": safe(name)}
    figure.update_layout(
        height=340,
        yaxis={"domain": [0.38, 1]},
        yaxis2={**above, "title": title, "domain": [0, 0.24], "anchor": "x", "nticks": 3},
        xaxis={"anchor": "y2"},
    )
