"""Performance: what labels say of the model, how far they are, and what is said before them."""

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
    subsection,
)
from app.context import PageContext, page_context
from app.screens.marks import version_marks
from app.screens.measures import measured_by
from app.screens.performance import page as screen
from app.screens.performance import words
from app.screens.performance.alarms import show_results_alarms
from app.screens.performance.confusion import show_confusion
from app.screens.performance.download import show_download
from core.errors import NotComputable
from core.metrics.registry import METRICS
from core.services.performance import (
    BLIND,
    Estimates,
    Performance,
    curves,
    estimates_beside,
    performance,
)


def show_course(ctx: PageContext, found: Performance, estimates: Estimates, name: str) -> None:
    """Show one figure before and after its labels, and what to know of both."""
    t = ctx.t
    marks = version_marks(ctx, found.view)
    show_chart(
        t, screen.course_chart(ctx.look, found, estimates, name, marks), key="performance_course"
    )
    if estimates.reason is not None:
        reason = estimates.reason
        note(t.sentences(t(reason.template, **reason.params), t(reason.remedy, **reason.params)))
    elif name in estimates.figures:
        blind = t(BLIND[found.view.contract.task])
        note(t.sentences(blind, words.coverage_text(t, estimates, name)))
        if estimates.left_out:
            note(words.left_out_text(t, estimates))
    elif unsaid := words.unsaid_text(t, estimates, name):
        note(unsaid)


def show_maturity(ctx: PageContext, found: Performance, estimates: Estimates) -> None:
    """Show how far labels are, and why periods that are not final mislead."""
    t = ctx.t
    section(t("How far the labels are"))
    marks = version_marks(ctx, found.view)
    show_chart(t, screen.maturity_chart(ctx.look, found, marks), key="performance_maturity")
    for line in words.warning_lines(t, found, estimates):
        note(line)


def show_period(ctx: PageContext, found: Performance, estimates: Estimates) -> None:
    """Show one period's curves and every figure of it; first the newest final one."""
    t = ctx.t
    # A period is kept by its name: other filters give the same place to another one.
    known = {
        found.chunks[index].key: index for index, each in enumerate(found.maturity) if each.used
    }
    if not known:
        return
    newest = found.newest_matured()
    section(t("One period in detail"))
    first = list(known)[-1] if newest is None else found.chunks[newest].key
    if st.session_state.get("performance_period") not in known:
        st.session_state["performance_period"] = first if first in known else list(known)[-1]
    chunk = known[
        st.selectbox(
            t("Period"), list(known), format_func=t.chunk, key="performance_period", width=240
        )
    ]
    if reason := words.not_final(t, found.maturity[chunk]):
        note(reason)
    if uncounted := words.uncounted_text(t, found, chunk):
        note(uncounted)
    drawn = curves(ctx.workspace, found, chunk)
    if drawn is not None:
        charts = screen.curve_charts(ctx.look, found, drawn, chunk)
        names = (t("Calibration"), t("Cut-offs"), t("Lift"))
        for place, chart, name in zip(st.columns(3, gap="medium"), charts, names, strict=True):
            with place:
                subsection(name)
                show_chart(t, chart, key=f"performance_{names.index(name)}")
    static_table(
        t,
        *screen.every_figure(t, found, estimates, chunk),
        caption=t(
            "Every figure of {period}, from {n} labelled predictions",
            period=t.chunk(found.chunks[chunk].key),
            n=found.maturity[chunk].used,
        ),
    )
    show_confusion(ctx, found, chunk)


def show_performance(ctx: PageContext, found: Performance) -> None:
    """Show the page of a model with outcomes."""
    t = ctx.t
    estimates = estimates_beside(ctx.workspace, found)
    names = list(found.figures)
    name = st.session_state.get("performance_metric", screen.first_metric(found))
    name = name if name in names else screen.first_metric(found)
    sentence(ctx, *words.summary(t, found, estimates, name))
    kpi_row(t, screen.figures(t, found, estimates))
    st.selectbox(
        t("Figure"),
        names,
        index=names.index(name),
        format_func=lambda each: t(METRICS[each].label),
        key="performance_metric",
        width=300,
    )
    show_course(ctx, found, estimates, name)
    alarms = st.container()  # filled last: what chance would do takes a second or two to draw
    show_maturity(ctx, found, estimates)
    show_period(ctx, found, estimates)
    show_download(ctx, found, estimates)
    with alarms:
        show_results_alarms(ctx, found)
    definitions = [
        measured_by(t, name),
        Definition(t("Counting"), words.counting_text(t, found, name)),
    ]
    if estimates.calibrator is not None:
        definitions.append(Definition(t("Calibration"), words.calibration_text(t, estimates)))
    footer(
        ctx,
        definitions=definitions,
        sources=[t("counted now, lake generation {number}", number=str(found.view.generation))],
        decisions=True,
    )


ctx = page_context()
t = ctx.t
try:
    measured = performance(ctx.workspace, ctx.filters.question(), actor=ctx.actor)
except NotComputable as error:
    page_header(ctx, t("Performance"))
    empty(t(error.template, **error.params), t(error.remedy, **error.params))
else:
    page_header(ctx, t("Performance"), as_of=measured.view.as_of)
    if measured.predictions.sum():
        show_performance(ctx, measured)
    else:
        empty(t("No rows in this period"), t("Choose another period, version or slice above."))
