"""The dossier of a decision: asked for, made, taken away, and how it is checked."""

import streamlit as st

from app.components import choose_language, download_link, note, panels, plain
from app.components.step_up import attempt
from app.context import PageContext
from app.screens.decision.letter import what_to_do
from app.screens.decision.outcome import Outcome, keep_outcome, outcome_of
from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.i18n import Translator, translator
from core.services.explanation.dossier import Order
from core.services.explanation.dossier_checks import DossierRefused
from core.services.explanation.dossier_export import MadeDossier, export_dossier
from core.services.explanation.looking import DecisionView

VERIFY = "python verify.py dossier.zip --key public-key.txt"
_MADE = "_hl_decision_dossier"


def show_dossier_form(ctx: PageContext, view: DecisionView, prediction: str) -> None:
    """Let who may make the dossier; others read that they may not."""
    t = ctx.t
    if not allows(ctx.actor, Permission.dossier_make):
        note(t("Your roles do not include making dossiers."))
        return
    with st.expander(plain(t("Make a dossier for an examiner")), key="decision_dossier"):
        if not _can_begin(ctx, view):
            return
        to = st.text_input(
            t("Who gets it, such as an examiner's office"), max_chars=200, key="decision_dossier_to"
        )
        why = st.text_input(
            t("Why, for the audit trail; name nobody"), max_chars=1000, key="decision_dossier_why"
        )
        language = choose_language(t, t("Language of the print"), "decision_dossier_language")
        values = _asks_for_values(ctx)
        despite = st.checkbox(
            t("Make it although a check fails: it says which"), key="decision_dossier_despite"
        )
        pressed = st.button(
            plain(t("Make the dossier")), key="decision_dossier_make", type="primary"
        )
    if pressed:

        def make(actor: Actor) -> None:
            order = Order(to, why, values=values, despite=despite)
            _make(ctx, view, prediction, actor, order, translator(language))

        with st.spinner(t("Gathering and sealing what is on record …")):
            attempt(ctx, make)
        st.rerun()


def _can_begin(ctx: PageContext, view: DecisionView) -> bool:
    """Say from what it is made, and whether this reader can have it made."""
    t = ctx.t
    if view.kept:
        number = str(view.kept[0].number)
        note(t("Made from the kept explanation {number}.", number=number))
        return True
    if not allows(ctx.actor, Permission.explanation_make):
        note(
            t.sentences(
                t("No explanation of this decision is kept yet."),
                t("Somebody of compliance keeps one; then the dossier can be made."),
            )
        )
        return False
    note(t("No explanation of this decision is kept yet. One is kept in the same step."))
    return True


def _asks_for_values(ctx: PageContext) -> bool:
    t = ctx.t
    if not allows(ctx.actor, Permission.personal_export):
        note(t("Personal values are left out."))
        return False
    return st.checkbox(
        t("With personal values in clear: that asks for your password again"),
        key="decision_dossier_values",
    )


def _make(
    ctx: PageContext,
    view: DecisionView,
    prediction: str,
    actor: Actor,
    order: Order,
    language: Translator,
) -> None:
    model = view.contract.id
    try:
        made = export_dossier(ctx.workspace, model, prediction, order, t=language, actor=actor)
    except DossierRefused as refused:
        keep_outcome(_MADE, Outcome(model, prediction, None, refused.checks))
    else:
        keep_outcome(_MADE, Outcome(model, prediction, made, made.dossier.checks))


def show_dossier_outcome(ctx: PageContext, view: DecisionView, prediction: str) -> None:
    """Offer the dossier that was made last, and say how anybody checks it."""
    t = ctx.t
    found: Outcome[MadeDossier] | None = outcome_of(_MADE, view, prediction)
    if found is None:
        return
    made = found.made
    if made is None:
        failed = [what_to_do(t, each) for each in found.failed]
        panels.show(panels.warned(t("The dossier is not made"), failed))
        return
    told = [
        (t("File"), panels.words(made.dossier.name)),
        (t("SHA-256 of the file"), panels.words(made.dossier.sha256)),
    ]
    panels.show(panels.panel(t("The dossier is made, and on record"), panels.pairs(told)))
    download_link(t, made.export.url, t("Download the dossier"))
    note(t("It is checked without this product, with Python and the package cryptography:"))
    st.code(VERIFY, language=None, wrap_lines=True)
    note(t("Take verify.py and the public key by another way than the dossier: both come from "
           "whoever runs this product, with 'harbourlight audit key'."))  # fmt: skip
