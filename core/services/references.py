"""The reference of a model: how far its window is logged, how it is made, and made anew.

The bins come from the raw rows of the reference window and never change under their ``bins_id``.
They go live in one transaction with the profiles of every data file; a batch published meanwhile
is profiled too before that transaction succeeds.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.domain.windows import Window, local_day
from core.errors import Conflict, NothingYet
from core.i18n import N_
from core.lake.bins import build_bins
from core.lake.duck import Duck, open_duck
from core.lake.files import sha256_of
from core.lake.paths import parquet_relation, profile_path, reference_path
from core.lake.profile_write import write_profile
from core.lake.window_rows import count_rows, window_relation
from core.metrics.binning import BinSet
from core.services import access
from core.services.questions import parsed_contract
from core.services.workspace import Workspace
from core.store import audit, manifest, models, references
from core.store.manifest import ManifestFile, NewFile

_ATTEMPTS = 50
NO_ROWS_MESSAGE = N_("{model} has no predictions in its reference window, {start} to {end}.")


@dataclass(frozen=True, slots=True)
class ReferenceProgress:
    """How much of the reference window the log covers.

    Parameters
    ----------
    model : str
        The model.
    days, needed : int
        Days of the window from the oldest to the newest prediction, and all its days.
    bins_id : str, optional
        The reference in force, if there is one.
    """

    model: str
    days: int
    needed: int
    bins_id: str | None

    @property
    def complete(self) -> bool:
        """Whether a reference is in force."""
        return self.bins_id is not None

    def __str__(self) -> str:
        if self.bins_id is not None:
            return f"reference {self.bins_id}"
        return f"reference {self.days} of {self.needed} days"


def reference_progress(workspace: Workspace, model_id: str, *, actor: Actor) -> ReferenceProgress:
    """Return how far the reference window is logged."""
    access.require(actor, Permission.model_view, model=model_id)
    state = _look(workspace, model_id)
    window, days = state.contract.reference, 0
    if state.oldest is not None and state.newest is not None:
        zone = state.contract.timezone
        first = max(local_day(state.oldest, zone), window.start)
        last = min(local_day(state.newest, zone), window.end)
        days = max((last - first).days + 1, 0)
    return ReferenceProgress(model_id, days, window.days, state.live_bins_id)


def ensure_reference(workspace: Workspace, model_id: str, *, actor: Actor) -> str | None:
    """Make the reference as soon as its window has passed; called after each ingest.

    Returns
    -------
    str or None
        The bins in force; ``None`` while the window is not complete, or has no rows.
    """
    access.require(actor, Permission.ingest_run, model=model_id)
    state = _look(workspace, model_id)
    if state.live_bins_id is not None:
        return state.live_bins_id
    if state.newest is None or state.newest < state.window.end or not state.reference_files:
        return None
    try:
        return _Build(workspace, state, actor).run()
    except NothingYet:
        return None


def rebuild_reference(workspace: Workspace, model_id: str, *, actor: Actor) -> str:
    """Make the reference anew from the raw rows; the bins before it are kept as retired.

    Returns
    -------
    str
        The bins now in force; the same as before if the rows and the contract give the same.

    Raises
    ------
    NothingYet
        If the window is not complete, or has no rows.
    Conflict
        If another process changed the reference meanwhile.
    """
    access.require(actor, Permission.reference_rebuild, model=model_id)
    state = _look(workspace, model_id)
    if state.newest is None or state.newest < state.window.end:
        progress = reference_progress(workspace, model_id, actor=actor)
        raise NothingYet(
            "The reference of {model} is not complete: {days} of {needed} days.",
            remedy="Ingest the log up to a day after {end}.",
            model=model_id,
            days=progress.days,
            needed=progress.needed,
            end=state.contract.reference.end.isoformat(),
        )
    return _Build(workspace, state, actor).run()


@dataclass(frozen=True, slots=True)
class _State:
    """A model's prediction files at one generation."""

    contract: ModelContract
    generation: int
    files: tuple[ManifestFile, ...]
    live_bins_id: str | None

    @property
    def window(self) -> Window:
        wanted = self.contract.reference
        return Window.of_days(wanted.start, wanted.end, self.contract.timezone)

    @property
    def oldest(self) -> datetime | None:
        starts = [file.first_time for file in self.data if file.first_time is not None]
        return min(starts, default=None)

    @property
    def newest(self) -> datetime | None:
        ends = [file.last_time for file in self.data if file.last_time is not None]
        return max(ends, default=None)

    @property
    def data(self) -> tuple[ManifestFile, ...]:
        return tuple(file for file in self.files if file.kind == "data")

    @property
    def reference_files(self) -> tuple[ManifestFile, ...]:
        window = self.window
        return tuple(
            file
            for file in self.data
            if (file.first_time is None or file.first_time < window.end)
            and (file.last_time is None or file.last_time >= window.start)
        )

    @property
    def old_profiles(self) -> tuple[int, ...]:
        """Profiles and counts of other references, replaced when a new one goes live."""
        return tuple(
            file.id
            for file in self.files
            if file.kind == "reference"
            or (file.kind == "profile" and file.profile_kind == "features")
        )


