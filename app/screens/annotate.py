"""Noting on a model's time axis what happened, and taking it off again."""

from datetime import date

import streamlit as st

from app.components import note, subsection
from app.components.step_up import attempt, attempt_and_rerun
from app.components.text import plain
from app.context import PageContext
from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.i18n import N_
from core.services.annotations import (
    LONGEST_LABEL,
    annotate,
    list_annotations,
    remove_annotation,
)

KINDS = {
    "incident": N_("Incident"),
    "threshold": N_("Threshold"),
    "version": N_("Version"),
    "note": N_("Note"),
}


def show_annotations(ctx: PageContext, model: str, timezone: str) -> None:
    """Show what was noted, and let those who may note more."""
    t = ctx.t
    subsection(t("Noted on the time axis"))
    noted = list_annotations(ctx.workspace, model, actor=ctx.actor)
    may_change = allows(ctx.actor, Permission.alert_manage)
    if not noted:
        note(t("Nothing has been noted yet."))
    for each in noted:
        with st.container(
            horizontal=True, vertical_alignment="center", key=f"annotation_{each.id}"
        ):
            note(
                t(
                    "{date}: {kind}, {label}",
                    date=t.date(each.at, timezone),
                    kind=t(KINDS[each.kind]),
                    label=each.label,
                )
            )
            if may_change:
                st.button(
                    plain(t("Remove")),
                    key=f"annotation_remove_{each.id}",
                    on_click=_remove,
                    args=(ctx, each.id),
                )
    if may_change:
        _form(ctx, model)


def _form(ctx: PageContext, model: str) -> None:
    t = ctx.t
    with st.form("annotation_form", border=False, clear_on_submit=True):
        day, kind, words = st.columns([1, 1, 3], vertical_alignment="bottom")
        at = day.date_input(t("Date"), value=None, key="annotation_at")
        chosen = kind.selectbox(
            t("Kind"), list(KINDS), format_func=lambda name: t(KINDS[name]), key="annotation_kind"
        )
        label = words.text_input(
            t("What happened"), max_chars=LONGEST_LABEL, key="annotation_label"
        )
        if st.form_submit_button(t("Note it for everybody")):
            _save(ctx, model, at, str(chosen), label)


def _save(ctx: PageContext, model: str, at: object, kind: str, label: str) -> None:
    if not isinstance(at, date):
        note(ctx.t("Choose the day on which it happened."))
        return

    def save(actor: Actor) -> None:
        annotate(ctx.workspace, model, actor=actor, kind=kind, at=at.isoformat(), label=label)

    attempt_and_rerun(ctx, save, done=ctx.t("Noted."))


def _remove(ctx: PageContext, annotation_id: str) -> None:
    def remove(actor: Actor) -> None:
        remove_annotation(ctx.workspace, annotation_id, actor=actor)

    attempt(ctx, remove, done=ctx.t("Taken off the time axis."))
