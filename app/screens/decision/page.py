"""The page of one decision: finding it, what was decided, its reasons, and ways to another."""

from urllib.parse import urlencode

import streamlit as st

from app.components import choose_language, facts, failed, panels, plain, sentence
from app.components.panels import Html
from app.context import PageContext
from app.screens.decision.words import (
    NOTHING,
    SOURCES,
    STUCK,
    UNKNOWN_SIDE,
    role_text,
    score_text,
    standing_text,
)
from app.screens.requests.dispute import show_notes
from app.views import log_decision
from core.domain.explanation.record import NONE
from core.errors import Forbidden, NotFound
from core.i18n import N_, Translator, translator
from core.services.explanation.looking import DecisionView, look_at
from core.services.explanation.other_results import NOT_ADVERSE
from core.services.explanation.telling import told_changes, told_reasons
from core.services.personal.names import MASK

STEADY = 0.8
"""Reasons that fewer other backgrounds give are called unstable."""

TRIED = "decision_try_"
_CHANGES = N_("{changes}: the score would be {score}.")
_PARAMETER, _FIELD = "prediction", "decision_id"
_ASKED, _OPEN = "_hl_decision_asked", "_hl_decision_open"
_UNSHOWN = "_hl_decision_unshown"


def asked_for(model: str) -> str:
    """Return the decision that is asked for: by the field, else by the address; or nothing."""
    session = st.session_state
    kept = session.get(_ASKED)
    named = str(st.query_params.get(_PARAMETER) or "").strip()
    if named:
        session[_ASKED] = (model, named)
    elif kept is None or kept[0] != model:
        session.pop(_ASKED, None)
    found = str(session[_ASKED][1]) if _ASKED in session else ""
    if session.get(_OPEN) != (model, found):
        session[_OPEN] = (model, found)
        session[_FIELD] = "" if session.get(_UNSHOWN) == session[_OPEN] else found
        for name in [each for each in session if str(each).startswith(TRIED)]:
            del session[name]
    return found


def decision_address(ctx: PageContext, model: str, prediction: str) -> str:
    """Return the address of a decision's page; empty where the reader may not open it.

    So it is where ids are masked, too: a personal value is no part of an address.
    """
    page = ctx.pages.get("decision")
    if page is None or prediction.startswith(MASK):
        return ""
    return f"{page.url_path}?{urlencode({'model': model, _PARAMETER: prediction})}"


def open_unshown(model: str, prediction: str) -> None:
    """Ask for a decision whose id is personal: neither the address nor the field shows it."""
    st.query_params.pop(_PARAMETER, None)
    st.session_state[_UNSHOWN] = st.session_state[_ASKED] = (model, prediction)


def show_search(ctx: PageContext, model: str, prediction: str) -> None:
    """Let a decision be asked for by its id, or the list of decisions be shown again."""
    t = ctx.t
    with (
        st.form("decision_find", border=False),
        st.container(horizontal=True, vertical_alignment="bottom", key="hl_decision_find"),
    ):
        st.text_input(t("Id of the prediction"), key=_FIELD, max_chars=200, width=320)
        st.form_submit_button(
            plain(t("Explain this decision")), type="primary", on_click=_ask, args=(model,)
        )
        if prediction:
            st.form_submit_button(
                plain(t("Find another decision")), on_click=_ask, args=(model, True)
            )


def _ask(model: str, none: bool = False) -> None:
    """Take over what was written; the address follows once it is known to be no personal value."""
    st.query_params.pop(_PARAMETER, None)
    written = "" if none else str(st.session_state.get(_FIELD) or "").strip()
    st.session_state[_ASKED] = (model, written)


def read_view(ctx: PageContext, model: str, prediction: str) -> DecisionView | None:
    """Return all that the page shows; ``None`` once it has said why it shows nothing."""
    log_decision(ctx, "decision", model, prediction)
    try:
        view = look_at(ctx.workspace, model, prediction, actor=ctx.actor)
    except (NotFound, Forbidden) as error:
        failed(ctx.t, error)
        return None
    if view.contract.is_personal("@prediction_id"):
        st.query_params.pop(_PARAMETER, None)
    elif st.query_params.get(_PARAMETER) != prediction:
        st.query_params[_PARAMETER] = prediction
    return view


def in_address() -> dict[str, str]:
    """Return what the address says beside the filters: the decision, unless ids are masked."""
    named = st.query_params.get(_PARAMETER)
    return {_PARAMETER: named} if named else {}


def show_head(ctx: PageContext, view: DecisionView) -> None:
    """Say what was decided, and from where this page knows why."""
    t, record = ctx.t, view.record
    sentence(ctx, headline(t, view))
    show_notes(t, view.notes)
    if record.source == NONE:
        panels.show(panels.warned(t("No explanation is available"), [t(record.why)]))
    rescored = record.rescored
    again = "–"
    if rescored is not None:
        text = N_("{score}, the same") if rescored.agrees else N_("{score}, another one")
        again = t(text, score=score_text(t, view, rescored.again))
    facts(
        {
            t("Explained from"): t(SOURCES[record.source]),
            t("Score in the log"): score_text(t, view, record.subject.score),
            t("Score of the registered model"): again,
            t("Among others"): standing_text(t, view),
        },
        even=True,
    )


