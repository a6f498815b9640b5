"""The oversight screen: the rules of review in words, and rules tried out."""

import numpy as np
import pandas as pd
import streamlit as st

from app.charts import Chart, Series, labels_for, lines
from app.components import Column, Definition, Kpi, kpi_row, note, show_chart, static_table
from app.components.text import error_text
from app.context import PageContext
from app.screens.marks import version_marks
from app.screens.review.words import TIERS
from core.contract import ReviewRule
from core.domain.windows import start_of_day
from core.errors import HarbourlightError
from core.i18n import Translator
from core.services.routing.rules import RulesInForce
from core.services.routing.simulate import MOST_DAYS, Load, Simulation, rules_in_force, simulate

_NOTHING = "–"
_DAYS = 90


def show_rules(ctx: PageContext, found: RulesInForce) -> None:
    """Show the rules in force in words, and the cases that each made."""
    t = ctx.t
    if found.never_reviewed:
        note(
            t(
                "No rule of review makes a case of each prediction of the versions in the loop "
                "({versions}): without a case they stay held.",
                versions=t.items(*found.never_reviewed),
            )
        )
    if not found.rules:
        note(t("The contract has no rules of review: no prediction becomes a case by itself."))
        return
    static_table(t, *rules_frame(t, found), caption=t("Rules of review in force"))
    note(t.sentences(*_around(t, found)))


def rules_frame(t: Translator, found: RulesInForce) -> tuple[pd.DataFrame, list[Column]]:
    """Return the rules in words, with the cases that each led."""
    rows = [
        {
            "name": rule.name.get(t.locale),
            "when": rule.when if rule.when != "true" else t("every prediction"),
            "which": _which(t, rule),
            "tier": t(TIERS[rule.tier]),
            "priority": rule.priority,
            "cases": found.cases.get(rule.id, 0),
        }
        for rule in found.rules
    ]
    columns = [
        Column("name", t("Rule"), wide=True),
        Column("when", t("Condition"), wide=True),
        Column("which", t("Of these"), wide=True),
        Column("tier", t("Tier")),
        Column("priority", t("Priority"), "count"),
        Column("cases", t("Cases made"), "count"),
    ]
    return pd.DataFrame(rows), columns


def _which(t: Translator, rule: ReviewRule) -> str:
    share = t("all") if rule.share == 1 else t("{share} by chance", share=t.percent(rule.share))
    if rule.per is None:
        return share
    groups = t("{n} a month of each group by {column}", n=rule.per.at_least, column=rule.per.column)
    return groups if rule.share == 0 else t.items(share, groups)


def _around(t: Translator, found: RulesInForce) -> list[str]:
    review = found.review
    told = [
        t("{n} predictions were held against rules.", n=found.predictions),
    ]
    if review.start is not None:
        told.append(t("Only predictions since {day} become cases.", day=t.date(review.start)))
    if found.waiting:
        told.append(t("{n} predictions wait to be routed.", n=found.waiting))
    told.append(
        t(
            "A case is due after {normal} working days, of the high tier after {high}.",
            normal=review.sla_days.normal,
            high=review.sla_days.high,
        )
    )
    if review.assign == "when_made":
        told.append(t("New cases are given out at once, by skill, language and load."))
    return told


def show_trial(ctx: PageContext, model: str) -> None:
    """Let the reader change the rules and see what they would have brought; nothing is saved."""
    t, key = ctx.t, f"oversight_trial_{model}"
    with st.form(key, border=False):
        text = st.text_area(
            t("Rules of review as in the contract (YAML)"),
            value=rules_in_force(ctx.workspace, model, actor=ctx.actor),
            key=f"{key}_text",
            height=260,
        )
        days = st.number_input(
            t("Days up to the newest prediction"),
            min_value=1,
            max_value=MOST_DAYS,
            value=_DAYS,
            key=f"{key}_days",
        )
        pressed = st.form_submit_button(t("Try these rules"))
    note(
        t("Rules come into force when the contract is registered; the audit trail keeps its hash.")
    )
    if not pressed:
        return
    try:
        found = simulate(ctx.workspace, model, text, actor=ctx.actor, days=int(days))
    except HarbourlightError as error:
        note(error_text(t, error))
        return
    show_load(ctx, found)


def show_load(ctx: PageContext, found: Simulation) -> None:
    """Show what the rules tried would have brought, beside those in force."""
    t, tried = ctx.t, found.tried
    kpi_row(t, _figures(t, found))
    if tried.rules:
        static_table(t, *_load_frame(t, tried), caption=t("Rules tried out"))
    if tried.days:
        show_chart(t, load_chart(ctx, found), key="oversight_load")
    if found.waiting:
        note(
            t(
                "{n} predictions of the log were never held against rules; what these rules choose "
                "of them becomes cases at once, unless 'from' leaves them out.",
                n=found.waiting,
            )
        )
        note(
            t.n(
                "With these rules {n} case is made of them at once.",
                "With these rules {n} cases are made of them at once.",
                found.at_once,
            )
        )


