"""What the desk can do about a request now: each step is a form of its own, closed at first."""

from collections.abc import Sequence

import streamlit as st

from app.components import note, subsection
from app.components.text import plain
from app.context import PageContext
from app.screens.requests import papers
from app.screens.requests.forms import Step, button, do, form
from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.i18n import LOCALES
from core.i18n.locales import native_name
from core.services.rights import (
    answers,
    disclosures,
    disputes,
    intake,
    opt_outs,
    private,
    refusals,
    sent,
    snapshots,
)
from core.services.rights.desk import Request
from core.services.rights.disclosures import Recipient
from core.services.rights.disputes import ITEMS, LONGEST_NOTE, Note
from core.services.rights.letter_texts import TITLES
from core.services.rights.words import GROUNDS, METHODS, OUTCOMES

_SEEN = "_hl_request_seen"


def show_look(ctx: PageContext, found: Request) -> None:
    """Let the desk read the customer's words, or the reference with a reason; for this run only."""
    t = ctx.t
    subsection(t("What the customer wrote"))

    def read(actor: Actor) -> None:
        words = private.read_words(ctx.workspace, found.id, actor=actor)
        st.session_state[_SEEN] = (found.id, t("The customer's words"), words)

    button(ctx, t("Show the customer's words"), "words", read)
    seen = st.session_state.pop(_SEEN, None)
    if seen is not None and seen[0] == found.id:
        st.markdown(plain(t("{name}: {text}", name=seen[1], text=seen[2])))
        note(t("This is gone at the next step on this page."))
    if found.identified_at is None or not allows(ctx.actor, Permission.personal_reveal):
        return
    with form(t("Reveal the customer's reference"), "reveal"):
        reason = st.text_input(
            t("Reason, which names no person"), key="request_reveal_reason", max_chars=1000
        )
        pressed = st.form_submit_button(t("Reveal"))
    if pressed:

        def reveal(actor: Actor) -> None:
            reference = private.reveal_reference(
                ctx.workspace, found.id, reason=reason, actor=actor
            )
            st.session_state[_SEEN] = (found.id, t("Reference"), reference)

        do(ctx, reveal, "")


def show_steps_to_take(
    ctx: PageContext, found: Request, notes: Sequence[Note], untold: Sequence[Recipient]
) -> None:
    """Show the forms of what can be done now, the next step first."""
    t = ctx.t
    subsection(t("Next steps"))
    if found.is_open:
        _answer(ctx, found)
        if found.identified_at is None:
            _identify(ctx, found)
        if found.prediction_id is None and not found.is_erased:
            _name_prediction(ctx, found)
        if found.snapshot_sha256 is None and not found.is_erased:
            button(ctx, t("Freeze the data as at receipt"), "freeze",
                    lambda a: snapshots.freeze(ctx.workspace, found.id, actor=a),
                    t("Frozen."))  # fmt: skip
        if found.identified_at is not None:
            _of_the_kind(ctx, found, notes)
    _tell_recipients(ctx, found, untold)
    papers.show_letters(ctx, found)
    papers.show_file(ctx, found)
    for each in sent.unsent_letters(ctx.workspace, found.id, actor=ctx.actor):
        button(ctx, t("Sent today: {letter}", letter=t(TITLES[each])), f"sent_{each}",
                _sending(ctx, found, each), t("Noted."))  # fmt: skip
    named = found.prediction_id is not None and found.identified_at is not None
    if named and found.kind in {"correction", "review"} and not found.is_erased:
        _attach(ctx, found)
    if found.is_open:
        _late(ctx, found)
        _refuse(ctx, found)
        _withdraw(ctx, found)
    if found.state == "refused":
        button(ctx, t("The notice of refusal was sent today"), "notice",
                lambda a: refusals.note_notice_sent(ctx.workspace, found.id, actor=a),
                t("Noted."))  # fmt: skip


