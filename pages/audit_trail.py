"""Audit trail: what was done, by whom, and the proof that nobody changed the record since."""

import streamlit as st

from app.components import empty, footer, page_header, ranked_table, section, sentence
from app.components.footer import Definition
from app.context import page_context
from app.screens.audit import jobs as audit_jobs
from app.screens.audit import trail as screen
from app.screens.personal_data.reveals import show_reveals
from core.services.audit import trail as audit_trail
from core.services.audit import verify as audit_verify

ctx = page_context()
t = ctx.t


def show_entries() -> None:
    """Show what to look for, what was found, one entry with its proof, and the way to take it."""
    section(t("Entries"), t("The newest first; follow one decision, or one person's doings."))
    search = screen.ask(ctx)
    found = audit_trail.entries(ctx.workspace, search, actor=ctx.actor, before=screen.before())
    if found:
        frame, columns = screen.entries_frame(ctx, found)
        alt = t("Entries of the audit trail, newest first")
        place = ranked_table(t, frame, columns, key="audit_entries", alt=alt)
        screen.show_turning(ctx, found)
        chosen = found[place or 0].entry.sequence
        section(t("Entry {sequence}", sequence=chosen))
        screen.show_detail(ctx, audit_trail.detail(ctx.workspace, chosen, actor=ctx.actor))
    else:
        empty(t("No entry fits"), t("Choose another kind, person or period."))
    checked = t(
        "An outsider checks an export with one file, docs/verify/verify.py, without this product."
    )
    section(t("Take it away"), checked)
    audit_jobs.show_export(ctx, search)


page_header(ctx, t("Audit trail"), dated=False)
state = audit_trail.status(ctx.workspace, actor=ctx.actor)
verification = audit_verify.newest_verification(ctx.workspace, actor=ctx.actor)
sentence(ctx, screen.summary(ctx, state))
screen.show_status(ctx, state, verification)
audit_jobs.show_verification(ctx)
parts = {"entries": t("Entries"), "reveals": t("Personal values revealed")}
part = st.segmented_control(
    t("What to show"),
    list(parts),
    default="entries",
    format_func=lambda name: parts[name],
    key="audit_part",
    required=True,
    label_visibility="collapsed",
)
if part == "reveals":
    section(parts[part], t("Who looked at values that are masked everywhere else, and why."))
    show_reveals(ctx)
else:
    show_entries()
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
