"""The code book on the explanations screen: what is in force, what is missing, a proposal."""

import pandas as pd
import streamlit as st

from app.components import Column, note, static_table
from app.components.step_up import attempt
from app.components.text import error_text, plain
from app.context import PageContext
from core.auth.policy import allows
from core.contract.load import yaml_document
from core.domain.explanation import LANGUAGES
from core.domain.identity import Actor, Permission
from core.errors import HarbourlightError
from core.i18n import N_, Translator
from core.i18n.locales import native_name
from core.services.explanation.code_books import (
    CheckedBook,
    book_of,
    check_code_book,
    code_book_names,
    list_code_books,
    propose_code_book,
)
from core.services.explanation.words import CODE_FAULTS
from core.services.registry.models import get_model
from core.store.explanations.code_books import CodeBookRecord

DIRECTIONS = {"raises": N_("raises the score"), "lowers": N_("lowers the score")}
"""Direction of a reason → what it does."""


def show_code_book(ctx: PageContext, model: str) -> None:
    """Show the book in force, and let whoever may propose another one."""
    t = ctx.t
    books = list_code_books(ctx.workspace, model, actor=ctx.actor)
    if books:
        names = code_book_names(ctx.workspace, model, actor=ctx.actor)
        note(_in_force(t, ctx, books[0], names.get(books[0].approved_by, "")))
        with st.expander(plain(t("All sentences"))):
            static_table(t, *_frame(ctx, model, books[0]), caption=t("Sentences for reasons"))
    else:
        note(t("No code book is in force: reasons are told as field, value and usual value."))
    if allows(ctx.actor, Permission.code_book_propose):
        _proposal(ctx, model)


def _in_force(t: Translator, ctx: PageContext, book: CodeBookRecord, approver: str) -> str:
    return t(
        "Code book {number} with {codes} sentences, approved by {approver} on {day}.",
        number=book.number,
        codes=len(book_of(book).entries),
        approver=approver or book.approved_by,
        day=t.date(book.approved_at, ctx.filters.timezone),
    )


def _frame(ctx: PageContext, model: str, book: CodeBookRecord) -> tuple[pd.DataFrame, list[Column]]:
    t = ctx.t
    contract = get_model(ctx.workspace, model, actor=ctx.actor).contract
    labels = {each.name: each.label_in(t.locale) for each in contract.features}
    rows = [
        {
            "code": each.code,
            "field": labels.get(each.field, each.field),
            "direction": t(DIRECTIONS[each.direction]),
            **{language: each.sentence[language] for language in LANGUAGES},
        }
        for each in book_of(book).entries
    ]
    columns = [
        Column("code", t("Code")),
        Column("field", t("Field")),
        Column("direction", t("When it")),
        *(Column(language, native_name(language), wide=True) for language in LANGUAGES),
    ]
    return pd.DataFrame(rows), columns


def _proposal(ctx: PageContext, model: str) -> None:
    t, text, why = ctx.t, f"code_book_text_{model}", f"code_book_why_{model}"
    with (
        st.expander(plain(t("Propose another code book"))),
        st.form(f"code_book_{model}", border=False),
    ):
        st.text_area(plain(t("Code book (YAML)")), key=text, height=220)
        st.text_input(plain(t("Why, for whoever decides")), key=why)
        with st.container(horizontal=True):
            check = st.form_submit_button(plain(t("Check")))
            st.form_submit_button(
                plain(t("Propose")), on_click=_propose, args=(ctx, model, text, why)
            )
    if not check:
        return
    try:
        document = yaml_document(st.session_state[text])
        _tell(t, check_code_book(ctx.workspace, model, document, actor=ctx.actor))
    except HarbourlightError as error:
        note(error_text(t, error))


def _propose(ctx: PageContext, model: str, text: str, why: str) -> None:
    def propose(actor: Actor) -> None:
        document = yaml_document(st.session_state[text])
        propose_code_book(ctx.workspace, model, document, reason=st.session_state[why], actor=actor)

    attempt(ctx, propose, done=ctx.t("Proposed: a second person decides under Approvals."))


def _tell(t: Translator, found: CheckedBook) -> None:
    """Say all that is wrong with a book, or what it leaves out."""
    for each in found.faults:
        note(t(CODE_FAULTS[each.kind], place=each.place, found=each.found))
    if found.faults:
        return
    note(t("Nothing is wrong with this code book."))
    if found.missing:
        left_out = [
            t("{name} ({text})", name=field, text=t(DIRECTIONS[direction]))
            for field, direction in found.missing
        ]
        note(t("It has no sentence for: {missing}", missing=t.items(*left_out)))
