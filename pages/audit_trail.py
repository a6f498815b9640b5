"""Audit trail: what was done, by whom, and the proof that nobody changed the record since."""

from app.components import empty, footer, page_header, ranked_table, section, sentence
from app.components.footer import Definition
from app.context import page_context
from app.screens import audit_jobs
from app.screens import audit_trail as screen
from core.services import audit_trail, audit_verify

ctx = page_context()
t = ctx.t
page_header(ctx, t("Audit trail"), dated=False)
state = audit_trail.status(ctx.workspace, actor=ctx.actor)
verification = audit_verify.newest_verification(ctx.workspace, actor=ctx.actor)
sentence(ctx, screen.summary(ctx, state))
screen.show_status(ctx, state, verification)
audit_jobs.show_verification(ctx)
section(t("Entries"), t("The newest first; follow one decision, or one person's doings."))
search = screen.ask(ctx)
found = audit_trail.entries(ctx.workspace, search, actor=ctx.actor, before=screen.before())
if found:
    frame, columns = screen.entries_frame(ctx, found)
    place = ranked_table(
        t, frame, columns, key="audit_entries", alt=t("Entries of the audit trail, newest first")
    )
    screen.show_turning(ctx, found)
    chosen = found[place or 0].entry.sequence
    section(t("Entry {sequence}", sequence=chosen))
    screen.show_detail(ctx, audit_trail.detail(ctx.workspace, chosen, actor=ctx.actor))
else:
    empty(t("No entry fits"), t("Choose another kind, person or period."))
section(
    t("Take it away"),
    t("An outsider checks an export with one file, docs/verify/verify.py, without this product."),
)
audit_jobs.show_export(ctx, search)
footer(
    ctx,
    definitions=[
        Definition(
            t("Checkpoint"),
            t("Number of entries and root of the tree over them, signed; keep copies elsewhere."),
        ),
        Definition(
            t("Inclusion proof"),
            t("The few hashes that lead from one entry to the root of the whole trail."),
        ),
    ],
)
