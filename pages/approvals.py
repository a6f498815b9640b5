"""Approvals: steps that take two people, what each would change, and deciding them."""

from app.components import footer, note, page_header, ranked_table, section, sentence, static_table
from app.context import page_context
from app.screens.approvals import waiting as screen

ctx = page_context()
t = ctx.t
page_header(ctx, t("Approvals"), dated=False)
shown = screen.board(ctx)
sentence(ctx, screen.summary(t, shown))

section(t("Waiting for you"), t("Who proposes a step never decides it."))
if shown.for_me:
    place = ranked_table(
        t,
        *screen.frame(ctx, shown.for_me, shown.names),
        key="approvals_for_me",
        alt=t("Proposals that wait for you"),
    )
    chosen = shown.for_me[place or 0]
    screen.show_change(ctx, chosen)
    screen.decide_form(ctx, chosen)
else:
    note(t("Proposals that you may decide appear here, with what they would change."))
if shown.elsewhere:
    section(t("Waiting for somebody else"))
    waiting = tuple(asked for asked, _ in shown.elsewhere)
    place = ranked_table(
        t,
        *screen.frame(ctx, waiting, shown.names),
        key="approvals_elsewhere",
        alt=t("Proposals that wait for somebody else"),
    )
    other, hindrance = shown.elsewhere[place or 0]
    screen.show_change(ctx, other)
    screen.waits_elsewhere(ctx, other, hindrance)
if shown.ended:
    section(t("Past proposals"), t("Each decision is an entry of the audit trail."))
    static_table(
        t,
        *screen.frame(ctx, shown.ended, shown.names, ended=True),
        caption=t("Decided, withdrawn or run out, the newest first"),
    )
footer(ctx)
