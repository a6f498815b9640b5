"""Disposing of what is past its maximum: asking for it, and what became of each disposal."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.components import Column, note, static_table
from app.components.step_up import attempt_and_rerun
from app.components.text import failure_text
from app.context import PageContext
from core.auth.policy import allows
from core.domain.identity import Permission
from core.domain.retention import RECORD_CLASSES
from core.i18n import N_
from core.services.retention import disposal
from core.services.retention.rules import Due
from core.store.jobs import Job

STORES = {
    "predictions": N_("Prediction log"),
    "decisions": N_("Decisions"),
    "outcomes": N_("Outcomes"),
    "resolved": N_("Outcomes joined"),
    "quarantine": N_("Quarantine"),
    "reviews": N_("Cases of human review"),
    "requests": N_("Customers' requests"),
    "disclosures": N_("Notes of disclosures"),
    "refusals": N_("Log book of refusals"),
    "releases": N_("Releases decided by hand"),
    "letters": N_("Letters about decisions"),
    "explanations": N_("Explanations of decisions"),
}
STATES = {
    "queued": N_("Waiting for the worker"),
    "running": N_("under way"),
    "done": N_("done"),
    "failed": N_("Failed"),
}
_NONE = "–"


def show_proposal(ctx: PageContext, due: Sequence[Due]) -> None:
    """Let those who may ask that what is due be removed."""
    t = ctx.t
    classes = [
        name
        for name in RECORD_CLASSES
        if any(each.record_class == name and not each.held for each in due)
    ]
    if not classes or not allows(ctx.actor, Permission.erasure_request):
        return
    if ctx.actor.jurisdictions is not None:
        note(t("A disposal needs a scope of all that it removes."))
        return
    with (
        st.expander(t("Dispose of what is past its maximum")),
        st.form("personal_dispose", border=False, clear_on_submit=True),
    ):
        left, right = st.columns(2, gap="medium")
        name = left.selectbox(
            t("Records"), classes, format_func=lambda each: t(RECORD_CLASSES[each].label)
        )
        names = {each.id: each.name for each in ctx.models}
        every = [None] if ctx.actor.models is None else []
        model = right.selectbox(
            t("Model"), [*every, *names], format_func=lambda each: names.get(each, t("all models"))
        )
        reason = st.text_input(t("Why now, for whoever decides"))
        note(
            t(
                "What a hold covers stays. Rows of the prediction log leave the counts of charts"
                " too; the reference keeps its own."
            )
        )
        pressed = st.form_submit_button(t("Ask for the disposal"))
    if pressed:
        attempt_and_rerun(
            ctx,
            lambda actor: disposal.propose_disposal(
                ctx.workspace, str(name), actor=actor, reason=reason, model=model
            ),
            done=t("Asked for; somebody else approves it."),
        )


def show_disposals(ctx: PageContext, found: Sequence[Job]) -> None:
    """Show what each disposal removed."""
    t, zone = ctx.t, ctx.filters.timezone
    rows = []
    for job in found:
        lines = disposal.report_lines(job.result or {}) if job.state == "done" else ()
        what = [
            t(
                "{store} of {model}: {rows} rows",
                store=t(STORES[line.store]),
                model=_model_name(ctx, line.model_id),
                rows=line.rows,
            )
            for line in lines
        ]
        if job.state == "failed":
            what = [failure_text(t, job)]
        rows.append(
            {
                "record_class": t(RECORD_CLASSES[str(job.payload["record_class"])].label),
                "state": t(STATES[job.state]),
                "ended": t.instant(job.finished_at, zone) if job.finished_at else _NONE,
                "what": " · ".join(what) or _NONE,
            }
        )
    if not rows:
        return
    columns = [
        Column("record_class", t("Records")),
        Column("state", t("State")),
        Column("ended", t("Ended")),
        Column("what", t("What was removed"), wide=True),
    ]
    static_table(t, pd.DataFrame(rows), columns, caption=t("Disposals"))


def _model_name(ctx: PageContext, model_id: str) -> str:
    if not model_id:  # a request that names none
        return ctx.t("all models")
    return next((each.name for each in ctx.models if each.id == model_id), model_id)
