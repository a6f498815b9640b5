"""Ingesting logs: files, uploads and watched folders, and what became of them."""

from core.services.ingest.run import ingest_files
from core.services.ingest.summary import IngestSummary, RefusedFile
from core.services.ingest.uploads import (
    INGEST_JOB,
    ingest_upload,
    remove_finished_uploads,
    upload,
    upload_jobs,
)
from core.services.ingest.views import (
    BatchView,
    RefusedRows,
    batches,
    quarantine_reasons,
    quarantine_rows,
    waiting_outcomes,
)
from core.services.ingest.watches import (
    add_watch,
    remove_watch,
    scan_watches,
    watch_folder,
    watches,
)

__all__ = [
    "INGEST_JOB",
    "BatchView",
    "IngestSummary",
    "RefusedFile",
    "RefusedRows",
    "add_watch",
    "batches",
    "ingest_files",
    "ingest_upload",
    "quarantine_reasons",
    "quarantine_rows",
    "remove_finished_uploads",
    "remove_watch",
    "scan_watches",
    "upload",
    "upload_jobs",
    "waiting_outcomes",
    "watch_folder",
    "watches",
]
