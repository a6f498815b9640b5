"""Customers' requests: clocks, one request and its steps, the log book, opt-outs."""

import streamlit as st

from app.components import empty, footer, page_header, section, sentence
from app.context import page_context
from app.screens.requests import desk as screen
from app.screens.requests import disclosures as log_screen
from app.screens.requests import one, steps
from core.services.rights import desk, disputes, refusals

ctx = page_context()
t = ctx.t
page_header(ctx, t("Customers' requests"), dated=False)
if ctx.actor.jurisdictions is not None:
    sentence(ctx, t("A request concerns all rows of a person, and you see those of some places."))
    footer(ctx)
    st.stop()
found = desk.list_requests(ctx.workspace, actor=ctx.actor)
chosen = one.asked_for(found)
if chosen is not None:
    one.back_to_all(ctx)
    section(chosen.reference)
    taken = desk.list_steps(ctx.workspace, chosen.id, actor=ctx.actor)
    sentence(ctx, *one.summary(t, chosen, taken))
    one.show_facts(ctx, chosen)
    if screen.may_handle(ctx):
        steps.show_look(ctx, chosen)
    one.show_case(ctx, chosen)
    one.show_refusal(ctx, chosen)
    notes = one.show_notes(ctx, chosen)
    untold = one.show_recipients(ctx, chosen) if chosen.kind == "correction" else ()
    log_screen.show_at_receipt(ctx, chosen)
    one.show_next(ctx)
    if screen.may_handle(ctx):
        steps.show_steps_to_take(ctx, chosen, notes, untold)
    one.show_steps(ctx, chosen)
    footer(ctx, definitions=screen.definitions(t))
    st.stop()
sentence(ctx, *screen.summary(t, found))
waiting = [each for each in found if each.is_open]
closed = [each for each in found if not each.is_open]
section(t("Open"), t("The nearest limit first; people are named by pseudonyms."))
if waiting:
    screen.show_waiting(ctx, waiting)
else:
    empty(
        t("No request waits"),
        t("Requests of customers appear here with their clocks."),
        "harbourlight requests intake",
    )
if screen.may_handle(ctx):
    section(t("Take a request in"), t("The clock runs from the day of receipt."))
    screen.intake_form(ctx)
if closed:
    section(t("Closed"), t("Answered, refused or withdrawn, the newest first."))
    screen.show_requests(ctx, closed, key="requests_closed", alt=t("Closed requests"))
section(t("Log book of refusals"), t("Kept for at least four years; two people decide each."))
screen.show_log_book(ctx, refusals.log_book(ctx.workspace, actor=ctx.actor))
section(t("Dispute notes and opt-outs"), t("Notes go along with the score that they are about."))
screen.show_register(
    ctx,
    disputes.count_notes(ctx.workspace, actor=ctx.actor),
    disputes.count_shown(ctx.workspace, actor=ctx.actor),
)
section(
    t("Log of disclosures"),
    t("Who else was given customers' data; corrections are told to those of twelve months."),
)
log_screen.show_log(ctx)
screen.sender_form(ctx)
footer(ctx, definitions=screen.definitions(t))
