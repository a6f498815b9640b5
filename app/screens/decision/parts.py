"""Beneath a decision's reasons: the papers that leave the house, and what else is known of it."""

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.components import plain, section
from app.context import PageContext
from app.screens.decision import beside
from app.screens.decision.dossier import show_dossier_form, show_dossier_outcome
from app.screens.decision.letter import show_letter_form, show_letter_outcome, show_letters
from app.screens.decision.picture import has_sums, show_sums
from app.screens.decision.timeline import show_timeline
from app.screens.decision.what_if import show_what_if
from core.auth.policy import allows
from core.domain.identity import Permission
from core.services.explanation.looking import DecisionView


def show_papers(ctx: PageContext, view: DecisionView, prediction: str) -> None:
    """Show the ways to a letter and to a dossier, what came of them, and letters on record."""
    t = ctx.t
    section(
        t("Letter and dossier"),
        t("One page for the person, and all that is on record for whoever examines it."),
    )
    with st.container(key="hl_decision_papers"):
        left, right = _sides(ctx)
        with left:
            show_letter_form(ctx, view, prediction)
            show_letter_outcome(ctx, view, prediction)
        with right:
            show_dossier_form(ctx, view, prediction)
            show_dossier_outcome(ctx, view, prediction)
    show_letters(ctx, view)


def _sides(ctx: PageContext) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Return where the two papers go: beside each other for who may make both."""
    both = (Permission.letter_release, Permission.dossier_make)
    if all(allows(ctx.actor, each) for each in both):
        left, right = st.columns(2, gap="medium")
        return left, right
    return st.container(), st.container()


def show_parts(ctx: PageContext, view: DecisionView, prediction: str) -> None:
    """Show the rest, one part at a time; a part that has nothing to show is left out."""
    t = ctx.t
    parts: list[tuple[str, Callable[[], None], bool]] = [
        (t("How the fields add up"), lambda: show_sums(ctx, view), has_sums(view)),
        (t("What if"), lambda: show_what_if(ctx, view, prediction), bool(view.choices)),
        (t("Beside other people"), lambda: beside.show_others(ctx, view), True),
        (t("Timeline"), lambda: show_timeline(ctx, view), True),
        (t("Kept explanations"), lambda: beside.show_kept(ctx, view, prediction), True),
    ]
    there = [(name, show) for name, show, has in parts if has]
    for tab, (_, show) in zip(
        st.tabs([plain(name) for name, _ in there], key="decision_parts"), there, strict=True
    ):
        with tab:
            show()
