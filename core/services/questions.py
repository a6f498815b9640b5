"""What a reader asks of a model's log, and the exact rows and chunks that answers it.

Every reading page and command turns its filters into a :class:`Question`; ``resolve`` checks
the permission, re-validates each filter (they come from URLs) and returns the :class:`View`.
"""

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from sqlalchemy import Connection

from core.contract import ModelContract, contract_from_text
from core.domain.identity import Actor, Permission
from core.domain.windows import (
    GRAINS,
    Chunk,
    Grain,
    Window,
    calendar_chunks,
    last_instant,
    local_day,
)
from core.errors import InvalidInput, NothingYet
from core.lake.rows import newest_time
from core.services import access
from core.services.extent import log_extent
from core.services.workspace import Workspace
from core.store import manifest, models

_ROWS = re.compile(r"^rows:(\d{1,9})$")
_LAST = re.compile(r"^(\d{1,4})(d|m)$")
FIRST_YEAR, LAST_YEAR = 1900, 2199  # of the days that a question may name


@dataclass(frozen=True, slots=True)
class Question:
    """What to show: everything a filter, a URL or a command-line option can say.

    Parameters
    ----------
    model : str
        Id of the model.
    start, end : str, optional
        ISO dates or timestamps; a date-only end is included. They win over ``last``.
    last : str, optional
        Period up to the newest prediction: ``90d``, ``12m``.
    by : str
        Chunk length: one of the calendar grains, or ``rows:N``.
    as_of : str, optional
        Instant or day of knowledge, included: a day means its last microsecond. The newest
        event in the log by default, and where it lies ahead of both that and now.
    version : str, optional
        Only this model version.
    slice : str, optional
        ``name=value`` of a segment; the value as readers see it, so that of a personal column by
        its number.
    """

    model: str
    start: str | None = None
    end: str | None = None
    last: str | None = None
    by: str = "month"
    as_of: str | None = None
    version: str | None = None
    slice: str | None = None

    @property
    def of_whole_chunks(self) -> "Question":
        """The same question of the whole log, which cuts no chunk but its first and last.

        Of one chunk as long as the period, which has no other ends, it is the question itself.
        """
        return self if self.by == "all" else replace(self, start=None, end=None, last=None)


@dataclass(frozen=True, slots=True)
class View:
    """A question made exact: contract, window, chunks and scope, at one lake generation."""

    question: Question
    contract: ModelContract
    spec_sha256: str
    generation: int
    files: tuple[manifest.ManifestFile, ...]
    bins_id: str | None
    as_of: datetime
    newest_event: datetime
    first_prediction: datetime
    last_prediction: datetime  # the newest row up to as_of
    window: Window
    chunks: tuple[Chunk, ...]
    rows_per_chunk: int | None
    versions: tuple[str, ...] | None
    jurisdictions: tuple[str, ...] | None
    slice: tuple[str, str] | None

    @property
    def timezone(self) -> str:
        """The time zone that days are cut in."""
        return self.contract.timezone

    @property
    def key(self) -> Hashable:
        """What an answer depends on: question, scope, contract, generation and reference."""
        return (
            self.question,
            self.spec_sha256,
            self.generation,
            self.bins_id,
            self.as_of,
            self.jurisdictions,
        )

    @property
    def asked_as_of(self) -> datetime | None:
        """The as-of instant that the question names, even one after the newest event."""
        return _asked_instant(self.question.as_of, self.timezone)

    @property
    def decided_until(self) -> datetime:
        """The instant up to which decisions count.

        The moment asked for; else all of them: the verdict that a person gives today on a log that
        ended years ago is the final decision, though it moves neither what is known nor what is
        mature.
        """
        if self.asked_as_of is not None:
            return self.asked_as_of
        ends = [file.last_time for file in self.data_files("decisions")]
        return max([self.as_of, *(each for each in ends if each is not None)])

    @property
    def of_whole_chunks(self) -> "View":
        """The view of the whole log, which cuts no chunk but its first and last."""
        question = self.question.of_whole_chunks
        if question == self.question:
            return self
        window = _window(question, self.first_prediction, self.last_prediction, self.timezone)
        rows, chunks = _chunks(question.by, window, self.timezone)
        return replace(self, question=question, window=window, rows_per_chunk=rows, chunks=chunks)

    @property
    def slice_text(self) -> str | None:
        """The slice as ``name=value``; ``None`` for all rows."""
        return None if self.slice is None else "=".join(self.slice)

    @property
    def reference_window(self) -> Window:
        """The reference period as instants."""
        reference = self.contract.reference
        return Window.of_days(reference.start, reference.end, self.timezone)

    def local_starts(self, chunks: Sequence[Chunk]) -> list[datetime]:
        """Return when chunks begin by the model's own clock, as a time axis shows it."""
        return [chunk.start.astimezone(self.contract.zone) for chunk in chunks]

    def data_files(self, stream: str) -> tuple[manifest.ManifestFile, ...]:
        """Return the lake files of a stream at the view's generation."""
        return tuple(f for f in self.files if f.kind == "data" and f.stream == stream)