def _of_the_kind(ctx: PageContext, found: Request, notes: Sequence[Note]) -> None:
    t, workspace, number = ctx.t, ctx.workspace, found.id
    no_case = answers.case_of(workspace, number, actor=ctx.actor) is None
    if found.kind == "review" and found.prediction_id is not None and no_case:
        button(ctx, t("Open the case for a person"), "case",
                lambda a: answers.open_case(workspace, number, actor=a),
                t("Opened: it waits in the queue."), first=True)  # fmt: skip
    if found.kind in {"access", "correction"} and found.snapshot_sha256 is not None:
        papers.show_copy(ctx, found)
    if found.kind == "correction":
        _correct(ctx, found)
    for each in notes:
        button(ctx, t("Withdraw the note"), f"note_{each.id}",
                _withdrawing(ctx, each.id),
                t("Withdrawn: it is no longer shown."))  # fmt: skip
    if found.kind == "opt_out":
        button(ctx, t("Enter the opt-out"), "opt_out",
                lambda a: opt_outs.enter(workspace, number, actor=a),
                t("Entered. Serving systems are told when they ask."))  # fmt: skip


def _identify(ctx: PageContext, found: Request) -> None:
    t = ctx.t
    with form(t("Confirm who asks"), "identify", expanded=True):
        method = st.selectbox(
            t("How it was checked"),
            list(METHODS),
            format_func=lambda each: t(METHODS[each]),
            key="request_method",
        )
        said = st.text_input(
            t("What was seen; no number of a document"), key="request_seen", max_chars=300
        )
        pressed = st.form_submit_button(t("Confirm the identity"), type="primary")
    if pressed:
        do(ctx, lambda a: intake.identify(ctx.workspace, found.id, method, note=said, actor=a),
            t("Confirmed."))  # fmt: skip


def _name_prediction(ctx: PageContext, found: Request) -> None:
    t, names = ctx.t, {each.id: each.name for each in ctx.models}
    with form(t("Name the prediction"), "name"):
        model = st.selectbox(
            t("Model"), list(names), format_func=lambda each: names[each], key="request_of_model"
        )
        prediction = st.text_input(t("Id of the prediction"), key="request_of_prediction")
        pressed = st.form_submit_button(t("Name the prediction"))
    if pressed and model:
        do(ctx, lambda a: intake.name_prediction(
            ctx.workspace, found.id, model, prediction.strip(), actor=a), t("Named."))  # fmt: skip


def _correct(ctx: PageContext, found: Request) -> None:
    t = ctx.t
    with form(t("Record the correction"), "correct"):
        columns = st.text_input(
            t("Columns that were corrected, separated by commas"), key="request_columns"
        )
        source = st.text_input(t("System in which they were corrected"), key="request_source")
        day = st.date_input(t("Corrected on"), value="today", key="request_corrected_on")
        pressed = st.form_submit_button(t("Record the correction"))
    if pressed:
        do(ctx, lambda a: disclosures.record_correction(
            ctx.workspace, found.id, columns.split(","), source=source, on=day, actor=a),
            t("Recorded. Who has to be told is listed above."))  # fmt: skip


def _tell_recipients(ctx: PageContext, found: Request, untold: Sequence[Recipient]) -> None:
    t = ctx.t
    if found.kind != "correction":
        return
    for each in untold:
        button(ctx, t("{recipient} was told today", recipient=each.recipient),
                f"told_{each.disclosure_id}",
                _telling(ctx, found, each.disclosure_id),
                t("Noted."))  # fmt: skip
    if not untold:
        return
    names = {
        each.disclosure_id: t("{name} ({text})", name=each.recipient, text=each.disclosure_id)
        for each in untold
    }
    with form(t("Note why a recipient is not told"), "not_told"):
        chosen = st.selectbox(t("Recipient"), list(names), format_func=lambda e: names[e],
                              key="request_not_told")  # fmt: skip
        why = st.text_input(t("Reason, which names no person"), key="request_not_told_reason")
        pressed = st.form_submit_button(t("Note the reason"))
    if pressed:
        do(ctx, lambda a: disclosures.note_not_told(
            ctx.workspace, found.id, chosen, why, actor=a), t("Noted."))  # fmt: skip


