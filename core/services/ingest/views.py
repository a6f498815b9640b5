"""What was ingested: batches, the quarantine, outcomes that still wait."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.ingest.outcomes import count_waiting
from core.ingest.quarantine_rows import refusals_by_reason, refused_rows
from core.lake.duck import open_duck
from core.services import access
from core.services.questions import parsed_contract
from core.services.workspace import Workspace
from core.store import batches as batch_store
from core.store import manifest, models
from core.store.audit import trail as audit
from core.store.batches import Batch, BatchSource
from core.store.manifest import ManifestFile

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class RefusedRows:
    """Refused rows handed out, and how many there are in the actor's scope."""

    frame: "pd.DataFrame"
    total: int


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch with the files that it read.

    Parameters
    ----------
    batch : Batch
        Who ingested what and when, and how it ended.
    sources : tuple of BatchSource
        Its files with their hashes.
    counted : bool
        Whether the numbers of rows are told. They are of all jurisdictions, so a reader limited
        to some gets zeros in their place.
    """

    batch: Batch
    sources: tuple[BatchSource, ...]
    counted: bool = True

    def without_counts(self) -> "BatchView":
        """Return the batch without what it says of rows."""
        return BatchView(
            replace(
                self.batch,
                rows_read=0,
                rows_stored=0,
                rows_skipped=0,
                rows_quarantined=0,
                first_time=None,
                last_time=None,
            ),
            tuple(replace(source, bytes=0, rows=0) for source in self.sources),
            counted=False,
        )


def batches(
    workspace: Workspace, model_id: str, *, actor: Actor, limit: int = 100, offset: int = 0
) -> tuple[BatchView, ...]:
    """Return a model's batches, the newest first, with their files and hashes.

    An actor limited to some jurisdictions is told of no numbers of rows: see :class:`BatchView`.
    """
    access.require(actor, Permission.ingest_view, model=model_id)
    with workspace.store.read() as conn:
        models.get(conn, model_id)
        found = batch_store.list_batches(conn, models=[model_id], limit=limit, offset=offset)
        views = [BatchView(batch, batch_store.sources(conn, batch.id)) for batch in found]
    if actor.jurisdictions is not None:
        return tuple(view.without_counts() for view in views)
    return tuple(views)


def quarantine_rows(
    workspace: Workspace,
    model_id: str,
    *,
    actor: Actor,
    batch_id: str | None = None,
    limit: int = 1000,
) -> RefusedRows:
    """Hand out refused rows with file, line, column, reason and the row; the trail says to whom.

    Parameters
    ----------
    workspace : Workspace
        Where from.
    model_id : str
        Whose rows.
    actor : Actor
        Sees rows of their own jurisdictions only, if they are limited to some.
    batch_id : str, optional
        Only the rows of this batch.
    limit : int
        Most rows to return.

    Returns
    -------
    RefusedRows
        At most ``limit`` of them, as :func:`core.ingest.quarantine_rows.refused_rows`, and the
        number of all.
    """
    access.require(actor, Permission.quarantine_download, model=model_id)
    contract, files = _quarantine_files(workspace, model_id, batch_id)
    with open_duck(workspace.settings) as connection:

        def read(some: Sequence[tuple[str, Path]], most: int) -> "pd.DataFrame":
            return refused_rows(
                connection,
                some,
                limit=most,
                jurisdiction_column=contract.log.jurisdiction,
                jurisdictions=actor.jurisdictions,
                personal=contract.personal_log_columns,
            )

        frame = read(files, limit)
        total = len(frame)
        if total >= limit:  # file by file, so that no more than one is held at a time
            total = sum(len(read([file], sys.maxsize)) for file in files)
    _record_export(workspace, model_id, batch_id, actor=actor, rows=len(frame), total=total)
    return RefusedRows(frame, total)


def _record_export(
    workspace: Workspace,
    model_id: str,
    batch_id: str | None,
    *,
    actor: Actor,
    rows: int,
    total: int,
) -> None:
    with workspace.store.begin() as conn:
        audit.append(
            conn,
            at=workspace.clock(),
            actor=actor.audit_name,
            role=actor.role_text,
            kind="quarantine.exported",
            objects={"model": model_id},
            body={"batch": batch_id, "rows": rows, "total": total},
        )


def quarantine_reasons(
    workspace: Workspace, model_id: str, *, actor: Actor, batch_id: str | None = None
) -> "pd.DataFrame | None":
    """Return how many rows were refused for each column and reason; shows no row.

    ``None`` for an actor limited to some jurisdictions: the counts are of all of them.
    """
    access.require(actor, Permission.quality_view, model=model_id)
    if actor.jurisdictions is not None:
        return None
    contract, files = _quarantine_files(workspace, model_id, batch_id)
    with open_duck(workspace.settings) as connection:
        return refusals_by_reason(
            connection,
            files,
            with_values=True,
            personal=contract.personal_log_columns,
        )


def waiting_outcomes(workspace: Workspace, model_id: str, *, actor: Actor) -> int | None:
    """Return the number of outcomes whose prediction has not been ingested yet.

    ``None`` for an actor limited to some jurisdictions: an outcome without its prediction has none.
    """
    access.require(actor, Permission.model_view, model=model_id)
    if actor.jurisdictions is not None:
        return None
    with workspace.store.read() as conn:
        generation = manifest.generation(conn, model_id)
        files = manifest.files_at(conn, model_id, generation, kinds=["data"])
    lake = workspace.settings.lake_dir
    paths = {
        stream: [str(lake / file.path) for file in files if file.stream == stream]
        for stream in ("outcomes", "resolved")
    }

    def count() -> int:
        with open_duck(workspace.settings) as connection:
            return count_waiting(connection, outcomes=paths["outcomes"], resolved=paths["resolved"])

    return workspace.memo.get(("outcomes that wait", model_id, generation), count)


def _quarantine_files(
    workspace: Workspace, model_id: str, batch_id: str | None
) -> tuple[ModelContract, list[tuple[str, Path]]]:
    """Return the contract and the quarantine files, the newest first, with their batches."""
    with workspace.store.read() as conn:
        contract = parsed_contract(models.get(conn, model_id).spec_text)
        generation = manifest.generation(conn, model_id)
        files = manifest.files_at(conn, model_id, generation, kinds=["quarantine"])
    wanted = [file for file in files if batch_id is None or file.batch_id == batch_id]
    lake = workspace.settings.lake_dir
    return contract, [
        (file.batch_id or "", lake / file.path) for file in sorted(wanted, key=_newest_first)
    ]


def _newest_first(file: ManifestFile) -> int:
    return -file.id
