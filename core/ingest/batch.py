"""One batch, from its files to its publication: the whole of it, or nothing.

    open the batch row → stage and check the rows → write, sync and rename the files
      → ONE state transaction: sources, manifest rows, generation + 1, batch ended, audit entry

A killed process leaves files that no manifest row names and a batch that stops breathing; doctor
finds both. Whoever publishes second compares with what the first one added, and tries again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from core.config import Settings
from core.contract import ModelContract
from core.domain.identity import Actor
from core.errors import HarbourlightError, LostLease, StorageError
from core.ingest.heartbeat import Heartbeat
from core.ingest.publish import Publication
from core.ingest.quarantine import Quarantine
from core.ingest.readers import BrokenRow, open_source
from core.ingest.readers.statistics import statistics_ignored
from core.ingest.site import Site
from core.ingest.stage import Stage
from core.ingest.streams import Shape, Stream, shapes_of
from core.ingest.validate import applies, check_columns, read_as
from core.lake.duck import disk_errors, lock, memory_limit_bytes, open_duck
from core.store import batches
from core.store.audit import trail as audit
from core.store.batches import BatchCounts, BatchSource

FUTURE_TOLERANCE = timedelta(days=1)
_MEMORY_BYTES = 1200 * 1024**2
Progress = Callable[[float, str], None]
Step = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file to ingest: where it is, its hash and its size in bytes."""

    path: Path
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be ingested, into which stream of which model, and how it is read.

    ``format_name`` and ``encoding`` override what the files' bytes show. ``moves_time`` says
    whether the newest row may become the newest event of the model: the verdict that a person gives
    today on a log that is history says nothing of how far that log goes.
    """

    contract: ModelContract
    stream: Stream
    files: tuple[InputFile, ...]
    actor: Actor
    format_name: str | None = None
    encoding: str | None = None
    moves_time: bool = True


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What became of a batch.

    Parameters
    ----------
    batch_id, state : str
        Its key; ``published``, or ``skipped`` when there was nothing new in it.
    counts : BatchCounts
        Rows read, stored, skipped, quarantined.
    undeclared, absent : tuple of str
        Columns that the contract does not declare, and columns it names that no file had.
    resolved, waiting : int
        Outcomes joined to predictions by this batch; outcomes of it that still wait.
    """

    batch_id: str
    state: str
    counts: BatchCounts
    undeclared: tuple[str, ...]
    absent: tuple[str, ...]
    resolved: int
    waiting: int


def ingest_batch(
    site: Site,
    request: Request,
    *,
    step: Step = lambda _: None,
    progress: Progress = lambda _share, _note: None,
) -> BatchResult:
    """Ingest files as one batch.

    Parameters
    ----------
    site : Site
        The workspace.
    request : Request
        What to ingest.
    step : callable
        Told the name of every step when it is done; the tests stop the process there.
    progress : callable
        Told a share of 1 and what is being done.

    Raises
    ------
    UnreadableFile, MissingColumn, InvalidInput
        If a file cannot be taken; nothing of the batch is stored.
    DiskFull
        If the disk is full; nothing of the batch is stored and its files are removed.
    LostLease
        If the batch was given up as dead meanwhile.
    """
    batch_id = site.new_id()
    with site.store.begin() as conn:
        batches.open_batch(
            conn,
            batch_id=batch_id,
            model_id=request.contract.id,
            stream=request.stream,
            actor=request.actor.username,
            at=site.clock(),
        )
    step("opened")
    work = _Work(site, request, batch_id, step, progress)
    try:
        with Heartbeat(site, batch_id), disk_errors():
            return work.run()
    except LostLease:
        work.clean_up()
        raise
    except BaseException as error:
        work.clean_up()
        _fail(site, request, batch_id, error)
        raise
    finally:
        work.close()


def _fail(site: Site, request: Request, batch_id: str, error: BaseException) -> None:
    """End the batch as failed; the trail tells the kind of error, whose text may quote a file."""
    message = str(error) if isinstance(error, HarbourlightError) else type(error).__name__
    try:
        with site.store.begin() as conn:
            batches.finish(conn, batch_id, "failed", at=site.clock(), message=message)
            audit.append(
                conn,
                at=site.clock(),
                actor=request.actor.audit_name,
                role=request.actor.role_text,
                kind="batch.failed",
                objects={"model": request.contract.id, "batch": batch_id},
                body={"stream": request.stream, "error": type(error).__name__},
            )
    except StorageError:
        return  # the disk that failed the batch may hold the state too; the batch will expire


