"""One case of human review: everything to judge it by, and the verdict."""

from app.components import failed, page_header
from app.context import page_context
from app.screens.case import page as screen
from app.screens.case import together
from core.errors import NotFound

ctx = page_context()
t = ctx.t
asked = screen.asked_case()
if asked is None:
    page_header(ctx, t("Case"), dated=False)
    screen.no_case_named(ctx)
else:
    try:
        view = screen.read_view(ctx, asked)
    except NotFound as error:
        page_header(ctx, t("Case"), dated=False)
        screen.show_way_back(ctx)
        failed(t, error)
    else:
        page_header(ctx, screen.title(ctx, view), dated=False)
        screen.show_way_back(ctx, view)
        screen.show_case(ctx, view)
        together.show_taking_back(ctx, view)
        together.show_answered(ctx, view)
        together.show_together(ctx, view)
