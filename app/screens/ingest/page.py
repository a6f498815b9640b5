"""The ingest screen: batches, uploads and watched folders."""

import pandas as pd
import streamlit as st

from app.components import Column, note, static_table
from app.components.text import error_text, failure_text, plain
from app.context import PageContext
from core.auth.policy import allows
from core.domain.identity import Permission
from core.errors import HarbourlightError
from core.i18n import N_, Translator
from core.services import ingest
from core.services.ingest import BatchView

STREAMS = {
    "predictions": N_("Prediction log"),
    "outcomes": N_("Outcomes"),
    "decisions": N_("Decisions"),
}
_STATES = {
    "writing": N_("being written"),
    "published": N_("published"),
    "skipped": N_("nothing new"),
    "failed": N_("failed"),
    "expired": N_("expired"),
}
FILE_TYPES = ("parquet", "csv", "tsv", "txt", "json", "jsonl", "ndjson")


_COUNTS = {
    "read": N_("Rows read"),
    "stored": N_("Stored"),
    "skipped": N_("Skipped"),
    "quarantined": N_("Quarantined"),
}


def summary(t: Translator, batches: tuple[BatchView, ...], waiting: int | None) -> str:
    """Return the sentence of the page."""
    if not batches:
        return t("Nothing has been ingested for this model yet.")
    if not all(view.counted for view in batches):
        return t.sentences(
            t.n("One batch was ingested.", "{n} batches were ingested.", len(batches)),
            t("Counts of all jurisdictions are not available in your scope."),
        )
    stored = sum(view.batch.rows_stored for view in batches)
    refused = sum(view.batch.rows_quarantined for view in batches)
    text = t.n(
        "One batch stored {rows} rows and put {refused} in quarantine.",
        "{n} batches stored {rows} rows and put {refused} in quarantine.",
        len(batches),
        rows=stored,
        refused=refused,
    )
    if waiting:
        waits = t.n(
            "One outcome waits for its prediction.",
            "{n} outcomes wait for their predictions.",
            waiting,
        )
        text = t.sentences(text, waits)
    return text


def batch_frame(
    t: Translator, batches: tuple[BatchView, ...], timezone: str
) -> tuple[pd.DataFrame, list[Column]]:
    """Return the table of batches and its columns; without counts where they are not told."""
    rows = [
        {
            "started": t.instant(view.batch.started_at, timezone),
            "stream": t(STREAMS.get(view.batch.stream, view.batch.stream)),
            "state": t(_STATES[view.batch.state]),
            "files": t.items(*(source.name for source in view.sources)) or "–",
            **{name: getattr(view.batch, f"rows_{name}") for name in _COUNTS},
            "actor": view.batch.actor,
        }
        for view in batches
    ]
    counted = all(view.counted for view in batches)
    columns = [
        Column("started", t("Started")),
        Column("stream", t("Stream")),
        Column("state", t("State")),
        Column("files", t("Files")),
        *(Column(name, t(label), kind="count") for name, label in _COUNTS.items() if counted),
        Column("actor", t("By")),
    ]
    return pd.DataFrame(rows), columns


def show_batch(t: Translator, view: BatchView) -> None:
    """Show the files of one batch with their hashes; of one that failed, why it did."""
    if view.sources:
        caption = t("Files of batch {batch}", batch=view.batch.id)
        static_table(t, *detail_frame(t, view), caption=caption)
    if view.counted and view.batch.state == "failed" and view.batch.message:
        note(view.batch.message)


def detail_frame(t: Translator, view: BatchView) -> tuple[pd.DataFrame, list[Column]]:
    """Return the files of one batch with their hashes, and their sizes where they are told."""
    rows = [
        {"name": source.name, "bytes": source.bytes, "rows": source.rows, "sha256": source.sha256}
        for source in view.sources
    ]
    sizes = [Column("bytes", t("Bytes"), kind="count"), Column("rows", t("Rows"), kind="count")]
    columns = [
        Column("name", t("File")),
        *(sizes if view.counted else ()),
        Column("sha256", "SHA-256"),
    ]
    return pd.DataFrame(rows, columns=["name", "bytes", "rows", "sha256"]), columns


