"""Making a reference: its bins from the raw rows, its own counts, the profiles of every data file.

They go live in one transaction; a batch published meanwhile is profiled too before that
transaction succeeds. The profiles are written two at a time, and cut in two where there is much
to count.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial

from sqlalchemy import Connection

from core.domain.identity import Actor
from core.errors import Conflict, NothingYet
from core.i18n import N_
from core.lake.duck import Duck, open_duck
from core.lake.files import sha256_of
from core.lake.paths import parquet_relation, profile_path, reference_path
from core.lake.profiles.bins import build_bins
from core.lake.profiles.write import write_profile
from core.lake.window_rows import count_rows, window_relation
from core.metrics.binning import BinSet
from core.services.reference.state import ReferenceState, look
from core.services.workspace import Workspace
from core.store import manifest, references
from core.store.audit import trail as audit
from core.store.manifest import ManifestFile, NewFile

_ATTEMPTS = 50
_PARTS = 2
_ROWS_FOR_ONE = 200_000
NO_ROWS_MESSAGE = N_("{model} has no predictions in its reference window, {start} to {end}.")


@dataclass(frozen=True, slots=True)
class _Draft:
    """A profile to be written, and the rows that it counts."""

    file: NewFile
    relation: str


@dataclass(slots=True)
class ReferenceBuild:
    """One making of a reference: its bins, the files written so far, what they cover."""

    workspace: Workspace
    state: ReferenceState
    actor: Actor
    _written: list[NewFile] = field(default_factory=list)
    _covered: set[int] = field(default_factory=set)

    def run(self) -> str:
        """Make bins and profiles and put them in force; return the bins_id in force."""
        started_with = self.state.live_bins_id
        with open_duck(self.workspace.settings, "ingest") as duck:
            bins, rows = self._bins(duck)
            if bins.bins_id == started_with:
                return bins.bins_id
            with self.workspace.store.begin() as conn:
                self._announce(conn, bins, rows)
            try:
                return self._go_live(duck, bins, rows, started_with)
            except BaseException:
                self._forget()
                self._drop(bins)
                raise

    @property
    def _model(self) -> str:
        return self.state.contract.id

    def _bins(self, duck: Duck) -> tuple[BinSet, int]:
        relation = self._reference_relation() if self.state.reference_files else ""
        rows = 0
        if relation:
            rows = count_rows(duck, relation)
        if not rows:
            wanted = self.state.contract.reference
            raise NothingYet(
                NO_ROWS_MESSAGE,
                remedy="Ingest the log of these days, or change 'reference' in the contract.",
                model=self._model,
                start=wanted.start.isoformat(),
                end=wanted.end.isoformat(),
            )
        threads = self.workspace.settings.threads
        return build_bins(duck, relation, self.state.contract, threads=threads), rows

    def _reference_relation(self) -> str:
        files = self.workspace.lake_paths(self.state.reference_files)
        return window_relation(files, self.state.window)

    def _announce(self, conn: Connection, bins: BinSet, rows: int) -> None:
        references.put_building(
            conn,
            model_id=self._model,
            bins_id=bins.bins_id,
            bins_json=bins.to_json(),
            window_from=self.state.window.start,
            window_to=self.state.window.end,
            rows=rows,
            actor=self.actor.username,
            at=self.workspace.clock(),
        )

    def _go_live(self, duck: Duck, bins: BinSet, rows: int, started_with: str | None) -> str:
        for _ in range(_ATTEMPTS):
            self._write_profiles(duck, bins)
            try:
                with self.workspace.store.begin() as conn:
                    live = references.live(conn, self._model)
                    found = live.bins_id if live else None
                    if found == started_with:
                        self._publish(conn, bins, rows)
                        return bins.bins_id
            except Conflict:
                self.state = look(self.workspace, self._model)
                continue
            return self._overtaken(bins, found)
        raise self._too_busy()

    def _publish(self, conn: Connection, bins: BinSet, rows: int) -> None:
        at = self.workspace.clock()
        self._announce(conn, bins, rows)
        manifest.swap(
            conn,
            self._model,
            self.state.generation,
            add=self._written,
            remove=self.state.old_profiles,
            at=at,
        )
        references.go_live(conn, self._model, bins.bins_id, at=at)
        audit.append(
            conn,
            at=at,
            actor=self.actor.audit_name,
            role=self.actor.role_text,
            kind="reference.live",
            objects={"model": self._model, "reference": bins.bins_id},
            body={
                "replaces": self.state.live_bins_id,
                "rows": rows,
                "window_from": self.state.window.start.isoformat(),
                "window_to": self.state.window.end.isoformat(),
                "files": {file.path: file.sha256 for file in self._written},
            },
        )

    def _overtaken(self, bins: BinSet, found: str | None) -> str:
        """Another process put a reference in force meanwhile: its word counts."""
        if found is None:
            raise self._too_busy()
        self._forget()
        self._drop(bins)
        return found

    def _drop(self, bins: BinSet) -> None:
        with self.workspace.store.begin() as conn:
            references.drop_building(conn, self._model, bins.bins_id, at=self.workspace.clock())

    def _too_busy(self) -> Conflict:
        return Conflict(
            "The files of {model} changed too often while its reference was made.",
            remedy="Run 'harbourlight model reference rebuild {model}' later.",
            model=self._model,
        )

    def _write_profiles(self, duck: Duck, bins: BinSet) -> None:
        """Write the reference's counts, and profiles of the data files that have none of these.

        A compaction replaces files by others with the same rows: then everything is profiled
        again, so that no row counts twice.
        """
        present = {file.id for file in self.state.data}
        if not self._covered <= present:
            self._forget()
        new = [file for file in self.state.data if file.id not in self._covered]
        drafts = [self._profile(files, bins) for files in _parts(new)]
        if not self._written:
            drafts.append(self._reference(bins))
        before = list(self._written)
        write = partial(self._write, duck, bins)
        threads = min(self.workspace.settings.threads, _PARTS)
        with ThreadPoolExecutor(threads, "reference") as pool:
            self._written = before + list(pool.map(write, drafts))
        self._covered = present

    def _reference(self, bins: BinSet) -> _Draft:
        path = reference_path(self._model, bins.bins_id, self._writer())
        window = self.state.window
        file = NewFile(
            "reference",
            path,
            "",
            0,
            0,
            bins_id=bins.bins_id,
            first_time=window.start,
            last_time=window.end,
        )
        return _Draft(file, self._reference_relation())

    def _profile(self, files: Sequence[ManifestFile], bins: BinSet) -> _Draft:
        file = NewFile(
            "profile",
            profile_path(self._model, "features", self._writer(), bins.bins_id),
            "",
            0,
            0,
            profile_kind="features",
            bins_id=bins.bins_id,
            first_time=min((f.first_time for f in files if f.first_time), default=None),
            last_time=max((f.last_time for f in files if f.last_time), default=None),
        )
        return _Draft(file, parquet_relation(self.workspace.lake_paths(files)))

    def _write(self, duck: Duck, bins: BinSet, draft: _Draft) -> NewFile:
        target = self.workspace.settings.lake_dir / draft.file.path
        with duck.cursor() as cursor:
            rows = write_profile(
                cursor, draft.relation, self.state.contract, bins, "features", target
            )
        size, sha256 = target.stat().st_size, sha256_of(target)
        written = replace(draft.file, rows=rows, bytes=size, sha256=sha256)
        self._written.append(written)  # at once, so that it is removed if another one fails
        return written

    def _forget(self) -> None:
        for file in self._written:
            (self.workspace.settings.lake_dir / file.path).unlink(missing_ok=True)
        self._written.clear()
        self._covered.clear()

    def _writer(self) -> str:
        return f"reference-{self.workspace.new_id()}"


def _parts(files: Sequence[ManifestFile]) -> list[list[ManifestFile]]:
    """Cut files with many rows in two, the older and the newer, with about equally many rows."""
    rows = sum(file.rows for file in files)
    if rows <= _ROWS_FOR_ONE:
        return [list(files)] if files else []
    older: list[ManifestFile] = []
    newer: list[ManifestFile] = []
    before = 0
    for file in sorted(files, key=lambda file: (file.month or "", file.path)):
        (older if before + file.rows / 2 <= rows / 2 else newer).append(file)
        before += file.rows
    return [part for part in (older, newer) if part]
