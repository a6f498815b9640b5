"""Finding a decision: of a period, by what was decided and its score; or those about one person."""

import math
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.chips import show_chips
from app.components import Column, Link, empty, failed, note, plain, section, sentence, static_table
from app.context import PageContext
from app.screens.decision.page import decision_address, open_unshown
from app.screens.requests.dispute import mark
from core.auth.policy import allows
from core.domain.identity import Permission
from core.errors import HarbourlightError, InvalidInput, NothingYet
from core.i18n import Translator
from core.services.explanation.finding_decisions import (
    FoundDecision,
    FoundDecisions,
    Wanted,
    decisions_of_person,
    find_decisions,
)

DECISION, LOW, HIGH = "decision", "score_from", "score_to"
_PARAMETERS = (DECISION, LOW, HIGH)
_FIELD = "decision_narrow_{}"
_PERSON = "_hl_decision_person"
_DIGITS = 4


def show_find(ctx: PageContext, model: str) -> None:
    """Show the decisions that the filters and the address ask for, and the way to a person's."""
    t = ctx.t
    sentence(
        ctx,
        t.sentences(
            t("Give the id of a decision, and this page says why it was made."),
            t("Cases and lists of decisions lead here, too."),
        ),
    )
    _show_person(ctx, model)
    section(t("Decisions of a period"))
    show_chips(t, ctx.filters, ctx.models, ("period", "version", "slice"), key="hl_chips_found")
    wanted = wanted_of_address()
    try:
        found = find_decisions(ctx.workspace, ctx.filters.question(), wanted, actor=ctx.actor)
    except NothingYet as error:
        empty(t(error.template, **error.params), t(error.remedy, **error.params))
        return
    except InvalidInput as error:
        failed(t, error)
        st.button(plain(t("Show all of the period")), key="decision_all", on_click=_widen)
        return
    _show_narrowing(ctx, found, wanted)
    note(found_text(t, found))
    show_rows(ctx, model, found, key="period")


def wanted_of_address() -> Wanted:
    """Return what the address narrows the list by; what cannot be read is left out."""
    decided = str(st.query_params.get(DECISION) or "").strip()
    return Wanted(decided or None, _number(LOW), _number(HIGH))


def in_address() -> dict[str, str]:
    """Return what the address says of the list beside the filters."""
    return {name: st.query_params[name] for name in _PARAMETERS if name in st.query_params}


def _number(name: str) -> float | None:
    try:
        found = float(st.query_params.get(name) or "nan")
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def found_text(t: Translator, found: FoundDecisions) -> str:
    """Return how many decisions fit, and how many of them are listed."""
    shown = len(found.rows)
    told = t.n("{n} decision fits.", "{n} decisions fit.", found.total)
    if shown < found.total:
        told = t.sentences(told, t("The newest {shown} are listed.", shown=shown))
    if found.left_out:
        told = t.sentences(
            told,
            t.n(
                "{n} that is reviewed without its score is left out.",
                "{n} that are reviewed without their scores are left out.",
                found.left_out,
            ),
        )
    return told


def _show_narrowing(ctx: PageContext, found: FoundDecisions, wanted: Wanted) -> None:
    """Let the list be narrowed by decision and score; the address says by what."""
    t, contract = ctx.t, found.contract
    by_score = not contract.is_personal("@score")
    if not found.choices and not by_score:
        return
    with (
        st.form("decision_narrow", border=False),
        st.container(horizontal=True, vertical_alignment="bottom", key="hl_decision_narrow"),
    ):
        if found.choices:
            choices = ["", *found.choices]
            _preset(DECISION, wanted.decision if wanted.decision in choices else "")
            st.selectbox(
                t("Decision"),
                choices,
                format_func=lambda each: plain(each) or t("anything"),
                key=_FIELD.format(DECISION),
                width=220,
            )
        if by_score:
            for name, label, value in (
                (LOW, t("Score from"), wanted.low),
                (HIGH, t("Score to"), wanted.high),
            ):
                _preset(name, value)
                st.number_input(
                    plain(label), value=None, format="%.4f", key=_FIELD.format(name), width=140
                )
        st.form_submit_button(plain(t("Show the decisions")), on_click=_narrow)


