"""Was the model answering? One strip: answering, failing, or silent."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

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
from core.domain.status import Status


class AvailabilityState(StrEnum):
    """What an interval was like; silence is not the same as failure."""

    answering = "answering"
    degraded = "degraded"
    failing = "failing"
    silent = "silent"


@remembered
def availability_strip(
    look: Look,
    labels: Labels,
    *,
    at: Sequence[datetime],
    ok_share: NDArray[np.float64],
    watch_below: float = 0.99,
    act_below: float = 0.95,
    marks: Sequence[Mark] = (),
) -> Chart:
    """Draw one cell per interval.

    Parameters
    ----------
    at : sequence of datetime
        The start of each interval.
    ok_share : array, shape (intervals,)
        Answered without error, as a share of all; NaN where nothing was logged (silence).
    watch_below, act_below : float
        Below these shares an interval is degraded, or failing.
    marks : sequence of Mark
        What happened when.
    """
    check_points(len(at))
    t, colours = look.t, look.colours
    states = [_state(float(share), watch_below, act_below) for share in ok_share]
    words = {
        AvailabilityState.answering: t("Answering"),
        AvailabilityState.degraded: t("Degraded"),
        AvailabilityState.failing: t("Failing"),
        AvailabilityState.silent: t("Silent"),
    }
    fills = {
        AvailabilityState.answering: (colours.statuses[Status.in_range], 0.55, ""),
        AvailabilityState.degraded: (colours.statuses[Status.watch], 0.8, ""),
        AvailabilityState.failing: (colours.statuses[Status.act], 1.0, ""),
        AvailabilityState.silent: (colours.reference, 0.5, "/"),
    }
    heights = {
        AvailabilityState.answering: 0.55,
        AvailabilityState.degraded: 0.8,
        AvailabilityState.failing: 1.0,
        AvailabilityState.silent: 0.3,
    }
    figure = new_figure(look, labels, height=180)
    for state in AvailabilityState:
        chosen = [index for index, each in enumerate(states) if each is state]
        if chosen:
            colour, opacity, pattern = fills[state]
            figure.add(
                "bar",
                x=[at[index].isoformat() for index in chosen],
                y=[heights[state]] * len(chosen),
                width=_width(at),
                offset=0,
                name=safe(words[state]),
                marker={
                    "color": colour,
                    "opacity": opacity,
                    "line": {"width": 0},
                    "pattern": {"shape": pattern, "fgcolor": colours.muted, "size": 5},
                },
                text=[t.percent(float(ok_share[index])) for index in chosen],
                textposition="none",
                hovertemplate=f"%{{x}}<br>{safe(words[state])} <b>%{{text}}</b><extra></extra>",
            )
    figure.update_layout(barmode="overlay", bargap=0)
    figure.update_yaxes(visible=False, range=[0, 1])
    # The legend has a line of its own under the one with n and period.
    figure.update_layout(
        margin={"t": 62},
        showlegend=True,
        legend={
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.02,
            "yanchor": "bottom",
            "font": {"size": 12, "color": colours.muted},
            "itemclick": False,
            "itemdoubleclick": False,
        },
    )
    add_marks(figure, look, marks)
    use_time_axis(figure, look)
    table = pd.DataFrame(
        {
            labels.x: [moment.isoformat(" ", "minutes") for moment in at],
            labels.y: ok_share,
            t("State"): [words[state] for state in states],
        }
    )
    alt = t(
        "{title}: {intervals} intervals; {silent} silent, {failing} failing, {degraded} degraded.",
        title=labels.title,
        silent=states.count(AvailabilityState.silent),
        failing=states.count(AvailabilityState.failing),
        degraded=states.count(AvailabilityState.degraded),
        intervals=len(states),
    )
    return Chart(figure.finished(), alt, table, labels, (labels.y,))


def _state(share: float, watch_below: float, act_below: float) -> AvailabilityState:
    if np.isnan(share):
        return AvailabilityState.silent
    if share < act_below:
        return AvailabilityState.failing
    return AvailabilityState.degraded if share < watch_below else AvailabilityState.answering


def _width(at: Sequence[datetime]) -> float:
    """Return the interval's length in milliseconds: the shortest step between neighbours."""
    steps = [(later - earlier).total_seconds() for earlier, later in pairwise(at)]
    return 1000 * min(steps, default=86_400.0)
