"""The letter about a decision: asked for, released or refused with what to do, and on record."""

import pandas as pd
import streamlit as st

from app.components import Column, choose_language, download_link, note, panels, plain, static_table
from app.components.panels import Html
from app.components.step_up import attempt
from app.context import PageContext
from app.screens.decision.outcome import Outcome, keep_outcome, outcome_of
from core.auth.policy import allows
from core.domain.explanation.check_code import grouped
from core.domain.identity import Actor, Permission
from core.domain.status import Status
from core.i18n import N_, Translator
from core.i18n.locales import native_name
from core.services.explanation.checks import Check
from core.services.explanation.letter_forms import FORMATS
from core.services.explanation.letter_words import CHECKS, REMEDIES
from core.services.explanation.letters import LetterRefused, MadeLetter
from core.services.explanation.looking import DecisionView
from core.services.explanation.releasing import release_letter
from core.store.explanations.letters import LetterRecord

FORMS = {"pdf": N_("PDF, to print"), "html": N_("HTML, to send"), "text": N_("Plain text")}
LONGEST_REASON = 1000
_MADE = "_hl_decision_letter"


def show_letter_form(ctx: PageContext, view: DecisionView, prediction: str) -> None:
    """Let who may release a letter about the decision; others read that they may not.

    No fragment: each press is of a reader whose session was looked at in the same run.
    """
    t = ctx.t
    if not allows(ctx.actor, Permission.letter_release):
        note(t("Your roles do not include releasing letters."))
        return
    with st.expander(plain(t("Write a letter to the person")), key="decision_letter"):
        note(_written_from(t, view))
        with st.container(horizontal=True, gap="medium", key="hl_decision_letter_choices"):
            language = choose_language(t, t("Language"), "decision_letter_language")
            form = st.segmented_control(
                t("As a file"),
                list(FORMATS),
                default="pdf",
                format_func=lambda each: t(FORMS[each]),
                key="decision_letter_form",
                required=True,
            )
        withheld = st.checkbox(
            t("Withhold the reasons, as when they would harm the prevention of financial crime"),
            key="decision_letter_withhold",
        )
        why = st.text_input(
            t("Why they are withheld, for the audit trail; name nobody"),
            max_chars=LONGEST_REASON,
            key="decision_letter_why",
        ) if withheld else None  # fmt: skip
        note(t("It holds the person's own values: who releases it says again who they are. It is "
               "released only if every check passes."))  # fmt: skip
        pressed = st.button(
            plain(t("Release the letter")), key="decision_letter_release", type="primary"
        )
    if pressed:

        def release(actor: Actor) -> None:
            _release(ctx, view, prediction, actor, (language, str(form), why))

        with st.spinner(t("Writing and checking the letter …")):
            attempt(ctx, release)
        st.rerun()


def _written_from(t: Translator, view: DecisionView) -> str:
    if not view.kept:
        return t("No explanation of this decision is kept yet. One is kept in the same step.")
    return t(
        "Written from the kept explanation {number} of {when}.",
        number=str(view.kept[0].number),
        when=t.instant(view.kept[0].made_at, view.contract.timezone),
    )


def _release(
    ctx: PageContext,
    view: DecisionView,
    prediction: str,
    actor: Actor,
    asked: tuple[str, str, str | None],
) -> None:
    """Release the letter, or keep what stood against it, for the page to say."""
    model = view.contract.id
    language, form, why = asked
    try:
        made = release_letter(
            ctx.workspace, model, prediction,
            language=language, form=form, withhold=why, actor=actor,
        )  # fmt: skip
    except LetterRefused as refused:
        keep_outcome(_MADE, Outcome(model, prediction, None, refused.checks))
    else:
        keep_outcome(_MADE, Outcome(model, prediction, made, made.checks))


def show_letter_outcome(ctx: PageContext, view: DecisionView, prediction: str) -> None:
    """Say what came of the letter that was asked for last, with each check."""
    t = ctx.t
    found: Outcome[MadeLetter] | None = outcome_of(_MADE, view, prediction)
    if found is None:
        return
    if found.made is None:
        failed = [what_to_do(t, each) for each in found.failed]
        panels.show(panels.warned(t("The letter is not released"), failed))
    else:
        letter = found.made.letter
        told = [
            (t("Letter"), panels.words(letter.reference)),
            (t("Check code"), panels.words(grouped(letter.code))),
            (t("Language"), panels.words(native_name(letter.language))),
        ]
        panels.show(panels.panel(t("The letter is released"), panels.pairs(told)))
        download_link(t, found.made.export.url, t("Download the letter"))
    with st.expander(plain(_checks_title(t, found.checks)), key="decision_letter_checks"):
        panels.show(checks_list(t, found.checks))


def what_to_do(t: Translator, check: Check) -> str:
    """Return what a failed check says and found, and what to do."""
    said = t("Failed: {check} ({found}).", check=t(CHECKS[check.name]), found=check.found or "–")
    return t.sentences(said, t(REMEDIES[check.name]))


def _checks_title(t: Translator, checks: tuple[Check, ...]) -> str:
    passed = sum(each.passed for each in checks)
    return t("Checks: {passed} of {n} passed", passed=passed, n=len(checks))


def checks_list(t: Translator, checks: tuple[Check, ...]) -> Html:
    """Return each check with its result."""
    words = {True: (Status.in_range, t("passed")), False: (Status.act, t("did not pass"))}
    return panels.pairs(
        [(t(CHECKS[each.name]), panels.badge(t, *words[each.passed])) for each in checks]
    )


def show_letters(ctx: PageContext, view: DecisionView) -> None:
    """Show the letters about the decision that were released."""
    t = ctx.t
    if not view.letters:
        note(t("No letter about this decision was released."))
        return
    codes = allows(ctx.actor, Permission.letter_release)
    rows = [_row(t, view, each, codes=codes) for each in view.letters]
    columns = [
        Column("reference", t("Letter")),
        Column("at", t("Released at")),
        Column("by", t("By")),
        Column("language", t("Language")),
        Column("tells", t("What it tells")),
    ]
    if codes:
        columns.append(Column("code", t("Check code")))
    static_table(
        t, pd.DataFrame(rows), columns, caption=t("Letters that were released, the newest first")
    )


def _row(t: Translator, view: DecisionView, each: LetterRecord, *, codes: bool) -> dict[str, str]:
    return {
        "reference": each.reference,
        "at": t.instant(each.made_at, view.contract.timezone),
        "by": view.names.get(each.made_by, each.made_by),
        "language": native_name(each.language),
        "tells": t("no reasons: the way to a review") if each.withheld else t("the reasons"),
        "code": grouped(each.code) if codes else "",
    }
