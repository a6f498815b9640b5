"""Reference against current: the shares of each group of values, side by side."""

from collections.abc import Sequence
from textwrap import wrap

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.charts.base import Chart, Labels, Look, check_points, new_figure, safe, swatch
from app.charts.remembered import remembered

_LETTERS = 42  # beside each other on a phone


@remembered
def distribution(
    look: Look,
    labels: Labels,
    *,
    groups: Sequence[str],
    reference: NDArray[np.float64],
    current: NDArray[np.float64],
    current_n: int,
    beside: str = "",
) -> Chart:
    """Draw the share of rows per group, the reference in grey and the current period in blue.

    Parameters
    ----------
    groups : sequence of str
        Ranges of a number or categories, in the order to show.
    reference, current : array, shape (groups,)
        Shares of the rows, summing to one each.
    current_n : int
        Rows of the current period; ``labels.n`` counts those of the reference.
    beside : str
        What the grey side is called, where it is not the reference.
    """
    check_points(2 * len(groups))
    t, colours = look.t, look.colours
    before = beside or t("reference")
    figure = new_figure(look, labels, height=320)
    places = list(range(len(groups)))
    for name, shares, colour in (
        (before, reference, colours.reference),
        (t("current"), current, colours.current),
    ):
        figure.add(
            "bar",
            x=places,
            y=np.round(shares, 5).tolist(),
            name=safe(name),
            marker={"color": colour, "line": {"width": 0}},
            customdata=[
                [safe(group), t.percent(float(s))] for group, s in zip(groups, shares, strict=True)
            ],
            hovertemplate="%{customdata[0]}<br>%{fullData.name} <b>%{customdata[1]}</b>"
            "<extra></extra>",
        )
    figure.layout["title"]["text"] = " · ".join(
        (
            swatch(colours.reference, before, t.number(labels.n)),
            swatch(colours.current, t("current"), t.number(current_n)),
            safe(labels.period),
        )
    )
    figure.update_layout(barmode="group", bargap=0.28, bargroupgap=0.06)
    figure.update_yaxes(tickformat=".0%", rangemode="tozero", nticks=5)
    crowded = len(groups) > 8 or sum(map(len, groups)) > 90
    figure.update_xaxes(
        tickmode="array",
        tickvals=places,
        ticktext=[_tick(each, 0 if crowded else _LETTERS // len(groups)) for each in groups],
        tickangle=-35 if crowded else 0,
    )
    table = pd.DataFrame({labels.x: groups, before: reference, t("current"): current})
    return Chart(
        figure.finished(),
        _describe(look, labels, groups, reference, current),
        table,
        labels,
        (before, t("current")),
    )


def _tick(group: str, room: int) -> str:
    """Return a group's name under its bars, in lines of so many letters; in one if slanted."""
    text = _short(group)
    lines = wrap(text, max(room, 1), break_long_words=False) if room else [text]
    return "<br>".join(safe(line) for line in lines)


def _short(text: str, limit: int = 22) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _describe(
    look: Look,
    labels: Labels,
    groups: Sequence[str],
    reference: NDArray[np.float64],
    current: NDArray[np.float64],
) -> str:
    if not len(groups):
        return look.t("{title}: no value could be computed.", title=labels.title)
    change = current - reference
    widest = int(np.argmax(np.abs(np.nan_to_num(change))))
    return look.t(
        "{title}: the largest change is in {group}, from {before} to {after} of the rows.",
        title=labels.title,
        group=groups[widest],
        before=look.t.percent(float(reference[widest])),
        after=look.t.percent(float(current[widest])),
    )