def show_upload(ctx: PageContext, model: str) -> None:
    """Show the form that hands a file to the worker, and how its jobs stand."""
    t = ctx.t
    with st.form("ingest_upload", clear_on_submit=True, border=False):
        left, right = st.columns([1, 2], gap="medium")
        stream = left.selectbox(
            t("The file holds"),
            list(STREAMS),
            format_func=lambda name: t(STREAMS[name]),
            key="ingest_stream",
        )
        file = right.file_uploader(
            t("Parquet, CSV or JSON lines, up to {limit} MB", limit=25),
            type=list(FILE_TYPES),
            key="ingest_file",
        )
        pressed = st.form_submit_button(t("Ingest the file"))
    if pressed and file is None:
        note(t("Choose a file first."))
    elif pressed and file is not None:
        try:
            ingest.upload(
                ctx.workspace, model, file.name, file.getvalue(), stream=stream, actor=ctx.actor
            )
        except HarbourlightError as error:
            st.error(plain(error_text(t, error)))
    show_jobs(ctx, model)


@st.fragment(run_every=2.0)
def show_jobs(ctx: PageContext, model: str) -> None:
    """Show the uploads that are under way or ended lately."""
    t = ctx.t
    for job in ingest.upload_jobs(ctx.workspace, model, actor=ctx.actor):
        name = str(job.payload.get("name") or job.payload.get("path", "")).rsplit("/", 1)[-1]
        if job.is_active:
            words = t("waiting for the worker") if job.state == "queued" else t("being ingested")
            st.progress(job.progress, text=plain(t("{name}: {text}", name=name, text=words)))
        elif job.state == "failed":
            st.error(
                plain(t("{file} was refused: {reason}", file=name, reason=failure_text(t, job)))
            )
        else:
            result = dict(job.result or {})
            text = t(
                "{file}: {stored} rows stored, {skipped} skipped, {quarantined} quarantined.",
                file=name,
                stored=int(str(result.get("stored", 0))),
                skipped=int(str(result.get("skipped", 0))),
                quarantined=int(str(result.get("quarantined", 0))),
            )
            st.success(plain(text))


def show_watches(ctx: PageContext, model: str) -> None:
    """Show the watched folders, and let those who may add one."""
    t = ctx.t
    found = ingest.watches(ctx.workspace, actor=ctx.actor, model_id=model)
    if not found:
        note(t("No folder is watched for this model."))
    for watch in found:
        seen = (
            "–"
            if watch.last_seen_at is None
            else t.instant(watch.last_seen_at, ctx.filters.timezone)
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                plain(
                    t(
                        "{folder}/{pattern} · {stream} · last looked at {seen}",
                        folder=watch.folder,
                        pattern=watch.pattern,
                        stream=t(STREAMS.get(watch.stream, watch.stream)),
                        seen=seen,
                    )
                )
            )
            if allows(ctx.actor, Permission.workspace_maintain):
                st.button(
                    t("Stop watching"),
                    key=f"ingest_unwatch_{watch.id}",
                    on_click=ingest.remove_watch,
                    args=(ctx.workspace, watch.id),
                    kwargs={"actor": ctx.actor},
                )
    if allows(ctx.actor, Permission.workspace_maintain):
        _add_watch(ctx, model)


def _add_watch(ctx: PageContext, model: str) -> None:
    t = ctx.t
    with st.form("ingest_watch", clear_on_submit=True, border=False):
        left, middle, right = st.columns([3, 1, 1], gap="small", vertical_alignment="bottom")
        folder = left.text_input(t("Folder on the server"), key="ingest_watch_folder")
        stream = middle.selectbox(
            t("It receives"),
            list(STREAMS),
            format_func=lambda name: t(STREAMS[name]),
            key="ingest_watch_stream",
        )
        pressed = right.form_submit_button(t("Watch the folder"))
    if pressed:
        try:
            ingest.add_watch(ctx.workspace, model, folder, stream=stream, actor=ctx.actor)
        except HarbourlightError as error:
            st.error(plain(error_text(t, error)))
        else:
            st.rerun()
