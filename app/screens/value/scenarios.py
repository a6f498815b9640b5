"""Scenarios: cut-offs kept for later, beside each other, to take away and to propose."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.components import (
    Column,
    FileOffer,
    Prepared,
    note,
    offer_files,
    publish_csv,
    section,
    static_table,
)
from app.components.step_up import attempt_and_rerun
from app.components.text import plain
from app.context import PageContext
from app.screens.approvals.waiting import STATES
from app.screens.value.words import interval_text
from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.i18n import Translator
from core.services.safe_csv import csv_bytes
from core.services.value import (
    KeptScenario,
    ValueAnswer,
    list_scenarios,
    propose_scenario,
    save_scenario,
)

_FIGURES = ("cut_off", "today_cut_off", "then_flagged", "then_outcome_rate", "then_near",
            "today_cases", "then_cases", "then_cases_a_week",
            "gain", "gain_low", "gain_high", "n", "changed")  # fmt: skip


def show_scenarios(ctx: PageContext, answer: ValueAnswer, cut_off: float | None) -> None:
    """Show what was kept, and let the reader keep the slider's cut-off or propose one.

    Parameters
    ----------
    ctx : PageContext
        Of the page.
    answer : ValueAnswer
        What the page shows.
    cut_off : float, optional
        Where the slider stands; ``None`` without a slider.
    """
    t = ctx.t
    found = list_scenarios(ctx.workspace, answer.view.contract.id, actor=ctx.actor)
    may = allows(ctx.actor, Permission.scenario_propose) and ctx.actor.jurisdictions is None
    if not found and not may:
        return
    section(
        t("Scenarios"),
        t("Cut-offs that were kept, with what they would have brought on the rows of then."),
    )
    if found:
        static_table(t, *frame(t, answer, found), caption=t("Scenarios, the newest first"))
    else:
        note(t("No scenario has been kept yet."))
    if may:
        left, right = st.columns(2, gap="medium")
        with left:
            _keep(ctx, answer, cut_off)
        with right:
            _propose(ctx, [each for each in found if not each.state])
    if found:
        _offer(ctx, answer, found)


def frame(
    t: Translator, answer: ValueAnswer, found: Sequence[KeptScenario]
) -> tuple[pd.DataFrame, list[Column]]:
    """Return scenarios beside each other, and the columns."""
    zone = answer.view.contract.timezone
    rows = [
        {
            "name": each.scenario.name,
            "cut_off": t.number(each.number("cut_off")),
            "flagged": t.percent(each.number("then_flagged")),
            "rate": t.percent(each.number("then_outcome_rate")),
            "gain": t.compact_money(each.number("gain"), _currency(each, answer)),
            "interval": interval_text(
                t, _currency(each, answer), each.number("gain_low"), each.number("gain_high")
            ),
            "cases": t.number(each.number("then_cases_a_week"), 1),
            "who": each.made_by,
            "at": t.instant(each.scenario.made_at, zone),
            "state": t(STATES[each.state]) if each.state else t("not proposed"),
        }
        for each in found
    ]
    columns = [
        Column("name", t("Scenario")),
        Column("cut_off", t("Cut-off")),
        Column("flagged", t("Flagged")),
        Column("rate", t("Positive outcomes of those not flagged")),
        Column("gain", t("More than as decided")),
        Column("interval", t("95% interval")),
        Column("cases", t("Cases for people a week")),
        Column("who", t("Who")),
        Column("at", t("When")),
        Column("state", t("Proposal")),
    ]
    return pd.DataFrame(rows), columns


def _currency(each: KeptScenario, answer: ValueAnswer) -> str:
    return str(each.scenario.body.get("currency") or answer.currency)


def _keep(ctx: PageContext, answer: ValueAnswer, cut_off: float | None) -> None:
    """Let the reader keep the cut-off at which the slider stands."""
    t = ctx.t
    if cut_off is None:
        return
    with st.form("value_keep", border=False, clear_on_submit=True):
        name = st.text_input(
            t("Name of the scenario, which names no person"), key="value_keep_name", max_chars=80
        )
        pressed = st.form_submit_button(
            plain(t("Keep the cut-off {value}", value=t.number(cut_off)))
        )
    if pressed:
        question = answer.view.question
        attempt_and_rerun(
            ctx,
            lambda actor: save_scenario(ctx.workspace, question, name, cut_off, actor=actor),
            done=t("Kept, and on record."),
        )


def _propose(ctx: PageContext, found: Sequence[KeptScenario]) -> None:
    """Let the reader propose a scenario; whoever decides sees both cut-offs."""
    t = ctx.t
    if not found:
        return
    names = {each.scenario.id: each.scenario.name for each in found}
    with st.form("value_propose", border=False, clear_on_submit=True):
        chosen = st.selectbox(
            t("Scenario to propose"), list(names), format_func=names.__getitem__, key="value_chosen"
        )
        reason = st.text_input(
            t("Reason, which names no person"), key="value_propose_reason", max_chars=1000
        )
        pressed = st.form_submit_button(t("Propose the cut-off"))
    note(t("A second person decides. Production changes with the contract alone."))
    if pressed and chosen is not None:
        attempt_and_rerun(
            ctx,
            lambda actor: propose_scenario(ctx.workspace, chosen, actor=actor, reason=reason),
            done=t("Proposed: a second person decides."),
        )


def _offer(ctx: PageContext, answer: ValueAnswer, found: Sequence[KeptScenario]) -> None:
    """Let the reader take the scenarios as a file."""
    t, model = ctx.t, answer.view.contract.id
    offer_files(
        ctx,
        FileOffer(
            t("Prepare the scenarios (CSV)"),
            lambda actor: _prepared(ctx, actor, model, found),
            key="value_scenarios_prepare",
            permission=Permission.kpi_export,
            asked=(model, [(each.scenario.id, each.state) for each in found]),
        ),
    )


def _prepared(
    ctx: PageContext, actor: Actor, model: str, found: Sequence[KeptScenario]
) -> Prepared:
    rows = [
        [
            each.scenario.name,
            each.made_by,
            each.scenario.made_at.isoformat(),
            each.state,
            *(each.scenario.body.get(name) for name in _FIGURES),
        ]
        for each in found
    ]
    return publish_csv(
        ctx,
        actor,
        csv_bytes(["scenario", "made_by", "made_at", "proposal", *_FIGURES], rows),
        permission=Permission.kpi_export,
        name=f"{model}-scenarios.csv",
        text=ctx.t("Download the scenarios (CSV)"),
        model=model,
    )
