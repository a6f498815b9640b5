"""Team and clocks: who reviews, what is late, many cases at once, and days that do not count."""

from app.components import footer, page_header, ranked_table, section, sentence
from app.context import page_context
from app.screens.review import bulk as bulk_screen
from app.screens.review import team as screen
from core.services.review.team_view import team_view

ctx = page_context()
t = ctx.t
view = team_view(ctx.workspace, actor=ctx.actor)
page_header(ctx, t("Team and clocks"), as_of=view.now)
sentence(ctx, screen.summary(t, view), screen.status_of(view))
screen.show_figures(t, view)

section(t("Team"), t("Choose a line to change what is noted of a person."))
screen.show_few_checkers(ctx, view)
place = ranked_table(
    t, *screen.team_frame(t, view), key="review_team_list", alt=t("The team, by name")
)
screen.show_member(ctx, view, view.members[place or 0])
section(t("Overdue"), t("How long ago cases that still wait were due."))
screen.show_late(t, view)
section(
    t("Many cases at once"),
    t("First a preview of what will happen to each; then exactly that, or nothing."),
)
bulk_screen.show_bulk(ctx, view)
section(
    t("Days that do not count"),
    t("A day of closure moves the clocks of all cases and requests that counted it."),
)
screen.show_closures(ctx, view)
footer(ctx, definitions=screen.definitions(t))
