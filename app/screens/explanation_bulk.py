"""Bulk production on the explanations screen: which decisions, what is made, how far it is."""

from datetime import date

import streamlit as st

from app.components import Definition, download_link, note
from app.components.step_up import attempt
from app.components.text import error_text, failure_text, plain
from app.context import PageContext
from app.screens.letter_template_editor import native
from core.auth.policy import allows
from core.domain.explanation import LANGUAGES
from core.domain.identity import Actor, Permission
from core.errors import HarbourlightError
from core.i18n import N_, Translator
from core.services.explanation import bulk
from core.services.explanation.bulk_order import (
    AT_MOST,
    LETTERS_AT_MOST,
    BulkOrder,
    Preview,
    preview,
)
from core.services.explanation.letter_forms import FORMATS
from core.store.jobs import Job

_POLL_S = 1.0
_FOUND = "_hl_bulk_found"
_FORMS = {"pdf": "PDF", "html": "HTML", "text": N_("Plain text")}


def show_bulk(ctx: PageContext, model: str) -> None:
    """Let the reader order explanations and letters of many decisions, and follow the order."""
    t = ctx.t
    if not allows(ctx.actor, Permission.explanation_make):
        note(t("To keep explanations takes the permission {permission}.",
               permission=str(Permission.explanation_make)))  # fmt: skip
        return
    job = bulk.newest_bulk(ctx.workspace, model, actor=ctx.actor)
    if job is not None and job.state in {"queued", "running"}:
        _follow(ctx, model)
        return
    _ask(ctx, model)
    if job is not None:
        _tell(ctx, job)


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


def _ask(ctx: PageContext, model: str) -> None:
    """Let the reader choose, count, and start."""
    t, order = ctx.t, _order(ctx, model)
    with st.container(horizontal=True):
        count = st.button(plain(t("Count the decisions")), key="bulk_count")
        start = st.button(plain(t("Start")), key="bulk_start", type="primary")
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

        attempt(ctx, act, done=t("Ordered: the worker makes it."))
        st.rerun()


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
            format_func=native,
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


@st.fragment(run_every=_POLL_S)
def _follow(ctx: PageContext, model: str) -> None:
    t = ctx.t
    job = bulk.newest_bulk(ctx.workspace, model, actor=ctx.actor)
    if job is None or job.state not in {"queued", "running"}:
        st.rerun()
    waiting = t("Waiting for the worker") if job.state == "queued" else t("Being made")
    st.progress(job.progress, text=plain(waiting))
    if st.button(plain(t("Stop after the step at hand")), key="bulk_stop"):
        bulk.stop_bulk(ctx.workspace, model, actor=ctx.actor)
        note(t("It stops after the step at hand; what was made stays."))


def _tell(ctx: PageContext, job: Job) -> None:
    """Say what became of the newest order, and let its letters be taken away."""
    t = ctx.t
    if job.state == "failed":
        note(t("The last order broke off: {reason}", reason=failure_text(t, job)))
        note(t("What was kept and released stays; the same order within a day continues it."))
        return
    note(_result_text(t, job))
    if not (job.result or {}).get("letters") and not (job.result or {}).get("refused"):
        return
    key = f"_hl_bulk_{job.id}"
    if st.button(plain(t("Prepare the letters for download")), key="bulk_prepare"):

        def fetch(actor: Actor) -> None:
            made = bulk.hand_over(ctx.workspace, job, actor=actor)
            st.session_state[key] = "" if made is None else made.url

        attempt(ctx, fetch)
        st.rerun()
    url = st.session_state.get(key)
    if url:
        download_link(t, url, t("Download letters, index and what was refused (ZIP)"))
    elif url is not None:
        note(t("The letters are no longer there: files are kept for a day."))


def _result_text(t: Translator, job: Job) -> str:
    result = {name: value for name, value in (job.result or {}).items() if isinstance(value, int)}
    told = [
        t(
            "The last order chose {decisions} decisions: {kept} explanations were kept, {had} "
            "decisions had one.",
            decisions=t.number(result.get("decisions", 0), 0),
            kept=t.number(result.get("kept", 0), 0),
            had=t.number(result.get("had", 0), 0),
        )
    ]
    if result.get("letters") or result.get("refused"):
        told.append(
            t(
                "{letters} letters were released, {refused} refused: see Failed checks.",
                letters=t.number(result.get("letters", 0), 0),
                refused=t.number(result.get("refused", 0), 0),
            )
        )
    if result.get("stopped"):
        told.append(t("It was stopped before its end."))
    return t.sentences(*told)