def headline(t: Translator, view: DecisionView) -> str:
    """Return what was decided, when, by which version, and what part the model had in it."""
    about, rule = view.record.subject, view.record.rule
    text = (
        N_("“{decision}” was decided on {when} by version {version} of {model}.")
        if about.decision
        else N_("The log has no decision; version {version} of {model} gave its score on {when}.")
    )
    made = t(
        text,
        decision=about.decision,
        when=t.instant(about.predicted_at, view.contract.timezone),
        version=about.version or "–",
        model=view.contract.name.get(t.locale),
    )
    policy = t("Policy {policy}: {rule}.", policy=rule.policy, rule=rule.rule)
    return t.sentences(made, policy if rule.policy else "", role_text(t, view.level))


def show_reasons(ctx: PageContext, view: DecisionView) -> None:
    """Show the reasons, and beside them what would have led to another result."""
    if view.record.attributions is None:
        return
    told = translator(choose_language(ctx.t, ctx.t("Language of the reasons"), "decision_language"))
    left, right = st.columns([56, 44], gap="medium")
    with left:
        panels.show(reasons_panel(ctx.t, told, view))
    with right:
        panels.show(changes_panel(ctx.t, told, view))


def reasons_panel(t: Translator, told: Translator, view: DecisionView) -> Html:
    """Return a sentence for each reason, and how stable they are."""
    found = told_reasons(told, view.contract, view.book, view.record)
    head = [t("Code"), t("Reason"), t("Share")]
    rows = [(each.code or "–", each.sentence, t.percent(each.share, 0)) for each in found]
    title = t("Why it was decided so")
    if not found:
        return panels.panel(title, panels.quiet(t("No field moved the score towards it.")))
    parts = [
        panels.in_language(told.locale, panels.small_table(title, head, rows)),
        panels.quiet(t("Share: of all that moved the score towards this decision.")),
    ]
    if any(not each.code for each in found):
        parts.append(
            panels.quiet(
                t("Without a code: the code book in force has no words for it, so field, value "
                  "and usual value are told.")
            )
        )  # fmt: skip
    return panels.panel(title, *parts, *_steadiness(t, view))


def _steadiness(t: Translator, view: DecisionView) -> list[Html]:
    steady = view.record.steadiness
    if steady is None:
        return []
    text = t(
        "{share} of {n} other draws of people to compare with give the same reasons.",
        share=t.percent(steady.same_reasons, 0),
        n=steady.redraws,
    )
    if steady.same_reasons >= STEADY:
        return [panels.quiet(text)]
    return [
        panels.warned(
            t("These reasons are unstable"),
            [t.sentences(text, t("They depend on whom the person is compared with: say so."))],
        )
    ]


def changes_panel(t: Translator, told: Translator, view: DecisionView) -> Html:
    """Return what would have led to another result, or why nothing is named."""
    title, others = t("What would have led to another result"), view.record.others
    if others is None:
        text = t("Only the registered model can be asked for that.")
        return panels.panel(title, panels.quiet(text))
    if not others.found:
        unknown = others.why == NOT_ADVERSE and view.record.rule.adverse is None
        parts = [panels.words(t(UNKNOWN_SIDE if unknown else NOTHING[others.why]))]
    else:
        parts = [panels.in_language(told.locale, panels.bullets(_changes(told, view)))]
        text = t("Each was scored again by the same version; all else stays as it is.")
        parts.append(panels.quiet(text))
    stuck = [
        panels.words(
            t(
                "{name}: {text}",
                name=view.contract.feature(field).label_in(t.locale),
                text=t(STUCK[why]),
            )
        )
        for field, why in others.stuck.items()
    ]
    if stuck:
        parts += [panels.quiet(t("Could be changed, but not here:")), panels.bullets(stuck)]
    return panels.panel(title, *parts)


def _changes(told: Translator, view: DecisionView) -> list[Html]:
    """Return a line for each way, with what the contract advises about its fields."""
    others = view.record.others
    lines = []
    for change, found in zip(
        told_changes(told, view.contract, view.record), others.found if others else (), strict=True
    ):
        text = told(
            _CHANGES,
            changes=told.items(*change.changes),
            score=score_text(told, view, change.score),
        )
        advice = [_advice(told, view, each.field) for each in found.changes]
        lines.append(panels.words(told.sentences(text, *advice)))
    return lines


def _advice(told: Translator, view: DecisionView, field: str) -> str:
    said = view.contract.feature(field).actionable
    return said.advice.get(told.locale) if said is not None and said.advice is not None else ""
