"""Legal holds and retention rules: reading them, and setting them where the reader may."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.components import Column, note, static_table
from app.components.step_up import attempt_and_rerun
from app.context import PageContext
from core.auth.policy import allows
from core.domain.identity import Permission
from core.domain.retention import RECORD_CLASSES, Grade
from core.i18n import N_, Translator
from core.services.retention import holds as hold_service
from core.services.retention import rules as retention
from core.services.retention.rules import Due, RetentionLine
from core.store.retention.holds import Hold

GRADES = {
    Grade.verified: N_("read in the text; may have changed since"),
    Grade.secondary: N_("reported by others"),
    Grade.practice: N_("common practice"),
    Grade.own: N_("own rule"),
}
_NONE = "–"
_SHOWN = 12


def show_holds(ctx: PageContext, found: Sequence[Hold]) -> None:
    """Show the holds in force, and let those who may place and lift them."""
    t, zone = ctx.t, ctx.filters.timezone
    if found:
        rows = [
            {
                "subject": (hold.subject_id or "")[:_SHOWN] or _NONE,
                "model": _model_name(ctx, hold.model_id),
                "record_class": _class_name(t, hold.record_class),
                "reason": hold.reason,
                "placed": t.instant(hold.placed_at, zone),
            }
            for hold in found
        ]
        columns = [
            Column("subject", t("Pseudonym")),
            Column("model", t("Model")),
            Column("record_class", t("Records")),
            Column("reason", t("Reason"), wide=True),
            Column("placed", t("Placed")),
        ]
        static_table(t, pd.DataFrame(rows), columns, caption=t("Legal holds in force"))
    else:
        note(t("No legal hold is in force."))
    if allows(ctx.actor, Permission.hold_manage):
        _place_form(ctx)
        if found:
            _lift_form(ctx, found)


def show_rules(ctx: PageContext, rules: Sequence[RetentionLine]) -> None:
    """Show every class of records with its rule and what contradicts."""
    t = ctx.t
    rows = [
        {
            "label": t(line.label),
            "minimum": _days(t, line.rule.minimum_days),
            "maximum": _days(t, line.rule.maximum_days),
            "holds": line.holds,
            "basis": t(
                "{basis} ({grade})",
                basis=line.rule.basis if _is_own(line) else t(line.rule.basis),
                grade=t(GRADES[line.rule.grade]),
            ),
            "contradictions": t.sentences(*(t(reason) for reason in line.reasons)) or _NONE,
        }
        for line in rules
    ]
    columns = [
        Column("label", t("Records")),
        Column("minimum", t("At least")),
        Column("maximum", t("At most")),
        Column("holds", t("Holds"), kind="count"),
        Column("contradictions", t("Contradiction"), wide=True),
        Column("basis", t("Basis"), wide=True),
    ]
    static_table(t, pd.DataFrame(rows), columns, caption=t("How long records are kept"))
    if allows(ctx.actor, Permission.retention_manage):
        _rule_form(ctx)


def show_due(ctx: PageContext, found: Sequence[Due]) -> None:
    """Show the rows that are past their maximum."""
    t, zone = ctx.t, ctx.filters.timezone
    if not found:
        note(t("No record is past its maximum."))
        return
    rows = [
        {
            "model": _model_name(ctx, each.model_id),
            "record_class": _class_name(t, each.record_class),
            "rows": each.rows,
            "oldest": t.instant(each.oldest, zone) if each.oldest else _NONE,
            "held": t("yes") if each.held else t("no"),
        }
        for each in found
    ]
    columns = [
        Column("model", t("Model")),
        Column("record_class", t("Records")),
        Column("rows", t("Rows"), kind="count"),
        Column("oldest", t("Oldest")),
        Column("held", t("Under a hold")),
    ]
    static_table(t, pd.DataFrame(rows), columns, caption=t("Records past their maximum"))


def _place_form(ctx: PageContext) -> None:
    t = ctx.t
    with (
        st.expander(t("Place a legal hold")),
        st.form("personal_hold", border=False, clear_on_submit=True),
    ):
        left, middle, right = st.columns(3, gap="medium")
        subject = left.text_input(t("Reference of a person"), autocomplete="off")
        names = {each.id: each.name for each in ctx.models}
        model = middle.selectbox(
            t("Model"), [None, *names], format_func=lambda name: names.get(name, t("any"))
        )
        record_class = right.selectbox(
            t("Records"),
            [None, *RECORD_CLASSES],
            format_func=lambda name: _class_name(t, name) if name else t("any"),
        )
        reason = st.text_input(t("Reason: a case or a request, never a person"))
        pressed = st.form_submit_button(t("Place the hold"))
    if pressed:
        attempt_and_rerun(
            ctx,
            lambda actor: hold_service.place_hold(
                ctx.workspace,
                actor=actor,
                reason=reason,
                subject=subject or None,
                model=model,
                record_class=record_class,
            ),
            done=t("The hold is in force."),
        )


def _lift_form(ctx: PageContext, found: Sequence[Hold]) -> None:
    t = ctx.t
    by_id = {hold.id: hold for hold in found}
    with (
        st.expander(t("Lift a legal hold")),
        st.form("personal_lift", border=False, clear_on_submit=True),
    ):
        chosen = st.selectbox(
            t("Hold"), list(by_id), format_func=lambda hold_id: by_id[hold_id].reason
        )
        reason = st.text_input(t("Why it is lifted"))
        pressed = st.form_submit_button(t("Lift the hold"))
    if pressed and chosen:
        attempt_and_rerun(
            ctx,
            lambda actor: hold_service.lift_hold(ctx.workspace, chosen, actor=actor, reason=reason),
            done=t("The hold is lifted."),
        )


def _rule_form(ctx: PageContext) -> None:
    t = ctx.t
    with (
        st.expander(t("Set a retention rule")),
        st.form("personal_rule", border=False, clear_on_submit=True),
    ):
        left, middle, right = st.columns(3, gap="medium")
        name = left.selectbox(
            t("Records"), list(RECORD_CLASSES), format_func=lambda each: _class_name(t, each)
        )
        low = middle.number_input(t("Days at least"), min_value=0, value=None, step=1)
        high = right.number_input(t("Days at most"), min_value=0, value=None, step=1)
        basis = st.text_input(t("Law, guideline or decision behind it"))
        pressed = st.form_submit_button(t("Set the rule"))
    if pressed:
        attempt_and_rerun(
            ctx,
            lambda actor: retention.set_rule(
                ctx.workspace,
                str(name),
                minimum_days=None if low is None else int(low),
                maximum_days=None if high is None else int(high),
                basis=basis,
                actor=actor,
            ),
            done=t("The rule is set."),
        )


def _days(t: Translator, days: int | None) -> str:
    return _NONE if days is None else t.n("one day", "{n} days", days)


def _is_own(line: RetentionLine) -> bool:
    return line.rule.basis != RECORD_CLASSES[line.rule.record_class].basis


def _class_name(t: Translator, name: str | None) -> str:
    return _NONE if name is None else t(RECORD_CLASSES[name].label)


def _model_name(ctx: PageContext, model_id: str | None) -> str:
    if not model_id:
        return _NONE
    return next((each.name for each in ctx.models if each.id == model_id), model_id)
