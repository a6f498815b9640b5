"""The parts of the explanations screen beside the worklist: which there are, and showing one."""

import streamlit as st

from app.components import Definition, section
from app.components.text import plain
from app.context import PageContext
from app.screens.explanations.bulk import definitions as bulk_definitions
from app.screens.explanations.bulk import show_bulk
from app.screens.explanations.checks import definitions as checks_definitions
from app.screens.explanations.checks import show_failed
from app.screens.explanations.code_book import show_code_book
from app.screens.explanations.letter_templates import show_templates
from app.screens.explanations.stability import definition as stability_definition
from app.screens.explanations.stability import show_stability
from core.i18n import N_

WORKLIST = "worklist"
PARTS = {
    WORKLIST: N_("Worklist"),
    "checks": N_("Failed checks"),
    "stability": N_("Stability"),
    "code_book": N_("Code book"),
    "templates": N_("Letter templates"),
    "bulk": N_("Bulk production"),
}
"""Part of the screen → what it is called."""

_ABOUT = {
    "checks": N_("Letters that did not pass their acceptance checks, and what to do about each."),
    "stability": N_("Whether reasons depend on whom a person is compared with."),
    "code_book": N_("The sentences in which reasons are told, put in force by two people."),
    "templates": N_("The fixed words of letters, in three languages, put in force by two people."),
    "bulk": N_("Explanations kept, and letters written, about many decisions at once."),
}


def choose_part(ctx: PageContext) -> str:
    """Let the reader choose a part of the screen; the worklist comes first."""
    t = ctx.t
    chosen = st.segmented_control(
        plain(t("What to show")),
        list(PARTS),
        default=WORKLIST,
        format_func=lambda name: t(PARTS[name]),
        key="explanations_part",
        required=True,
        label_visibility="collapsed",
    )
    return str(chosen)


def show_part(ctx: PageContext, part: str, model: str) -> list[Definition]:
    """Show a part other than the worklist; return what its words mean."""
    t = ctx.t
    section(t(PARTS[part]), t(_ABOUT[part]))
    if part == "checks":
        show_failed(ctx, model)
        return checks_definitions(t)
    if part == "stability":
        return [stability_definition(t, show_stability(ctx, model).redraws)]
    if part == "bulk":
        show_bulk(ctx, model)
        return bulk_definitions(t)
    if part == "code_book":
        show_code_book(ctx, model)
    else:
        show_templates(ctx)
    return []
