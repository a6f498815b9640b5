"""The alerts screen: what is wrong, since when, the evidence, and dealing with it."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

import pandas as pd
import streamlit as st

from app.components import Column, Definition, note, static_table, subsection
from app.components.facts import facts
from app.components.step_up import attempt_and_rerun
from app.components.text import plain
from app.context import PageContext
from app.screens.audit.words import person_name
from app.screens.figures import p_text
from app.screens.overview.checked import show_course
from app.screens.value.drift import cost_fact
from core.auth.policy import allows
from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.domain.status import Status
from core.i18n import Translator
from core.services import alerts
from core.services.alerts import Board, Story
from core.services.alerts.kinds import FAILED_CHECK, KINDS
from core.services.alerts.words import EVENT_WORDS, STATE_WORDS, headline, period_text
from core.services.drift_alarms import can_be_derived
from core.services.registry import models as registry
from core.store.alerts.alarms import IMPORTANCE, Alarm
from core.store.alerts.checks import CheckRun
from core.store.alerts.threads import Alert

_NOTHING = "–"
_MOST_EVIDENCE = 4000
_PAGES = {"explanation_mismatch": "explanations", "explanation_coverage": "explanations"}
"""Kind of alarm → the page that shows more of it."""


def summary(t: Translator, board: Board) -> tuple[str, Status]:
    """Return the sentence of the page and how things stand."""
    live = [each for each in board.alerts if each.live]
    waiting = [each for each in live if each.state == "open"]
    act = sum(each.severity == "act" for each in waiting)
    if not live:
        return t("No alert is open."), Status.in_range
    if not waiting:
        text = t.n("One alert is being seen to.", "{n} alerts are being seen to.", len(live))
        return text, Status.watch
    first = t.n("One alert is open.", "{n} alerts are open.", len(waiting))
    if act:
        second = t.n("One asks somebody to act.", "{n} ask somebody to act.", act)
        return t.sentences(first, second), Status.act
    return first, Status.watch


def show_failures(ctx: PageContext, runs: Sequence[CheckRun]) -> None:
    """Say when models were checked, and which parts of a check failed."""
    t, names = ctx.t, {model.id: model.name for model in ctx.models}
    if runs:
        newest = max(run.finished_at for run in runs)
        note(t("Last checked {moment}.", moment=t.instant(newest, ctx.filters.timezone)))
    waiting = alerts.unchecked(ctx.workspace, actor=ctx.actor)
    if waiting:
        note(t("Not checked yet: {models}.", models=t.items(*(names.get(e, e) for e in waiting))))
    for run in runs:
        if run.failures:
            parts = t.items(*(t(KINDS.get(each, KINDS[FAILED_CHECK])) for each in run.failures))
            note(
                t(
                    "{model}: these parts of the last check failed: {parts}.",
                    model=names.get(run.model_id, run.model_id),
                    parts=parts,
                )
            )


def asked_for(live: Sequence[Alert]) -> int:
    """Return the place of the alert that the address names; 0 if it names none of these."""
    name = st.query_params.get("alert")
    return next((place for place, each in enumerate(live) if each.id == name), 0)


def contracts(ctx: PageContext, board: Board) -> Mapping[str, ModelContract]:
    """Return model id → contract of the models that have alerts."""
    wanted = {each.model_id for each in board.alerts}
    return {
        each: registry.get_model(ctx.workspace, each, actor=ctx.actor).contract
        for each in sorted(wanted)
    }


def frame(
    ctx: PageContext,
    board: Board,
    found: Sequence[Alert],
    of: Mapping[str, ModelContract],
) -> tuple[pd.DataFrame, list[Column]]:
    """Return a table of alerts and its columns."""
    t, zone = ctx.t, ctx.filters.timezone
    rows = [
        {
            "severity": each.severity,
            "what": headline(t, of[each.model_id], each.alarm),
            "model": of[each.model_id].name.get(t.locale),
            "period": period_text(t, of[each.model_id], each.alarm),
            "since": t.date(each.opened_at, zone),
            "state": _state(t, board, each),
        }
        for each in found
    ]
    columns = [
        Column("severity", t("Severity"), kind="status"),
        Column("what", t("What")),
        Column("model", t("Model")),
        Column("period", t("Period")),
        Column("since", t("Since")),
        Column("state", t("State")),
    ]
    return pd.DataFrame(rows), columns


def _state(t: Translator, board: Board, found: Alert) -> str:
    """Return how an alert stands, whether it is new to the reader, and who sees to it."""
    state = t(STATE_WORDS[found.state])
    if found.live and board.is_new(found):
        state = t("{state}, new", state=state)
    owner = board.owners.get(found.owner_id or "", "")
    return t.clauses(state, owner) if owner else state


def show_story(ctx: PageContext, story: Story, contract: ModelContract) -> None:
    """Show one alert: its figures, what happened, every alarm, and the evidence."""
    t, zone, found = ctx.t, ctx.filters.timezone, story.alert
    subsection(headline(t, contract, found.alarm))
    facts(_facts(ctx, story, contract), even=True)
    _show_way(ctx, found)
    events = [
        {
            "at": t.instant(each.at, zone),
            "what": t(EVENT_WORDS[each.kind]),
            "who": person_name(t, story.people.get(each.actor, each.actor)),
            "why": each.reason or _NOTHING,
        }
        for each in story.events
    ]
    columns = [
        Column("at", t("When")),
        Column("what", t("What happened")),
        Column("who", t("Who")),
        Column("why", t("Reason"), wide=True),
    ]
    static_table(t, pd.DataFrame(events), columns, caption=t("History of the alert"))
    with st.expander(t("Alarms and evidence")):
        _alarm_table(ctx, story, contract)
        show_course(ctx, found, contract)
        evidence = json.dumps(dict(found.alarm.evidence), ensure_ascii=False)
        st.code(evidence[:_MOST_EVIDENCE], language="json", wrap_lines=True)
        note(t("Alarm {alarm}, of check {check}.", alarm=found.alarm.id, check=found.alarm.run_id))
        if can_be_derived(found.alarm):
            note(t("Derive it again from what was stored with it:"))
            command = f"harbourlight drift {found.model_id} --explain {found.alarm.id}"
            st.code(command, language=None, wrap_lines=True)


def _show_way(ctx: PageContext, found: Alert) -> None:
    """Lead to the page that shows more of what an alert is about, if the reader may open it."""
    page = ctx.pages.get(_PAGES.get(found.alarm.kind, ""))
    if page is not None:
        label = plain(ctx.t("Look closer"))
        st.page_link(page, label=label, query_params={"model": found.model_id})


def deal_with(ctx: PageContext, story: Story) -> None:
    """Let the reader acknowledge, silence, assign or close an alert, each with a reason."""
    t, found = ctx.t, story.alert
    if not found.live:
        return
    if not allows(ctx.actor, Permission.alert_manage):
        note(t("Your roles do not let you deal with alerts."))
        return
    with st.form(f"alert_{found.id}", border=False, clear_on_submit=False):
        reason = st.text_input(
            t("Reason, which names no person"), key=f"alert_reason_{found.id}", max_chars=1000
        )
        left, right = st.columns(2, gap="small")
        until = left.date_input(
            t("Silent until"),
            value=ctx.workspace.clock().date() + timedelta(days=7),
            key=f"alert_until_{found.id}",
        )
        people = list(story.owners)
        owner = right.selectbox(
            t("Who sees to it"),
            people,
            format_func=lambda name: story.owners[name],
            key=f"alert_owner_{found.id}",
        )
        with st.container(horizontal=True, gap="small"):
            seen = st.form_submit_button(t("Acknowledge"), type="primary")
            silent = st.form_submit_button(t("Silence"))
            assigned = st.form_submit_button(t("Assign"), disabled=not people)
            closed = st.form_submit_button(t("Close"))
    if seen:
        _do(ctx, lambda a: alerts.acknowledge(ctx.workspace, found.id, reason=reason, actor=a))
    if silent and isinstance(until, date):
        day = until.isoformat()
        _do(
            ctx,
            lambda a: alerts.snooze(ctx.workspace, found.id, until=day, reason=reason, actor=a),
        )
    if assigned and owner:
        _do(
            ctx,
            lambda a: alerts.assign(
                ctx.workspace, found.id, username=owner, reason=reason, actor=a
            ),
        )
    if closed:
        _do(ctx, lambda a: alerts.close(ctx.workspace, found.id, reason=reason, actor=a))


def definitions(t: Translator) -> list[Definition]:
    """Return what the words of the page mean."""
    return [
        Definition(
            t("Alarm"),
            t("What one check found to be wrong, with the figures from which it can be derived."),
        ),
        Definition(
            t("Alert"),
            t(
                "One matter of one model, from its first alarm on. It closes by itself once "
                "checks find it well again."
            ),
        ),
        Definition(
            t("Silence"),
            t("Nobody is told until the day given; if it is still the case then, it opens again."),
        ),
        Definition(
            t("Close"),
            t("If the next check raises the same matter, a new alert opens."),
        ),
    ]


def _do(ctx: PageContext, action: Callable[[Actor], object]) -> None:
    attempt_and_rerun(ctx, action, done=ctx.t("Done, and on record."))


def _facts(ctx: PageContext, story: Story, contract: ModelContract) -> dict[str, str]:
    t, alarm, found = ctx.t, story.alert.alarm, story.alert
    zone = ctx.filters.timezone
    shown = {
        t("Kind"): t(KINDS.get(alarm.kind, KINDS[FAILED_CHECK])),
        t("Period"): t.chunk(period_text(t, contract, alarm)),
        t("Effect"): _number(t, alarm.effect),
        t("Statistic"): _number(t, alarm.statistic),
        t("p-value"): p_text(t, alarm.p_value) if alarm.p_value is not None else "",
        t("Earned in that time"): cost_fact(ctx, found),
        t("Threshold"): _number(t, alarm.threshold),
        t("Smallest effect that counts"): _number(t, alarm.minimum_effect),
        t("Weight in the score"): _weight(t, alarm),
        t("Rows of the reference"): _count(t, alarm.n_reference),
        t("Rows of the period"): _count(t, alarm.n_current),
        t("Bins"): alarm.bins_id or "",
        t("Known as of"): t.instant(alarm.as_of, zone),
        t("Owner"): story.owner,
        t("Alarms"): _count(t, found.alarms),
        t("Silent until"): t.instant(found.snoozed_until, zone) if found.snoozed_until else "",
    }
    return {name: text for name, text in shown.items() if text}


def _alarm_table(ctx: PageContext, story: Story, contract: ModelContract) -> None:
    t, zone = ctx.t, ctx.filters.timezone
    rows = [
        {
            "as_of": t.date(each.as_of, zone),
            "period": period_text(t, contract, each),
            "kind": t(KINDS.get(each.kind, KINDS[FAILED_CHECK])),
            "method": each.method or _NOTHING,
            "effect": _number(t, each.effect) or _NOTHING,
            "threshold": _number(t, each.threshold) or _NOTHING,
            "n": _count(t, each.n_current) or _NOTHING,
        }
        for each in story.alarms
    ]
    columns = [
        Column("as_of", t("Known as of")),
        Column("period", t("Period")),
        Column("kind", t("Kind")),
        Column("method", t("Method")),
        Column("effect", t("Effect")),
        Column("threshold", t("Threshold")),
        Column("n", t("Rows")),
    ]
    static_table(t, pd.DataFrame(rows), columns, caption=t("Alarms of this matter, newest first"))


def _weight(t: Translator, alarm: Alarm) -> str:
    weight = alarm.evidence.get(IMPORTANCE)
    if not isinstance(weight, int | float):
        return ""
    return t("{times}× an average input", times=t.number(float(weight), 1))


def _number(t: Translator, value: float | None) -> str:
    return "" if value is None else t.number(value)


def _count(t: Translator, value: int | None) -> str:
    return "" if value is None else t.number(value, 0)