def _look(workspace: Workspace, model_id: str) -> _State:
    with workspace.store.read() as conn:
        record = models.get(conn, model_id)
        found = manifest.files_at(
            conn, model_id, record.lake_generation, kinds=("data", "profile", "reference")
        )
    files = tuple(file for file in found if file.stream == "predictions" or file.kind != "data")
    return _State(
        parsed_contract(record.spec_text), record.lake_generation, files, record.live_bins_id
    )


@dataclass(slots=True)
class _Build:
    """One making of a reference: its bins, the files written so far, what they cover."""

    workspace: Workspace
    state: _State
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
        return build_bins(duck, relation, self.state.contract), rows

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
        self._write_reference(duck, bins)
        for _ in range(_ATTEMPTS):
            self._profile_new_files(duck, bins)
            try:
                with self.workspace.store.begin() as conn:
                    live = references.live(conn, self._model)
                    found = live.bins_id if live else None
                    if found == started_with:
                        self._publish(conn, bins, rows)
                        return bins.bins_id
            except Conflict:
                self.state = _look(self.workspace, self._model)
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
            actor=self.actor.username,
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

    def _write_reference(self, duck: Duck, bins: BinSet) -> None:
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
        self._write(duck, self._reference_relation(), bins, file)

    def _profile_new_files(self, duck: Duck, bins: BinSet) -> None:
        """Profile the data files that no profile of these bins covers yet.

        A compaction replaces files by others with the same rows: then everything is profiled
        again, so that no row counts twice.
        """
        present = {file.id for file in self.state.data}
        if not self._covered <= present:
            self._forget()
            self._write_reference(duck, bins)
        new = [file for file in self.state.data if file.id not in self._covered]
        if not new:
            return
        file = NewFile(
            "profile",
            profile_path(self._model, "features", self._writer(), bins.bins_id),
            "",
            0,
            0,
            profile_kind="features",
            bins_id=bins.bins_id,
            first_time=min((f.first_time for f in new if f.first_time), default=None),
            last_time=max((f.last_time for f in new if f.last_time), default=None),
        )
        self._write(duck, parquet_relation(self.workspace.lake_paths(new)), bins, file)
        self._covered = present

    def _write(self, duck: Duck, relation: str, bins: BinSet, file: NewFile) -> None:
        target = self.workspace.settings.lake_dir / file.path
        rows = write_profile(duck, relation, self.state.contract, bins, "features", target)
        size, sha256 = target.stat().st_size, sha256_of(target)
        self._written.append(replace(file, rows=rows, bytes=size, sha256=sha256))

    def _forget(self) -> None:
        for file in self._written:
            (self.workspace.settings.lake_dir / file.path).unlink(missing_ok=True)
        self._written.clear()
        self._covered.clear()

    def _writer(self) -> str:
        return f"reference-{self.workspace.new_id()}"
