"""Personal data: erasing a person with proof, legal holds, and how long records are kept."""

from app.components import footer, note, page_header, ranked_table, section, sentence
from app.components.footer import Definition
from app.context import page_context
from app.screens.personal_data import disposal as disposal_screen
from app.screens.personal_data import page as screen
from app.screens.personal_data import retention as rules_screen
from core.services.erasure import asking as erasure
from core.services.retention import disposal, holds
from core.services.retention import rules as retention

ctx = page_context()
t = ctx.t
page_header(ctx, t("Personal data"), dated=False)
found = erasure.list_erasures(ctx.workspace, actor=ctx.actor)
in_force = holds.list_holds(ctx.workspace, actor=ctx.actor, in_force=True)
rules = retention.retention_table(ctx.workspace, actor=ctx.actor)
stones = erasure.tombstone_counts(ctx.workspace, actor=ctx.actor)
sentence(ctx, screen.summary(t, stones, found, in_force, rules))

section(t("Erase a person"), t("One person asks, another approves, the trail proves it."))
screen.show_request(ctx)
section(t("Erasures"), t("People are named by pseudonyms; their references are kept nowhere."))
if found:
    place = ranked_table(
        t,
        *screen.erasure_frame(ctx, found),
        key="personal_erasures",
        alt=t("Erasures, the newest first"),
    )
    screen.show_report(ctx, found[place or 0])
elif stones is not None:
    note(t("Erasures appear here with their reports."))
note(screen.tombstones(t, stones))
section(t("Legal holds"), t("What a hold covers is not erased until somebody lifts it."))
rules_screen.show_holds(ctx, in_force)
section(t("Retention"), t("Contradictions are shown; a person decides them."))
rules_screen.show_rules(ctx, rules)
due = retention.due_rows(ctx.workspace, actor=ctx.actor)
rules_screen.show_due(ctx, due)
disposal_screen.show_proposal(ctx, due)
disposal_screen.show_disposals(ctx, disposal.list_disposals(ctx.workspace, actor=ctx.actor))
footer(
    ctx,
    definitions=[
        Definition(
            t("Pseudonym"),
            t("A keyed hash of the person's reference; it says nothing without the key."),
        ),
        Definition(
            t("Tombstone"),
            t("What stays of an erased person: the keyed hash by which they are refused."),
        ),
    ],
)