def _attach(ctx: PageContext, found: Request) -> None:
    t = ctx.t
    with form(t("Attach a dispute note"), "attach"):
        item = st.selectbox(
            t("What is disputed"),
            list(ITEMS),
            format_func=lambda each: t(ITEMS[each]),
            key="request_item",
        )
        text = st.text_area(
            t("The customer's words, without the reference"),
            key="request_note",
            max_chars=LONGEST_NOTE,
        )
        pressed = st.form_submit_button(t("Attach the note"))
    if pressed:
        do(ctx, lambda a: disputes.attach_note(
            ctx.workspace, found.id, text, item=item, actor=a),
            t("Attached: it is shown with the score from now on."))  # fmt: skip


def _answer(ctx: PageContext, found: Request) -> None:
    t = ctx.t
    possible = answers.possible_outcomes(ctx.workspace, found.id, actor=ctx.actor)
    if not possible:
        note(t("An answer is possible once the steps that it tells of are taken."))
    for outcome in possible:
        button(ctx, t("Answer: {outcome}", outcome=t(OUTCOMES[outcome])),
                f"answer_{outcome}",
                _answering(ctx, found, outcome),
                t("Answered: the clock stands still. Now make the letter."),
                first=True)  # fmt: skip


def _late(ctx: PageContext, found: Request) -> None:
    t = ctx.t
    if found.late_notice_at is not None or found.identified_at is None:
        return
    with form(t("Tell the customer of a delay"), "late"):
        why = st.text_area(t("Reasons, for the customer"), key="request_late_reasons")
        partly = st.checkbox(t("A part is given already"), key="request_late_partly")
        pressed = st.form_submit_button(t("Record the delay"))
    if pressed:
        do(ctx, lambda a: answers.late_notice(
            ctx.workspace, found.id, why, partly=partly, actor=a),
            t("On record. Make the letter with the same reasons."))  # fmt: skip


def _refuse(ctx: PageContext, found: Request) -> None:
    t = ctx.t
    if found.refusal_waits:
        note(t("A refusal is proposed. Somebody else decides it on the page Approvals."))
        return
    with form(t("Propose to refuse"), "refuse"):
        ground = st.selectbox(
            t("Ground"),
            list(GROUNDS),
            format_func=lambda each: t(GROUNDS[each]),
            key="request_ground",
        )
        why = st.text_area(t("Reasons, which name nobody"), key="request_refusal_reasons")
        language = st.selectbox(
            t("Language of the reasons"),
            list(LOCALES),
            format_func=native_name,
            key="request_refusal_language",
        )
        other = st.text_input(
            t("Organisation that controls the data, for that ground"), key="request_other"
        )
        pressed = st.form_submit_button(t("Propose the refusal"))
    if pressed:
        do(ctx, lambda a: refusals.propose_refusal(
            ctx.workspace, found.id, ground=ground, reasons_text=why, language=language,
            other_data_user=other, actor=a),
            t("Proposed. Somebody else decides it on the page Approvals."))  # fmt: skip


def _withdraw(ctx: PageContext, found: Request) -> None:
    t = ctx.t
    with form(t("The customer takes it back"), "withdraw"):
        why = st.text_input(t("Reason, which names no person"), key="request_withdraw_reason")
        pressed = st.form_submit_button(t("Close the request"))
    if pressed:
        do(ctx, lambda a: intake.withdraw(ctx.workspace, found.id, reason=why, actor=a),
            t("Closed."))  # fmt: skip


def _withdrawing(ctx: PageContext, note_id: int) -> Step:
    return lambda actor: disputes.withdraw_note(ctx.workspace, note_id, actor=actor)


def _telling(ctx: PageContext, found: Request, disclosure: int) -> Step:
    return lambda actor: disclosures.mark_told(ctx.workspace, found.id, disclosure, actor=actor)


def _answering(ctx: PageContext, found: Request, outcome: str) -> Step:
    return lambda actor: answers.answer(ctx.workspace, found.id, outcome, actor=actor)


def _sending(ctx: PageContext, found: Request, letter: str) -> Step:
    return lambda actor: sent.note_letter_sent(ctx.workspace, found.id, letter, actor=actor)
