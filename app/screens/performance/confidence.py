"""How sure the model is: quantiles of the score, entropy, margin, and share near the cut-off."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from app.charts import Chart, Look, Mark, labels_for, trend
from app.components import note, section, show_chart
from app.components.text import error_text
from app.context import PageContext
from app.screens.marks import version_marks
from core.errors import NotComputable
from core.i18n import N_, Translator
from core.metrics.registry import family_members
from core.services.confidence import UNSAID, Confidence, Unsaid, confidence

FIGURES: Mapping[str, str] = {
    **{metric.id: metric.label for metric in reversed(family_members("confidence"))},
    "score_p05": N_("Score, 5th percentile"),
    "score_p50": N_("Score, median"),
    "score_p95": N_("Score, 95th percentile"),
}


def show_confidence(ctx: PageContext) -> None:
    """Show one figure of the scores over time, as the reader chooses."""
    t = ctx.t
    if ctx.filters.model is None:
        return
    section(
        t("How sure the model is"),
        t("From the scores alone; whether they are right only outcomes tell."),
    )
    try:
        found = confidence(ctx.workspace, ctx.filters.question(), actor=ctx.actor)
    except NotComputable as error:  # no score, or no reference yet
        note(error_text(t, error))
        return
    names = shown(found)
    name = st.segmented_control(
        t("Figure"),
        names,
        default=names[0],
        format_func=lambda each: t(FIGURES[each]),
        key="confidence_figure",
        required=True,
    )
    marks = version_marks(ctx, found.view)
    show_chart(t, chart(ctx.look, found, name, marks), key="confidence_trend")
    if name == "near_cut_off":
        note(band_text(t, found))
    for reason in missing(found):
        note(t(UNSAID[reason]))


def shown(found: Confidence) -> list[str]:
    """Return the figures that have a value in some chunk, or else the median."""
    known = [
        name
        for name in FIGURES
        if name in found.figures and np.isfinite(found.figures[name].value).any()
    ]
    return known or ["score_p50"]


def missing(found: Confidence) -> list[Unsaid]:
    """Return why figures are missing in chunks that have scores."""
    said = {status for statuses in found.statuses.values() for status in statuses}
    return [each for each in Unsaid if each in said and each is not Unsaid.current_empty]


def band_text(t: Translator, found: Confidence) -> str:
    """Return which scores count as near, in the newest chunk that has a cut-off."""
    pairs = zip(found.cut_offs, found.bands, strict=True)
    known = [(cut, band) for cut, band in pairs if cut is not None and band is not None]
    if not known:
        return ""
    cut_off, band = known[-1]
    return t(
        "Near is a score from {low} to {high}; the cut-off is {cut_off}.",
        low=t.number(cut_off - band, 4),
        high=t.number(cut_off + band, 4),
        cut_off=t.number(cut_off, 4),
    )


def chart(look: Look, found: Confidence, name: str, marks: Sequence[Mark] = ()) -> Chart:
    """Return one figure over time."""
    t = look.t
    first, last = found.view.window.days(found.view.timezone)
    return trend(
        look,
        labels_for(
            t,
            title=t(FIGURES[name]),
            x=t("Period"),
            y=t(FIGURES[name]),
            n=int(found.scores.sum()),
            first=first,
            last=last,
        ),
        at=found.view.local_starts(found.chunks),
        values=found.figures[name].value,
        marks=marks,
        as_share=name == "near_cut_off",
    )
