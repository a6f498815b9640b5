"""Value: what the model's decisions earn beside other ways to decide, and what drift costs."""

from collections.abc import Sequence

import streamlit as st

from app.components import (
    Definition,
    empty,
    footer,
    kpi_row,
    note,
    page_header,
    section,
    sentence,
    show_chart,
    static_table,
)
from app.context import PageContext, page_context
from app.screens.marks import version_marks
from app.screens.measures import measured_by
from app.screens.value import page as screen
from app.screens.value import words
from app.screens.value.drift import cost_frame
from app.screens.value.scenarios import show_scenarios
from app.screens.value.what_if import show_what_if
from core.auth.policy import allows
from core.domain.identity import Permission
from core.errors import NotComputable
from core.services.value import (
    NO_VALUE,
    YAML,
    AlertCost,
    ValueAnswer,
    alert_costs,
    people,
    value,
)


@st.fragment
def move_the_cut_off(ctx: PageContext, answer: ValueAnswer) -> None:
    """Let the reader move the cut-off; nothing else of the page is made again."""
    groups = people(ctx.workspace, answer.view.question, actor=ctx.actor)
    show_scenarios(ctx, answer, show_what_if(ctx, answer, groups))


def show_influence(ctx: PageContext, answer: ValueAnswer) -> None:
    """Show whether the model still matters."""
    t = ctx.t
    section(
        t("Does the model still matter?"),
        t("The same predictions, decided in other ways; differences are paired row by row."),
    )
    left, right = st.columns(2, gap="medium")
    beside, ranks = (
        screen.comparison_chart(ctx.look, answer),
        screen.ranking_chart(ctx.look, answer),
    )
    with left:
        if beside is not None:
            show_chart(t, beside, key="value_beside")
    with right:
        if ranks is not None:
            show_chart(t, ranks, key="value_ranks")
            if of_known := screen.ranking_note(t, answer):
                note(of_known)
    static_table(
        t,
        *screen.comparison_frame(t, answer),
        caption=t("The model's decisions beside other ways to decide"),
    )
    over_time = screen.course_chart(ctx.look, answer, version_marks(ctx, answer.view))
    if over_time is not None:
        show_chart(t, over_time, key="value_course")


def costs_of(ctx: PageContext, answer: ValueAnswer) -> Sequence[AlertCost] | None:
    """Return what the time of each open alert cost; ``None`` for who may not know of alerts."""
    if not allows(ctx.actor, Permission.alert_view) or ctx.actor.jurisdictions is not None:
        return None
    return alert_costs(ctx.workspace, answer.view.contract.id, actor=ctx.actor)


def show_costs(ctx: PageContext, answer: ValueAnswer, found: Sequence[AlertCost]) -> None:
    """Show what the time of each open alert cost."""
    t = ctx.t
    section(
        t("Cost of drift"),
        t("What the time of each open alert earned, against what the reference led to expect."),
    )
    if not found:
        note(t("No alert is open that money could hang on."))
        return
    frame, columns = cost_frame(t, answer.view.contract, found)
    static_table(t, frame, columns, caption=t("Open alerts and their cost"))
    if len({(each.cost.start, each.cost.end) for each in found}) < len(frame):
        note(t("Alerts of the same time share its money: their amounts are not to be added up."))


def show_foot(ctx: PageContext, answer: ValueAnswer) -> None:
    """Close the page with what its words mean."""
    t, block = ctx.t, answer.asked.block
    footer(
        ctx,
        definitions=[
            Definition(
                t("Value of a decision"),
                t(
                    "If flagged: {flagged}. If not: {not_flagged}. Declared in the contract.",
                    flagged=block.flagged,
                    not_flagged=block.not_flagged,
                ),
            ),
            *(
                Definition(t(words.OTHER_WAYS[name]), t(text))
                for name, text in words.MEANINGS.items()
            ),
            Definition(
                t("Best cut-off"),
                t(
                    "The one worth most on these rows. It was picked from all of them on the same "
                    "rows, so the next ones will bring less."
                ),
            ),
            words.queue_definition(t, answer),
            *(measured_by(t, name) for name in ("value_over_baseline", "score_rank_correlation")),
        ],
        sources=[t("counted now, lake generation {number}", number=str(answer.view.generation))],
        decisions=True,
    )


def show_value(ctx: PageContext, answer: ValueAnswer) -> None:
    """Show the page of a model whose decisions have a price."""
    t = ctx.t
    sentence(ctx, *words.summary(t, answer))
    if answer.why:
        show_foot(ctx, answer)
        return
    kpi_row(t, screen.figures(t, answer))
    made_up = words.simulated_text(t, answer)
    if made_up:
        note(made_up)
    costs = costs_of(ctx, answer)
    if costs:  # what is lost now comes before what might be gained
        show_costs(ctx, answer, costs)
    section(
        t("What if the cut-off moved?"),
        t("On predictions that are old enough for their outcome to be final."),
    )
    chart = screen.cut_off_chart(ctx.look, answer)
    if chart is not None:
        show_chart(t, chart, key="value_cut_offs")
    move_the_cut_off(ctx, answer)
    show_influence(ctx, answer)
    if costs is not None and not costs:
        show_costs(ctx, answer, costs)
    show_foot(ctx, answer)


ctx = page_context()
t = ctx.t
try:
    answer = value(ctx.workspace, ctx.filters.question(), actor=ctx.actor)
except NotComputable as error:
    page_header(ctx, t("Value of decisions"))
    example = YAML if error.template == NO_VALUE else ""
    empty(t(error.template, **error.params), t(error.remedy, **error.params), example)
    footer(ctx)
else:
    page_header(ctx, t("Value of decisions"), as_of=answer.view.as_of)
    show_value(ctx, answer)
