"""One request of a customer: facts, clock, what was done, and what can be done next."""

from collections.abc import Collection, Sequence
from datetime import date

import pandas as pd
import streamlit as st

from app.components import Column, facts, note, static_table, subsection
from app.components.text import plain
from app.context import PageContext
from app.screens.requests.desk import clock_words, may_handle, model_name, state_text
from core.domain.status import Status
from core.i18n import Translator
from core.i18n.locales import native_name
from core.services.rights import answers, desk, disclosures, disputes, refusals
from core.services.rights.desk import Request, Step
from core.services.rights.disclosures import Recipient
from core.services.rights.disputes import ITEMS, Note
from core.services.rights.letter_texts import RECEIPTS, TITLES
from core.services.rights.words import (
    ACTIONS,
    CHANNELS,
    GROUNDS,
    KINDS,
    METHODS,
    OUTCOMES,
)

_ZONE = "Asia/Hong_Kong"
_NOTHING = "–"
_CASE_STATES = frozenset({"final"})


def asked_for(found: Sequence[Request]) -> Request | None:
    """Return the request that the address names, if it is one of these."""
    name = st.query_params.get("request")
    return next((each for each in found if str(each.id) == name), None)


def summary(t: Translator, found: Request, taken: Sequence[Step] = ()) -> tuple[str, Status]:
    """Return what a request's page says first, and how it stands, after the steps taken."""
    kind = t(KINDS[found.kind])
    left = found.clock.days_left
    if found.closed_at is not None:
        ended = t("{kind}: {state}.", kind=kind, state=state_text(t, found))
        on = t.date(found.closed_at, _ZONE)
        stood = (
            t.n(
                "The clock stopped on {on}, one day before the limit.",
                "The clock stopped on {on}, {n} days before the limit.",
                left,
                on=on,
            )
            if left >= 0
            else t.n(
                "The clock stopped on {on}, one day after the limit.",
                "The clock stopped on {on}, {n} days after the limit.",
                -left,
                on=on,
            )
        )
        return t.sentences(ended, stood, _posted(t, found, taken)), found.clock.status
    days = (
        t.n("one day left", "{n} days left", left)
        if left >= 0
        else t.n("one day over", "{n} days over", -left)
    )
    return t("{kind}: {state}.", kind=kind, state=days), found.clock.status


def _posted(t: Translator, found: Request, taken: Sequence[Step]) -> str:
    """Say whether the letter that follows from an answer went out; the clock stopped before."""
    if found.state != "answered":
        return ""
    last = {
        each.action: each
        for each in taken
        if each.action in {"letter", "letter_sent"} and each.body["template"] not in RECEIPTS
    }
    if "letter_sent" in last:
        on = date.fromisoformat(str(last["letter_sent"].body["sent_on"]))
        return t("The letter was sent on {on}.", on=t.date(on))
    if "letter" in last:
        return t("The letter is made, and not noted as sent.")
    return t("The letter is not made yet.")


def letter_to_make(possible: Sequence[str], made: Collection[str]) -> str:
    """Return the letter to offer first: of what was done since receipt, and not made yet."""
    fresh = [each for each in possible if each not in made]
    told = [each for each in fresh if each not in RECEIPTS]
    return (told or fresh or list(possible))[0]


def back_to_all(ctx: PageContext) -> None:
    """Show the way to all requests."""
    with st.container(key="hl_go_requests"):
        st.page_link(
            ctx.pages["requests"], label=plain(ctx.t("All requests")), query_params={"request": ""}
        )


def show_facts(ctx: PageContext, found: Request) -> None:
    """Show what is known of a request; whom it is about stays a pseudonym."""
    t = ctx.t
    limit = t("from 40 days of the PDPO") if found.is_statutory else t("own limit")
    told: dict[str, str] = {
        t("Kind"): t(KINDS[found.kind]),
        t("State"): state_text(t, found),
        t("Time left"): clock_words(t, found),
        t("Received"): f"{t.date(found.received_on)} · {t(CHANNELS[found.channel])}",
        t("Due"): f"{t.date(found.due_on)} · {limit}",
        t("Language"): native_name(found.language),
        t("Model"): model_name(ctx, found.model_id),
        t("Prediction"): found.prediction_id or t("not named"),
        t("Pseudonym"): t("erased") if found.is_erased else found.subject_id[:16],
        t("Identity"): _identity(t, found),
        t("Handled by"): found.handler or _NOTHING,
        t("Taken in by"): found.taken_by or _NOTHING,
        t("Frozen as at receipt"): _frozen(t, found),
    }
    if found.late_notice_at:
        told[t("Told of a delay")] = t.instant(found.late_notice_at, _ZONE)
    if found.fee_hkd is not None:
        told[t("Fee")] = t.money(found.fee_hkd, "HKD", 2)
    if found.closed_at:
        told[t("Closed")] = f"{t.instant(found.closed_at, _ZONE)} · {found.closed_by or _NOTHING}"
    facts(told, even=True)


def show_case(ctx: PageContext, found: Request) -> None:
    """Show the case of human review that a request led to, with the way to it."""
    t = ctx.t
    case = answers.case_of(ctx.workspace, found.id, actor=ctx.actor)
    if case is None:
        return
    reference = f"R-{case.id:06d}"
    if case.state in _CASE_STATES:
        outcome = t(OUTCOMES["upheld" if case.verdict == "uphold" else "overturned"])
        note(t("Case {case} is decided: {outcome}.", case=reference, outcome=outcome))
    elif case.kind == "appeal":
        note(
            t(
                "Case {case} waits for a lead who has not decided about it. Its verdict is the "
                "answer.",
                case=reference,
            )
        )
    else:
        note(t("Case {case} waits for a person. Its verdict is the answer.", case=reference))
    if "case" in ctx.pages:
        with st.container(key="hl_go_request_case"):
            st.page_link(
                ctx.pages["case"],
                label=plain(t("Open case {case}", case=reference)),
                query_params={"case": str(case.id)},
            )


