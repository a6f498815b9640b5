"""The customers' rights desk: what waits and for how long, taking a request in, the log book."""

from collections.abc import Sequence
from datetime import date, datetime, time
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from app.components import (
    STATUS_WORDS,
    Column,
    Definition,
    FileOffer,
    Judged,
    Link,
    Prepared,
    note,
    offer_files,
    static_table,
)
from app.components.step_up import attempt_and_rerun
from app.components.table import ranked_table
from app.components.text import plain
from app.context import PageContext
from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.domain.status import Status, worst
from core.domain.working_days import HONG_KONG
from core.i18n import LOCALES, Translator
from core.i18n.locales import native_name
from core.services.rights import intake, opt_outs, refusals, sender, snapshots
from core.services.rights.desk import Request
from core.services.rights.refusals import LogEntry
from core.services.rights.words import CHANNELS, GROUNDS, KINDS, LEVELS, OUTCOMES, STATES

_NOTHING = "–"
_SHOWN = 12


def may_handle(ctx: PageContext) -> bool:
    """Whether the reader may do more than read."""
    return allows(ctx.actor, Permission.rights_handle)


def summary(t: Translator, found: Sequence[Request]) -> tuple[str, Status]:
    """Return the sentence of the page and how the desk stands."""
    waiting = [each for each in found if each.is_open]
    if not waiting:
        return t("No request waits."), Status.in_range
    overdue = sum(each.clock.level == "overdue" for each in waiting)
    nearest = min(each.clock.days_left for each in waiting)
    parts = [t.n("One request waits.", "{n} requests wait.", len(waiting))]
    if overdue:
        parts.append(t.n("One is overdue.", "{n} are overdue.", overdue))
    else:
        parts.append(
            t.n("The next is due in one day.", "The next is due in {n} days.", nearest)
            if nearest
            else t("The next is due today.")
        )
    unknown = sum(each.identified_at is None for each in waiting)
    if unknown:
        parts.append(
            t.n("Of one it is not known who asks.", "Of {n} it is not known who asks.", unknown)
        )
    return t.sentences(*parts), worst(each.clock.status for each in waiting)


def definitions(t: Translator) -> list[Definition]:
    """Return what the words of the page mean."""
    return [
        Definition(
            t("Limit"),
            t(
                "40 days from the day of receipt for access and correction (PDPO sections 19 and "
                "23); the same number, set by this desk, for the rest."
            ),
        ),
        Definition(
            t("Warnings"), t("From day 25, 33 and 38 on, each more urgent than the one before.")
        ),
        Definition(
            t("As at receipt"),
            t("What the logs held when the request came in; rows that came later are not in it."),
        ),
        Definition(
            t("Dispute note"),
            t("The customer's words on a score that was not changed; shown wherever it is."),
        ),
    ]


def show_requests(ctx: PageContext, found: Sequence[Request], *, key: str, alt: str) -> None:
    """Show a table of requests, and the way to the one that is chosen."""
    t = ctx.t
    place = ranked_table(t, *request_frame(ctx, found), key=key, alt=alt)
    chosen = found[place or 0]
    with st.container(key=f"hl_go_{key}"):
        st.page_link(
            ctx.pages["requests"],
            label=plain(t("Open {request}", request=chosen.reference)),
            query_params={"request": str(chosen.id)},
        )


def show_waiting(ctx: PageContext, found: Sequence[Request]) -> None:
    """Show requests that wait; each is one click away, and can be reached by keys."""
    frame, columns = request_frame(ctx, found)
    page, lang = ctx.pages["requests"].url_path, ctx.t.locale
    links = [
        Link(each.reference, f"{page}?{urlencode({'request': each.id, 'lang': lang})}")
        for each in found
    ]
    frame["reference"] = pd.Series(links, dtype=object)
    static_table(ctx.t, frame, columns, caption=ctx.t("Open requests"))


