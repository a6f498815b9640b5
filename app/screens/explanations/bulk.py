"""Bulk production on the explanations screen: which decisions, what is made, how far it is."""

from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd
import streamlit as st

from app.components import (
    Column,
    Definition,
    FileOffer,
    Prepared,
    follow_job,
    note,
    offer_files,
    static_table,
)
from app.components.step_up import attempt_and_rerun
from app.components.text import error_text, failure_text, plain
from app.context import PageContext
from core.auth.policy import allows
from core.domain.explanation import LANGUAGES
from core.domain.identity import Actor, Permission
from core.errors import HarbourlightError
from core.i18n import N_, Translator
from core.i18n.locales import native_name
from core.services.explanation import bulk
from core.services.explanation.bulk_order import (
    AT_MOST,
    LETTERS_AT_MOST,
    BulkOrder,
    Preview,
    order_of,
    preview,
)
from core.services.explanation.letter_forms import FORMATS
from core.store.jobs import Job

_FOUND = "_hl_bulk_found"
_STATES = {
    "queued": N_("waiting"),
    "running": N_("under way"),
    "done": N_("made"),
    "failed": N_("broke off"),
}
_FORMS = {"pdf": "PDF", "html": "HTML", "text": N_("Plain text")}


def show_bulk(ctx: PageContext, model: str) -> None:
    """Let the reader order explanations and letters of many decisions, and follow the order."""
    t = ctx.t
    if not allows(ctx.actor, Permission.explanation_make):
        note(t("To keep explanations takes the permission {permission}.",
               permission=str(Permission.explanation_make)))  # fmt: skip
        return
    orders = bulk.recent_bulk(ctx.workspace, model, actor=ctx.actor)
    if orders and orders[0].is_active:
        _follow(ctx, model)
        return
    _ask(ctx, model)
    if orders:
        _tell(ctx, orders)


def definitions(t: Translator) -> list[Definition]:
    """Return what is made, and within which bounds."""
    return [
        Definition(
            t("Bulk production"),
            t("Keeps an explanation of each chosen decision that has none, up to {most} at once. "
              "Letters are written about all of them, up to {letters}: each passes the same checks "
              "and has the same entry in the audit trail as one that is made by itself. An order "
              "that breaks off is continued by ordering the same again within a day.",
              most=t.number(AT_MOST, 0), letters=t.number(LETTERS_AT_MOST, 0)),
        )
    ]  # fmt: skip


@st.fragment
def _ask(ctx: PageContext, model: str) -> None:
    """Let the reader choose, count, and start; nothing else of the page is made again."""
    t, order = ctx.t, _order(ctx, model)
    with st.container(horizontal=True):
        count = st.button(plain(t("Count the decisions")), key="bulk_count")
        start = st.button(plain(t("Place the order")), key="bulk_start", type="primary")
    if count:
        try:
            found: object = preview(ctx.workspace, order, actor=ctx.actor)
        except HarbourlightError as error:
            found = error_text(t, error)
        st.session_state[_FOUND] = (order, found)
    asked, found = st.session_state.get(_FOUND, (None, None))
    if asked == order:
        note(_count_text(t, found) if isinstance(found, Preview) else str(found))
    if start:

        def act(actor: Actor) -> None:
            bulk.order_bulk(ctx.workspace, order, actor=actor)

        attempt_and_rerun(ctx, act, done=t("Ordered: the worker makes it."))


def _order(ctx: PageContext, model: str) -> BulkOrder:
    t = ctx.t
    where = st.text_input(
        plain(t("Condition over the log, in the language of KPIs; empty for all decisions")),
        key="bulk_where",
        placeholder="decision = 'decline'",
    )
    left, right = st.columns(2)
    with left:
        since = st.date_input(plain(t("First day")), value=None, key="bulk_since")
    with right:
        until = st.date_input(plain(t("Last day")), value=None, key="bulk_until")
    listed = st.toggle(
        plain(t("Only decisions of the worklist without an explanation")), key="bulk_worklist"
    )
    letters, language, form = _letters(ctx)
    return BulkOrder(
        model, where.strip(), _day(since), _day(until), listed, letters, language, form
    )


