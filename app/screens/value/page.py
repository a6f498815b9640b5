"""The page Value: whether the model still matters, and what each cut-off would have brought."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

from app.charts import (
    Chart,
    Labels,
    Look,
    Mark,
    Realised,
    Spot,
    course,
    gain_line,
    interval_rows,
    labels_for,
)
from app.components import Column, Kpi
from app.screens.value.words import OTHER_WAYS, interval_text, verdict
from core.i18n import Translator
from core.metrics.intervals import Interval
from core.metrics.registry import METRICS
from core.services.value import ValueAnswer


def writer(t: Translator, answer: ValueAnswer) -> "partial[str]":
    """Return what writes the answer's money short."""
    return partial(t.compact_money, currency=answer.currency)


def figures(t: Translator, answer: ValueAnswer) -> list[Kpi]:
    """Return the row of figures at the top."""
    found, table, ranking = answer.over_baseline, answer.table, answer.ranking
    shown = [
        Kpi(
            t(METRICS["value_over_baseline"].label),
            t.compact_money(found.gain, answer.currency),
            note=interval_text(t, answer.currency, found.low, found.high),
            status=answer.status,
            definition=t(METRICS["value_over_baseline"].meaning),
        ),
        Kpi(
            t("Earned by the decisions"),
            t.compact_money(float(answer.worth.value), answer.currency),
            note=interval_text(
                t, answer.currency, float(answer.worth.low), float(answer.worth.high)
            ),
        ),
    ]
    if ranking is not None:
        groups = ranking.groups
        shown.append(
            Kpi(
                t(METRICS["score_rank_correlation"].label),
                t.number(float(ranking.correlation.value), 2),
                note=t(
                    "{low} to {high}; rises in {rises} of {steps} steps",
                    low=t.number(float(ranking.correlation.low), 2),
                    high=t.number(float(ranking.correlation.high), 2),
                    rises=groups.rises,
                    steps=groups.steps,
                ),
                definition=t(METRICS["score_rank_correlation"].meaning),
            )
        )
    if table is not None and table.today >= 0:
        shown.append(
            Kpi(
                t("Cut-off today"),
                t.number(float(table.cut_off[table.today])),
                note=t("flags {share}", share=t.percent(float(table.flagged[table.today]))),
            )
        )
    return shown


def cut_off_chart(look: Look, answer: ValueAnswer) -> Chart | None:
    """Return what each cut-off would have brought; ``None`` where nothing is known of any."""
    t, table = look.t, answer.table
    if table is None or table.best < 0:
        return None
    other = (
        t("today's decisions")
        if table.over == "today"
        else t(OTHER_WAYS[answer.asked.block.baseline])
    )
    spots = []
    if table.today >= 0:
        value = float(table.cut_off[table.today])
        spots.append(Spot(value, t("today {value}", value=t.number(value))))
    best = float(table.cut_off[table.best])
    spots.append(Spot(best, t("best {value}", value=t.number(best))))
    return gain_line(
        look,
        _labels(
            t,
            answer,
            t("Value over {other} by cut-off", other=other),
            t("Cut-off"),
            t("Value over {other}", other=other),
            table.n,
        ),
        cut_off=table.cut_off,
        gain=table.gain,
        flagged=table.flagged,
        spots=spots,
        write=writer(t, answer),
    )


def comparison_chart(look: Look, answer: ValueAnswer) -> Chart | None:
    """Return the gain over each other way that can be told; ``None`` without any."""
    t = look.t
    told = [each for each in answer.comparisons if not each.why and each.other != "hold_out"]
    if not told:
        return None
    return interval_rows(
        look,
        _labels(
            t,
            answer,
            t("The model's decisions beside others"),
            t("The model earns more by"),
            t("Beside"),
            answer.valued,
        ),
        rows=[t(OTHER_WAYS[each.other]) for each in told],
        values=np.asarray([each.gain for each in told]),
        low=np.asarray([each.low for each in told]),
        high=np.asarray([each.high for each in told]),
        n=[each.n for each in told],
        limit=0.0,
        limit_word=t("no difference"),
        write=writer(t, answer),
        interval_word=t("95% interval"),
    )


def comparison_frame(t: Translator, answer: ValueAnswer) -> tuple[pd.DataFrame, list[Column]]:
    """Return the model's decisions beside every other way, and the columns."""
    rows = [
        {
            "other": t(OTHER_WAYS[each.other]),
            "gain": t.compact_money(each.gain, answer.currency),
            "interval": interval_text(t, answer.currency, each.low, each.high),
            "apart": "–" if each.why else t.number(round(each.apart), 0),
            "verdict": verdict(t, each),
        }
        for each in answer.comparisons
    ]
    columns = [
        Column("other", t("Beside")),
        Column("gain", t("The model earns more by"), "figure"),
        Column("interval", t("95% interval")),
        Column("apart", t("Decided otherwise"), "figure"),
        Column("verdict", t("What that says"), wide=True),
    ]
    return pd.DataFrame(rows), columns


def ranking_chart(look: Look, answer: ValueAnswer) -> Chart | None:
    """Return the outcome rate by tenth of the score with its interval; ``None`` without any."""
    t, ranking = look.t, answer.ranking
    if ranking is None:
        return None
    groups = ranking.groups
    names = [
        t("Tenth {number}, mean score {score}", number=place + 1, score=t.percent(float(score), 1))
        for place, score in enumerate(groups.score)
    ]
    return interval_rows(
        look,
        _labels(
            t,
            answer,
            t("Outcome rate by tenth of the score"),
            t("Positive outcomes"),
            t("Tenth of the score, the lowest first"),
            answer.labelled,
        ),
        rows=names,
        values=groups.rate.value,
        low=groups.rate.low,
        high=groups.rate.high,
        n=[int(count) for count in groups.n],
        limit=float(groups.positives.sum() / groups.n.sum()),
        limit_word=t("all together"),
        write=t.percent,
        interval_word=t("95% interval"),
        marked=_falls(groups.rate),
    )


def ranking_note(t: Translator, answer: ValueAnswer) -> str:
    """Say which rows the ranking is of; empty where it is of all."""
    if answer.ranking is None or not answer.ranking.of_known:
        return ""
    return t(
        "Only of predictions whose outcome is known: those flagged are hardly among them, so the "
        "highest scores are missing and the correlation is lower than it would be over all."
    )


def _falls(rate: Interval) -> list[bool]:
    """Return which tenths have a lower rate than the one below them, by more than chance."""
    return [False, *(bool(each) for each in rate.high[1:] < rate.low[:-1])]


def course_chart(look: Look, answer: ValueAnswer, marks: Sequence[Mark] = ()) -> Chart | None:
    """Return the value over the baseline over time; ``None`` with fewer than two periods."""
    t = look.t
    told = [each for each in answer.course if np.isfinite(each.found.gain)]
    if len(told) < 2:
        return None
    name = t(METRICS["value_over_baseline"].label)
    return course(
        look,
        _labels(t, answer, name, t("Period"), name, answer.valued),
        at=answer.view.local_starts([each.chunk for each in told]),
        realised=Realised(
            np.asarray([each.found.gain for each in told]),
            np.asarray([each.found.low for each in told]),
            np.asarray([each.found.high for each in told]),
            np.asarray([each.maturity == "matured" for each in told]),
            np.ones(len(told)),
        ),
        marks=marks,
        amount=writer(t, answer),
    )


def _labels(t: Translator, answer: ValueAnswer, title: str, x: str, y: str, n: int) -> Labels:
    first, last = answer.view.window.days(answer.view.timezone)
    return labels_for(t, title=title, x=x, y=y, n=n, first=first, last=last)
