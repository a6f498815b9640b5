"""Explanations: decisions that differ from what was expected, what was explained, code book."""

from app.components import footer, kpi_row, page_header, section, sentence
from app.context import page_context
from app.screens import code_book as book
from app.screens import explanations as screen
from core.errors import NotFound
from core.services.explanation.worklist import worklist

ctx = page_context()
t = ctx.t
page_header(ctx, t("Explanations"), dated=False)
model = ctx.filters.model
if model is None:
    raise NotFound("No model is registered yet.", remedy="Run 'harbourlight model register SPEC'.")
found = worklist(ctx.workspace, model, actor=ctx.actor, limit=25)
sentence(ctx, *screen.summary(ctx, found))
kpi_row(t, screen.figures(t, found))
section(
    t("Different from what was expected"),
    t("Decisions that no person took, against the policy's rule or the outcome that became known."),
)
screen.show_worklist(ctx, found)
section(
    t("Explained by version"),
    t("Decisions that no person took, and of how many an explanation was kept."),
)
screen.show_coverage(ctx, found)
section(t("Code book"), t("The sentences in which reasons are told, put in force by two people."))
book.show_code_book(ctx, model)
footer(ctx, definitions=screen.definitions(t))
