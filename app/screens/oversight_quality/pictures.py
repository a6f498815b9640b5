"""The pictures of oversight quality: controls, the sight of the score, work in a row, hours."""

from collections.abc import Sequence
from math import isnan

import numpy as np
import streamlit as st

from app.charts import Chart, interval_rows, labels_for
from app.components import empty, note, section, show_chart, subsection
from app.context import PageContext
from app.screens.oversight_quality.words import MEASURE_WORDS, is_told
from core.domain.working_days import HONG_KONG
from core.i18n import Translator
from core.metrics.oversight import share
from core.services.oversight.measures import Measure
from core.services.oversight.quality import Quality
from core.services.oversight.working import Group


def show_pictures(ctx: PageContext, found: Quality) -> None:
    """Show blind controls, and agreement with and without the score, side by side."""
    t = ctx.t
    left, right = st.columns(2, gap="medium")
    with left:
        subsection(t("Blind controls"))
        controls = [found.measure("controls_caught"), found.measure("controls_upheld")]
        if any(is_told(each) for each in controls):
            names = [t(MEASURE_WORDS[each.id].name) for each in controls]
            chart = _share_chart(
                ctx, found, t("Blind controls"), t("Rightly decided"), names, controls, 0.5,
                t("a coin would have"),
            )  # fmt: skip
            show_chart(t, chart, key="oversight_controls")
        else:
            _controls_empty(t, found)
    with right:
        subsection(t("Agreement with the model, with and without its score"))
        anchoring = found.measure("anchoring")
        if is_told(anchoring):
            show_chart(t, _anchoring_chart(ctx, found, anchoring), key="oversight_anchoring")
        else:
            _anchoring_empty(t, found)


def _controls_empty(t: Translator, found: Quality) -> None:
    plan = found.plan
    if not plan.outcomes_tell:
        empty(
            t("This model can have no controls"),
            t("They need a label with two values and a contract with two decisions."),
        )
    elif not plan.controls:
        empty(
            t("The contract asks for no controls"),
            t("Set review.controls.share, such as 0.05, and register the contract."),
            "harbourlight model register SPEC",
        )
    elif plan.blind.waiting or plan.blind.decided:
        empty(
            t("Too few controls are decided"),
            t(
                "{waiting} wait in the queue, {decided} are decided; figures of one person "
                "need 100.",
                waiting=t.number(plan.blind.waiting),
                decided=t.number(plan.blind.decided),
            ),
        )
    else:
        empty(
            t("No controls yet"),
            t("The worker makes them each day from decided cases whose outcome is final."),
        )


def _anchoring_empty(t: Translator, found: Quality) -> None:
    if not found.plan.hidden:
        empty(
            t("The contract hides no scores"),
            t("Set review.score.hidden_share, such as 0.1, and register the contract."),
            "harbourlight model register SPEC",
        )
        return
    if found.plan.judge_first:
        empty(
            t("Own views come before the score"),
            t("A score shown afterwards cannot anchor them; RAIR and RSR say what it does."),
        )
        return
    empty(
        t("Too few cases to compare"),
        t("It takes decided cases with and without the score, of at least three people in each."),
    )


def _anchoring_chart(ctx: PageContext, found: Quality, anchoring: Measure) -> Chart:
    t = ctx.t
    sides = [share(round(value * n), n) for value, n in anchoring.parts]
    measures = [
        Measure(name, each.n, each.value, each.low, each.high)
        for name, each in zip(("shown", "hidden"), sides, strict=True)
    ]
    hits, n = sum(each.hits for each in sides), sum(each.n for each in sides)
    return _share_chart(
        ctx,
        found,
        t("Agreement with the model, with and without its score"),
        t("Upheld"),
        [t("Score shown"), t("Score hidden")],
        measures,
        hits / n,
        t("both together"),
    )


def show_working(ctx: PageContext, found: Quality) -> None:
    """Show verdicts by how long somebody has been at it, and by the hour."""
    t = ctx.t
    section(
        t("Workload"),
        t(
            "Verdicts of one person, about other models too, without a break of 20 minutes are one "
            "row; hours of Hong Kong."
        ),
    )
    left, right = st.columns(2, gap="medium")
    with left:
        names = [_place_text(t, each) for each in found.streaks]
        _show_groups(ctx, found, t("Overturned, by the place in a row"), names, found.streaks,
                     "oversight_streaks")  # fmt: skip
    with right:
        names = [_hours_text(each) for each in found.hours]
        _show_groups(ctx, found, t("Overturned, by the hour"), names, found.hours,
                     "oversight_hours")  # fmt: skip


def _show_groups(
    ctx: PageContext,
    found: Quality,
    title: str,
    names: Sequence[str],
    groups: Sequence[Group],
    key: str,
) -> None:
    t = ctx.t
    subsection(title)
    shown = [
        (_named(t, name, group), Measure(key, each.n, each.value, each.low, each.high, each.hits))
        for name, group, each in zip(names, groups, [g.overturned for g in groups], strict=True)
        if not isnan(each.value)
    ]
    if not shown:
        note(
            t("Shown once three people have decided cases, with 100 left without those of any one.")
        )
        return
    n = sum(each.n for _, each in shown)
    middle = sum(each.hits or 0 for _, each in shown) / n
    chart = _share_chart(
        ctx, found, title, t("Overturned"), [name for name, _ in shown],
        [each for _, each in shown], middle, t("all of them"),
    )  # fmt: skip
    show_chart(t, chart, key=key)


def _named(t: Translator, name: str, group: Group) -> str:
    if isnan(group.seconds):
        return name
    return t("{group}, half within {seconds} s", group=name, seconds=t.number(group.seconds, 0))


def _place_text(t: Translator, group: Group) -> str:
    if group.last is None:
        return t("Verdict {first} and later", first=str(group.first))
    return t("Verdicts {first} to {last}", first=str(group.first), last=str(group.last))


def _hours_text(group: Group) -> str:
    return f"{group.first:02d}:00–{group.last or 24:02d}:00"


def _share_chart(
    ctx: PageContext,
    found: Quality,
    title: str,
    axis: str,
    names: Sequence[str],
    measures: Sequence[Measure],
    limit: float,
    limit_word: str,
) -> Chart:
    t = ctx.t
    return interval_rows(
        ctx.look,
        labels_for(
            t,
            title=title,
            x=axis,
            y=t("Cases"),
            n=sum(each.n for each in measures),
            first=found.since.astimezone(HONG_KONG).date(),
            last=found.until.astimezone(HONG_KONG).date(),
        ),
        rows=list(names),
        values=np.asarray([each.value for each in measures]),
        low=np.asarray([each.low for each in measures]),
        high=np.asarray([each.high for each in measures]),
        n=[each.n for each in measures],
        limit=limit,
        limit_word=limit_word,
        write=t.percent,
        interval_word=t("95% interval"),
        marked=[False] * len(measures),
    )
