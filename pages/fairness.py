"""Fairness: which groups of people fare worse, by how much, and who is not shown."""

import streamlit as st

from app.components import (
    Definition,
    empty,
    footer,
    note,
    page_header,
    ranked_table,
    section,
    sentence,
    show_chart,
    static_table,
)
from app.context import PageContext, page_context
from app.screens.fairness import page as screen
from app.screens.fairness import pictures, words
from app.screens.fairness.periods import period_frame
from app.screens.marks import version_marks
from app.screens.measures import measured_by
from app.screens.readable import readable_fairness
from core.errors import NotComputable
from core.metrics.registry import family_members
from core.services.fairness.figures import AttributeFairness
from core.services.fairness.measure import FairnessTable
from core.services.fairness.words import attribute_label


def show_attribute(ctx: PageContext, table: FairnessTable, found: AttributeFairness) -> None:
    """Show the groups of one attribute, their course, and every figure of them."""
    t = ctx.t
    section(attribute_label(t, found.attribute), words.hidden_text(t, table, found))
    if found.reason:
        note(t(words.REASONS[found.reason]))
        return
    left, right = st.columns(2, gap="medium")
    with left:
        show_chart(t, pictures.rate_chart(ctx.look, table, found), key="fairness_rates")
    with right:
        marks = version_marks(ctx, table.view)
        show_chart(t, pictures.course_chart(ctx.look, table, found, marks), key="fairness_course")
        if pictures.has_gaps(found):
            note(t("Periods in which one of the two groups is not shown are left out."))
    name = attribute_label(t, found.attribute)
    static_table(
        t,
        *screen.group_frame(t, found),
        caption=t("Groups by {attribute}; intervals at 95%.", attribute=name),
    )
    static_table(
        t,
        *screen.summary_frame(t, found),
        caption=t("How far the groups lie apart by {attribute}", attribute=name),
    )
    static_table(
        t,
        *period_frame(t, found),
        caption=t("Period by period; only groups large enough in each period"),
    )
    note(words.outcome_text(t, table))


def show_fairness(ctx: PageContext, table: FairnessTable) -> None:
    """Show the attributes, beneath them the one that the reader picks, and every two together."""
    t = ctx.t
    if table.judged:
        show_chart(t, pictures.ratio_chart(ctx.look, table), key="fairness_ratios")
    section(t("Attributes, the lowest ratio first"))
    frame, columns = screen.ranking(t, table)
    place = ranked_table(t, frame, columns, key="fairness_rank", alt=t("Fairness by attribute"))
    chosen = str(frame.index[place or 0])
    show_attribute(
        ctx, table, next(each for each in table.attributes if each.attribute.column == chosen)
    )
    if table.pairs:
        section(
            t("Two attributes together"),
            t("The groups with the lowest ratios; small ones are hidden in the same way."),
        )
        pairs, columns = screen.pair_frame(t, table)
        static_table(t, pairs, columns, caption=t("Groups made of two attributes"))
    screen.show_download(ctx, table)


def show_foot(ctx: PageContext, table: FairnessTable) -> None:
    """Close the page with what its words mean."""
    t = ctx.t
    footer(
        ctx,
        definitions=[
            Definition(t("Favourable"), words.favourable_text(t, table)),
            Definition(
                t("Four fifths"),
                t(
                    "A ratio below 0.8 is a reason to look, not a finding: equal rates can be "
                    "unfair and unequal ones have a good reason."
                ),
            ),
            Definition(
                t("Small groups"),
                t(
                    "A group of fewer than {n} rows is neither shown nor the best. If only one "
                    "group would be hidden, the next smallest is hidden too.",
                    n=table.judging.minimum,
                ),
            ),
            *(measured_by(t, metric.id) for metric in family_members("fairness")),
            measured_by(t, "mean_score"),
        ],
        sources=[t("counted now, lake generation {number}", number=str(table.view.generation))],
        decisions=True,
    )


ctx = page_context()
t = ctx.t
try:
    table = readable_fairness(
        ctx.workspace, ctx.filters, actor=ctx.actor, whose=screen.chosen_whose()
    )
except NotComputable as error:
    page_header(ctx, t("Fairness"))
    empty(t(error.template, **error.params), t(error.remedy, **error.params))
else:
    page_header(ctx, t("Fairness"), as_of=table.view.as_of)
    if not table.attributes:
        empty(
            t("No protected columns"),
            t("Declare them as protected in the contract: logged for fairness, never features."),
            "harbourlight model register SPEC",
        )
    elif not table.n:
        empty(t("No rows in this period"), t("Choose another period, version or slice above."))
    else:
        sentence(ctx, *words.summary(t, table))
        if table.view.data_files("decisions"):
            screen.choose_whose(ctx)
        show_fairness(ctx, table)
    show_foot(ctx, table)