def _figures(t: Translator, found: Simulation) -> list[Kpi]:
    tried, now = found.tried, found.in_force
    hours = found.hours(tried)
    busiest = tried.busiest
    timed = (
        t(
            "median {time} a case, {n} verdicts timed",
            time=t("{n} s", n=round(found.seconds_per_case)),
            n=found.verdicts,
        )
        if found.seconds_per_case is not None
        else t("no verdict has been timed yet")
    )
    return [
        Kpi(
            t("Cases a week"),
            t.number(tried.per_week, 1),
            t("in force: {n}", n=t.number(now.per_week, 1)),
        ),
        Kpi(
            t("Cases in these days"),
            t.number(tried.cases, 0),
            t("of {n} predictions", n=t.number(tried.rows, 0)),
        ),
        Kpi(
            t("Busiest day"),
            t.number(busiest.cases, 0) if busiest else _NOTHING,
            t.date(busiest.day) if busiest and busiest.cases else "",
        ),
        Kpi(
            t("By several rules"),
            t.number(tried.overlap, 0),
            t(
                "checked by a second person: {n}, blind: {blind}",
                n=t.number(tried.checked, 0),
                blind=t.number(tried.blind, 0),
            ),
        ),
        Kpi(
            t("Reviewer hours a week"), t.number(hours, 1) if hours is not None else _NOTHING, timed
        ),
    ]


def _load_frame(t: Translator, load: Load) -> tuple[pd.DataFrame, list[Column]]:
    rows = [
        {
            "name": each.rule.name.get(t.locale),
            "matched": each.matched,
            "leads": each.leads,
            "alone": each.alone,
        }
        for each in load.rules
    ]
    columns = [
        Column("name", t("Rule"), wide=True),
        Column("matched", t("Chooses"), "count"),
        Column("leads", t("Cases of its own"), "count"),
        Column("alone", t("No other rule chooses"), "count"),
    ]
    return pd.DataFrame(rows), columns


def load_chart(ctx: PageContext, found: Simulation) -> Chart:
    """Return the cases a day, of the rules tried and of those in force."""
    t = ctx.t
    days, zone = found.tried.days, found.view.timezone
    tried, now = (
        np.array([each.cases for each in load.days], dtype=np.float64)
        for load in (found.tried, found.in_force)
    )
    series = [Series(t("in force"), now, "estimate")]
    if not np.array_equal(tried, now):  # else one line would lie on the other
        series.insert(0, Series(t("tried out"), tried))
    labels = labels_for(
        t,
        title=t("Cases a day"),
        x=t("Day"),
        y=t("Cases"),
        n=found.tried.rows,
        first=days[0].day,
        last=days[-1].day,
    )
    at = [start_of_day(each.day, zone).astimezone(found.view.contract.zone) for each in days]
    marks = version_marks(ctx, found.view)
    return lines(ctx.look, labels, at=at, series=series, marks=marks)


def definitions(t: Translator) -> tuple[Definition, ...]:
    """Return what the words of the page mean."""
    return (
        Definition(
            t("released without required review"),
            t(
                "By the log, a decision took effect before a verdict was final (in the loop); "
                "while its case was waiting, or with nobody's release where no rule oversees it "
                "(in command); while its model was suspended or after its customer had opted out; "
                "or it is not the one that people had made by then, or a person had stopped it. "
                "What serving systems were told does not enter: the figure is for those that do "
                "not ask."
            ),
        ),
        Definition(
            t("oversight level then"),
            t(
                "Each release is judged by the contract that was in force when it took effect: "
                "a later contract changes no figure of before. Where it declared no level, nobody "
                "can say whether review was required; these are counted beside the breaches, and "
                "so is what took effect without being among the predictions of the log."
            ),
        ),
        Definition(
            t("held, no case"),
            t(
                "Predictions of a version in the loop that were held against the rules and became "
                "no case: without one there is no verdict, and without that they stay held."
            ),
        ),
        Definition(
            t("in the loop"), t("Nothing takes effect before the verdict of its case is final.")
        ),
        Definition(
            t("in command"),
            t("Takes effect unless a rule makes it a case; then after the verdict."),
        ),
        Definition(t("out of the loop"), t("Takes effect at once; people look at figures.")),
        Definition(
            t("case of its own"),
            t("Of the rules that choose a prediction, the one with the highest priority leads."),
        ),
        Definition(
            t("reviewer hours"),
            t(
                "Cases, checks by a second person and blind cases, times the median time that "
                "verdicts of this model took. Verdicts are checked as often as they overturned the "
                "model so far, where three people and 100 cases let that be told; large amounts "
                "bring more checks."
            ),
        ),
    )