class _Work:
    """The connection, the staged rows and the output of one batch."""

    def __init__(
        self, site: Site, request: Request, batch_id: str, step: Step, progress: Progress
    ) -> None:
        self.site = site
        self.request = request
        self.batch_id = batch_id
        self.step = step
        self.progress = progress
        self.connection = open_duck(
            _bounded(site.settings),
            "ingest",
            files=[file.path for file in request.files],
            locked=False,
        )
        self.publication: Publication | None = None
        self.broken = 0
        self.sources: list[BatchSource] = []
        self.seen: dict[str, None] = {}
        self.absent: dict[str, None] = {}

    def run(self) -> BatchResult:
        request = self.request
        shapes = shapes_of(request.contract, request.stream)
        quarantine = Quarantine(self.connection)
        stage = Stage(self.connection, shapes, quarantine)
        with statistics_ignored(self.connection):
            for ordinal, file in enumerate(request.files):
                self.progress(0.5 * ordinal / len(request.files), file.path.name)
                self._stage_file(ordinal, file, shapes, stage, quarantine)
        lock(self.connection)
        self.step("staged")
        self.progress(0.5, "")
        used = {name for shape in shapes for field in shape.fields for name in field.sources}
        undeclared = tuple(name for name in self.seen if name not in used)
        self.publication = Publication(
            site=self.site,
            contract=request.contract,
            batch_id=self.batch_id,
            actor=request.actor,
            stage=stage,
            quarantine=quarantine,
            sources=tuple(self.sources),
            undeclared=undeclared,
            step=self.step,
            progress=self.progress,
            moves_time=request.moves_time,
        )
        done = self.publication.publish()
        absent = tuple(name for name in self.absent if name not in self.seen)
        return BatchResult(
            self.batch_id,
            done.state,
            done.counts,
            undeclared,
            absent,
            done.resolved,
            done.waiting,
        )

    def _stage_file(
        self,
        ordinal: int,
        file: InputFile,
        shapes: Sequence[Shape],
        stage: Stage,
        quarantine: Quarantine,
    ) -> None:
        broken = 0

        def reject(rows: Sequence[BrokenRow]) -> None:
            nonlocal broken
            broken += len(rows)
            quarantine.add_lines(ordinal, file.path.name, rows)

        source = open_source(
            self.connection,
            file.path,
            reject,
            format_name=self.request.format_name,
            encoding=self.request.encoding,
        )
        fitting = [shape for shape in shapes if applies(shape, source.names)]
        if not fitting:
            check_columns(file.path.name, source.names, shapes)
        contract = self.request.contract
        latest = self.site.clock() + FUTURE_TOLERANCE
        readings = [
            read_as(source, shape, timezone=contract.timezone, latest=latest) for shape in fitting
        ]
        rows = stage.load(ordinal, source, readings) + broken
        for table in source.tables:
            self.connection.execute(f"DROP TABLE IF EXISTS {table}")
        self.seen |= dict.fromkeys(source.names)
        self.absent |= dict.fromkeys(name for reading in readings for name in reading.absent)
        self.sources.append(BatchSource(ordinal, file.path.name, file.sha256, file.bytes, rows))

    def clean_up(self) -> None:
        """Remove the files of a batch that is not published; what is in doubt stays for doctor."""
        if self.publication is not None and self._is_unpublished():
            self.publication.withdraw()

    def _is_unpublished(self) -> bool:
        """Ask the state database: an error may come after the commit, or out of it."""
        try:
            with self.site.store.read() as conn:
                return batches.get(conn, self.batch_id).state not in {"published", "skipped"}
        except StorageError:
            return False

    def close(self) -> None:
        """Close DuckDB, which removes what spilled."""
        self.connection.close()


def _bounded(settings: Settings) -> Settings:
    """Return the settings with DuckDB's share such that an ingest stays below 2 GB."""
    bound = _MEMORY_BYTES / memory_limit_bytes(1.0)
    return replace(settings, ingest_memory_share=min(settings.ingest_memory_share, bound))
