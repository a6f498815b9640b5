"""What a score does in one period: calibration, cut-offs and lift."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.charts.base import Chart, Labels, Look, check_points, faded, new_figure, safe
from app.charts.remembered import remembered

Values = NDArray[np.float64]


@remembered
def calibration(
    look: Look, labels: Labels, *, expected: Values, rate: Values, low: Values, high: Values
) -> Chart:
    """Draw what happened against what the score said, with the line of a score that keeps its word.

    Parameters
    ----------
    expected : array, shape (groups,)
        Mean score of each group.
    rate, low, high : array, shape (groups,)
        Share of positive outcomes with its interval.
    """
    check_points(len(expected))
    t, colours = look.t, look.colours
    figure = new_figure(look, labels, height=300)
    known = np.isfinite(expected) & np.isfinite(rate)
    expected, rate, low, high = (part[known] for part in (expected, rate, low, high))
    top = float(max([*expected, *high, 1e-6])) * 1.05
    figure.add(
        "scatter",
        x=[0, top],
        y=[0, top],
        mode="lines",
        line={"color": colours.muted, "width": 1, "dash": "4px,3px"},
        hoverinfo="skip",
    )
    figure.add(
        "scatter",
        x=np.round(expected, 6).tolist(),
        y=np.round(rate, 6).tolist(),
        mode="lines+markers",
        line={"color": colours.current, "width": 2},
        marker={"size": 7, "color": colours.current},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": np.round(high - rate, 6).tolist(),
            "arrayminus": np.round(rate - low, 6).tolist(),
            "color": faded(colours.current, 0.55),
            "thickness": 1.2,
            "width": 0,
        },
        customdata=[
            [t.percent(float(s), 1), t.percent(float(r), 1)]
            for s, r in zip(expected, rate, strict=True)
        ],
        hovertemplate=f"{safe(t('said'))} %{{customdata[0]}}<br>{safe(t('came'))} "
        "<b>%{customdata[1]}</b><extra></extra>",
    )
    figure.update_xaxes(range=[0, float(max([*expected, 1e-6])) * 1.05], tickformat=".1~%")
    figure.update_yaxes(range=[0, top], tickformat=".1~%")
    table = pd.DataFrame(
        {
            labels.x: expected,
            labels.y: rate,
            t("Low"): low,
            t("High"): high,
        }
    )
    alt = t(
        "{title}: the highest group expected {expected}, {rate} came.",
        title=labels.title,
        expected=t.percent(float(expected[-1]), 1) if expected.size else "–",
        rate=t.percent(float(rate[-1]), 1) if rate.size else "–",
    )
    return Chart(figure.finished(), alt, table, labels, tuple(table.columns))


@remembered
def cut_off_lines(
    look: Look,
    labels: Labels,
    *,
    cut_off: Values,
    precision: Values,
    recall: Values,
    flagged: Values,
    in_force: float | None,
    in_force_text: str = "",
) -> Chart:
    """Draw precision, recall and the share flagged by the cut-off, and the cut-off in force.

    Parameters
    ----------
    cut_off, precision, recall, flagged : array, shape (K,)
        Cut-offs ascending, and what each would do.
    in_force : float, optional
        Where the rows were cut; no line is drawn without it.
    in_force_text : str
        What is written at its line, or at the edge why there is none.
    """
    check_points(3 * len(cut_off))
    t, colours = look.t, look.colours
    figure = new_figure(look, labels, height=300)
    names = (t("precision"), t("recall"), t("flagged"))
    for name, values, colour in zip(
        names, (precision, recall, flagged), colours.series, strict=False
    ):
        figure.add(
            "scatter",
            x=np.round(cut_off, 6).tolist(),
            y=[None if np.isnan(v) else round(float(v), 5) for v in values],
            mode="lines",
            line={"color": colour, "width": 2},
            name=safe(name),
            hovertemplate="%{fullData.name} <b>%{y:.1%}</b><extra></extra>",
        )
    last = float(np.quantile(cut_off, 0.995)) if cut_off.size else 1.0
    place, end = in_force or 0.0, max(last, (in_force or 0.0) * 1.3)
    if in_force is not None:
        figure.add_vline(in_force, line={"color": colours.muted, "width": 1, "dash": "4px,3px"})
    if in_force_text:
        figure.add_annotation(
            text=safe(in_force_text),
            x=place,
            y=1,
            yref="paper",
            yanchor="top",
            # The text goes to the side with more room.
            xanchor="left" if place <= end / 2 else "right",
            xshift=4 if place <= end / 2 else -4,
            showarrow=False,
            font={"size": 11.5, "color": colours.muted},
        )
    figure.update_layout(
        hovermode="x unified",
        showlegend=True,
        legend={
            "orientation": "h",
            "x": 0,
            "y": -0.2,
            "yanchor": "top",
            "font": {"color": colours.muted, "size": 12},
        },
    )
    figure.update_xaxes(range=[0, end])
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    rates = dict(zip(names, (precision, recall, flagged), strict=True))
    table = pd.DataFrame({labels.x: cut_off, **rates})
    alt = t("{title}: {n} cut-offs.", title=labels.title, n=len(cut_off))
    return Chart(figure.finished(), alt, table, labels, names)


@remembered
def lift_bars(
    look: Look, labels: Labels, *, lift: Values, captured: Values, positives: Values
) -> Chart:
    """Draw the lift of each tenth of the score, the highest scores first.

    Parameters
    ----------
    lift, captured, positives : array, shape (groups,)
        Of each tenth: rate over the overall rate, share of all positives in it and those before,
        and positive rows.
    """
    check_points(len(lift))
    t, colours = look.t, look.colours
    figure = new_figure(look, labels, height=300)
    places = [str(place + 1) for place in range(len(lift))]
    figure.add(
        "bar",
        x=places,
        y=np.round(lift, 5).tolist(),
        marker={"color": colours.current, "line": {"width": 0}},
        customdata=[
            [t.number(float(v)), t.percent(float(c))] for v, c in zip(lift, captured, strict=True)
        ],
        hovertemplate=f"{safe(t('lift'))} <b>%{{customdata[0]}}</b><br>"
        f"{safe(t('captured so far'))} %{{customdata[1]}}<extra></extra>",
    )
    figure.add_hline(1.0, line={"color": colours.muted, "width": 1, "dash": "4px,3px"})
    figure.update_xaxes(type="category")
    figure.update_yaxes(rangemode="tozero")
    table = pd.DataFrame(
        {
            labels.x: places,
            labels.y: lift,
            t("captured so far"): captured,
            t("Positive outcomes"): np.round(positives, 1),
        }
    )
    alt = t(
        "{title}: the highest tenth has {lift} times the average rate.",
        title=labels.title,
        lift=t.number(float(lift[0]), 2),
    )
    return Chart(figure.finished(), alt, table, labels, (t("captured so far"),))
