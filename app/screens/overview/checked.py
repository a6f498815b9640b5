"""What the newest check stored of a model: alerts, the figures that say most, check by check."""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from app.components import Column, Layer, note, plain, section, static_table, status_text
from app.components.facts import told_line
from app.context import PageContext
from app.screens.figures import figure_text
from core.auth.policy import allows
from core.contract import ModelContract
from core.contract.kpi_definitions import kpi_definition
from core.domain.status import NOT_JUDGED, Status, status_of_level
from core.i18n import N_, Translator
from core.metrics.registry import METRICS
from core.services.alerts.words import STATE_WORDS, WHOLE, column_name, headline, kpi_name
from core.services.checks.glance import Glance, Telling
from core.services.checks.results import FAMILIES, Since, StoredCheck, figure_history
from core.services.kpis.words import Measure, measure_of, value_text
from core.store.alerts.checks import MetricResult
from core.store.alerts.threads import Alert

ALERTS = "alerts"
_MOST_ALERTS = 5
_NOTHING = "–"
FAMILY_PAGES: Mapping[str, str] = {
    "drift": "drift",
    "quality": "data_quality",
    "operations": "operations",
    "performance": "performance",
    "fairness": "fairness",
    "kpi": "outcomes",
    "value": "value",
}
_FAMILIES: Mapping[str, str] = {
    "drift": N_("Drift"),
    "quality": N_("Data quality"),
    "operations": N_("Operations"),
    "performance": N_("Performance"),
    "fairness": N_("Fairness"),
    "kpi": N_("Business outcomes"),
    "value": N_("Value of decisions"),
}


def checked_text(t: Translator, found: StoredCheck, zone: str) -> str:
    """Return when the check was made, of what, and whether anything has changed since."""
    return t.sentences(
        t(
            "Checked {moment}, of what was known on {as_of}.",
            moment=t.instant(found.run.finished_at, zone),
            as_of=t.date(found.run.as_of, zone),
        ),
        since_text(t, found.since),
    )


def since_text(t: Translator, since: Since) -> str:
    """Return what has changed since a check, in a sentence."""
    if since.contract:
        return t("The contract was changed since.")
    if since.reference:
        return t("The reference was made anew since.")
    if since.batches:
        return t.n("One batch has come since.", "{n} batches have come since.", since.batches)
    if since.log:
        return t("The log was stored anew since.")
    return t("Nothing has changed since.")


def since_short(t: Translator, since: Since) -> str:
    """Return what has changed since a check, in a word or two."""
    if since.contract:
        return t("contract changed")
    if since.reference:
        return t("reference made anew")
    if since.batches:
        return t.n("one batch", "{n} batches", since.batches)
    return t("log stored anew") if since.log else t("no change")


def telling_short(t: Translator, contract: ModelContract, result: MetricResult) -> str:
    """Return a stored figure and its column, short."""
    value = _short(t, contract, result)
    return t("{value}, {column}", value=value, column=column_name(t, contract, result.column))


def telling_text(t: Translator, contract: ModelContract, result: MetricResult) -> str:
    """Return a stored figure with what it is of."""
    label, write = _named(t, contract, result.metric, result.method)
    text = write(math.nan if result.value is None else result.value)
    if result.low is not None and result.high is not None:
        limits = f"{write(result.low)}–{write(result.high)}"
        text = t("{name} ({text})", name=text, text=limits)
    if result.column:
        column = column_name(t, contract, result.column)
        return t("{column}: {figure} {value}", column=column, figure=label, value=text)
    return t(
        "{figure} {value}, {period}", figure=label, value=text, period=t.chunk(result.chunk_key)
    )


def alerts_text(t: Translator, found: Glance) -> str:
    """Return how many alerts are open, and how many ask somebody to act; short."""
    if not found.alerts:
        return t("none open")
    if not found.to_act:
        return t.number(len(found.alerts), 0)
    if found.to_act == len(found.alerts):
        return t("{act} to act on", act=found.to_act)
    return t("{act} of {n} to act on", n=len(found.alerts), act=found.to_act)


def show_glance(ctx: PageContext, found: Glance | None, contract: ModelContract) -> None:
    """Show what the newest check found, with the way to the page behind each fact."""
    t = ctx.t
    section(
        t("What the last check found"),
        t("Of all versions and rows, whatever the filters say. All else here is counted now."),
    )
    if found is None:
        note(t("Checks look at rows of all jurisdictions, and you see those of some."))
        return
    if found.check is None:
        note(t("Not checked yet."))
        return
    note(checked_text(t, found.check, contract.timezone))
    for alert in found.alerts[:_MOST_ALERTS]:
        _alert_row(ctx, alert, contract)
    if len(found.alerts) > _MOST_ALERTS:
        more = len(found.alerts) - _MOST_ALERTS
        note(t.n("One more alert is on the page Alerts.", "{n} more are on the page Alerts.", more))
    for each in found.telling:
        _telling_row(ctx, each, contract)
    if any(len(each.course) > 1 for each in found.telling):
        with st.expander(t("Check by check")):
            frame, columns = course_frame(t, found.telling, contract)
            static_table(t, frame, columns, caption=t("As checked then, the newest first"))


