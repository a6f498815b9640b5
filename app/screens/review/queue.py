"""The queue of human review: what waits, what is next, and taking it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import streamlit as st

from app.components import empty, note, panels, plain
from app.components.desk import desk
from app.components.panels import QueueRow
from app.components.step_up import attempt
from app.context import PageContext
from app.screens.review.keys import QUEUE_KEYS, key_map, words
from app.screens.review.words import (
    STATES,
    TIERS,
    clock,
    due_status,
    due_words,
    holder,
    rule_name,
)
from core.auth.policy import allows
from core.contract import ModelContract
from core.contract.review import Review
from core.domain.identity import Actor, Permission
from core.domain.review import CaseState
from core.errors import InvalidInput
from core.i18n import N_, Translator
from core.services.personal.names import MASK
from core.services.review import cases, claims
from core.services.review.case_view import contracts_of
from core.services.review.cases import Case, CaseFilter, CasePage, QueueCounts

GO = "_hl_case_go"
DESK = "review_queue_desk"
PAGE = 50
TABS: Mapping[str, str] = {
    "waiting": N_("To take"),
    "mine": N_("Mine"),
    "check": N_("To check"),
    "escalated": N_("Escalated"),
    "customer": N_("Awaiting the customer"),
    "overdue": N_("Overdue"),
    "done": N_("Verdict final"),
}
_STATES: Mapping[str, tuple[str, ...]] = {
    "waiting": (CaseState.open,),
    "check": (CaseState.proposed, CaseState.checking),
    "escalated": (CaseState.escalated,),
    "customer": (CaseState.awaiting_customer,),
    "done": (CaseState.final, CaseState.withdrawn),
}


@dataclass(frozen=True, slots=True)
class Queue:
    """What the page shows.

    Parameters
    ----------
    counts : QueueCounts
        How many cases wait where.
    shown : CasePage
        The page of the list.
    now : datetime
        The moment of all this.
    contracts : mapping
        Model id → its contract, of the models on the page.
    """

    counts: QueueCounts
    shown: CasePage
    now: datetime
    contracts: Mapping[str, ModelContract]


def is_checker(ctx: PageContext) -> bool:
    """Whether the reader may check what others propose."""
    return allows(ctx.actor, Permission.review_check)


def read_queue(ctx: PageContext) -> Queue:
    """Read what the page shows, as the reader's filters want it."""
    now = ctx.workspace.clock()
    counts = cases.queue_counts(ctx.workspace, actor=ctx.actor)
    st.session_state.setdefault("review_tab", _first_tab(ctx, counts))
    shown = cases.list_cases(ctx.workspace, _narrowed(ctx), actor=ctx.actor)
    return Queue(
        counts=counts,
        shown=shown,
        now=now,
        contracts=contracts_of(
            ctx.workspace, {each.model_id for each in shown.cases}, actor=ctx.actor
        ),
    )


def chosen_tab() -> str:
    """Return the part of the queue that is shown."""
    tab = str(st.session_state.get("review_tab"))
    return tab if tab in TABS else "waiting"


def _first_tab(ctx: PageContext, counts: QueueCounts) -> str:
    """Return where a reader begins: who checks, with what there is to check, if anything is."""
    return "check" if is_checker(ctx) and counts.proposed + counts.checking else "waiting"


def summary(ctx: PageContext, shown: Queue) -> str:
    """Return the sentence of the page."""
    t, counts = ctx.t, shown.counts
    mine = counts.mine
    checks = counts.proposed + counts.escalated if is_checker(ctx) else 0
    if not counts.open and not mine and not checks:
        return t("No case waits for you.")
    parts = [t.n("One case waits for you.", "{n} cases wait for you.", counts.open + checks)]
    if checks:
        parts.append(t.n("One of them is for a check.", "{n} of them are for a check.", checks))
    if counts.overdue:
        parts.append(t.n("One is overdue.", "{n} are overdue.", counts.overdue))
    if counts.next_due is not None and counts.next_due >= shown.now:
        due = clock(t, counts.next_due, shown.now, ctx.filters.timezone)
        parts.append(t("The next is due at {time}.", time=due))
    if mine:
        parts.append(t.n("You have one case.", "You have {n} cases.", mine))
    return t.sentences(*parts)


