"""Human review: the cases that wait for a person, the most urgent first."""

from app.components import footer, page_header, sentence
from app.context import page_context
from app.screens.case import together
from app.screens.review import queue as screen
from app.screens.review.simulated_reviews import say_simulated
from app.screens.review.words import definitions

ctx = page_context()
t = ctx.t
shown = screen.read_queue(ctx)
page_header(ctx, t("Human review"), as_of=shown.now)
sentence(ctx, screen.summary(ctx, shown))
screen.show_actions(ctx, shown.counts)
screen.show_filters(ctx, shown.counts)
screen.show_list(ctx, shown)
together.show_spoken_to(ctx)
say_simulated(ctx)
footer(ctx, definitions=definitions(t))
