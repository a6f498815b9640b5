"""Ingest: what was read, by whom, what became of it, and how to add more."""

from app.components import (
    empty,
    footer,
    page_header,
    ranked_table,
    section,
    sentence,
)
from app.context import page_context
from app.screens.ingest import page as screen
from core.services import ingest

ctx = page_context()
t = ctx.t
page_header(ctx, t("Ingest"), dated=False)
model = ctx.filters.named_model()
batches = ingest.batches(ctx.workspace, model, actor=ctx.actor)
waiting = ingest.waiting_outcomes(ctx.workspace, model, actor=ctx.actor)
sentence(ctx, screen.summary(t, batches, waiting))

section(t("Batches"), t("Every batch was stored as a whole or not at all."))
if batches:
    frame, columns = screen.batch_frame(t, batches, ctx.filters.timezone)
    place = ranked_table(
        t, frame, columns, key="ingest_batches", alt=t("Batches, the newest first")
    )
    screen.show_batch(t, batches[place or 0])
else:
    empty(
        t("No batches yet"),
        t("Ingest a log on the command line, or upload a file below."),
        f"harbourlight ingest {model} FILE",
    )
section(t("Upload a file"))
screen.show_upload(ctx, model)
section(t("Watched folders"), t("What is dropped there is ingested, once."))
screen.show_watches(ctx, model)
footer(ctx)
