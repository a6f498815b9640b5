"""The screen of personal data: asking for an erasure, and what became of each."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.components import Column, note, static_table
from app.components.step_up import attempt_and_rerun
from app.components.text import error_text, plain
from app.context import PageContext
from core.auth.policy import allows
from core.domain.identity import Permission
from core.errors import HarbourlightError
from core.i18n import N_, Translator
from core.services.erasure import asking as erasure
from core.services.erasure.asking import ErasurePreview
from core.services.erasure.report import remarks, report_lines
from core.services.retention.rules import RetentionLine
from core.store.retention.erasures import Erasure
from core.store.retention.holds import Hold

STATES = {
    "proposed": N_("waits for approval"),
    "running": N_("under way"),
    "done": N_("done"),
    "closed": N_("not approved"),
}
_SHOWN = 12
_FOUND = "personal_found"


def summary(
    t: Translator,
    stones: tuple[int, int] | None,
    found: Sequence[Erasure],
    holds: Sequence[Hold],
    rules: Sequence[RetentionLine],
) -> str:
    """Return the sentence of the page."""
    waiting = sum(each.state in {"proposed", "running"} for each in found)
    wrong = sum(bool(line.contradictions) for line in rules)
    parts = []
    if stones is not None:
        parts.append(
            t.n("One person was erased.", "{n} people were erased.", stones[0])
            if stones[0]
            else t("Nobody has been erased yet.")
        )
    if waiting:
        parts.append(t.n("One erasure is open.", "{n} erasures are open.", waiting))
    n = len(holds)
    if n or not parts:
        parts.append(t.n("One legal hold is in force.", "{n} legal holds are in force.", n))
    if wrong:
        parts.append(
            t.n("One retention rule contradicts.", "{n} retention rules contradict.", wrong)
        )
    return t.sentences(*parts)


def show_request(ctx: PageContext) -> None:
    """Let those who may look for a person and ask for the erasure; others read why not."""
    t = ctx.t
    if not allows(ctx.actor, Permission.erasure_request):
        note(t("Your roles do not include asking for an erasure."))
        return
    if ctx.actor.jurisdictions is not None:
        note(t("An erasure takes a scope of all jurisdictions; yours is limited to some."))
        return
    with st.form("personal_request", border=False):
        left, right = st.columns([2, 1], gap="medium")
        reference = left.text_input(
            t("Reference of the person, exactly as the logs write it"),
            key="personal_reference",
            autocomplete="off",
        )
        names = {each.id: each.name for each in ctx.models}
        model = right.selectbox(
            t("From"),
            [None, *names],
            format_func=lambda name: t("all models") if name is None else names[name],
            key="personal_model",
        )
        basis = st.text_input(
            t("Basis: the law or the number of the request, never a person"),
            key="personal_basis",
            max_chars=300,
        )
        with st.container(horizontal=True):
            looked = st.form_submit_button(t("Preview the erasure"))
            asked = st.form_submit_button(t("Ask for the erasure"), type="primary")
    if looked or asked:
        st.session_state.pop(_FOUND, None)
    if looked:
        try:
            st.session_state[_FOUND] = erasure.preview(
                ctx.workspace, reference, actor=ctx.actor, model=model
            )
        except HarbourlightError as error:
            st.error(plain(error_text(t, error)))
    if asked:
        attempt_and_rerun(
            ctx,
            lambda actor: erasure.propose_erasure(
                ctx.workspace, reference, basis=basis, actor=actor, model=model
            ),
            done=t("Asked for. Somebody else approves it on the page Approvals."),
        )
    if isinstance(st.session_state.get(_FOUND), ErasurePreview):
        show_preview(ctx, st.session_state[_FOUND])


def show_preview(ctx: PageContext, found: ErasurePreview) -> None:
    """Show what an erasure would touch, and what stands against it."""
    t = ctx.t
    if not found.total:
        note(t("No row of any log names this person."))
    streams = {
        "predictions": t("Prediction log"),
        "decisions": t("Decisions"),
        "outcomes": t("Outcomes"),
        "resolved": t("Outcomes joined"),
    }
    rows = [
        {"model": _model_name(ctx, touch.model_id), **touch.rows, "refused": touch.refused}
        for touch in found.touches
    ]
    columns = [
        Column("model", t("Model")),
        *(Column(name, label, kind="count") for name, label in streams.items()),
        Column("refused", t("Quarantine"), kind="count"),
    ]
    static_table(
        t,
        pd.DataFrame(rows),
        columns,
        caption=t("Rows that an erasure would touch"),
    )
    held = sum(state is True for touch in found.touches for state in touch.artefacts.values())
    if held:
        note(
            t.n(
                "One registered data set holds the person and would be left as it is.",
                "{n} registered data sets hold the person and would be left as they are.",
                held,
            )
        )
    for obstacle in found.obstacles:
        st.error(plain(t(obstacle.message, **obstacle.params)))
    if found.erased_before:
        note(t("This person was erased before; nothing of them comes in any more."))


def erasure_frame(ctx: PageContext, found: Sequence[Erasure]) -> tuple[pd.DataFrame, list[Column]]:
    """Return the table of erasures and its columns."""
    t, zone = ctx.t, ctx.filters.timezone
    rows = [
        {
            "subject": each.subject_id[:_SHOWN],
            "model": _model_name(ctx, each.model_id) if each.model_id else t("all models"),
            "state": t(STATES[each.state]),
            "asked": t.instant(each.requested_at, zone),
            "done": t.instant(each.finished_at, zone) if each.finished_at else "–",
            "basis": each.basis,
        }
        for each in found
    ]
    columns = [
        Column("subject", t("Pseudonym")),
        Column("model", t("From")),
        Column("state", t("State")),
        Column("asked", t("Asked for")),
        Column("done", t("Ended")),
        Column("basis", t("Basis"), wide=True),
    ]
    return pd.DataFrame(rows), columns


def tombstones(t: Translator, stones: tuple[int, int] | None) -> str:
    """Say how many people are refused at every ingest."""
    if stones is None:
        return t("Erasures are of all jurisdictions, so they are not shown in your scope.")
    people, predictions = stones
    if not people:
        return t("No tombstone refuses anybody.")
    return t.n(
        "Tombstones refuse one person and {predictions} predictions at every ingest.",
        "Tombstones refuse {n} people and {predictions} of their predictions at every ingest.",
        people,
        predictions=predictions,
    )


def show_report(ctx: PageContext, chosen: Erasure) -> None:
    """Show what an erasure did to each store, and what it could not reach."""
    t = ctx.t
    if chosen.state != "done" or chosen.report is None:
        note(t("The report appears here when the erasure is done."))
        return
    lines = [line for line in report_lines(chosen.report) if line.count]
    rows = [
        {
            "what": t(line.message, **line.params),
            "model": _model_name(ctx, line.model_id) if line.model_id else "–",
            "count": line.count,
        }
        for line in lines
    ]
    columns = [
        Column("what", t("Store and what was done"), wide=True),
        Column("model", t("Model")),
        Column("count", t("Number"), kind="count"),
    ]
    static_table(
        t,
        pd.DataFrame(rows, columns=["what", "model", "count"]),
        columns,
        caption=t("What the erasure of {subject} did", subject=chosen.subject_id[:_SHOWN]),
    )
    told = [t("Found and left, or out of reach:")]
    told += [t(each.message, **each.params) for each in remarks(chosen.report)]
    for text in told:
        note(text)


def _model_name(ctx: PageContext, model_id: str) -> str:
    return next((each.name for each in ctx.models if each.id == model_id), model_id)