def request_frame(ctx: PageContext, found: Sequence[Request]) -> tuple[pd.DataFrame, list[Column]]:
    """Return the table of requests and its columns."""
    t = ctx.t
    rows = [
        {
            "clock": Judged(each.clock.status, clock_words(t, each)),
            "reference": each.reference,
            "kind": t(KINDS[each.kind]),
            "state": state_text(t, each),
            "model": model_name(ctx, each.model_id),
            "received": t.date(each.received_on),
            "due": t.date(each.due_on),
            "handler": each.handler or _NOTHING,
            "person": each.subject_id[:_SHOWN],
        }
        for each in found
    ]
    columns = [
        Column("clock", t("Time left"), kind="status"),
        Column("reference", t("Request")),
        Column("kind", t("Kind")),
        Column("state", t("State")),
        Column("model", t("Model")),
        Column("received", t("Received")),
        Column("due", t("Due")),
        Column("handler", t("Handled by")),
        Column("person", t("Pseudonym")),
    ]
    return pd.DataFrame(rows), columns


def clock_words(t: Translator, found: Request) -> str:
    """Return what a clock says: its state and the days left, or how it was closed."""
    if not found.is_open:
        return t(LEVELS[found.clock.level])
    left = found.clock.days_left
    days = (
        t.n("one day left", "{n} days left", left)
        if left >= 0
        else t.n("one day over", "{n} days over", -left)
    )
    return f"{t(STATUS_WORDS[found.clock.status])} · {days}"


def state_text(t: Translator, found: Request) -> str:
    """Return where a request stands, and how it ended."""
    if found.refusal_waits and found.is_open:
        return t("Refusal to be decided")
    if found.state == "answered" and found.outcome:
        return t(OUTCOMES[found.outcome])
    return t(STATES[found.state])


def model_name(ctx: PageContext, model_id: str | None) -> str:
    """Return a model's name; all models where a request names none."""
    if model_id is None:
        return ctx.t("all models")
    return next((each.name for each in ctx.models if each.id == model_id), model_id)


def intake_form(ctx: PageContext) -> None:
    """Let those who handle requests take one in."""
    t, names = ctx.t, {each.id: each.name for each in ctx.models}
    with st.form("request_intake", border=False, clear_on_submit=True):
        first, second, third = st.columns(3, gap="medium")
        kind = first.selectbox(
            t("Kind"), list(KINDS), format_func=lambda k: t(KINDS[k]), key="request_kind"
        )
        channel = second.selectbox(
            t("How it came"),
            list(CHANNELS),
            format_func=lambda each: t(CHANNELS[each]),
            key="request_channel",
        )
        language = third.selectbox(
            t("Language of the customer"),
            LOCALES,
            format_func=native_name,
            key="request_language",
        )
        left, right = st.columns(2, gap="medium")
        reference = left.text_input(
            t("Reference of the person, exactly as the logs write it"),
            key="request_reference",
            autocomplete="off",
        )
        today = ctx.workspace.clock().astimezone(HONG_KONG).date()
        received = right.date_input(
            t("Received on"), value=today, max_value=today, key="request_received"
        )
        model = left.selectbox(
            t("Model"),
            [None, *names],
            format_func=lambda name: t("all models") if name is None else names[name],
            key="request_model",
        )
        prediction = right.text_input(
            t("Id of the prediction, if known"), key="request_prediction", max_chars=200
        )
        words = st.text_area(
            t("What was asked for, without the reference"), key="request_words", max_chars=4000
        )
        pressed = st.form_submit_button(t("Take in the request"), type="primary")
    if pressed:

        def take(actor: Actor) -> None:
            _take_in(ctx, actor, kind, reference, words, channel, language, received, model,
                     prediction.strip() or None)  # fmt: skip

        attempt_and_rerun(
            ctx, take, done=t("Taken in. The letter that says so is on the request's page.")
        )


def _take_in(
    ctx: PageContext,
    actor: Actor,
    kind: str,
    reference: str,
    words: str,
    channel: str,
    language: str,
    received: date,
    model: str | None,
    prediction: str | None,
) -> None:
    now = ctx.workspace.clock()
    earlier = received != now.astimezone(HONG_KONG).date()
    made = intake.intake(
        ctx.workspace,
        kind,
        reference,
        words=words,
        channel=channel,
        language=language,
        received_at=datetime.combine(received, time(12), HONG_KONG) if earlier else None,
        model=model,
        prediction=prediction,
        actor=actor,
    )
    if made.is_statutory and not made.is_erased:
        snapshots.freeze(ctx.workspace, made.id, actor=actor)
    st.query_params["request"] = str(made.id)


