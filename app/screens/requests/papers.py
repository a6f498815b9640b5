"""Papers for the customer: the copy of the data, letters, and the one that was made last."""

from typing import Literal

import streamlit as st

from app.components import download_link, note
from app.context import PageContext
from app.screens.requests.forms import do, form
from app.screens.requests.one import letter_to_make
from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.services.rights import copies, desk, letters
from core.services.rights.desk import Request
from core.services.rights.letter_texts import RECEIPTS, TITLES

_FILE = "_hl_request_file"


def show_file(ctx: PageContext, found: Request) -> None:
    """Let the reader take the paper that was made last, where it was made."""
    t, made = ctx.t, st.session_state.get(_FILE)
    if made is not None and made[0] == found.id:
        download_link(t, made[1], made[2])
        if made[3]:
            note(t("Codes that the contract does not explain: {codes}.", codes=t.items(*made[3])))


def show_copy(ctx: PageContext, found: Request) -> None:
    """Let who may take data away in clear make the copy."""
    t = ctx.t
    if not allows(ctx.actor, Permission.personal_export):
        note(t("The copy holds data in clear: somebody who may take these away makes it."))
        return
    with form(t("Make the copy with its code book"), "copy"):
        withheld = st.text_input(
            t("Columns to leave out because they tell of other people, separated by commas"),
            key="request_withheld",
        )
        meanings = st.text_area(
            t("Meanings of codes in both languages, a line each: column=code=meaning"),
            key="request_meanings",
        )
        pressed = st.form_submit_button(t("Make the copy"))
    if pressed:

        def make(actor: Actor) -> None:
            made = copies.make_copy(
                ctx.workspace,
                found.id,
                withheld=[each.strip() for each in withheld.split(",") if each.strip()],
                meanings=_meanings(meanings),
                actor=actor,
            )
            st.session_state[_FILE] = (
                found.id, made.export.url, t("Download the copy (PDF)"), made.unexplained
            )  # fmt: skip

        do(ctx, make, t("The copy is made."))


def _meanings(text: str) -> dict[str, str]:
    """Return ``column=code`` → meaning of the lines that are complete."""
    lines = (line.split("=", 2) for line in text.split("\n"))
    return {f"{p[0].strip()}={p[1].strip()}": p[2].strip() for p in lines if len(p) == 3}


def show_letters(ctx: PageContext, found: Request) -> None:
    """Let the desk make a letter; at first the one that follows from what was done."""
    t = ctx.t
    possible = letters.possible_letters(ctx.workspace, found.id, actor=ctx.actor)
    taken = desk.list_steps(ctx.workspace, found.id, actor=ctx.actor)
    made = {str(each.body["template"]) for each in taken if each.action == "letter"}
    following = letter_to_make(possible, made)
    is_due = not found.is_open and following not in RECEIPTS | made
    with form(t("Make a letter"), "letter", expanded=is_due):
        template = st.selectbox(
            t("Letter"),
            possible,
            index=possible.index(following),
            format_func=lambda each: t(TITLES[each]),
            key=f"request_letter_{following}",
        )
        text = st.text_area(
            t("Reasons of a delay, in the customer's language"), key="request_letter_text"
        ) if "late_notice" in possible else ""  # fmt: skip
        kind: Literal["primary", "secondary"] = "primary" if is_due else "secondary"
        pressed = st.form_submit_button(t("Make the letter"), type=kind)
    if pressed and template:

        def make(actor: Actor) -> None:
            made = letters.make_letter(ctx.workspace, found.id, template, text=text, actor=actor)
            st.session_state[_FILE] = (found.id, made.url, t("Download the letter (PDF)"), ())

        do(ctx, make, t("The letter is made."))
