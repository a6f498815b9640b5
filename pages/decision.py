"""One decision: why it was made, what would have changed it, and what was kept of that."""

from app.components import footer, page_header
from app.context import page_context
from app.screens.decision import beside, find
from app.screens.decision import page as screen
from app.screens.decision.parts import show_papers, show_parts

ctx = page_context()
t = ctx.t
page_header(ctx, t("Decision"), dated=False)
model = ctx.filters.named_model()
prediction = screen.asked_for(model)
screen.show_search(ctx, model, prediction)
if not prediction:
    find.show_find(ctx, model)
else:
    view = screen.read_view(ctx, model, prediction)
    if view is not None:
        screen.show_head(ctx, view)
        screen.show_reasons(ctx, view)
        show_papers(ctx, view, prediction)
        show_parts(ctx, view, prediction)
        beside.show_origin(ctx, view)
footer(ctx, definitions=beside.definitions(t), also={**find.in_address(), **screen.in_address()})
