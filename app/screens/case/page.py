"""The page of one case: which it is, taking it, its three sides, and masked values."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from app.components import Column, note, panels, plain, sentence, static_table
from app.components.step_up import attempt, attempt_and_rerun
from app.context import PageContext
from app.screens.case.desk import NONE_LEFT, show_desk
from app.screens.case.evidence import flags_side, similar_side, values_side
from app.screens.case.facts import left_side, makers_verdict
from app.screens.review.queue import GO, is_checker
from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.domain.review import CaseState
from core.services.personal import masking as personal
from core.services.review import claims
from core.services.review.case_view import CaseView, case_view
from core.services.review.cases import case_id_of

_SEEN = "_hl_case_revealed"


def asked_case() -> int | None:
    """Return the case that the address names: by its number, or as R-000123."""
    st.session_state.pop(GO, None)
    text = str(st.query_params.get("case") or "").strip()
    if text.isascii() and text.isdecimal() and len(text) <= 15:
        return int(text)
    return case_id_of(text)


def read_view(ctx: PageContext, case_id: int) -> CaseView:
    """Return all that the page shows."""
    return case_view(ctx.workspace, case_id, actor=ctx.actor)


def no_case_named(ctx: PageContext) -> None:
    """Say that the address names no case."""
    t = ctx.t
    sentence(
        ctx,
        t.sentences(
            t("No case is named."),
            t("Open one from the queue, or write ?case=123 in the address."),
        ),
    )
    show_way_back(ctx)


def title(ctx: PageContext, view: CaseView) -> str:
    """Return the title of the page."""
    name = view.contract.name.get(ctx.t.locale)
    return ctx.t("Case {case} · {model}", case=view.case.reference, model=name)


def show_way_back(ctx: PageContext, view: CaseView | None = None) -> None:
    """Lead back to the queue, and to why the model decided so."""
    with st.container(key="hl_case_back", horizontal=True, horizontal_alignment="right"):
        if view is not None:
            _show_explain(ctx, view)
        page = ctx.pages.get("review")
        if page is not None:
            with st.container(key="hl_go_review", width="content"):
                st.page_link(page, label=plain(ctx.t("Back to the queue")), query_params={})


def _show_explain(ctx: PageContext, view: CaseView) -> None:
    """Lead to why the model decided so; not while that would give a hidden score away."""
    page, case = ctx.pages.get("decision"), view.case
    if page is None or case.score_hidden or view.contract.is_personal("@prediction_id"):
        return
    with st.container(key="hl_go_decision", width="content"):
        st.page_link(
            page,
            label=plain(ctx.t("Explain this decision")),
            query_params={"model": case.model_id, "prediction": case.prediction_id},
        )


def show_case(ctx: PageContext, view: CaseView) -> None:
    """Show the three sides of the case; the right one takes the verdict."""
    now = ctx.workspace.clock()
    if st.session_state.pop(NONE_LEFT, False):
        note(ctx.t("Nothing is left that you may take now. What you handed in is below."))
    with st.container(key="hl_case"):
        left, middle, right = st.columns([23, 50, 27], gap="medium")
        with left:
            panels.show(left_side(ctx, view, now))
        with middle:
            panels.show(values_side(ctx, view))
            one, other = st.columns([56, 44], gap="small")
            with one:
                panels.show(similar_side(ctx, view))
            with other:
                panels.show(flags_side(ctx, view))
        with right, st.container(key="hl_case_right"):
            _right(ctx, view)


def _right(ctx: PageContext, view: CaseView) -> None:
    said = makers_verdict(ctx, view)
    if said is not None:
        panels.show(said)
    _take(ctx, view)
    show_desk(ctx, view)
    _reveal(ctx, view)


def _take(ctx: PageContext, view: CaseView) -> None:
    """Let who may take the case do so, where the verdict will be."""
    t, case = ctx.t, view.case
    works = allows(ctx.actor, Permission.review_work)
    waits = case.state in {CaseState.open, CaseState.escalated}
    if waits and works and not _is_for_others(ctx, view):
        st.button(
            plain(t("Claim this case")),
            key="case_claim",
            type="primary",
            on_click=_do,
            args=(ctx, claims.claim, case.id),
        )
    elif case.state is CaseState.proposed and is_checker(ctx) and case.maker_id != _me(ctx):
        st.button(
            plain(t("Check this case")),
            key="case_check",
            type="primary",
            on_click=_do,
            args=(ctx, claims.take_check, case.id),
        )
    elif view.stage == "read":
        note(_standing(ctx, view))


def _me(ctx: PageContext) -> str:
    return ctx.actor.user_id


def _is_for_others(ctx: PageContext, view: CaseView) -> bool:
    """Whether the case is for those who may check, and the reader may not."""
    for_leads = view.case.kind == "appeal" or view.case.state is CaseState.escalated
    return for_leads and not is_checker(ctx)


def _standing(ctx: PageContext, view: CaseView) -> str:
    """Return why there is nothing to do here."""
    t, case = ctx.t, view.case
    if case.state in {CaseState.open, CaseState.escalated} and _is_for_others(ctx, view):
        return t("Appeals and escalated cases are for those who may check.")
    if case.holder_name:
        return t("{name} has this case.", name=case.holder_name)
    if case.state is CaseState.proposed:
        return t("It waits for somebody else to check it.")
    if case.state is CaseState.final:
        return t("It is decided.")
    if case.state is CaseState.awaiting_customer:
        return t("It waits for the customer.")
    if case.state is CaseState.suspended_model:
        return t("The model is suspended; the case waits with it.")
    if case.state is CaseState.withdrawn:
        return t("It was taken out of the queue.")
    return t("You read this case; others decide it.")


def _do(ctx: PageContext, act: Any, case_id: int) -> None:
    attempt(ctx, lambda actor: act(ctx.workspace, case_id, actor=actor))


def _reveal(ctx: PageContext, view: CaseView) -> None:
    """Let the masked values be shown while this case is open; each look is on record."""
    t, case = ctx.t, view.case
    seen: tuple[int, Mapping[str, object]] | None = st.session_state.get(_SEEN)
    if seen is not None and seen[0] != case.id:
        del st.session_state[_SEEN]
        seen = None
    if seen is not None:
        rows = [
            {"column": name, "value": "–" if value is None else str(value)}
            for name, value in seen[1].items()
        ]
        columns = [Column("column", t("Column")), Column("value", t("Value"))]
        static_table(t, pd.DataFrame(rows), columns, caption=t("Shown until you leave this case"))
        return
    if not view.personal:
        return
    with (
        st.expander(plain(t("Show masked values")), key="case_reveal_open"),
        st.form("case_reveal", border=False),
    ):
        wanted = st.multiselect(
            t("Columns to reveal"),
            list(view.personal),
            default=[],
            placeholder=t("Choose columns"),
            key="case_reveal_columns",
        )
        reason = st.text_input(
            t("Reason, which names no person"),
            value=t("Review of case {case}", case=case.reference),
            key=f"case_reveal_reason_{case.id}",
            max_chars=1000,
        )
        note(t("Each look is an entry of the audit trail."))
        pressed = st.form_submit_button(plain(t("Show")), key="case_reveal_press")
    if pressed and wanted:

        def reveal(actor: Actor) -> None:
            found = personal.reveal(
                ctx.workspace,
                case.model_id,
                case.prediction_id,
                wanted,
                reason=reason,
                actor=actor,
            )
            st.session_state[_SEEN] = (case.id, dict(found))

        attempt_and_rerun(ctx, reveal)
