"""Examiner room: samples that anybody can draw again, their packs, the register, logged views."""

import streamlit as st

from app.components import Definition, footer, page_header, section, sentence
from app.context import page_context
from app.screens.examiner import draw as drawing
from app.screens.examiner import page as screen
from app.screens.examiner import register
from core.services.examiner.drawing import list_samples

ctx = page_context()
t = ctx.t
page_header(ctx, t("Examiner room"), dated=False)
model = ctx.filters.named_model()
found = list_samples(ctx.workspace, model, actor=ctx.actor)
sentence(ctx, screen.summary(ctx, found))
parts = {
    "samples": t("Samples and packs"),
    "register": t("What was given to whom"),
    "views": t("My views"),
}
part = st.segmented_control(
    t("What to show"),
    list(parts),
    default="samples",
    format_func=lambda name: parts[name],
    key="examiner_part",
    required=True,
    label_visibility="collapsed",
)
if part == "register":
    section(parts[part], t("From the audit trail, which nobody can thin out."))
    register.show_register(ctx)
elif part == "views":
    section(parts[part], t("Each page that an examiner opens is on record before it is shown."))
    register.show_views(ctx)
else:
    if drawing.may_work(ctx):
        section(
            t("Draw a sample"), t("On record before its seed is known, and before it is shown.")
        )
        drawing.show_form(ctx)
    section(t("Drawn samples"), t("All of them: whoever draws again leaves both on record."))
    screen.show_samples(ctx, found)
    section(t("How to check a pack without us"))
    screen.show_checking(ctx)
footer(
    ctx,
    definitions=[
        Definition(
            t("Frame"),
            t("Everything that a sample is drawn from, each decision by a keyed hash of its id."),
        ),
        Definition(
            t("Seed"),
            t("What decides the draw: a hash of the examiner's words and a signed root of the "
              "audit trail, which nobody could know before."),
        ),
        Definition(
            t("Pack"),
            t("The dossiers of a sample with frame, register and proofs, in one file."),
        ),
    ],
)  # fmt: skip
