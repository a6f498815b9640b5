"""The performance screen: what labels say, how far they are, and what is said before them."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd

from app.charts import (
    Chart,
    Estimate,
    Labels,
    Look,
    Mark,
    Realised,
    calibration,
    course,
    cut_off_lines,
    labels_for,
    lift_bars,
    maturity_bars,
)
from app.components import Column, Kpi
from app.screens.figures import figure_unit
from app.screens.performance.words import figure_text, metric_label
from core.contract.cut_offs import CutOff
from core.i18n import Translator
from core.metrics.registry import METRICS
from core.services.confidence import Unsaid
from core.services.performance import Curves, Estimates, Performance

_FIRST = ("roc_auc", "precision", "recall", "expected_calibration_error")
_FIRST_OF_REGRESSION = ("mae", "rmse", "wape", "bias")


def first_metric(found: Performance) -> str:
    """Return the figure that the page opens with."""
    return next(iter(found.figures))


def headline(found: Performance) -> tuple[str, ...]:
    """Return the figures of the row at the top."""
    names = _FIRST if found.view.contract.task != "regression" else _FIRST_OF_REGRESSION
    return tuple(name for name in names if name in found.figures)


def figures(t: Translator, found: Performance, estimates: Estimates) -> list[Kpi]:
    """Return the newest final figures, and how far the newest labels are."""
    newest = found.newest_matured()
    if newest is None:
        return []
    period, shown = t.chunk(found.chunks[newest].key), []
    for name in headline(found):
        interval = found.figures[name]
        value = float(interval.value[newest])
        note = period
        said = estimates.figures.get(name)
        if said is not None and not math.isnan(float(said.band.value[newest])):
            expected = figure_text(t, found, name, float(said.band.value[newest]))
            note = t("{period}; estimated {value}", period=period, value=expected)
        status = found.status_of(name, newest)
        shown.append(
            Kpi(
                metric_label(t, name),
                figure_text(t, found, name, value),
                note=note,
                status=status if judged(found, name) else None,
                definition=t(METRICS[name].meaning),
            )
        )
    return shown


def judged(found: Performance, name: str) -> bool:
    """Whether a figure has thresholds to be held against."""
    limits = found.thresholds(name)
    return limits.watch is not None or limits.act is not None


def course_chart(
    look: Look, found: Performance, estimates: Estimates, name: str, marks: Sequence[Mark]
) -> Chart:
    """Return a figure before and after its labels, on one time axis."""
    figure, limits = found.figures[name], found.thresholds(name)
    shares = np.asarray([each.labelled_share for each in found.maturity], dtype=np.float64)
    said = estimates.figures.get(name)
    return course(
        look,
        _labels(
            look.t,
            found,
            metric_label(look.t, name),
            _axis_unit(found, name),
        ),
        at=found.view.local_starts(found.chunks),
        realised=Realised(figure.value, figure.low, figure.high, found.matured, shares),
        estimate=None if said is None else Estimate(said.band.value, said.band.low, said.band.high),
        watch=limits.watch,
        act=limits.act,
        marks=marks,
        as_share=METRICS[name].unit == "share",
    )


def maturity_chart(look: Look, found: Performance, marks: Sequence[Mark] = ()) -> Chart:
    """Return how far the labels of each period are."""
    t = look.t
    with np.errstate(divide="ignore", invalid="ignore"):
        known = np.asarray([each.labelled for each in found.maturity], dtype=np.float64)
        mature = np.asarray(
            [each.used if each.basis == "matured" else 0 for each in found.maturity],
            dtype=np.float64,
        )
        final, early = mature / found.predictions, (known - mature) / found.predictions
    return maturity_bars(
        look,
        _labels(t, found, t("Share of predictions")),
        at=found.view.local_starts(found.chunks),
        final=final,
        early=early,
        marks=marks,
    )


def curve_charts(look: Look, found: Performance, drawn: Curves, chunk: int) -> list[Chart]:
    """Return calibration, cut-offs and lift of one period."""
    t = look.t
    rate = drawn.calibration.outcome_rate
    period = t.chunk(found.chunks[chunk].key)
    if not found.maturity[chunk].is_sample:
        unknown = np.full_like(rate.value, np.nan)
        rate = replace(rate, low=unknown, high=unknown)
    return [
        calibration(
            look,
            _of_chunk(t, found, chunk, drawn.n, t("Calibration in {period}", period=period),
                      t("Mean score"), t("Positive outcomes")),
            expected=drawn.calibration.mean_score,
            rate=rate.value,
            low=rate.low,
            high=rate.high,
        ),
        cut_off_lines(
            look,
            _of_chunk(t, found, chunk, drawn.n, t("Cut-offs in {period}", period=period),
                      t("Cut-off"), t("Share")),
            cut_off=drawn.cut_offs.cut_off,
            precision=drawn.cut_offs.precision,
            recall=drawn.cut_offs.recall,
            flagged=drawn.cut_offs.flagged_share,
            in_force=None if isinstance(drawn.in_force, Unsaid) else drawn.in_force.value,
            in_force_text=in_force_text(t, drawn.in_force),
        ),
        lift_bars(
            look,
            _of_chunk(t, found, chunk, drawn.n, t("Lift in {period}", period=period),
                      t("Tenth of the score, the highest first"), t("Lift")),
            lift=drawn.lift.lift,
            captured=drawn.lift.captured,
            positives=drawn.lift.positives,
        ),
    ]  # fmt: skip


def in_force_text(t: Translator, found: CutOff | Unsaid) -> str:
    """Say at which score the rows were cut, or why there is none."""
    if found == Unsaid.several_cut_offs:
        return t("more than one cut-off was in force")
    if isinstance(found, Unsaid):
        return t("no policy sets a cut-off")
    if not found.policy:
        return t("{value}: an even chance, no policy", value=t.number(found.value))
    return t("in force {value}", value=t.number(found.value))


def every_figure(
    t: Translator, found: Performance, estimates: Estimates, chunk: int
) -> tuple[pd.DataFrame, list[Column]]:
    """Return all figures of one period as a table."""
    rows = []
    for name, figure in found.figures.items():
        said = estimates.figures.get(name)
        low, high = float(figure.low[chunk]), float(figure.high[chunk])
        between = ""
        if not math.isnan(low):
            between = t(
                "{low} to {high}",
                low=figure_text(t, found, name, low),
                high=figure_text(t, found, name, high),
            )
        line = {
            "label": metric_label(t, name),
            "value": figure_text(t, found, name, float(figure.value[chunk])),
            "interval": between,
            "estimate": "–",
            "kept": "–",
        }
        if said is not None:
            line["estimate"] = figure_text(t, found, name, float(said.band.value[chunk]))
            if said.coverage.judged:
                line["kept"] = t(
                    "{covered} of {judged}",
                    covered=said.coverage.covered,
                    judged=said.coverage.judged,
                )
        rows.append(line)
    columns = [
        Column("label", t("Figure")),
        Column("value", t("Realised"), "figure"),
        Column("interval", t("95% interval")),
        Column("estimate", t("Estimate"), "figure"),
        Column("kept", t("Bands that held")),
    ]
    return pd.DataFrame(rows), columns


def _axis_unit(found: Performance, name: str) -> str:
    """Return the unit of an axis; one of shares writes its percent signs itself."""
    metric = METRICS[name]
    if metric.unit == "share":
        return ""
    return figure_unit(metric, currency=found.view.contract.currency)


def _labels(t: Translator, found: Performance, name: str, unit: str = "") -> Labels:
    first, last = found.view.window.days(found.view.timezone)
    return labels_for(
        t,
        title=name,
        x=t("Period"),
        y=name,
        n=int(found.predictions.sum()),
        first=first,
        last=last,
        unit=unit,
    )


def _of_chunk(
    t: Translator, found: Performance, chunk: int, n: int, title: str, x: str, y: str
) -> Labels:
    zone = found.view.contract.zone
    at = found.chunks[chunk]
    return labels_for(
        t,
        title=title,
        x=x,
        y=y,
        n=n,
        first=at.start.astimezone(zone).date(),
        last=(at.end - timedelta(microseconds=1)).astimezone(zone).date(),
    )
