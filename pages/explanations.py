"""Explanations: decisions that differ from what was expected, code book, letters, stability."""

import streamlit as st

from app.components import footer, kpi_row, page_header, section, sentence
from app.components.text import plain
from app.context import page_context
from app.screens import code_book as book
from app.screens import explanations as screen
from app.screens.letter_templates import show_templates
from core.errors import NotFound
from core.services.explanation.worklist import worklist

ctx = page_context()
t = ctx.t
page_header(ctx, t("Explanations"), dated=False)
model = ctx.filters.model
if model is None:
    raise NotFound("No model is registered yet.", remedy="Run 'harbourlight model register SPEC'.")
found = worklist(ctx.workspace, model, actor=ctx.actor, limit=25)
sentence(ctx, *screen.summary(ctx, found))
parts = {
    "worklist": t("Worklist"),
    "code_book": t("Code book"),
    "templates": t("Letter templates"),
}
part = st.segmented_control(
    plain(t("What to show")),
    list(parts),
    default="worklist",
    format_func=lambda name: parts[name],
    key="explanations_part",
    required=True,
    label_visibility="collapsed",
)
if part == "worklist":
    kpi_row(t, screen.figures(t, found))
    section(
        t("Different from what was expected"),
        t("Decisions that no person took, against the policy's rule or the outcome that became "
          "known."),
    )  # fmt: skip
    screen.show_worklist(ctx, found)
    section(
        t("Explained by version"),
        t("Decisions that no person took, and of how many an explanation was kept."),
    )
    screen.show_coverage(ctx, found)
elif part == "code_book":
    section(
        t("Code book"),
        t("The sentences in which reasons are told, put in force by two people."),
    )
    book.show_code_book(ctx, model)
elif part == "templates":
    section(
        t("Letter templates"),
        t("The fixed words of letters, in three languages, put in force by two people."),
    )
    show_templates(ctx)
footer(ctx, definitions=screen.definitions(t))
