"""What if a field were otherwise: sliders and lists, answered by the version that decided."""

import streamlit as st

from app.components import Kpi, kpi_row, note, plain
from app.context import PageContext
from app.screens.decision.page import TRIED
from app.screens.decision.words import score_text
from core.i18n import Translator
from core.services.explanation.looking import DecisionView
from core.services.explanation.telling import value_text
from core.services.explanation.what_if import Choice, WhatIf, what_if

_DIGITS = 4


@st.fragment
def show_what_if(ctx: PageContext, view: DecisionView, prediction: str) -> None:
    """Let the reader try other values; nothing else of the page is made again."""
    t = ctx.t
    if not view.choices:
        return
    note(
        t("The same version scores other values of what a person could change, within the limits "
          "of the contract. Nothing is kept."),
    )  # fmt: skip
    left, right = st.columns([44, 56], gap="large")
    with left:
        changes = {
            each.field: _control(t, view, place, each) for place, each in enumerate(view.choices)
        }
        st.button(plain(t("Back to the logged values")), key="decision_reset", on_click=_reset)
    found = what_if(ctx.workspace, view.contract.id, prediction, changes, actor=ctx.actor)
    with right:
        kpi_row(t, figures(t, view, found))
        for each in found.moved:
            note(
                t(
                    "{field}: {after} instead of {before}",
                    field=view.contract.feature(each.field).label_in(t.locale),
                    after=value_text(t, view.contract, each.field, each.after, masked=True),
                    before=value_text(t, view.contract, each.field, each.before, masked=True),
                )
            )
        advice = [
            each.advice.get(t.locale)
            for each in view.choices
            if each.advice is not None and changes[each.field] != each.own
        ]
        if advice:
            note(t.sentences(*advice))
        note(
            t("A score by itself: whether values like these occur together is not looked at here.")
        )


def _control(t: Translator, view: DecisionView, place: int, choice: Choice) -> float | str:
    """Return the value that is chosen for a field."""
    label = view.contract.feature(choice.field).label_in(t.locale)
    key = f"{TRIED}{place}"

    def written(value: float | str) -> str:
        text = value_text(t, view.contract, choice.field, value, masked=True)
        return t("{value} (as logged)", value=text) if value == choice.own else text

    if choice.is_number:
        chosen = st.select_slider(
            plain(label), choice.values, value=choice.own, format_func=written, key=key
        )
    else:
        chosen = st.selectbox(plain(label), choice.values, format_func=written, key=key)
    return chosen


def _reset() -> None:
    for name in [each for each in st.session_state if str(each).startswith(TRIED)]:
        del st.session_state[name]


def figures(t: Translator, view: DecisionView, found: WhatIf) -> list[Kpi]:
    """Return the score, what the policy makes of it, and the difference."""
    kpis = [
        Kpi(
            t("Score"),
            score_text(t, view, found.after),
            t("logged: {score}", score=score_text(t, view, found.before)),
        )
    ]
    if found.decision:
        same = found.held == found.holds
        kpis.append(
            Kpi(
                t("Decision by the policy"),
                found.decision if found.holds else t("not “{decision}”", decision=found.decision),
                t("the same result") if same else t("another result"),
            )
        )
    kpis.append(Kpi(t("Difference"), t.delta(found.after - found.before, digits=_DIGITS)))
    return kpis