def resolve(
    workspace: Workspace, question: Question, permission: Permission, *, actor: Actor
) -> View:
    """Check the permission and make the question exact.

    Raises
    ------
    Forbidden, NotFound
        If the actor may not ask, or the model does not exist for the actor.
    NothingYet
        If the model has no predictions, or none up to ``as_of``.
    InvalidInput
        If a filter cannot be read.
    StaleGeneration
        If a file that goes on after ``as_of`` is gone.
    """
    access.require(actor, permission, model=question.model)
    with workspace.store.read() as conn:
        row = models.get(conn, question.model)
        files = _files(workspace, conn, row)
    jurisdictions = None if actor.jurisdictions is None else tuple(sorted(actor.jurisdictions))
    # The row says everything else that the view depends on, and changes with it.
    key = ("view", question, jurisdictions, row)
    return workspace.memo.get(key, lambda: _view(workspace, question, row, files, jurisdictions))


def _files(
    workspace: Workspace, conn: Connection, row: models.ModelRecord
) -> tuple[manifest.ManifestFile, ...]:
    """Return the files of the model's generation; what a generation sees never changes."""
    kinds = ("data", "profile", "reference")
    return workspace.memo.get(
        ("files", row.id, row.lake_generation),
        lambda: manifest.files_at(conn, row.id, row.lake_generation, kinds=kinds),
    )


def _view(
    workspace: Workspace,
    question: Question,
    row: models.ModelRecord,
    files: tuple[manifest.ManifestFile, ...],
    jurisdictions: tuple[str, ...] | None,
) -> View:
    contract = parsed_contract(row.spec_text)
    logged = [file for file in files if file.kind == "data" and file.stream == "predictions"]
    extent = log_extent(workspace, row, files, jurisdictions)
    if extent is None:
        raise nothing_yet(question.model)
    first = extent.first
    as_of = _as_of(question.as_of, extent.newest_event, workspace.clock(), contract.timezone)
    last = workspace.memo.get(
        ("last prediction", question.model, row.lake_generation, as_of, jurisdictions),
        lambda: _last_prediction(workspace, logged, as_of, jurisdictions),
    )
    if last is None:
        raise nothing_then(question.model, as_of, first, contract.timezone)
    window = _window(question, first, last, contract.timezone)
    rows_per_chunk, chunks = _chunks(question.by, window, contract.timezone)
    return View(
        question=question,
        contract=contract,
        spec_sha256=row.spec_sha256,
        generation=row.lake_generation,
        files=files,
        bins_id=row.live_bins_id,
        as_of=as_of,
        newest_event=extent.newest_event,
        first_prediction=first,
        last_prediction=last,
        window=window,
        chunks=chunks,
        rows_per_chunk=rows_per_chunk,
        versions=(question.version,) if question.version else None,
        jurisdictions=jurisdictions,
        slice=_slice(question.slice, contract),
    )


@lru_cache(maxsize=256)
def parsed_contract(spec_text: str) -> ModelContract:
    """Return the contract of a registered specification; parsing is remembered."""
    return contract_from_text(spec_text)


def nothing_yet(model: str) -> NothingYet:
    """Return the error of a model without predictions, with the command that mends it."""
    return NothingYet(
        "No predictions of {model} have been ingested yet.",
        remedy="Run 'harbourlight ingest {model} FILE', or upload a file on the Ingest page.",
        model=model,
    )


