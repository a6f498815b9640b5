"""All inputs together: which periods depart from the reference, and what tells them apart."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from app.charts import Chart, Look, Mark, labels_for, trend
from app.components import Column, note, plain, show_chart, static_table, subsection
from app.components.text import error_text
from app.context import PageContext
from app.screens.marks import version_marks
from app.screens.words import column_label
from core.domain.status import Status
from core.errors import HarbourlightError
from core.i18n import Translator
from core.metrics.registry import METRICS
from core.services.drift.measure import DriftTable
from core.services.drift.multivariate import (
    RECONSTRUCTION,
    ReconstructionDrift,
    Separation,
    reconstruction,
    separation,
)

_MOST_INPUTS = 10


def show_multivariate(ctx: PageContext, table: DriftTable) -> None:
    """Show the section; nothing is computed before the reader opens it."""
    t = ctx.t
    place = st.expander(
        plain(t("Look at all inputs together")), key="drift_together", on_change="rerun"
    )
    if not place.open:
        return
    with place:
        if table.view.rows_per_chunk is not None:
            note(t("Choose chunks by the calendar: samples are drawn from days."))
            return
        try:
            with st.spinner(t("Drawing rows and measuring how they hang together …")):
                found = reconstruction(ctx.workspace, table.view.question, actor=ctx.actor)
            _show_errors(ctx, found)
            _show_separation(ctx, found)
        except HarbourlightError as error:
            note(error_text(t, error))


def _show_errors(ctx: PageContext, found: ReconstructionDrift) -> None:
    t = ctx.t
    note(errors_sentence(t, found))
    marks = version_marks(ctx, found.view)
    show_chart(t, errors_chart(ctx.look, found, marks), key="drift_together_errors")
    note(
        t(
            "{kept} of {inputs} directions explain {share} of how {n} rows of the reference "
            "vary; the limits are wrong in one of a hundred unchanged periods.",
            kept=found.directions,
            inputs=found.inputs,
            share=t.percent(found.explained),
            n=found.n_reference,
        )
    )


def errors_sentence(t: Translator, found: ReconstructionDrift) -> str:
    """Return which periods lie outside the limits."""
    judged = [each for each in found.chunks if each.status is not Status.not_enough_data]
    outside = [each for each in judged if each.status is Status.act]
    if not judged:
        return t("There are too few rows in this period to say whether inputs moved.")
    if not outside:
        return t("The inputs hang together as in the reference.")
    newest = outside[-1] is judged[-1]
    if len(outside) == 1:
        text = t(
            "In one of {judged} periods the inputs do not hang together as in the reference: "
            "{period}.",
            judged=len(judged),
            period=t.chunk(outside[0].chunk.key),
        )
    else:
        text = t(
            "In {n} of {judged} periods the inputs do not hang together as in the reference, "
            "first in {period}.",
            n=len(outside),
            judged=len(judged),
            period=t.chunk(outside[0].chunk.key),
        )
    return text if newest else t.sentences(text, t("In the newest period they do again."))


def errors_chart(look: Look, found: ReconstructionDrift, marks: Sequence[Mark] = ()) -> Chart:
    """Return the reconstruction error by period between its limits."""
    t, view = look.t, found.view
    first, last = view.window.days(view.timezone)
    judged = np.array([each.status is not Status.not_enough_data for each in found.chunks])
    values = np.array([each.error.mean for each in found.chunks])
    return trend(
        look,
        labels_for(
            t,
            title=t("Reconstruction error of all inputs together"),
            x=t("Period"),
            y=t(METRICS[RECONSTRUCTION].label),
            n=sum(each.error.n for each in found.chunks),
            first=first,
            last=last,
        ),
        at=view.local_starts([each.chunk for each in found.chunks]),
        values=np.where(judged, values, np.nan),
        usual=(
            np.array([each.limits.low for each in found.chunks]),
            np.array([each.limits.high for each in found.chunks]),
        ),
        marks=marks,
        from_zero=False,
    )


def _show_separation(ctx: PageContext, found: ReconstructionDrift) -> None:
    t = ctx.t
    subsection(t("Which inputs tell the rows apart?"))
    enough = [each.chunk.key for each in found.chunks if each.status is not Status.not_enough_data]
    if not enough:
        note(t("No period has enough rows to tell them from the reference."))
        return
    chosen = st.selectbox(
        t("Period"),
        enough,
        index=len(enough) - 1,
        key="drift_together_at",
        width=240,
        format_func=t.chunk,
    )
    waiting = plain(t("Training a classifier to tell the rows apart …"))
    bar = st.progress(0.0, text=waiting)

    def told(share: float) -> None:
        bar.progress(min(share, 1.0), text=waiting)

    try:
        apart = separation(
            ctx.workspace,
            found.view.question,
            chosen,
            actor=ctx.actor,
            progress=told,
        )
    finally:
        bar.empty()
    note(separation_sentence(t, apart))
    frame, columns = separators(t, apart)
    with st.container(width=640):
        title = t("What tells rows of {period} apart", period=t.chunk(chosen))
        static_table(t, frame, columns, caption=title)


def separation_sentence(t: Translator, apart: Separation) -> str:
    """Return how well rows are told apart, and what that means."""
    found = apart.found
    text = t(
        "Shown a row of {period} and one of the reference, a classifier says which is which in "
        "{auc} of cases (95% interval {low} to {high}; {n} and {reference} rows).",
        period=t.chunk(apart.chunk.key),
        auc=t.percent(found.auc),
        low=t.percent(found.low),
        high=t.percent(found.high),
        n=found.n_current,
        reference=found.n_reference,
    )
    if not found.is_beyond_chance:
        return t.sentences(text, t("That is not more than guessing."))
    if apart.status is Status.in_range:
        return t.sentences(text, t("That is more than guessing, but little."))
    return t.sentences(text, t("These are different rows."))


def separators(t: Translator, apart: Separation) -> tuple[pd.DataFrame, list[Column]]:
    """Return the inputs that separate most and the columns of their table."""
    contract = apart.view.contract
    rows = [
        {"label": column_label(t, contract, each.feature), "drop": each.drop}
        for each in apart.found.separators[:_MOST_INPUTS]
    ]
    columns = [
        Column("label", t("Input")),
        Column(
            "drop",
            t("Lost when shuffled"),
            kind="number",
            digits=3,
            help=t(
                "How much of the area under the curve is lost when the values of this input are "
                "shuffled; about 0 for one that does not separate."
            ),
        ),
    ]
    return pd.DataFrame(rows), columns