def show_actions(ctx: PageContext, counts: QueueCounts) -> None:
    """Show what takes the next case, always at the same place, and where it leads."""
    t = ctx.t
    checks = is_checker(ctx)
    first = "check" if checks and counts.proposed + counts.escalated else "claim"
    with st.container(horizontal=True, key="hl_review_actions", vertical_alignment="center"):
        if checks:
            st.button(
                plain(t("Check next")),
                key="review_check_next",
                type="primary" if first == "check" else "secondary",
                on_click=check_next,
                args=(ctx,),
            )
        if allows(ctx.actor, Permission.review_work):
            st.button(
                plain(t("Claim next")),
                key="review_claim_next",
                type="primary" if first == "claim" else "secondary",
                on_click=take_next,
                args=(ctx,),
            )
        _show_desk(ctx)
        _link(ctx)


def show_filters(ctx: PageContext, counts: QueueCounts) -> None:
    """Show the parts of the queue with their numbers, and what narrows them."""
    t = ctx.t
    numbers = {
        "waiting": counts.open,
        "mine": counts.mine,
        "check": counts.proposed + counts.checking,
        "escalated": counts.escalated,
        "customer": counts.awaiting,
        "overdue": counts.overdue,
    }

    def named(tab: str) -> str:
        number = f" {t.number(numbers[tab], 0)}" if tab in numbers else ""
        return plain(t(TABS[tab]) + number)

    with st.container(horizontal=True, key="hl_review_filters", vertical_alignment="bottom"):
        st.segmented_control(
            t("Part of the queue"),
            list(TABS),
            format_func=named,
            required=True,
            key="review_tab",
            label_visibility="collapsed",
            on_change=_first_page,
        )
        known = {each.id: each.name for each in ctx.models}
        if len(known) > 1:
            st.selectbox(
                t("Model"),
                ["", *known],
                format_func=lambda each: plain(known.get(each, t("All models"))),
                key="review_model",
                label_visibility="collapsed",
                on_change=_first_page,
                width=250,
            )
        st.text_input(
            t("Find a case"),
            key="review_find",
            placeholder=t("R-000123 or an id"),
            max_chars=200,
            label_visibility="collapsed",
            on_change=_first_page,
            width=190,
        )