def nothing_then(model: str, as_of: datetime, first: datetime, timezone: str) -> NothingYet:
    """Return the error of a model that is asked about before its first prediction."""
    return NothingYet(
        "No prediction of {model} was known on {as_of}: the first is of {first}.",
        remedy="Ask as of {first} or later, or of no day at all.",
        model=model,
        as_of=local_day(as_of, timezone).isoformat(),
        first=local_day(first, timezone).isoformat(),
    )


def _last_prediction(
    workspace: Workspace,
    logged: Sequence[manifest.ManifestFile],
    as_of: datetime,
    jurisdictions: tuple[str, ...] | None,
) -> datetime | None:
    """Return the newest prediction that was known; files that go on after it are looked into."""
    if jurisdictions is not None:
        paths = workspace.lake_paths(logged)
        return newest_time(workspace.duck, paths, as_of, jurisdictions)
    spans = [(file, file.first_time, file.last_time) for file in logged]
    whole = [last for _, _, last in spans if last is not None and last <= as_of]
    newest = max(whole, default=None)
    cut = [
        file
        for file, first, last in spans
        if first is not None
        and last is not None
        and first <= as_of < last
        and (newest is None or last > newest)
    ]
    inside = newest_time(workspace.duck, workspace.lake_paths(cut), as_of)
    return max((each for each in (newest, inside) if each is not None), default=None)


def _as_of(text: str | None, newest: datetime, now: datetime, timezone: str) -> datetime:
    """Return what is known when: time that has passed without an event lets outcomes mature."""
    asked = _asked_instant(text, timezone)
    if asked is None or asked > max(newest, now):
        return newest
    return asked


def _asked_instant(text: str | None, timezone: str) -> datetime | None:
    if not text:
        return None
    # What was known at the instant counts: "as of 31 December" includes that day, and "as of
    # noon" the row of noon.
    return last_instant(text, timezone)


def _window(question: Question, first: datetime, last: datetime, timezone: str) -> Window:
    first_day, last_day = local_day(first, timezone), local_day(last, timezone)
    if question.start or question.end:
        start, end = question.start or first_day.isoformat(), question.end or last_day.isoformat()
        window = Window.parse(start, end, timezone)
        for text, day in zip((start, end), window.days(timezone), strict=True):
            if not FIRST_YEAR <= day.year <= LAST_YEAR:
                raise InvalidInput(
                    "No log is about {text}.",
                    remedy="Write days of the years {first} to {last}.",
                    text=text,
                    first=str(FIRST_YEAR),
                    last=str(LAST_YEAR),
                )
        return window
    if question.last:
        first_day = max(first_day, _days_before(question.last, last_day))
    return Window.of_days(first_day, last_day, timezone)


def _days_before(last: str, day: date) -> date:
    match = _LAST.match(last)
    if match is None:
        raise InvalidInput(
            "{last!r} is not a period.", remedy="Write 90d for days or 12m for months.", last=last
        )
    count = int(match[1])
    if match[2] == "d":
        return day - timedelta(days=max(count, 1) - 1)
    # N months: the calendar month of the newest day and the N - 1 before it.
    index = day.year * 12 + day.month - max(count, 1)
    return date(max(index // 12, 1), index % 12 + 1, 1)


def _chunks(by: str, window: Window, timezone: str) -> tuple[int | None, tuple[Chunk, ...]]:
    match = _ROWS.match(by)
    if match is not None and int(match[1]) > 0:
        return int(match[1]), ()
    if by not in GRAINS:
        raise InvalidInput(
            "{by!r} is not a chunk length.",
            remedy="Choose from: {grains}, or rows:N.",
            by=by,
            grains=", ".join(GRAINS),
        )
    grain: Grain = by  # type: ignore[assignment]  # one of GRAINS, checked above
    return None, calendar_chunks(window, grain, timezone)


def _slice(text: str | None, contract: ModelContract) -> tuple[str, str] | None:
    if not text:
        return None
    name, separator, value = text.partition("=")
    names: Sequence[str] = [segment.name for segment in contract.segments]
    if not separator or name not in names:
        raise InvalidInput(
            "{text!r} is not a slice of {model}.",
            remedy="Write NAME=VALUE with one of: {names}.",
            text=text,
            model=contract.id,
            names=", ".join(names) or "–",
        )
    return name, value
