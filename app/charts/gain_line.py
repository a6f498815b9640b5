"""Money by cut-off: what each would have brought, with its band, today's and the best marked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.charts.base import Chart, Labels, Look, check_points, faded, new_figure, safe
from app.charts.remembered import remembered
from app.charts.sketch import Sketch
from app.charts.ticks import round_ticks
from core.metrics.intervals import Interval

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spot:
    """A cut-off with a name, such as today's; drawn where the line has a figure."""

    at: float
    text: str


@remembered
def gain_line(
    look: Look,
    labels: Labels,
    *,
    cut_off: Values,
    gain: Interval,
    flagged: Values,
    spots: Sequence[Spot],
    write: Callable[[float], str],
) -> Chart:
    """Draw what every cut-off would have brought.

    Parameters
    ----------
    cut_off, flagged : array, shape (K,)
        Cut-offs ascending, and the share that each flags.
    gain : Interval, shape (K,)
        Money; NaN leaves a gap.
    spots : sequence of Spot
        Cut-offs to mark.
    write : callable
        Writes money.
    """
    check_points(3 * len(cut_off))
    t, colours = look.t, look.colours
    figure = new_figure(look, labels, height=340)
    _line(figure, look, labels, cut_off, gain, flagged, write)
    end = _end(cut_off, flagged, spots)
    figure.add_hline(0.0, line={"color": colours.muted, "width": 1})
    for place, spot in enumerate(spots):
        _mark(figure, look, spot, place, end, cut_off, gain.value)
    figure.update_xaxes(range=[0, end])
    _money_axis(figure, gain, write)
    table = pd.DataFrame(
        {
            labels.x: cut_off,
            t("flagged"): flagged,
            labels.y: gain.value,
            t("Low"): gain.low,
            t("High"): gain.high,
        }
    )
    alt = t(
        "{title}: {spots}.",
        title=labels.title,
        spots=t.items(*(spot.text for spot in spots)) or t("{n} cut-offs", n=len(cut_off)),
    )
    return Chart(figure.finished(), alt, table, labels, (t("flagged"),))


def _line(
    figure: Sketch,
    look: Look,
    labels: Labels,
    cut_off: Values,
    gain: Interval,
    flagged: Values,
    write: Callable[[float], str],
) -> None:
    """Draw the money in its band."""
    t, colours = look.t, look.colours
    for values, fill in ((gain.high, None), (gain.low, "tonexty")):
        figure.add(
            "scatter",
            x=_numbers(cut_off),
            y=_numbers(values),
            mode="lines",
            line={"width": 0, "color": colours.current},
            fill=fill,
            fillcolor=faded(colours.current, 0.13),
            hoverinfo="skip",
        )
    figure.add(
        "scatter",
        x=_numbers(cut_off),
        y=_numbers(gain.value),
        mode="lines",
        line={"color": colours.current, "width": 2},
        customdata=[
            [write(float(value)), t.percent(float(share)), write(float(low)), write(float(high))]
            for value, share, low, high in zip(
                gain.value, flagged, gain.low, gain.high, strict=True
            )
        ],
        hovertemplate=f"{safe(labels.x)} %{{x:.4~f}}<br><b>%{{customdata[0]}}</b>"
        f" (%{{customdata[2]}} … %{{customdata[3]}})<br>{safe(t('flagged'))}"
        " %{customdata[1]}<extra></extra>",
    )


def _end(cut_off: Values, flagged: Values, spots: Sequence[Spot]) -> float:
    """Return where the axis ends: beyond it hardly a row is flagged."""
    some = cut_off[flagged > 0.002]
    reach = [float(some.max()) if some.size else 1.0, *(spot.at * 1.15 for spot in spots)]
    return min(max(reach), 1.0)


def _mark(
    figure: Sketch,
    look: Look,
    spot: Spot,
    place: int,
    end: float,
    cut_off: Values,
    values: Values,
) -> None:
    """Draw a line at a cut-off with its name, and a point where it meets the curve."""
    colours = look.colours
    figure.add_vline(spot.at, line={"color": colours.muted, "width": 1, "dash": "4px,3px"})
    nearest = int(np.argmin(np.abs(cut_off - spot.at)))
    if np.isfinite(values[nearest]):
        figure.add(
            "scatter",
            x=[round(float(cut_off[nearest]), 6)],
            y=[round(float(values[nearest]), 2)],
            mode="markers",
            marker={
                "size": 10,
                "symbol": ["circle", "diamond"][place % 2],
                "color": colours.current,
                "line": {"color": colours.ink, "width": 1},
            },
            hoverinfo="skip",
        )
    to_the_right = spot.at <= end / 2
    figure.add_annotation(
        text=safe(spot.text),
        x=spot.at,
        y=1,
        yref="paper",
        yanchor="top",
        yshift=-16 * place,
        xanchor="left" if to_the_right else "right",
        xshift=4 if to_the_right else -4,
        showarrow=False,
        font={"size": 11.5, "color": colours.muted},
    )


def _money_axis(figure: Sketch, gain: Interval, write: Callable[[float], str]) -> None:
    known = np.concatenate([gain.value, gain.low, gain.high, [0.0]])
    known = known[np.isfinite(known)]
    low, high = float(known.min()), float(known.max())
    room = (high - low) * 0.06 or 1.0
    ticks = round_ticks(low - room, high + room)
    figure.update_yaxes(
        range=[low - room, high + 3 * room],
        tickmode="array",
        tickvals=ticks,
        ticktext=[write(tick) for tick in ticks],
    )


def _numbers(values: Values) -> list[float | None]:
    return [None if np.isnan(value) else round(float(value), 6) for value in values]