def show_refusal(ctx: PageContext, found: Request) -> None:
    """Show what the log book says of a request."""
    t = ctx.t
    entry = refusals.refusal_of(ctx.workspace, found.id, actor=ctx.actor)
    if entry is not None:
        facts(
            {
                t("Ground"): t(GROUNDS[entry.ground]),
                t("Reasons"): entry.reasons,
                t("Proposed by"): entry.proposed_by,
                t("Refused by"): entry.refused_by,
                t("Notice sent on"): t.date(entry.notice_sent_on)
                if entry.notice_sent_on
                else t("not sent yet"),
                t("Kept at least until"): t.date(entry.keep_until),
            }
        )


def show_notes(ctx: PageContext, found: Request) -> Sequence[Note]:
    """Show the dispute notes that came of a request, and return those in force."""
    t = ctx.t
    notes = disputes.notes_of_request(ctx.workspace, found.id, actor=ctx.actor)
    if notes:
        rows = [
            {
                "item": t(ITEMS[each.item]),
                "text": each.text,
                "made": t.date(each.made_at, _ZONE),
                "by": each.made_by,
                "state": t("withdrawn") if each.withdrawn_at else t("in force"),
            }
            for each in notes
        ]
        columns = [
            Column("item", t("What is disputed")),
            Column("text", t("The customer's note"), wide=True),
            Column("made", t("Attached on")),
            Column("by", t("Attached by")),
            Column("state", t("State")),
        ]
        static_table(t, pd.DataFrame(rows), columns, caption=t("Dispute notes"))
    return [each for each in notes if each.withdrawn_at is None]


def show_recipients(ctx: PageContext, found: Request) -> Sequence[Recipient]:
    """Show who was given the customer's data, and return those who are still to be told."""
    t = ctx.t
    listed = disclosures.recipients(ctx.workspace, found.id, actor=ctx.actor)
    if not listed:
        note(t("The log of disclosures names nobody who was given this customer's data."))
        return ()
    rows = [
        {
            "recipient": each.recipient,
            "purpose": each.purpose,
            "on": t.date(each.disclosed_on),
            "what": t.items(*each.what) or t("not known"),
            "told": _told(t, each),
        }
        for each in listed
    ]
    columns = [
        Column("recipient", t("Recipient")),
        Column("purpose", t("Purpose")),
        Column("on", t("Given on")),
        Column("what", t("Columns")),
        Column("told", t("To be told")),
    ]
    static_table(t, pd.DataFrame(rows), columns, caption=t("Who was given the data"))
    if disclosures.correction_of(ctx.workspace, found.id, actor=ctx.actor) is None:
        return ()
    return [each for each in listed if not each.is_settled]


def show_steps(ctx: PageContext, found: Request) -> None:
    """Show every step of a request; each is an entry of the audit trail, too."""
    t = ctx.t
    steps = desk.list_steps(ctx.workspace, found.id, actor=ctx.actor)
    rows = [
        {
            "at": t.instant(each.at, _ZONE),
            "what": t(ACTIONS[each.action]),
            "who": each.person,
            "facts": facts_text(t, each),
        }
        for each in steps
    ]
    columns = [
        Column("at", t("When")),
        Column("what", t("What happened")),
        Column("who", t("Who")),
        Column("facts", t("Facts"), wide=True),
    ]
    subsection(t("Steps"))
    static_table(t, pd.DataFrame(rows), columns, caption=t("Steps, the oldest first"))


def facts_text(t: Translator, step: Step) -> str:
    """Return the facts of a step in words."""
    body = step.body
    match step.action:
        case "identified":
            return t(METHODS[str(body["method"])])
        case "letter":
            return t(TITLES[str(body["template"])])
        case "letter_sent":
            on = t.date(date.fromisoformat(str(body["sent_on"])))
            return t.items(t(TITLES[str(body["template"])]), on)
        case "answered":
            return t(OUTCOMES[str(body["outcome"])])
        case "refused":
            return t(GROUNDS[str(body["ground"])])
        case "note_attached":
            return t(ITEMS[str(body["item"])])
        case "snapshot" | "copy_made":
            return f"SHA-256 {str(body['sha256'])[:16]}…"
        case "corrected":
            columns = body["columns"]
            return t.items(*map(str, columns)) if isinstance(columns, list) else _NOTHING
        case "case_opened":
            return f"R-{int(str(body['case'])):06d}"
    return _NOTHING


def show_next(ctx: PageContext) -> None:
    """Say to those who only read that others act."""
    if not may_handle(ctx):
        note(ctx.t("You can read this request; people of the desk act on it."))


def _identity(t: Translator, found: Request) -> str:
    if found.identified_at is None or found.identity_method is None:
        return t("not confirmed: nothing is shown or sent")
    return t(
        "{method}, by {person} on {date}",
        method=t(METHODS[found.identity_method]),
        person=found.identified_by,
        date=t.date(found.identified_at, _ZONE),
    )


def _frozen(t: Translator, found: Request) -> str:
    if found.snapshot_sha256 is None:
        return t("not frozen")
    return f"SHA-256 {found.snapshot_sha256[:16]}…"


def _told(t: Translator, each: Recipient) -> str:
    if each.sent_on is not None:
        return t("told on {date}", date=t.date(each.sent_on))
    if each.why_not and each.is_concerned:
        return t("not told: {reason}", reason=each.why_not)
    return t("to be told") if each.is_concerned else t("not concerned")