def show_log_book(ctx: PageContext, entries: Sequence[LogEntry]) -> None:
    """Show the log book of refusals, and let it be taken away."""
    t = ctx.t
    if not entries:
        note(t("Nothing was refused. Refusals appear here with ground and reasons."))
        return
    static_table(
        t,
        *log_book_frame(t, entries),
        caption=t("Refusals, the newest first; no customer named"),
    )

    def make(actor: Actor) -> Prepared:
        made = refusals.export_log_book(ctx.workspace, t, actor=actor)
        return Prepared(made.url, t("Download the log book (CSV)"))

    offer_files(
        ctx,
        FileOffer(
            t("Prepare the log book (CSV)"),
            make,
            key="refusals_prepare",
            permission=Permission.rights_view,
            asked=entries,
        ),
    )


def log_book_frame(t: Translator, entries: Sequence[LogEntry]) -> tuple[pd.DataFrame, list[Column]]:
    """Return the log book as a table and its columns."""
    rows = [
        {
            "request": each.request,
            "kind": t(KINDS[each.kind]),
            "ground": t(GROUNDS[each.ground]),
            "reasons": each.reasons,
            "refused": t.date(each.refused_at, "Asia/Hong_Kong"),
            "people": t("{first}, then {second}", first=each.proposed_by, second=each.refused_by),
            "notice": t.date(each.notice_sent_on) if each.notice_sent_on else t("not sent yet"),
            "keep": t.date(each.keep_until),
        }
        for each in entries
    ]
    columns = [
        Column("request", t("Request")),
        Column("kind", t("Kind")),
        Column("ground", t("Ground")),
        Column("reasons", t("Reasons"), wide=True),
        Column("refused", t("Refused on")),
        Column("people", t("Proposed and decided by")),
        Column("notice", t("Notice sent on")),
        Column("keep", t("Kept at least until")),
    ]
    return pd.DataFrame(rows), columns


def show_register(ctx: PageContext, notes: int, shown: int) -> None:
    """Show who opted out, and how often dispute notes were drawn to somebody's attention."""
    t = ctx.t
    note(
        t.sentences(
            t.n("One dispute note is in force.", "{n} dispute notes are in force.", notes),
            t.n(
                "One was shown with its score once in the last 30 days.",
                "Notes were shown with their scores {n} times in the last 30 days.",
                shown,
            )
            if shown
            else t("None was shown in the last 30 days."),
        )
    )
    entries = opt_outs.list_register(ctx.workspace, actor=ctx.actor)
    if not entries:
        note(t("Nobody has opted out. Opt-outs that requests lead to appear here."))
        return
    rows = [
        {
            "person": each.subject_id[:_SHOWN],
            "model": model_name(ctx, each.model_id),
            "since": t.date(each.since, "Asia/Hong_Kong"),
            "ended": t.date(each.ended_at, "Asia/Hong_Kong") if each.ended_at else t("in force"),
            "request": each.request,
        }
        for each in entries
    ]
    columns = [
        Column("person", t("Pseudonym")),
        Column("model", t("Model")),
        Column("since", t("Since")),
        Column("ended", t("Until")),
        Column("request", t("Request")),
    ]
    static_table(t, pd.DataFrame(rows), columns, caption=t("Opt-outs, the newest first"))


def sender_form(ctx: PageContext) -> None:
    """Let who answers for the desk set the head of letters."""
    t = ctx.t
    if not allows(ctx.actor, Permission.rights_refuse):
        return
    kept = sender.sender(ctx.workspace, actor=ctx.actor)
    with (
        st.expander(t("Head of letters"), key="request_sender_open"),
        st.form("request_sender", border=False),
    ):
        lines = st.text_area(
            t("Name of the organisation, then where customers answer to, a line each"),
            value="\n".join(kept),
            key="request_sender_lines",
        )
        pressed = st.form_submit_button(t("Set the head"))
    if pressed:
        attempt_and_rerun(
            ctx,
            lambda actor: sender.set_sender(ctx.workspace, lines.split("\n"), actor=actor),
            done=t("Letters begin with it from now on."),
        )
