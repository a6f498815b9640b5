"""The rules of a model on the page Alerts: a table, and a form that adds, changes and removes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from app.chosen import value_word
from app.components import Column, note, plain, section, static_table
from app.components.step_up import attempt_and_rerun
from app.context import PageContext
from app.filters import ModelChoice
from core.contract import ModelContract
from core.domain.identity import Actor
from core.i18n import N_, Translator
from core.metrics.registry import METRICS
from core.services import alerts
from core.services.alerts.editing import Preview, RuleBoard, preview_rule, rule_board
from core.services.alerts.kinds import FAILED_CHECK, KINDS
from core.services.alerts.words import SEVERITY_WORDS, column_name
from core.services.drift.measure import OUTPUT_LABELS
from core.services.fairness.attributes import compared_columns
from core.services.registry import models as registry
from core.store.alerts.rules import AlertRule

_NEW, _ANY, _AS_FOUND, _NOBODY = "", "", "", ""
_MOST_PATIENCE = 100
_FAMILY = {
    "drift": "drift",
    "drift_beyond_chance": "drift",
    "quality": "quality",
    "operations": "operations",
    "performance": "performance",
    "performance_beyond_chance": "performance",
}
_OF_COLUMNS = frozenset({"drift", "drift_beyond_chance", "quality"})
_SEVERITIES = {
    _AS_FOUND: N_("as the alarm"),
    **SEVERITY_WORDS,
}


@dataclass(frozen=True, slots=True)
class _Which:
    """The alarms that a rule is for."""

    kind: str
    method: str = ""
    column: str = ""
    slice_: str = ""


def show_rules(ctx: PageContext) -> None:
    """Show the rules of one model, and let the reader change them."""
    t = ctx.t
    section(
        t("Rules"),
        t("Without a rule, every alarm opens an alert at once. The most particular rule counts."),
    )
    if not ctx.models:
        note(t("No model is registered yet"))
        return
    names = {model.id: model for model in ctx.models}
    model_id = st.selectbox(
        t("Model"),
        list(names),
        format_func=lambda model: names[model].name,
        key="alert_rules_model",
        width=420,
    )
    model = names[model_id]
    contract = registry.get_model(ctx.workspace, model.id, actor=ctx.actor).contract
    board = rule_board(ctx.workspace, model.id, actor=ctx.actor)
    if board.rules:
        frame, columns = rule_frame(t, board, contract)
        static_table(t, frame, columns, caption=t("Rules, the most particular first"))
    else:
        note(t("This model has no rules."))
    with st.expander(t("Add or change a rule"), key="alert_rules_edit"):
        _edit(ctx, model, contract, board)


def rule_frame(
    t: Translator, board: RuleBoard, contract: ModelContract
) -> tuple[pd.DataFrame, list[Column]]:
    """Return the table of rules and its columns."""
    rows = [
        {
            "which": which_text(t, contract, rule),
            "opens": t("yes") if rule.enabled else t("no"),
            "severity": t(_SEVERITIES[rule.severity or _AS_FOUND]),
            "patience": rule.patience,
            "owner": board.owner(rule) or "–",
        }
        for rule in board.rules
    ]
    columns = [
        Column("which", t("For which alarms"), wide=True),
        Column("opens", t("Opens alerts")),
        Column("severity", t("Severity")),
        Column("patience", t("Checks in a row"), kind="count"),
        Column("owner", t("Owner")),
    ]
    return pd.DataFrame(rows), columns


def which_text(t: Translator, contract: ModelContract, rule: AlertRule) -> str:
    """Return which alarms a rule is for, in words."""
    parts = [t(KINDS.get(rule.kind, KINDS[FAILED_CHECK]))] if rule.kind else []
    if rule.method:
        parts.append(_method_text(t, rule.method))
    if rule.column:
        parts.append(_column_text(t, contract, rule.kind, rule.column))
    if rule.slice:
        name, _, value = rule.slice.partition("=")
        parts.append(_slice_text(t, name, value))
    return t.items(*parts) if parts else t("all alarms of the model")


def _edit(ctx: PageContext, model: ModelChoice, contract: ModelContract, board: RuleBoard) -> None:
    t = ctx.t
    texts = {rule.id: which_text(t, contract, rule) for rule in board.rules}
    by_id = {rule.id: rule for rule in board.rules}
    chosen = st.selectbox(
        t("Rule"),
        [_NEW, *by_id],
        format_func=lambda name: texts[name] if name else t("a new one"),
        key=f"alert_rule_choice_{model.id}",
    )
    before = by_id.get(chosen)
    if before is None:
        which = _which(ctx, model, contract)
        note(_preview_text(t, _preview(ctx, model.id, which)))
    else:
        which = _Which(before.kind, before.method, before.column, before.slice)
    _effect(ctx, model.id, board, which, before)


def _which(ctx: PageContext, model: ModelChoice, contract: ModelContract) -> _Which:
    """Ask which alarms a new rule is for; each choice narrows the next."""
    t = ctx.t
    left, right = st.columns(2, gap="small")
    with left:
        kind = _choice(
            t, t("Kind"), {name: t(text) for name, text in KINDS.items()}, f"kind_{model.id}"
        )
    columns = {name: _column_text(t, contract, kind, name) for name in _columns(contract, kind)}
    methods = {name: _method_text(t, name) for name in _methods(kind)}
    slices = {
        f"{each.name}={value}": _slice_text(t, each.label or each.name, value)
        for each in model.slices
        for value in each.values
    }
    with right:
        column = _choice(t, t("Column"), columns, f"column_{model.id}_{kind}")
    with left:
        method = _choice(t, t("Method"), methods, f"method_{model.id}_{kind}")
    with right:
        slice_ = _choice(t, t("Slice"), slices, f"slice_{model.id}")
    return _Which(kind, method, column, slice_)


def _choice(t: Translator, label: str, options: Mapping[str, str], key: str) -> str:
    return st.selectbox(
        plain(label),
        [_ANY, *options],
        format_func=lambda name: options[name] if name else t("any"),
        key=f"alert_rule_{key}",
        disabled=not options,
    )


def _effect(
    ctx: PageContext, model_id: str, board: RuleBoard, which: _Which, before: AlertRule | None
) -> None:
    """Ask what becomes of such alarms, and set or remove the rule."""
    t, name = ctx.t, before.id if before else f"new_{model_id}"
    owner = board.owners.get(before.owner_id or "", _NOBODY) if before else _NOBODY
    people = [_NOBODY, *board.people]
    severities = list(_SEVERITIES)
    with st.form(f"alert_rule_{name}", border=False):
        opens = st.toggle(
            t("Such alarms open alerts"), before.enabled if before else True, key=f"opens_{name}"
        )
        left, middle, right = st.columns(3, gap="small")
        severity = left.selectbox(
            t("Severity of the alert"),
            severities,
            index=severities.index((before.severity if before else None) or _AS_FOUND),
            format_func=lambda each: t(_SEVERITIES[each]),
            key=f"severity_{name}",
        )
        patience = middle.number_input(
            t("Checks in a row before it opens or closes"),
            1,
            _MOST_PATIENCE,
            value=before.patience if before else 1,
            step=1,
            key=f"patience_{name}",
        )
        own = right.selectbox(
            t("Who sees to it"),
            people,
            index=people.index(owner) if owner in people else 0,
            format_func=lambda each: board.people[each] if each else t("nobody yet"),
            key=f"owner_{name}",
        )
        with st.container(horizontal=True, gap="small"):
            saved = st.form_submit_button(t("Set the rule"), type="primary")
            removed = before is not None and st.form_submit_button(t("Remove the rule"))
    if saved:

        def set_it(actor: Actor) -> None:
            alerts.set_rule(
                ctx.workspace,
                model_id,
                which.kind,
                method=which.method,
                column=which.column,
                slice_=which.slice_,
                severity=severity or None,
                patience=int(patience),
                owner=own or None,
                enabled=opens,
                actor=actor,
            )

        attempt_and_rerun(ctx, set_it, done=t("The rule counts from the next check on."))
    if removed and before is not None:
        rule_id = before.id
        attempt_and_rerun(
            ctx,
            lambda actor: alerts.remove_rule(ctx.workspace, rule_id, actor=actor),
            done=t("The rule is removed."),
        )


def _preview(ctx: PageContext, model_id: str, which: _Which) -> Preview:
    return preview_rule(
        ctx.workspace,
        model_id,
        which.kind,
        method=which.method,
        column=which.column,
        slice_=which.slice_,
        actor=ctx.actor,
    )


def _preview_text(t: Translator, found: Preview) -> str:
    if not found.of:
        return t("No alarm was raised in the last {days} days.", days=found.days)
    return t(
        "Of the {of} alarms of the last {days} days it would have covered {alarms}, of {matters} "
        "different matters.",
        of=found.of,
        days=found.days,
        alarms=found.alarms,
        matters=found.matters,
    )


def _columns(contract: ModelContract, kind: str) -> Sequence[str]:
    if kind == "fairness":
        return compared_columns(contract)
    if kind == FAILED_CHECK:
        return [name for name in KINDS if name != FAILED_CHECK]
    if kind and kind not in _OF_COLUMNS:
        return ()
    return [*(feature.name for feature in contract.features), *OUTPUT_LABELS]


def _methods(kind: str) -> Sequence[str]:
    family = _FAMILY.get(kind)
    return [name for name, metric in METRICS.items() if family and metric.family == family]


def _column_text(t: Translator, contract: ModelContract, kind: str, column: str) -> str:
    if kind == FAILED_CHECK:
        return t(KINDS.get(column, KINDS[FAILED_CHECK]))
    return column_name(t, contract, column)


def _slice_text(t: Translator, name: str, value: str) -> str:
    return t("{name}: {text}", name=name, text=value_word(t, value))


def _method_text(t: Translator, method: str) -> str:
    return t(METRICS[method].label) if method in METRICS else method
