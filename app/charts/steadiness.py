"""How many decisions keep their reasons in which share of redraws of the background."""

from collections.abc import Mapping

import pandas as pd

from app.charts.base import Chart, Labels, Look, check_points, new_figure, safe, swatch
from app.charts.remembered import remembered
from core.domain.status import Status

_WIDTH = 0.8  # of the distance between two shares of as many redraws


@remembered
def steadiness(
    look: Look, labels: Labels, *, counts: Mapping[float, int], limit: float, redraws: int
) -> Chart:
    """Draw a bar for each share of redraws; those below the limit stand out.

    Parameters
    ----------
    counts : mapping of float to int
        Share of redraws with the same reasons → decisions.
    limit : float
        Reasons below it are called unstable.
    redraws : int
        How many there are: two shares lie at least one of them apart.
    """
    check_points(len(counts))
    t, colours = look.t, look.colours
    figure = new_figure(look, labels, height=260)
    low = sum(count for share, count in counts.items() if share < limit)
    sides = (
        (t("unstable"), colours.statuses[Status.watch], low, True),
        (t("stable"), colours.current, labels.n - low, False),
    )
    for name, colour, _, is_low in sides:
        shown = {share: n for share, n in counts.items() if (share < limit) == is_low}
        figure.add(
            "bar",
            x=list(shown),
            y=list(shown.values()),
            width=_WIDTH / max(redraws, 1),
            name=safe(name),
            marker={"color": colour},
            customdata=[[t.percent(share, 0), t.number(n, 0)] for share, n in shown.items()],
            hovertemplate="%{customdata[0]}<br>%{fullData.name} <b>%{customdata[1]}</b>"
            "<extra></extra>",
        )
    figure.add_vline(
        limit - 0.5 / max(redraws, 1), line={"color": colours.muted, "width": 1, "dash": "dash"}
    )
    figure.layout["title"]["text"] = " · ".join(
        [swatch(colour, name, t.number(n, 0)) for name, colour, n, _ in sides]
        + [safe(labels.period)]
    )
    figure.update_xaxes(range=[-0.05, 1.05], tickformat=".0%", nticks=6)
    figure.update_yaxes(rangemode="tozero", nticks=5)
    table = pd.DataFrame({labels.x: list(counts), labels.y: list(counts.values())})
    alt = t(
        "{title}: {low} of {all} below {limit}.",
        title=labels.title,
        low=t.number(low, 0),
        all=t.number(labels.n, 0),
        limit=t.percent(limit, 0),
    )
    return Chart(figure.finished(), alt, table, labels, (labels.x,))
