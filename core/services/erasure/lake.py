"""One model's lake without one subject: new files beside the old, swapped in one transaction.

Data files are written again without the subject's rows, refused rows are emptied, and the
profiles that counted the rows are counted anew: those of a batch from what is left of the batch,
those of many batches from all that no batch's own profile counts. Bins stay as they are.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from core.contract import ModelContract
from core.domain.windows import Window
from core.ingest.erased import PREDICTION, prediction_prefix
from core.lake.duck import Duck
from core.lake.files import finished_file, sha256_of
from core.lake.paths import (
    data_path,
    profile_path,
    quarantine_path,
    reference_path,
)
from core.lake.profiles.columns import ProfileKind
from core.lake.profiles.write import write_profile
from core.lake.streams import identity_column, prediction_columns
from core.lake.upkeep.erase import (
    Wanted,
    Written,
    batches_found,
    find_predictions,
    found_ids,
    found_within,
    newest_row,
    rows_by_file,
    rows_of_batches,
    write_without,
)
from core.lake.upkeep.erase_artefacts import holds_subject
from core.lake.upkeep.erase_quarantine import mark_refused_rows, write_emptied
from core.lake.window_rows import count_rows, window_relation
from core.metrics.binning import BinSet
from core.services.questions import parsed_contract
from core.services.workspace import Workspace
from core.store import manifest, models, references
from core.store.manifest import ManifestFile, NewFile
from core.store.references import Reference
from core.store.retention import erasures, tombstones
from core.store.retention.tombstones import ErasedPrediction

ERASURE = "erasure"
_STREAMS = ("predictions", "decisions", "outcomes", "resolved")


@dataclass(frozen=True, slots=True)
class Seen:
    """A model at one generation: its contract, its files and the reference in force."""

    contract: ModelContract
    live: tuple[ManifestFile, ...]
    gone: tuple[ManifestFile, ...]
    reference: Reference | None

    def of(self, stream: str) -> tuple[ManifestFile, ...]:
        """Return the data files of a stream."""
        return tuple(file for file in self.live if file.kind == "data" and file.stream == stream)

    @property
    def naming_columns(self) -> tuple[str, ...]:
        """The log's own columns that may name a subject or a prediction."""
        subject = self.contract.log.subject
        return (*([subject] if subject else []), *prediction_columns(self.contract))


def look(workspace: Workspace, model_id: str) -> Seen:
    """Return what a model's lake is now, files that await their removal included."""
    with workspace.store.read() as conn:
        record = models.get(conn, model_id)
        live = manifest.files_at(conn, model_id, record.lake_generation)
        kept = manifest.kept_files(conn, model_id)
        reference = references.live(conn, model_id)
    now = {file.id for file in live}
    gone = tuple(file for file in kept if file.id not in now)
    return Seen(parsed_contract(record.spec_text), live, gone, reference)


