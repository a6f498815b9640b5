"""Publishing: the files of a batch, then one state transaction that makes them count."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from core.contract import ModelContract
from core.domain.identity import Actor
from core.errors import Conflict
from core.ingest.duplicates import Repeats, remove_repeats_inside, remove_stored
from core.ingest.erased import refuse_erased
from core.ingest.outcomes import RESOLVED, resolve_staged_outcomes, resolve_waiting_outcomes
from core.ingest.output import Draft, Output
from core.ingest.quarantine import Quarantine
from core.ingest.site import Site
from core.ingest.stage import STAGED, Span, Stage, instant
from core.lake.duck import Duck
from core.lake.paths import profile_path, quarantine_path
from core.lake.profiles.columns import ProfileKind
from core.lake.profiles.write import write_profile
from core.lake.streams import stream_columns
from core.metrics.binning import BinSet
from core.store import batches, manifest, references
from core.store.audit import trail as audit
from core.store.batches import BatchCounts, BatchSource
from core.store.manifest import ManifestFile, NewFile
from core.store.retention import tombstones

_ATTEMPTS = 200
# Which streams' new files change what a batch of a stream resolves.
_RESOLVED_BY = {"predictions": {"outcomes"}, "outcomes": {"predictions", "resolved"}}


@dataclass(frozen=True, slots=True)
class Published:
    """How a batch ended: its state, its counts, and outcomes joined and waiting."""

    state: str
    counts: BatchCounts
    resolved: int
    waiting: int


@dataclass(frozen=True, slots=True)
class _View:
    """What a writer works on: a generation, its data files by stream, the live reference.

    ``buried`` is the number of tombstones then: if it grew, some rows may no longer come in.
    """

    generation: int
    files: dict[str, tuple[str, ...]]
    bins_id: str | None
    bins_json: str
    buried: int

    def of(self, stream: str) -> tuple[str, ...]:
        return self.files.get(stream, ())


@dataclass(slots=True)
class Publication:
    """A staged batch on its way into the lake.

    Parameters
    ----------
    site : Site
        The workspace.
    contract : ModelContract
        The model's contract.
    batch_id : str
        The batch.
    actor : Actor
        Who ingests.
    stage, quarantine : Stage, Quarantine
        The batch's rows.
    sources : tuple of BatchSource
        The files they came from.
    undeclared : tuple of str
        Columns that were not stored.
    step, progress : callable
        As in :func:`core.ingest.batch.ingest_batch`.
    moves_time : bool
        Whether the newest row may become the model's newest event.
    """

    site: Site
    contract: ModelContract
    batch_id: str
    actor: Actor
    stage: Stage
    quarantine: Quarantine
    sources: tuple[BatchSource, ...]
    undeclared: tuple[str, ...]
    step: Callable[[str], None]
    progress: Callable[[float, str], None]
    moves_time: bool = True
    _resolved: int = 0
    _waiting: int = 0
    _repeats: Repeats = field(default_factory=Repeats)
    _output: Output = field(init=False)

    def __post_init__(self) -> None:
        self._output = Output(
            self.stage.connection,
            self.site.settings.lake_dir,
            self.contract.id,
            self.batch_id,
            self.contract.timezone,
            self.step,
            self.site.settings.threads,
        )

    @property
    def _stream(self) -> str:
        return self.stage.shape.stream

    def publish(self) -> Published:
        """Write the files and publish them; retry when another batch was faster.

        Raises
        ------
        LostLease
            If the batch was given up meanwhile.
        Conflict
            If other batches were faster two hundred times in a row.
        """
        view = self._look()
        self._refuse_erased(view)
        self._repeats += remove_repeats_inside(self.stage, self.quarantine)
        self._repeats += remove_stored(self.stage, self.quarantine, view.of(self._stream))
        self.step("checked")
        self._write(view)
        for _ in range(_ATTEMPTS):
            try:
                return self._commit(view)
            except Conflict:
                view = self._catch_up(view)
        raise Conflict(
            "Other batches of {model} were faster too often.",
            remedy="Ingest the files again.",
            model=self.contract.id,
        )

    def withdraw(self) -> None:
        """Remove the files written so far."""
        self._output.forget()

    def _look(self) -> _View:
        with self.site.store.read() as conn:
            generation = manifest.generation(conn, self.contract.id)
            files = manifest.files_at(conn, self.contract.id, generation, kinds=["data"])
            return _view(conn, self.contract.id, generation, self._by_stream(files))

    def _refuse_erased(self, view: _View) -> None:
        """Take out the rows of people who were erased, before anything of them is written."""
        if view.buried:
            with self.site.store.read() as conn:
                erased = tombstones.erased(conn, self.contract.id)
            refuse_erased(self.stage, self.quarantine, erased, self.site.keys, self.contract)

    def _by_stream(self, files: tuple[ManifestFile, ...]) -> dict[str, tuple[str, ...]]:
        lake = self.site.settings.lake_dir
        paths: dict[str, list[str]] = {}
        for file in files:
            paths.setdefault(file.stream or "", []).append(str(lake / file.path))
        return {stream: tuple(listed) for stream, listed in paths.items()}

    def _catch_up(self, before: _View) -> _View:
        """Compare with the files added since, and write again what they change."""
        view = self._look()
        if view.buried != before.buried:
            self._refuse_erased(view)
        with self.site.store.read() as conn:
            added = self._by_stream(manifest.added_since(conn, self.contract.id, before.generation))
        repeats = remove_stored(self.stage, self.quarantine, added.get(self._stream, ()))
        self._repeats += repeats
        resolves_anew = bool(set(added) & _RESOLVED_BY.get(self._stream, set()))
        someone_erased = view.buried != before.buried
        if repeats.any or resolves_anew or someone_erased or view.bins_id != before.bins_id:
            self._output.forget()
            self._write(view)
        return view

    def _write(self, view: _View) -> None:
        stream, connection = self._stream, self.stage.connection
        self.progress(0.6, "")
        self._resolve(view)
        self._output.write_all([*self._profiles(view), *self._months()])
        self.progress(0.9, "")
        refused = self.quarantine.count()
        if refused:
            path = quarantine_path(self.contract.id, f"{self.batch_id}-{len(self._output.files)}")
            file = NewFile("quarantine", path, "", 0, refused, stream=stream)
            self._output.write(Draft(file, self.quarantine.write), connection)
        connection.execute(f"DROP TABLE IF EXISTS {RESOLVED}")

    def _months(self) -> list[Draft]:
        shape = self.stage.shape
        columns = list(stream_columns(self.contract, shape.stream))
        drafts = self._output.months(shape.stream, STAGED, shape.time, columns)
        if self._resolved:
            columns = list(stream_columns(self.contract, "resolved"))
            drafts += self._output.months("resolved", RESOLVED, "time", columns)
        return drafts

    def _resolve(self, view: _View) -> None:
        if self._stream == "outcomes":
            self._resolved, self._waiting = resolve_staged_outcomes(
                self.stage.connection,
                self.contract,
                self.batch_id,
                predictions=view.of("predictions"),
                resolved=view.of("resolved"),
            )
        elif self._stream == "predictions":
            self._resolved = resolve_waiting_outcomes(
                self.stage.connection,
                self.contract,
                outcomes=view.of("outcomes"),
                resolved=view.of("resolved"),
            )

    def _profiles(self, view: _View) -> list[Draft]:
        """Plan the profiles, the longest work first."""
        span = self.stage.span()
        if self._stream != "predictions" or not span.rows:
            return []
        drafts = [self._profile("operations", None, None, span)]
        if view.bins_id:
            bins = BinSet.from_json(view.bins_json)
            drafts.insert(0, self._profile("features", bins, view.bins_id, span))
        return drafts

    def _profile(
        self, kind: ProfileKind, bins: BinSet | None, bins_id: str | None, span: Span
    ) -> Draft:
        path = profile_path(self.contract.id, kind, self.batch_id, bins_id)
        file = NewFile("profile", path, "", 0, 0, profile_kind=kind, bins_id=bins_id)

        def write(connection: Duck, target: Path) -> int:
            return write_profile(connection, STAGED, self.contract, bins, kind, target)

        return Draft(file, write, _instant(span.first), _instant(span.last))

    def _commit(self, view: _View) -> Published:
        span = self.stage.span()
        counts = self._counts(span)
        nothing = not self._output.files
        self.step("before-commit")
        with self.site.store.begin() as conn:
            if tombstones.marker(conn, self.contract.id) != view.buried:
                raise Conflict("Somebody was erased meanwhile.", remedy="Ingest the files again.")
            generation = None if nothing else self._publish_files(conn, view, span)
            batches.add_sources(conn, self.batch_id, self.sources)
            batches.finish(
                conn,
                self.batch_id,
                "skipped" if nothing else "published",
                at=self.site.clock(),
                counts=counts,
                undeclared=self.undeclared,
                message="Every row is stored already." if nothing else "",
                first_time=_instant(span.first),
                last_time=_instant(span.last),
            )
            self.step("in-transaction")
            self._append_audit(conn, counts, generation)
        self.step("committed")
        self.progress(1.0, "")
        state = "skipped" if nothing else "published"
        return Published(state, counts, self._resolved, self._waiting)

    def _publish_files(self, conn: Connection, view: _View, span: Span) -> int:
        return manifest.publish(
            conn,
            self.contract.id,
            view.generation,
            files=self._output.files,
            at=self.site.clock(),
            newest_event=_instant(span.last) if self.moves_time else None,
        )

    def _counts(self, span: Span) -> BatchCounts:
        refused, skipped = self.quarantine.count(), self._repeats.skipped
        return BatchCounts(span.rows + refused + skipped, span.rows, skipped, refused)

    def _append_audit(self, conn: Connection, counts: BatchCounts, generation: int | None) -> None:
        audit.append(
            conn,
            at=self.site.clock(),
            actor=self.actor.audit_name,
            role=self.actor.role_text,
            kind="batch.skipped" if generation is None else "batch.published",
            objects={"model": self.contract.id, "batch": self.batch_id},
            body={
                "stream": self._stream,
                "rows_read": counts.read,
                "rows_stored": counts.stored,
                "rows_skipped": counts.skipped,
                "rows_quarantined": counts.quarantined,
                "generation": generation,
                "sources": [source.sha256 for source in self.sources],
                "files": {file.path: file.sha256 for file in self._output.files},
            },
        )


def _view(
    conn: Connection, model_id: str, generation: int, files: dict[str, tuple[str, ...]]
) -> _View:
    live = references.live(conn, model_id)
    buried = tombstones.marker(conn, model_id)
    if live is None:
        return _View(generation, files, None, "", buried)
    return _View(generation, files, live.bins_id, live.bins_json, buried)


def _instant(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else instant(microseconds)
