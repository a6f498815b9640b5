"""Oversight quality: whether people really review, and what no figure can say about it."""

from app.components import footer, page_header, sentence
from app.context import page_context
from app.screens.oversight_quality import page as screen
from app.screens.oversight_quality import pictures
from app.screens.oversight_quality.words import definitions
from app.screens.oversight_quality.worth import show_worth
from app.screens.review.simulated_reviews import say_simulated

ctx = page_context()
t = ctx.t
page_header(ctx, t("Oversight quality"), dated=False)
days = screen.choose_days(ctx)
found = screen.read_quality(ctx, days)
sentence(ctx, screen.summary(t, found))
say_simulated(ctx)
pictures.show_pictures(ctx, found)
screen.show_measures(ctx, found)
screen.show_outcomes(ctx, found)
show_worth(ctx, found)
pictures.show_working(ctx, found)
screen.show_people(ctx, found, days)
footer(ctx, definitions=definitions(t))