def _letters(ctx: PageContext) -> tuple[bool, str, str]:
    """Let whoever may release letters ask for them; return whether, their language and format."""
    t = ctx.t
    if not allows(ctx.actor, Permission.letter_release):
        return False, t.locale, "pdf"
    if not st.toggle(plain(t("Write a letter about each")), key="bulk_letters"):
        return False, t.locale, "pdf"
    left, right = st.columns(2)
    with left:
        language = st.selectbox(
            plain(t("Language of the letters")),
            list(LANGUAGES),
            index=LANGUAGES.index(t.locale),
            format_func=native_name,
            key="bulk_language",
        )
    with right:
        form = st.selectbox(
            plain(t("Format")),
            list(FORMATS),
            format_func=lambda form: t(_FORMS[form]),
            key="bulk_form",
        )
    return True, str(language), str(form)


def _day(given: object) -> date | None:
    return given if isinstance(given, date) else None


def _count_text(t: Translator, found: Preview) -> str:
    told = [
        t.n("{n} decision is chosen.", "{n} decisions are chosen.", found.decisions),
        t("Of these {n} have an explanation already.", n=t.number(found.explained, 0)),
    ]
    if found.lettered:
        told.append(t("About {n} of them a letter was released before.",
                      n=t.number(found.lettered, 0)))  # fmt: skip
    if found.left_out:
        told.append(
            t.n(
                "{n} decision of the model is reviewed without its score and is not asked about.",
                "{n} decisions of the model are reviewed without its score and are not asked "
                "about.",
                found.left_out,
            )
        )
    return t.sentences(*told)


def _follow(ctx: PageContext, model: str) -> None:
    t = ctx.t

    def stop(_job: Job) -> None:
        if st.button(plain(t("Stop after the step at hand")), key="bulk_stop"):
            bulk.stop_bulk(ctx.workspace, model, actor=ctx.actor)
            note(t("It stops after the step at hand; what was made stays."))

    follow_job(
        t,
        lambda: bulk.newest_bulk(ctx.workspace, model, actor=ctx.actor),
        t("Being made"),
        stop,
    )


def _tell(ctx: PageContext, orders: Sequence[Job]) -> None:
    """Say what became of the last orders, and let their letters be taken away."""
    t, newest = ctx.t, orders[0]
    if newest.state == "failed":
        note(t("The last order broke off: {reason}", reason=failure_text(t, newest)))
        note(t("What was kept and released stays; the same order within a day continues it."))
    rows = [_row(ctx, each) for each in orders]
    columns = [
        Column("at", t("Ordered at")),
        Column("where", t("Condition"), wide=True),
        Column("state", t("State")),
        Column("decisions", t("Decisions"), "count"),
        Column("kept", t("Explanations kept"), "count"),
        Column("letters", t("Letters released"), "count"),
        Column("refused", t("Letters refused"), "count"),
    ]
    static_table(t, pd.DataFrame(rows), columns, caption=t("Your last orders, the newest first"))
    with_file = [
        each for each in orders if each.state == "done" and (each.result or {}).get("file")
    ]
    if with_file:
        _fetch(ctx, with_file)


def _row(ctx: PageContext, job: Job) -> dict[str, object]:
    t, result = ctx.t, dict(job.result or {}) if job.state == "done" else {}
    given = job.payload["order"]
    order = order_of(given if isinstance(given, Mapping) else {})
    told = [order.where or t("all decisions")]
    if order.worklist:
        told.append(t("of the worklist"))
    if order.since or order.until:
        days = ("" if day is None else t.date(day) for day in (order.since, order.until))
        told.append(" – ".join(days))
    state = N_("stopped") if result.get("stopped") else _STATES[job.state]
    counts = {name: result.get(name) for name in ("decisions", "kept", "letters", "refused")}
    at = t.instant(job.created_at, ctx.filters.timezone)
    return {"at": at, "where": t.items(*told), "state": t(state), **counts}


def _fetch(ctx: PageContext, orders: Sequence[Job]) -> None:
    """Let the letters of an order be taken."""
    t = ctx.t
    place = st.selectbox(
        plain(t("Letters of the order of")),
        range(len(orders)),
        format_func=lambda at: t.instant(orders[at].created_at, ctx.filters.timezone),
        key="bulk_chosen",
    )
    job = orders[place or 0]

    def make(actor: Actor) -> Prepared | None:
        made = bulk.hand_over(ctx.workspace, job, actor=actor)
        if made is None:
            return None
        return Prepared(made.url, t("Download letters, index and what was refused (ZIP)"))

    offer_files(
        ctx,
        FileOffer(
            t("Prepare the letters (ZIP)"),
            make,
            key="bulk_prepare",
            permission=Permission.letter_release,
            asked=job.id,
            nothing=t("The letters are no longer there: files are kept for a day."),
        ),
    )
