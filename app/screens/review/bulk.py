"""Many cases at once: which, what, a preview, and exactly that."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from app.components import Column, note, plain, static_table
from app.components.step_up import attempt
from app.context import PageContext
from core.domain.identity import Actor
from core.domain.review import CaseState
from core.i18n import N_
from core.services.review import bulk, cases
from core.services.review.bulk import REFUSED, WITHDRAW_REASONS, Act, Kind, Preview
from core.services.review.cases import CaseFilter
from core.services.review.team_view import TeamView

_PREVIEW = "_hl_review_bulk"
_SHOWN = 200
WHICH: Mapping[str, str] = {
    "free": N_("Open and assigned to nobody"),
    "overdue": N_("Overdue"),
    "open": N_("All open"),
    "escalated": N_("Escalated"),
    "held": N_("In somebody's hands"),
    "person": N_("Assigned to one person"),
}
ACTS: Mapping[Kind, str] = {
    "assign_by_rule": N_("Assign by rule"),
    "assign": N_("Assign to one person"),
    "assign_nobody": N_("Take the assignment back"),
    "priority": N_("Set the priority"),
    "give_back": N_("Take back from whoever has them"),
    "withdraw": N_("Withdraw for good"),
}
_OPEN = (CaseState.open, CaseState.escalated)
_HELD = (CaseState.claimed, CaseState.checking)


def show_bulk(ctx: PageContext, view: TeamView) -> None:
    """Show the form, and beneath it the preview that it made."""
    t = ctx.t
    names = {each.user.id: each.name for each in view.members}
    left, right = st.columns(2, gap="medium")
    which = left.selectbox(
        t("Which cases"),
        list(WHICH),
        format_func=lambda each: t(WHICH[each]),
        key="review_bulk_which",
    )
    kind: Kind = right.selectbox(
        t("What happens"), list(ACTS), format_func=lambda each: t(ACTS[each]), key="review_bulk_act"
    )
    known = {each.id: each.name for each in ctx.models}
    model = left.selectbox(
        t("Model"),
        [None, *known],
        format_func=lambda each: plain(known.get(each, t("all models"))),
        key="review_bulk_model",
    )
    of_whom = None
    if which == "person":
        of_whom = left.selectbox(
            t("Assigned to"), list(names), format_func=lambda each: plain(names[each]),
            key="review_bulk_of",
        )  # fmt: skip
    with right:
        act = _act(ctx, kind, names)
    most = right.number_input(
        t("At most so many, the most urgent first"), 1, bulk.MOST_CASES, 50, key="review_bulk_most"
    )
    if st.button(plain(t("Show the preview")), key="review_bulk_preview"):
        wanted = _chosen(ctx, str(which), model, of_whom, int(most))
        _preview(ctx, act, wanted)
    _show_preview(ctx, names)


def _act(ctx: PageContext, kind: Kind, names: Mapping[str, str]) -> Act:
    t = ctx.t
    if kind == "assign":
        user_id = st.selectbox(
            t("To whom"), list(names), format_func=lambda each: plain(names[each]),
            key="review_bulk_to",
        )  # fmt: skip
        return Act(kind, user_id=user_id)
    if kind == "priority":
        return Act(
            kind,
            priority=int(st.number_input(t("Priority"), 0, 100, 70, key="review_bulk_priority")),
        )
    if kind == "withdraw":
        reason = st.selectbox(
            t("Why"),
            list(WITHDRAW_REASONS),
            format_func=lambda each: t(WITHDRAW_REASONS[each]),
            key="review_bulk_reason",
        )
        return Act(kind, reason=reason)
    return Act(kind)


def _chosen(
    ctx: PageContext, which: str, model: str | None, of_whom: str | None, most: int
) -> list[int]:
    """Return the cases that are meant, the most urgent first."""
    states = _HELD if which == "held" else (CaseState.escalated,) if which == "escalated" else _OPEN
    narrowed = CaseFilter(
        states=None if which == "overdue" else states,
        models=None if model is None else [model],
        overdue=which == "overdue",
        assigned_to=of_whom,
        size=bulk.MOST_CASES,
    )
    found = cases.list_cases(ctx.workspace, narrowed, actor=ctx.actor).cases
    if which == "free":
        found = tuple(each for each in found if each.assigned_to is None)
    return [each.id for each in found[:most]]


def _preview(ctx: PageContext, act: Act, wanted: list[int]) -> None:
    st.session_state.pop(_PREVIEW, None)

    def make(actor: Actor) -> None:
        st.session_state[_PREVIEW] = bulk.preview(ctx.workspace, act, wanted, actor=actor)

    if not wanted:
        note(ctx.t("No case is like that."))
        return
    attempt(ctx, make)


def _show_preview(ctx: PageContext, names: Mapping[str, str]) -> None:
    t = ctx.t
    planned: Preview | None = st.session_state.get(_PREVIEW)
    if planned is None:
        return
    number = len(planned.changes)
    with st.container(horizontal=True, key="hl_review_bulk"):
        st.button(
            plain(t("Make these changes")),
            key="review_bulk_do",
            type="primary",
            disabled=not number,
            on_click=_carry_out,
            args=(ctx, planned),
        )
        st.button(plain(t("Discard the preview")), key="review_bulk_drop", on_click=_drop)
    rows = [
        {
            "case": each.reference,
            "what": _what(ctx, planned.act, each.to, names) if each.refused is None
            else t("stays as it is"),
            "why": t(REFUSED[each.refused]) if each.refused else "",
        }
        for each in planned.items[:_SHOWN]
    ]  # fmt: skip
    columns = [
        Column("case", t("Case")),
        Column("what", t("What will happen"), wide=True),
        Column("why", t("Why not"), wide=True),
    ]
    caption = t.n(
        "Preview: one of {total} cases changes",
        "Preview: {n} of {total} cases change",
        number,
        total=len(planned.items),
    )
    static_table(t, pd.DataFrame(rows), columns, caption=caption)
    if len(planned.items) > _SHOWN:
        note(t.n("One more is not shown.", "{n} more are not shown.", len(planned.items) - _SHOWN))


def _carry_out(ctx: PageContext, planned: Preview) -> None:
    _drop()
    attempt(
        ctx,
        lambda actor: bulk.carry_out(ctx.workspace, planned, actor=actor),
        done=ctx.t("Done, with one entry in the audit trail."),
    )


def _drop() -> None:
    st.session_state.pop(_PREVIEW, None)


def _what(ctx: PageContext, act: Act, to: str | None, names: Mapping[str, str]) -> str:
    t = ctx.t
    if to is not None:
        return t("assigned to {name}", name=names.get(to, to))
    if act.priority is not None:
        return t("priority {priority}", priority=act.priority)
    return {
        "assign_nobody": t("for whoever is next"),
        "give_back": t("back in the queue; the draft stays"),
        "withdraw": t("withdrawn, without a verdict"),
    }[act.kind]