def _alert_row(ctx: PageContext, alert: Alert, contract: ModelContract) -> None:
    t = ctx.t
    said = t(
        "{state}, since {date}",
        state=t(STATE_WORDS[alert.state]),
        date=t.date(alert.opened_at, contract.timezone),
    )
    layer = Layer(headline(t, contract, alert.alarm), Status(alert.severity), said)
    with st.container(horizontal=True, vertical_alignment="center", key=f"told_{alert.id}"):
        told_line(t, ctx.palette, layer)
        target = ctx.pages.get(ALERTS)
        if target is not None:
            st.page_link(target, label=plain(t("Look closer")), query_params={"alert": alert.id})


def _telling_row(ctx: PageContext, told: Telling, contract: ModelContract) -> None:
    t, result = ctx.t, told.result
    layer = Layer(t(_FAMILIES[result.metric]), told.status, telling_text(t, contract, result))
    values = [math.nan if each.result.value is None else each.result.value for each in told.course]
    with st.container(horizontal=True, vertical_alignment="center", key=f"told_{result.metric}"):
        name, _ = _named(t, contract, result.metric, result.method)
        label = t("{figure}, check by check", figure=name)
        judged = result.level != NOT_JUDGED
        told_line(t, ctx.palette, layer, course=values, label=label, judged=judged)
        target = ctx.pages.get(FAMILY_PAGES[result.metric])
        if target is not None:
            st.page_link(target, label=plain(t("Look closer")))


def course_frame(
    t: Translator, telling: Sequence[Telling], contract: ModelContract
) -> tuple[pd.DataFrame, list[Column]]:
    """Return one row a check, one column a figure, the newest first."""
    moments = sorted(
        {each.run.as_of: each.run for told in telling for each in told.course}.items(), reverse=True
    )
    rows = []
    for as_of, run in moments:
        row = {
            "as_of": t.date(as_of, contract.timezone),
            "checked": t.instant(run.finished_at, contract.timezone),
        }
        for told in telling:
            values = {each.run.as_of: each.result for each in told.course}
            row[told.result.metric] = _short(t, contract, values.get(as_of))
        rows.append(row)
    columns = [
        Column("as_of", t("Known as of")),
        Column("checked", t("Checked")),
        *(Column(told.result.metric, _heading(t, contract, told.result)) for told in telling),
    ]
    return pd.DataFrame(rows, columns=[column.name for column in columns]), columns


def show_course(ctx: PageContext, alert: Alert, contract: ModelContract) -> None:
    """Show what checks found of an alert's figure, also where they found it well."""
    t, alarm = ctx.t, alert.alarm
    needed = FAMILIES.get(alarm.kind)
    if needed is None or not allows(ctx.actor, needed):
        return
    course = figure_history(
        ctx.workspace,
        alert.model_id,
        alarm.kind,
        alarm.method,
        column=alarm.column,
        slice_=alarm.slice,
        actor=ctx.actor,
    )
    if not course:
        return
    rows = [
        {
            "as_of": t.date(each.run.as_of, contract.timezone),
            "period": each.result.chunk_key if each.result.chunk_key != WHOLE else _NOTHING,
            "value": _short(t, contract, each.result),
            "level": _level(t, each.result.level),
        }
        for each in course
    ]
    columns = [
        Column("as_of", t("Known as of")),
        Column("period", t("Period")),
        Column("value", _named(t, contract, alarm.kind, alarm.method)[0]),
        Column("level", t("Status")),
    ]
    static_table(
        t, pd.DataFrame(rows), columns, caption=t("The figure as checks stored it, newest first")
    )


def _level(t: Translator, level: str) -> str:
    return t("not judged") if level == NOT_JUDGED else status_text(t, status_of_level(level))


def _heading(t: Translator, contract: ModelContract, result: MetricResult) -> str:
    label, _ = _named(t, contract, result.metric, result.method)
    if not result.column:
        return label
    column = column_name(t, contract, result.column)
    return t("{figure}: {column}", figure=label, column=column)


def _short(t: Translator, contract: ModelContract, result: MetricResult | None) -> str:
    if result is None or result.value is None:
        return _NOTHING
    _, write = _named(t, contract, result.metric, result.method)
    return write(result.value)


def _named(
    t: Translator, contract: ModelContract, family: str, method: str
) -> tuple[str, Callable[[float], str]]:
    """Return what a stored figure is called, and what writes it; KPIs are the contract's own."""
    if family == "kpi":
        found = kpi_definition(contract, method)
        measure = Measure("", "", None) if found is None else measure_of(found)
        return kpi_name(t, contract, method), partial(value_text, t, measure)
    metric = METRICS[method]
    return t(metric.label), partial(figure_text, t, metric, currency=contract.currency)
