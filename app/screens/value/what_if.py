"""What if the cut-off moved: a slider, and what it would have brought beside today."""

import math

import numpy as np
import pandas as pd
import streamlit as st

from app.components import Column, note, static_table
from app.context import PageContext
from app.screens.value.words import gain_text
from core.i18n import Translator
from core.services.fairness.attributes import FAVOURABLE_WORDS, event_is_favourable
from core.services.fairness.words import attribute_label
from core.services.value import (
    People,
    Side,
    ValueAnswer,
    WhatIf,
    Workload,
    what_if,
    workload,
)

DIGITS = 3
"""Significant digits of the cut-offs that the slider offers."""


def choices(answer: ValueAnswer) -> list[float]:
    """Return the cut-offs that the slider offers, ascending: about as many rows apart."""
    table = answer.table
    if table is None:
        return []
    inside = [float(each) for each in table.cut_off if 0 < each < 1]
    rounded = {float(f"{each:.{DIGITS}g}") for each in inside}
    exact = {cut.value for cut in answer.asked.cut_offs if 0 < cut.value < 1}
    return sorted(rounded | exact)


def start(answer: ValueAnswer, offered: list[float]) -> float:
    """Return where the slider stands at first: at today's cut-off, else in the middle."""
    today = answer.asked.in_force
    if today is not None and today.value in offered:
        return today.value
    return offered[len(offered) // 2]


def show_what_if(ctx: PageContext, answer: ValueAnswer, people: People | None) -> float | None:
    """Show the slider and what its cut-off would have brought; return the cut-off."""
    t, offered = ctx.t, choices(answer)
    if len(offered) < 2:
        note(t("There are too few different scores to move a cut-off over."))
        return None
    chosen = st.select_slider(
        t("Cut-off: scores from it on are flagged"),
        offered,
        value=start(answer, offered),
        format_func=t.number,
        key=f"value_cut_off_{answer.view.contract.id}",
    )
    found = what_if(answer, float(chosen), people)
    queue = workload(ctx.workspace, answer.view.question, float(chosen), actor=ctx.actor)
    static_table(
        t,
        *frame(t, answer, found, people, queue),
        caption=t(
            "{n} predictions that are old enough; {changed} would be decided otherwise",
            n=found.today.n,
            changed=t.number(found.changed, 0),
        ),
    )
    if found.why:
        note(t(found.why))
    if queue is not None and queue.as_logged:
        note(_as_logged(t, answer, queue))
    note(t("Nothing is changed by this: a cut-off is changed in the contract, with approval."))
    return float(chosen)


def frame(
    t: Translator,
    answer: ValueAnswer,
    found: WhatIf,
    people: People | None,
    queue: Workload | None = None,
) -> tuple[pd.DataFrame, list[Column]]:
    """Return each figure as it was decided, as it would have been, and the change."""
    today, then = found.today, found.then
    favourable = flagged_is_favourable(answer)
    flagged = (today.flagged, then.flagged)
    kept = (1 - today.flagged, 1 - then.flagged)
    rows = [
        _share_row(t, t("Flagged") if favourable else t("Approvals: not flagged"),
                   *(flagged if favourable else kept)),
        _share_row(t, t("Positive outcomes of those not flagged"),
                   float(today.outcome_rate.value), float(then.outcome_rate.value)),
        {
            "what": t("Earned"),
            "today": t.compact_money(float(today.value.value), answer.currency),
            "then": t.compact_money(float(then.value.value), answer.currency),
            "change": gain_text(t, answer.currency, found.gain) if found.changed else "–",
        },
        *([_share_row(t, t("Near the cut-off"), today.near, then.near)]
          if queue is None else _queue_rows(t, queue)),
        *([] if math.isnan(today.reviewed) else [
            _share_row(t, t("Really reviewed by people"), today.reviewed, then.reviewed)]),
        *_fairness_rows(t, today, then, people),
    ]  # fmt: skip
    columns = [
        Column("what", t("Figure")),
        Column("today", t("As decided"), "figure"),
        Column("then", t("With the cut-off"), "figure"),
        Column("change", t("Change"), "figure"),
    ]
    return pd.DataFrame(rows), columns


def flagged_is_favourable(answer: ValueAnswer) -> bool:
    """Whether people hope to be flagged: by the word of the policy, else by the contract."""
    rule = answer.asked.rule
    if rule.word:
        return (rule.word in FAVOURABLE_WORDS) == rule.word_flags
    return event_is_favourable(answer.view.contract)


def _queue_rows(t: Translator, queue: Workload) -> list[dict[str, str]]:
    today, then = queue.today, queue.then
    return [
        _count_row(t, t("Cases for people, by the rules of review"), today.cases, then.cases, 0),
        _count_row(t, t("Of these, a week"), today.per_week, then.per_week, 1),
    ]


def _count_row(t: Translator, what: str, today: float, then: float, digits: int) -> dict[str, str]:
    size = t.number(abs(then - today), digits)
    sign = "+" if then > today else "−"
    return {
        "what": what,
        "today": t.number(today, digits),
        "then": t.number(then, digits),
        "change": "–" if size == t.number(0, digits) else f"{sign}{size}",
    }


def _as_logged(t: Translator, answer: ValueAnswer, queue: Workload) -> str:
    """Name the rules that no cut-off moves, since they read what was decided."""
    review = answer.view.contract.review
    rules = review.rules if review else ()
    names = [each.name.get(t.locale) for each in rules if each.id in queue.as_logged]
    return t(
        "Rules that read the logged decision stay as they were: {rules}.", rules=t.items(*names)
    )


def _share_row(t: Translator, what: str, today: float, then: float) -> dict[str, str]:
    change = then - today
    still = math.isnan(change) or change == 0
    return {
        "what": what,
        "today": t.percent(today),
        "then": t.percent(then),
        "change": "–" if still else t("{points} points", points=_signed(t, change)),
    }


def _signed(t: Translator, change: float) -> str:
    points = t.number(abs(change) * 100, 1)
    return f"{'+' if change > 0 else '−' if change < 0 else ''}{points}"


def _fairness_rows(
    t: Translator, today: Side, then: Side, people: People | None
) -> list[dict[str, str]]:
    """Return the lowest ratio of each attribute, for who may see it."""
    if people is None:
        return []
    named = {each.column: attribute_label(t, each.attribute) for each in people.groups}
    before = {each.column: each.ratio for each in today.fairness}
    return [
        {
            "what": t("Fairness ratio: {attribute}", attribute=named[each.column]),
            "today": t.number(before.get(each.column, np.nan), 2),
            "then": t.number(each.ratio, 2),
            "change": _ratio_change(t, before.get(each.column, np.nan), each.ratio),
        }
        for each in then.fairness
    ]


def _ratio_change(t: Translator, before: float, after: float) -> str:
    change = after - before
    if math.isnan(change) or change == 0:
        return "–"
    return f"{'+' if change > 0 else '−' if change < 0 else ''}{t.number(abs(change), 2)}"