@dataclass(slots=True)
class ModelErasure:
    """Taking one subject out of one model.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id, erasure_id : str
        Which model, and the erasure that the new files are named after.
    mac : str
        The subject's pseudonym.
    wanted : callable
        Given a lake column, whose rows are meant.
    step : callable
        Told the name of each step; tests stop the process there.
    """

    workspace: Workspace
    model_id: str
    erasure_id: str
    wanted: Callable[[str], Wanted]
    step: Callable[[str], None] = lambda _: None
    rows: dict[str, int] = field(default_factory=dict)
    newest: dict[str, datetime] = field(default_factory=dict)
    refused: int = 0
    profiles: int = 0
    reference_rows: int | None = None
    ids: tuple[str, ...] = ()
    artefacts: dict[str, bool | None] = field(default_factory=dict)
    added: list[NewFile] = field(default_factory=list)
    removed: dict[int, str] = field(default_factory=dict)

    @property
    def found(self) -> bool:
        """Whether any file has to be replaced."""
        return bool(self.removed)

    def search(self, duck: Duck) -> Seen:
        """Find what is the subject's, and write nothing; return what was looked at."""
        seen = look(self.workspace, self.model_id)
        wanted = self.wanted(identity_column(seen.contract))
        find_predictions(duck, self._paths([*seen.of("predictions"), *_data(seen.gone)]), wanted)
        self.ids = found_ids(duck)
        for stream in _STREAMS:
            paths = self._paths(seen.of(stream))
            touched = rows_by_file(duck, paths) if self.ids else {}
            self.rows[stream] = sum(touched.values())
            newest = newest_row(duck, list(touched), stream)
            if newest is not None:
                self.newest[stream] = newest
        for file in _of_kind(seen.live, "quarantine"):
            self.refused += mark_refused_rows(
                duck, self._lake(file.path), wanted, seen.naming_columns
            )
        with self.workspace.store.read() as conn:
            registered = models.artefacts(conn, self.model_id)
        for artefact in registered:
            path = self.workspace.settings.home / artefact.path
            if artefact.role != "artefact":
                self.artefacts[artefact.path] = holds_subject(duck, path, wanted)
        return seen

    def prepare(self, duck: Duck) -> None:
        """Write the files that take the place of those with the subject's rows."""
        self.forget()
        seen = self.search(duck)
        self.step("searched")
        kept = {stream: self._rewrite_stream(duck, seen, stream) for stream in _STREAMS}
        self._rewrite_quarantine(duck, seen)
        if self.rows["predictions"]:
            self._rewrite_profiles(duck, seen, kept["predictions"])
        self.step("prepared")

    def publish(self, conn: Connection) -> int | None:
        """Swap the files and bury the predictions; return the new generation, if there is one.

        Raises
        ------
        Conflict
            If a file to be replaced is gone: prepare again.
        """
        macs = [
            ErasedPrediction(
                self.workspace.keys.mac(PREDICTION, prediction_prefix(self.model_id) + each),
                self.model_id,
                self.erasure_id,
            )
            for each in self.ids
        ]
        tombstones.bury_predictions(conn, macs)
        self.rows["releases"] = erasures.forget_releases(conn, self.model_id, self.ids)
        if not self.found:
            return None
        generation = manifest.generation(conn, self.model_id)
        at = self.workspace.clock()
        if self.reference_rows is not None:
            erasures.set_reference_rows(conn, self.model_id, self.reference_rows)
        return manifest.swap(
            conn, self.model_id, generation, add=self.added, remove=list(self.removed), at=at
        )

    def forget(self) -> None:
        """Remove what was written and will not be published."""
        for file in self.added:
            self._lake(file.path).unlink(missing_ok=True)
        self.added, self.removed = [], {}
        self.rows, self.artefacts = {}, {}
        self.refused = self.profiles = 0
        self.reference_rows = None

    def _rewrite_stream(self, duck: Duck, seen: Seen, stream: str) -> list[str]:
        """Write the touched files of a stream again; return the paths of all that then count."""
        files = seen.of(stream)
        touched = rows_by_file(duck, self._paths(files)) if self.rows[stream] else {}
        paths: list[str] = []
        for file in files:
            source = self._lake(file.path)
            gone = touched.get(str(source), 0)
            if not gone:
                paths.append(str(source))
                continue
            self.removed[file.id] = file.path
            if gone == file.rows:
                continue
            path = data_path(self.model_id, stream, file.month or "", self._writer())
            write = partial(write_without, duck, source, stream)
            self._write(replace(again(file), path=path), write)
            paths.append(str(self._lake(path)))
        return paths

    def _rewrite_quarantine(self, duck: Duck, seen: Seen) -> None:
        wanted = self.wanted(identity_column(seen.contract))
        for file in _of_kind(seen.live, "quarantine"):
            source = self._lake(file.path)
            if mark_refused_rows(duck, source, wanted, seen.naming_columns):
                self.removed[file.id] = file.path
                path = quarantine_path(self.model_id, self._writer())
                write = partial(write_emptied, duck, source)
                self._write(replace(again(file), path=path), write)

    def _rewrite_profiles(self, duck: Duck, seen: Seen, paths: Sequence[str]) -> None:
        batches = batches_found(duck, self._paths(seen.of("predictions")))
        for kind in ("operations", "features"):
            of_kind = [file for file in seen.live if file.profile_kind == kind]
            own = {file.batch_id: file for file in of_kind if file.batch_id is not None}
            pooled = [file for file in of_kind if not file.batch_id]
            for batch in sorted(batches & own.keys()):
                self._profile(duck, seen, [own[batch]], rows_of_batches(paths, [batch]))
            if batches - own.keys() and pooled:
                others = rows_of_batches(paths, sorted(own), without=True)
                self._profile(duck, seen, pooled, others)
        self._recount_reference(duck, seen, paths)

    def _profile(
        self, duck: Duck, seen: Seen, old: Sequence[ManifestFile], relation: str | None
    ) -> None:
        first = old[0]
        self.removed |= {file.id: file.path for file in old}
        if relation is None or not count_rows(duck, relation):
            return
        kind: ProfileKind = "operations" if first.profile_kind == "operations" else "features"
        path = profile_path(self.model_id, kind, self._writer(), first.bins_id)
        starts = [file.first_time for file in old if file.first_time]
        ends = [file.last_time for file in old if file.last_time]
        file = replace(
            again(first),
            path=path,
            first_time=min(starts, default=None),
            last_time=max(ends, default=None),
        )
        self._count(duck, seen, file, relation, kind)

    def _recount_reference(self, duck: Duck, seen: Seen, paths: Sequence[str]) -> None:
        files = _of_kind(seen.live, "reference")
        if seen.reference is None or not files:
            return
        window = Window(seen.reference.window_from, seen.reference.window_to)
        if not found_within(duck, self._paths(seen.of("predictions")), window):
            return
        relation = window_relation(paths, window) if paths else None
        self.reference_rows = count_rows(duck, relation) if relation else 0
        for file in files:
            self.removed[file.id] = file.path
            if relation is not None:
                path = reference_path(self.model_id, file.bins_id or "", self._writer())
                self._count(duck, seen, replace(again(file), path=path), relation, "features")

    def _count(
        self, duck: Duck, seen: Seen, file: NewFile, relation: str, kind: ProfileKind
    ) -> None:
        bins = BinSet.from_json(seen.reference.bins_json) if seen.reference else None
        target = self._lake(file.path)
        rows = write_profile(duck, relation, seen.contract, bins, kind, target)
        self.profiles += 1
        self._note(replace(file, rows=rows), target)

    def _write(self, file: NewFile, write: Callable[[Path], Written]) -> None:
        target = self._lake(file.path)
        with finished_file(target) as unfinished:
            done = write(unfinished)
            self.step(f"written:{file.kind}")
        times = (done.first, done.last) if file.kind == "data" else (None, None)
        self._note(replace(file, rows=done.rows, first_time=times[0], last_time=times[1]), target)

    def _note(self, file: NewFile, target: Path) -> None:
        self.added.append(replace(file, sha256=sha256_of(target), bytes=target.stat().st_size))
        self.step(f"renamed:{file.kind}")

    def _writer(self) -> str:
        """Return a name that no file has, of an earlier attempt neither."""
        return f"{ERASURE}-{self.erasure_id}-{self.workspace.new_id()}"

    def _lake(self, path: str) -> Path:
        return self.workspace.settings.lake_dir / path

    def _paths(self, files: Iterable[ManifestFile]) -> list[str]:
        paths = (self._lake(file.path) for file in files)
        return [str(path) for path in paths if path.is_file()]