def _preset(name: str, value: object) -> None:
    st.session_state[_FIELD.format(name)] = value


def _narrow() -> None:
    """Write what was chosen into the address, which the list is made from."""
    for name in _PARAMETERS:
        chosen = st.session_state.get(_FIELD.format(name))
        if chosen is None or chosen == "":
            st.query_params.pop(name, None)
        else:
            st.query_params[name] = str(chosen)


def _widen() -> None:
    for name in _PARAMETERS:
        st.query_params.pop(name, None)


def show_rows(ctx: PageContext, model: str, found: FoundDecisions, *, key: str) -> None:
    """Show decisions; each leads to its explanation."""
    t = ctx.t
    if not found.rows:
        return
    rows = [_row(ctx, model, found, each) for each in found.rows]
    columns = [
        Column("prediction", t("Prediction")),
        Column("at", t("When")),
        Column("decided", t("Decision")),
        Column("version", t("Version")),
        Column("score", t("Score"), "number", digits=_DIGITS),
        Column("amount", t("Amount"), "number", digits=0),
    ]
    if all(each.amount is None for each in found.rows):
        columns = [each for each in columns if each.name != "amount"]
    caption = t("Decisions found, the newest first; personal values are masked")
    static_table(t, pd.DataFrame(rows), columns, caption=caption)
    if found.rows[0].is_masked:
        _show_masked(ctx, model, found.rows, key)


def _row(
    ctx: PageContext, model: str, found: FoundDecisions, each: FoundDecision
) -> dict[str, object]:
    t = ctx.t
    shown = mark(t, each.shown, each.disputed)
    address = "" if each.is_masked else decision_address(ctx, model, each.prediction_id)
    return {
        "prediction": Link(shown, address) if address else shown,
        "at": t.date(each.at, found.contract.timezone),
        "decided": each.decision or "–",
        "score": each.score,
        "amount": each.amount,
        "version": each.version or "–",
    }


def _show_masked(ctx: PageContext, model: str, rows: Sequence[FoundDecision], key: str) -> None:
    """Let a decision be opened whose id must stand in no address."""
    t = ctx.t
    with st.container(horizontal=True, vertical_alignment="bottom"):
        place = st.selectbox(
            t("Which decision"),
            range(len(rows)),
            format_func=lambda each: plain(rows[each].shown),
            key=f"decision_masked_{key}",
            width=220,
        )
        st.button(
            plain(t("Explain this decision")),
            key=f"decision_open_{key}",
            on_click=open_unshown,
            args=(model, rows[int(place)].prediction_id),
        )


def _show_person(ctx: PageContext, model: str) -> None:
    """Let who may see requests look a person's decisions up; each look-up is on record."""
    t = ctx.t
    section(
        t("Decisions about one person"),
        t("Each look-up is an entry of the audit trail, under the person's pseudonym."),
    )
    if not allows(ctx.actor, Permission.rights_view):
        note(t("Your roles do not include looking people up."))
        return
    if ctx.actor.jurisdictions is not None:
        note(t("A look-up takes a scope of all jurisdictions; yours is limited to some."))
        return
    with (
        st.form("decision_person", border=False, clear_on_submit=True),
        st.container(horizontal=True, vertical_alignment="bottom", key="hl_decision_person"),
    ):
        st.text_input(
            t("Reference of the person as the log writes it, or pseudonym"),
            key="decision_person_reference",
            max_chars=200,
            autocomplete="off",
            width=420,
        )
        st.form_submit_button(plain(t("Look up")), on_click=_look_up, args=(ctx, model))
    kept = st.session_state.get(_PERSON)
    if kept is None or kept[0] != model:
        return
    if isinstance(kept[1], FoundDecisions):
        note(found_text(t, kept[1]))
        show_rows(ctx, model, kept[1], key="person")
    else:
        failed(t, kept[1])


def _look_up(ctx: PageContext, model: str) -> None:
    """Look a person up; the reference is kept nowhere."""
    reference = str(st.session_state.get("decision_person_reference") or "")
    try:
        found: object = decisions_of_person(ctx.workspace, model, reference, actor=ctx.actor)
    except HarbourlightError as error:
        found = error
    st.session_state[_PERSON] = (model, found)