def show_list(ctx: PageContext, shown: Queue) -> None:
    """Show the rows, most urgent first, and the pages."""
    t = ctx.t
    if not shown.shown.cases:
        _nothing(ctx, shown)
        return
    names = {each.id: each.name for each in ctx.models}
    head = [
        t("Case"), t("Due"), t("Model"), t("Decision"), t("Amount"), t("Why it is here"),
        t("Tier"), t("State"), t("Who has it"),
    ]  # fmt: skip
    rows = [
        _row(ctx, each, shown, names.get(each.model_id, each.model_id))
        for each in shown.shown.cases
    ]
    first = PAGE * (_page() - 1) + 1
    caption = t(
        "Cases {first} to {last} of {total}",
        first=first,
        last=first + len(rows) - 1,
        total=shown.shown.total,
    )
    panels.show(panels.queue_table(caption, head, rows))
    pages = -(-shown.shown.total // PAGE)
    with st.container(horizontal=True, key="hl_review_pages", vertical_alignment="center"):
        note(caption)
        if pages > 1:
            st.pagination(pages, key="review_page")


def _show_desk(ctx: PageContext) -> None:
    """Let keys work on this page."""
    go = st.session_state.get(GO)
    desk(
        {
            "words": words(ctx.t),
            "keys": key_map(ctx.t, QUEUE_KEYS),
            "next": allows(ctx.actor, Permission.review_work),
            "go": f"{go[0]}/{go[1]}" if go else "",
            "case": None,
        },
        key=DESK,
        on_draft=lambda: None,
        on_act=lambda: _pressed(ctx),
        width="content",
    )


def take_next(ctx: PageContext) -> None:
    """Claim the next case and lead to it, or say that none is left."""
    _take(ctx, lambda actor: claims.claim_next(ctx.workspace, actor=actor))


def check_next(ctx: PageContext) -> None:
    """Take the next proposed case to check it, or say that none is left."""
    _take(ctx, lambda actor: claims.next_check(ctx.workspace, actor=actor))


def lead_to(case_id: int) -> None:
    """Have the next run lead the browser to a case."""
    before = st.session_state.get(GO)
    st.session_state[GO] = (case_id, before[1] + 1 if before else 1)


def _take(ctx: PageContext, take: Any) -> None:
    def do(actor: Actor) -> None:
        found: Case | None = take(actor)
        if found is None:
            raise InvalidInput(
                N_("Nothing is left that you may take now."),
                remedy=N_("Look again later, or take away a filter."),
            )
        lead_to(found.id)

    attempt(ctx, do)


def _pressed(ctx: PageContext) -> None:
    given = st.session_state[DESK].get("act")
    if not isinstance(given, dict):
        return
    if given.get("kind") == "next":
        take_next(ctx)
    case_id = given.get("case")
    if given.get("kind") == "open" and isinstance(case_id, int) and case_id > 0:
        lead_to(case_id)


def _link(ctx: PageContext) -> None:
    """Show the link to the case that was just taken; the browser follows it by itself."""
    go, page = st.session_state.get(GO), ctx.pages.get("case")
    if go is None or page is None:
        return
    with st.container(key="hl_case_link", width="content"):
        st.page_link(
            page,
            label=plain(ctx.t("Open {case}", case=cases.case_reference(go[0]))),
            query_params={"case": str(go[0])},
        )


def _row(ctx: PageContext, case: Case, shown: Queue, model: str) -> QueueRow:
    t, zone = ctx.t, ctx.filters.timezone
    contract = shown.contracts.get(case.model_id)
    review = (contract.review if contract else None) or Review()
    why = t("told after your own view") if case.score_hidden else rule_name(t, review, case.rule)
    return QueueRow(
        case.id,
        case.reference,
        (
            model,
            case.decision,
            _amount(t, case, shown.contracts.get(case.model_id)),
            why,
            t(TIERS[case.tier]),
            t(STATES[case.state]),
            holder(t, case),
        ),
        panels.badge(t, due_status(case, shown.now), due_words(t, case, shown.now, zone)),
    )


def _amount(t: Translator, case: Case, contract: ModelContract | None) -> str:
    if contract is None or contract.is_personal("@amount"):
        return MASK
    if case.amount is None:
        return "–"
    currency = contract.currency
    return t.money(case.amount, currency) if currency else t.number(case.amount, 0)


def _nothing(ctx: PageContext, shown: Queue) -> None:
    t, counts = ctx.t, shown.counts
    working = counts.open + counts.claimed + counts.proposed + counts.checking
    anywhere = working + counts.escalated + counts.awaiting
    if st.session_state.get("review_find"):
        empty(
            t("No such case"), t("Write a reference such as R-000123, or the id of a prediction.")
        )
    elif not anywhere and chosen_tab() != "done":
        empty(
            t("Nothing waits"),
            t("Cases appear here when the review rules of a model's contract pick decisions."),
        )
    else:
        empty(t("Nothing here"), t("Other parts of the queue are above."))


def _narrowed(ctx: PageContext) -> CaseFilter:
    tab = chosen_tab()
    text = str(st.session_state.get("review_find") or "").strip()
    model = st.session_state.get("review_model")
    known = {each.id for each in ctx.models}
    return CaseFilter(
        states=None if text else _STATES.get(tab),
        models=(model,) if model in known else None,
        mine=tab == "mine" and not text,
        overdue=tab == "overdue" and not text,
        text_id=text or None,
        page=_page(),
        size=PAGE,
        order="decided" if tab == "done" else "queue",
    )


def _page() -> int:
    return int(st.session_state.get("review_page") or 1)


def _first_page() -> None:
    if "review_page" in st.session_state:
        st.session_state["review_page"] = 1