def purge(workspace: Workspace, model_id: str) -> int:
    """Delete every file of a model that no generation sees any more, at once; return how many.

    Unlike after a compaction no reader is waited for: who still held the file reads the newest
    generation instead.
    """
    gone = look(workspace, model_id).gone
    for file in gone:
        (workspace.settings.lake_dir / file.path).unlink(missing_ok=True)
    if gone:
        with workspace.store.begin() as conn:
            manifest.mark_purged(conn, [file.id for file in gone], at=workspace.clock())
    return len(gone)


def again(file: ManifestFile) -> NewFile:
    """Return the entry of a file that takes another's place; path, hash and rows are to be set."""
    return NewFile(
        kind=file.kind,
        path="",
        sha256="",
        bytes=0,
        rows=0,
        stream=file.stream,
        profile_kind=file.profile_kind,
        bins_id=file.bins_id,
        month=file.month,
        first_time=file.first_time,
        last_time=file.last_time,
        batch_id=file.batch_id,
    )


def _data(files: Iterable[ManifestFile]) -> Iterator[ManifestFile]:
    return (file for file in files if file.kind == "data" and file.stream == "predictions")


def _of_kind(files: Iterable[ManifestFile], kind: str) -> list[ManifestFile]:
    return [file for file in files if file.kind == kind]
