"""Model: what it decides, whether it is healthy, since when not, and what changed."""

from app.components import (
    facts,
    footer,
    note,
    page_header,
    section,
    sentence,
    show_chart,
    static_table,
)
from app.context import page_context
from app.screens.annotate import show_annotations
from app.screens.marks import noted_marks
from app.screens.model import page as screen
from app.screens.model.reproduce import show_reproduction
from app.screens.overview.checked import show_glance
from core.auth.policy import allows
from core.domain.identity import Permission
from core.services.checks.glance import glance
from core.services.model_story import model_story

ctx = page_context()
t = ctx.t
story = model_story(ctx.workspace, ctx.filters.question(), actor=ctx.actor)
page_header(ctx, t("Model"), as_of=story.view.as_of)
sides = screen.layers(t, story)
worst = screen.overall(story, t)
sentence(ctx, next((layer.reason for layer, _ in sides if layer.status is worst), ""), worst)
facts(screen.model_facts(t, story))
screen.show_card_link(ctx)

section(t("Is it healthy?"))
screen.show_layers(ctx, story)

as_of = ctx.filters.as_of.isoformat() if ctx.filters.as_of else None
stored = glance(ctx.workspace, story.view.contract.id, actor=ctx.actor, as_of=as_of, courses=True)
show_glance(ctx, stored, story.view.contract)

chart = screen.story_chart(ctx.look, story, noted_marks(ctx, story.view))
if chart is not None:
    section(t("What came, against what the scores promised"))
    show_chart(t, chart, key="model_story")

section(t("What changed, the newest first"))
if story.events:
    static_table(t, *screen.timeline(t, story), caption=t("Events of this model"))
else:
    note(t("Nothing has changed since the log began."))
show_annotations(ctx, story.view.contract.id, story.view.timezone)
if allows(ctx.actor, Permission.quality_view):
    show_reproduction(ctx)
footer(
    ctx,
    definitions=[],
    sources=[t("counted now, lake generation {number}", number=str(story.view.generation))],
)
