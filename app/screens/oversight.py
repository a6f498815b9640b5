"""The oversight screen: what took effect without review, the rules, and rules tried out."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from app.charts import Chart, Series, labels_for, lines
from app.components import Column, Definition, Kpi, kpi_row, note, show_chart, static_table
from app.components.text import error_text
from app.context import PageContext
from app.filters import ModelChoice
from app.screens.marks import version_marks
from app.screens.review_words import TIERS
from app.screens.serving import LEVELS
from core.contract import ReviewRule
from core.domain.status import Status
from core.domain.windows import local_day, start_of_day
from core.errors import HarbourlightError
from core.i18n import N_, Translator
from core.services.routing.breaches import ModelOversight
from core.services.routing.rules import RulesInForce
from core.services.routing.simulate import MOST_DAYS, Load, Simulation, rules_in_force, simulate

_NOTHING = "–"
_HOW = {
    "without_verdict": N_("no verdict was final"),
    "while_waiting": N_("its case was waiting"),
    "other_decision": N_("not the decision that people had made"),
    "after_stop": N_("a person had stopped it"),
}
_STATUS_WORDS = {
    Status.in_range: N_("none"),
    Status.act: N_("not as people decided"),
    Status.not_enough_data: N_("not logged"),
}
_DAYS = 90


def summary(ctx: PageContext, found: Sequence[ModelOversight]) -> tuple[str, Status, str]:
    """Return the sentence of the page, how it stands, and the word for that."""
    t = ctx.t
    logged = [each for each in found if each.is_logged]
    if not logged:
        return (
            t("No log says when a decision took effect, so nothing is proved."),
            Status.not_enough_data,
            t(_STATUS_WORDS[Status.not_enough_data]),
        )
    breaches = sum(each.breaches for each in logged)
    since = min(each.since for each in logged if each.since is not None)
    told = t.n(
        "{n} decision was released without required review since {day}; it must be 0.",
        "{n} decisions were released without required review since {day}; it must be 0.",
        breaches,
        day=t.date(local_day(since, ctx.filters.timezone)),
    )
    released = t.n(
        "The logs tell of {n} release.",
        "The logs tell of {n} releases.",
        sum(each.released for each in logged),
    )
    silent = len(found) - len(logged)
    rest = (
        t.n(
            "The log of {n} model does not say when its decisions took effect.",
            "The logs of {n} models do not say when their decisions took effect.",
            silent,
        )
        if silent
        else ""
    )
    status = Status.act if breaches else Status.in_range
    return t.sentences(told, released, rest), status, t(_STATUS_WORDS[status])


def version_frame(
    t: Translator, found: Sequence[ModelOversight], models: Sequence[ModelChoice]
) -> tuple[pd.DataFrame, list[Column]]:
    """Return every version with its oversight level, and what of it took effect."""
    names = {model.id: model.name for model in models}
    rows = [
        {
            "model": names.get(each.model_id, each.model_id),
            "version": version.version or _NOTHING,
            "level": t(LEVELS[version.level]) if version.level else _NOTHING,
            "released": version.released,
            "breaches": version.breaches,
            "status": _status(version.released, version.breaches),
        }
        for each in found
        for version in each.versions
    ]
    columns = [
        Column("model", t("Model")),
        Column("version", t("Version")),
        Column("level", t("Oversight level")),
        Column("released", t("Took effect"), "count"),
        Column("breaches", t("Without required review"), "count"),
        Column("status", t("Status"), "status", words=_STATUS_WORDS),
    ]
    return pd.DataFrame(rows, columns=[column.name for column in columns]), columns


def _status(released: int, breaches: int) -> Status:
    if breaches:
        return Status.act
    return Status.in_range if released else Status.not_enough_data


def show_breaches(ctx: PageContext, found: ModelOversight) -> None:
    """Show the newest decisions that took effect too early, one by one."""
    t, zone = ctx.t, ctx.filters.timezone
    if not found.newest:
        note(
            t("Nothing of this model was released without required review.")
            if found.is_logged
            else t("The log of this model does not say when its decisions took effect.")
        )
        return
    rows = [
        {
            "prediction": each.prediction_id,
            "version": each.version or _NOTHING,
            "how": t(_HOW[each.kind]),
            "released": t.instant(each.released_at, zone),
            "predicted": t.instant(each.time, zone),
        }
        for each in found.newest
    ]
    columns = [
        Column("prediction", t("Prediction")),
        Column("version", t("Version")),
        Column("how", t("When it took effect")),
        Column("released", t("Took effect at")),
        Column("predicted", t("Predicted at")),
    ]
    static_table(
        t, pd.DataFrame(rows), columns, caption=t("Released without required review, newest first")
    )
    if len(rows) < found.breaches:
        note(t("The newest {shown} of {all}.", shown=len(rows), all=found.breaches))


def show_rules(ctx: PageContext, found: RulesInForce) -> None:
    """Show the rules in force in words, and the cases that each made."""
    t = ctx.t
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
            t("checked by a second person: {n}", n=t.number(tried.checked, 0)),
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
                "By the log, a decision took effect before a verdict was final (in the loop), or "
                "while its case was waiting (in command); or it is not the one that people had "
                "made by then, or a person had stopped it. What serving systems were told does not "
                "enter: the figure is for those that do not ask."
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
                "Cases and checks by a second person, times the median time that verdicts of this "
                "model took. Overturned verdicts and large amounts bring more checks."
            ),
        ),
    )
