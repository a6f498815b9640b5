"""Portfolio: all models beside each other, what they earn, lose and risk."""

from app.components import (
    Definition,
    footer,
    kpi_row,
    no_model,
    note,
    page_header,
    ranked_table,
    section,
    sentence,
)
from app.context import page_context
from app.filters import DEFAULT_TIMEZONE
from app.screens import portfolio as screen
from core.domain.status import worst
from core.services.portfolio import portfolio, written

ctx = page_context()
t = ctx.t
page_header(ctx, t("Portfolio"), as_of=ctx.workspace.clock())
found = portfolio(ctx.workspace, actor=ctx.actor)
report = written(
    t,
    found,
    made_at=ctx.workspace.clock(),
    made_for=ctx.actor.display_name,
    timezone=DEFAULT_TIMEZONE,
)
if not found.rows:
    no_model(t)
else:
    sentence(ctx, report.sentence, worst(row.status for row in found.rows))
    kpi_row(t, screen.figures(report))
    if screen.may_export(ctx):
        screen.show_files(ctx)
    frame, columns = screen.table(report)
    chosen = ranked_table(
        t,
        frame,
        columns,
        key="portfolio_models",
        alt=t("Portfolio: models with their value, losses, targets and alerts"),
    )
    for text in report.notes:
        note(text)
    if chosen is not None:
        screen.show_model(ctx, report.lines[chosen])
    if screen.may_export(ctx):
        section(
            t("Monthly reports"),
            t("One month of a model: figures, why they changed, alerts, definitions."),
        )
        screen.show_monthly(ctx, found)
    footer(
        ctx,
        definitions=[
            Definition(report.words["gain"], report.notes[1]),
            Definition(report.words["period"], report.notes[0]),
        ],
        sources=[],
    )
