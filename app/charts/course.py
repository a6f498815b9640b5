"""Estimate with its band, partial and final figures, thresholds and events on one time axis."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
    add_threshold,
    check_points,
    faded,
    new_figure,
    safe,
    use_time_axis,
)
from app.charts.remembered import remembered
from app.charts.sketch import Sketch
from app.charts.ticks import round_ticks
from core.i18n import Translator

Values = NDArray[np.float64]
Write = Callable[[float], str]


@dataclass(frozen=True, slots=True, eq=False)
class Realised:
    """What labels said of each chunk; arrays of shape (chunks,), NaN where nothing is known.

    Parameters
    ----------
    value, low, high : array
        Figure and its interval.
    final : array of bool
        Whether the labels are final; other points are grey and hollow.
    labelled_share : array
        Share of the predictions whose label is known.
    """

    value: Values
    low: Values
    high: Values
    final: NDArray[np.bool_]
    labelled_share: Values


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """What was said of each chunk without labels; arrays of shape (chunks,)."""

    value: Values
    low: Values
    high: Values


@remembered
def course(
    look: Look,
    labels: Labels,
    *,
    at: Sequence[datetime],
    realised: Realised,
    estimate: Estimate | None = None,
    watch: float | None = None,
    act: float | None = None,
    marks: Sequence[Mark] = (),
    as_share: bool = False,
    amount: Write | None = None,
) -> Chart:
    """Draw a figure before and after its labels.

    Parameters
    ----------
    at : sequence of datetime
        The start of each chunk.
    realised : Realised
        From labels.
    estimate : Estimate, optional
        Without them: a dashed line in its band.
    watch, act : float, optional
        Thresholds.
    marks : sequence of Mark
        What happened when.
    as_share : bool
        Write the axis in percent.
    amount : callable, optional
        Writes a figure with its unit, on the axis too, such as an amount of money.
    """
    check_points(4 * len(at))
    t = look.t
    write: Write = amount or (t.percent if as_share else t.number)
    figure = new_figure(look, labels, height=340)
    times = [moment.isoformat() for moment in at]
    if estimate is not None:
        _band(figure, look, times, estimate, write)
    _points(figure, look, times, realised, write)
    low, high = _range(realised, estimate)
    figure.update_yaxes(range=[low, high])
    if watch is not None and watch >= low:
        add_threshold(figure, look, watch, t("watch"), high, "left", write)
    if act is not None and act >= low:
        add_threshold(figure, look, act, t("act"), high, "right", write)
    if amount is not None:
        _amounts(figure, low, high, amount)
    elif as_share:
        figure.update_yaxes(tickformat=".1~%")
    add_marks(figure, look, marks)
    use_time_axis(figure, look)
    figure.update_layout(
        showlegend=True,
        legend={
            "orientation": "h",
            "x": 0,
            "y": -0.14,
            "yanchor": "top",
            "font": {"color": look.colours.muted, "size": 12},
        },
    )
    table = _table(look, at, realised, estimate)
    shares = (t("Labelled"), *(_figures(t) if as_share else ()))
    alt = _describe(look, labels, at, realised, write)
    return Chart(figure.finished(), alt, table, labels, shares)


def _band(
    figure: Sketch, look: Look, times: Sequence[str], estimate: Estimate, write: Write
) -> None:
    t, colour = look.t, look.colours.series[1]
    for values, fill, name in (
        (estimate.high, None, ""),
        (estimate.low, "tonexty", t("band of the estimate")),
    ):
        figure.add(
            "scatter",
            x=list(times),
            y=_numbers(values),
            mode="lines",
            line={"width": 0, "color": colour},
            fill=fill,
            fillcolor=faded(colour, 0.13),
            name=safe(name),
            showlegend=fill is not None,
            hoverinfo="skip",
        )
    figure.add(
        "scatter",
        x=list(times),
        y=_numbers(estimate.value),
        mode="lines",
        line={"color": colour, "width": 1.8, "dash": "6px,4px"},
        name=safe(t("estimate without labels")),
        customdata=[write(float(value)) for value in estimate.value],
        hovertemplate="%{fullData.name} <b>%{customdata}</b><extra></extra>",
    )


def _points(
    figure: Sketch, look: Look, times: Sequence[str], realised: Realised, write: Write
) -> None:
    t, colours = look.t, look.colours
    kinds = (
        (realised.final, t("final"), colours.current, colours.current, "lines+markers"),
        (~realised.final, t("not final"), colours.reference, colours.card, "markers"),
    )
    for chosen, name, line, fill, mode in kinds:
        value = np.where(chosen, realised.value, np.nan)
        if not np.isfinite(value).any():
            continue
        figure.add(
            "scatter",
            x=list(times),
            y=_numbers(value),
            mode=mode,
            connectgaps=False,
            line={"color": line, "width": 2},
            marker={"size": 7, "color": fill, "line": {"color": line, "width": 1.6}},
            error_y={
                "type": "data",
                "symmetric": False,
                "array": _numbers(np.maximum(realised.high - value, 0.0)),
                "arrayminus": _numbers(np.maximum(value - realised.low, 0.0)),
                "color": faded(line, 0.55),
                "thickness": 1.2,
                "width": 0,
            },
            name=safe(name),
            customdata=[
                [write(float(v)), t.percent(float(share))]
                for v, share in zip(value, realised.labelled_share, strict=True)
            ],
            hovertemplate="%{x}<br>%{fullData.name} <b>%{customdata[0]}</b><br>"
            + safe(t("labelled"))
            + " %{customdata[1]}<extra></extra>",
        )


def _range(realised: Realised, estimate: Estimate | None) -> tuple[float, float]:
    """Return an axis that shows every figure; a band that says nothing may run out of it."""
    shown = [realised.value, realised.low, realised.high]
    if estimate is not None:
        shown.append(estimate.value)
    every = np.concatenate(shown)
    every = every[np.isfinite(every)]
    if not every.size:
        return 0.0, 1.0
    low, high = float(every.min()), float(every.max())
    room = max(high - low, abs(high) * 0.05, 1e-6) * 0.15
    return low - room, high + room


def _amounts(figure: Sketch, low: float, high: float, amount: Write) -> None:
    ticks = round_ticks(low, high)
    figure.update_yaxes(tickmode="array", tickvals=ticks, ticktext=[amount(each) for each in ticks])


def _table(
    look: Look, at: Sequence[datetime], realised: Realised, estimate: Estimate | None
) -> pd.DataFrame:
    t = look.t
    columns = {
        t("Period"): [moment.date() for moment in at],
        t("Realised"): realised.value,
        t("Low"): realised.low,
        t("High"): realised.high,
        t("Final"): [t("yes") if each else t("no") for each in realised.final],
        t("Labelled"): realised.labelled_share,
    }
    if estimate is not None:
        columns |= {
            t("Estimate"): estimate.value,
            t("Band from"): estimate.low,
            t("Band to"): estimate.high,
        }
    return pd.DataFrame(columns)


def _figures(t: Translator) -> tuple[str, ...]:
    """Return the columns of the table that hold the figure itself."""
    return t("Realised"), t("Low"), t("High"), t("Estimate"), t("Band from"), t("Band to")


def _describe(
    look: Look,
    labels: Labels,
    at: Sequence[datetime],
    realised: Realised,
    write: Write,
) -> str:
    t = look.t
    final = np.where(realised.final, realised.value, np.nan)
    if not np.isfinite(final).any():
        return t("{title}: no final figure yet, over {period}.", title=labels.title,
                 period=labels.period)  # fmt: skip
    newest = int(np.flatnonzero(np.isfinite(final))[-1])
    return t(
        "{title}: newest final figure {value} on {date}, over {period}.",
        title=labels.title,
        value=write(float(final[newest])),
        date=at[newest].date(),
        period=labels.period,
    )


def _numbers(values: Values) -> list[float | None]:
    return [None if np.isnan(value) else round(float(value), 6) for value in values]
