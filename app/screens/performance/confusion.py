"""What was predicted and what happened in one period, what that was worth, and class by class."""

from datetime import timedelta

import numpy as np
import pandas as pd
import streamlit as st

from app.charts import Chart, Look, labels_for
from app.charts.matrix import matrix
from app.components import Column, show_chart, static_table, subsection
from app.context import PageContext
from app.screens.performance.words import figure_text, metric_label
from core.i18n import Translator
from core.metrics.intervals import Interval
from core.services.performance import Performance
from core.services.performance.matrix import (
    NEGATIVE,
    POSITIVE,
    OutcomeMatrix,
    outcome_matrix,
)


def show_confusion(ctx: PageContext, found: Performance, chunk: int) -> None:
    """Show the confusion matrix of a period, its value in money, and the figures of each class."""
    t = ctx.t
    made = outcome_matrix(ctx.workspace, found)
    if made is None or not made.counts[chunk].sum():
        return
    period = t.chunk(found.chunks[chunk].key)
    subsection(t("Predicted and happened"))
    left, right = st.columns(2, gap="medium")
    with left:
        show_chart(t, confusion_chart(ctx.look, found, made, chunk), key="performance_confusion")
    if made.worth is not None:
        with right:
            static_table(
                t,
                *value_frame(t, made, chunk, found.view.contract.currency),
                caption=t("What right and wrong predictions of {period} were worth", period=period),
            )
    if made.figures:
        static_table(
            t,
            *class_frame(t, found, made, chunk),
            caption=t("Each class of {period} against all others, 95% intervals", period=period),
        )


def confusion_chart(look: Look, found: Performance, made: OutcomeMatrix, chunk: int) -> Chart:
    """Return the matrix of one period: down what happened, across what was predicted."""
    t, part, zone = look.t, found.chunks[chunk], found.view.contract.zone
    return matrix(
        look,
        labels_for(
            t,
            title=t("Predicted and happened in {period}", period=t.chunk(part.key)),
            x=t("Predicted"),
            y=t("Happened"),
            n=int(made.counts[chunk].sum()),
            first=part.start.astimezone(zone).date(),
            last=(part.end - timedelta(microseconds=1)).astimezone(zone).date(),
        ),
        classes=class_names(t, made),
        counts=made.counts[chunk],
    )


def class_names(t: Translator, made: OutcomeMatrix) -> list[str]:
    """Return what the rows and columns of the matrix are called."""
    known = {POSITIVE: t("positive"), NEGATIVE: t("negative")}
    return [name if made.figures else known[name] for name in made.classes]


def value_frame(
    t: Translator, made: OutcomeMatrix, chunk: int, currency: str
) -> tuple[pd.DataFrame, list[Column]]:
    """Return what the rows of each cell of a period were worth, and all of them together."""
    worth = made.worth
    assert worth is not None  # noqa: S101  # the caller has asked
    names, counts = class_names(t, made), made.counts[chunk]
    rows = [
        {
            "predicted": names[two],
            "happened": names[one],
            "n": int(counts[one, two]),
            "each": t.money(float(worth[one, two]), currency),
            "value": t.money(float(worth[one, two] * counts[one, two]), currency),
        }
        for two in range(len(names))
        for one in range(len(names))
    ]
    total = t.money(float((worth * counts).sum()), currency)
    rows.append(
        {"predicted": t("All"), "happened": "", "n": int(counts.sum()), "each": "", "value": total}
    )
    columns = [
        Column("predicted", t("Predicted")),
        Column("happened", t("Happened")),
        Column("n", t("Rows"), kind="count"),
        Column("each", t("Value of a row")),
        Column("value", t("Value")),
    ]
    return pd.DataFrame(rows), columns


def class_frame(
    t: Translator, found: Performance, made: OutcomeMatrix, chunk: int
) -> tuple[pd.DataFrame, list[Column]]:
    """Return every figure of every class of a period, each with its interval."""
    early = found.maturity[chunk].basis == "early"
    rows = []
    for place, name in enumerate(made.classes):
        line: dict[str, object] = {"class": name, "n": int(made.counts[chunk, place].sum())}
        for metric, classes in made.figures.items():
            line[metric] = _with_interval(t, found, metric, classes[name], chunk, early)
        rows.append(line)
    columns = [
        Column("class", t("Class")),
        Column("n", t("Happened"), kind="count"),
        *(Column(metric, metric_label(t, metric)) for metric in made.figures),
    ]
    return pd.DataFrame(rows), columns


def _with_interval(
    t: Translator, found: Performance, metric: str, figure: Interval, chunk: int, early: bool
) -> str:
    value, low, high = (float(part[chunk]) for part in (figure.value, figure.low, figure.high))
    if np.isnan(value):
        return "–"
    text = figure_text(t, found, metric, value)
    if early or np.isnan(low):  # what came early is no sample
        return text
    between = [figure_text(t, found, metric, limit) for limit in (low, high)]
    return t("{value} ({low} to {high})", value=text, low=between[0], high=between[1])
