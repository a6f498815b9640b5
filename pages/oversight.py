"""Human oversight: what took effect without the review it needs, and which rules make cases."""

from app.components import footer, page_header, section, sentence, static_table
from app.context import page_context
from app.screens.oversight import breaches as past
from app.screens.oversight import page as screen
from app.screens.review.verdict_export import show_verdict_export
from core.services.routing.breaches import oversight, oversight_of_all
from core.services.routing.rules import review_rules

ctx = page_context()
t = ctx.t
page_header(ctx, t("Human oversight"), dated=False)
model = ctx.filters.named_model()
found = oversight_of_all(ctx.workspace, actor=ctx.actor)
sentence(ctx, *past.summary(ctx, found))
section(
    t("Oversight by version"),
    t("How closely people oversee each version, and what of it took effect, by the log."),
)
static_table(
    t, *past.version_frame(t, found, ctx.models), caption=t("Versions and their oversight")
)
past.show_held(t, found)
section(
    t("Released without required review"),
    t("Each of these needs an explanation from whoever runs the serving system."),
)
past.show_breaches(ctx, oversight(ctx.workspace, model, actor=ctx.actor))
section(
    t("Rules of review"),
    t("Which predictions become cases; the contract says it, and every change is audited."),
)
screen.show_rules(ctx, review_rules(ctx.workspace, model, actor=ctx.actor))
section(
    t("Try rules before they are saved"),
    t("What changed rules would have brought in the last days: cases, overlap, hours."),
)
screen.show_trial(ctx, model)
show_verdict_export(ctx, model)
footer(ctx, definitions=screen.definitions(t))
