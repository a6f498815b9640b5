"""Data quality: what is missing, outside the reference, of the wrong type, repeated or late."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np

from core.domain.identity import Actor, Permission
from core.domain.status import Status, worst
from core.domain.windows import Chunk
from core.errors import NothingYet
from core.metrics.arrays import Floats
from core.metrics.quality import QualityShares, quality_shares
from core.services.figures import FigureRow, chunk_entry
from core.services.questions import Question, View, resolve
from core.services.reference.counts import feature_counts, logged_reference_days
from core.services.registry.versions import require_known_version
from core.services.stale import retry_when_stale
from core.services.thresholds import Thresholds, thresholds_of
from core.services.workspace import Workspace
from core.store import batches

SHARES = ("missing_share", "out_of_range_share", "unseen_share")


@dataclass(frozen=True, slots=True, eq=False)
class ColumnQuality:
    """Shares of one feature: per chunk, and in the reference to compare with."""

    column: str
    current: QualityShares
    reference: QualityShares

    def share(self, name: str) -> Floats:
        """Return one of :data:`SHARES` per chunk; NaN where it does not apply."""
        return _share(self.current, name)

    def reference_share(self, name: str) -> float:
        """Return one of :data:`SHARES` in the reference."""
        return float(_share(self.reference, name))


@dataclass(frozen=True, slots=True)
class IngestQuality:
    """What the batches of the predictions stream say: rows read, refused and repeated."""

    rows_read: int
    rows_quarantined: int
    rows_skipped: int

    @property
    def type_error_share(self) -> float:
        """Rows quarantined over rows read."""
        return self.rows_quarantined / self.rows_read if self.rows_read else math.nan

    @property
    def duplicate_share(self) -> float:
        """Rows skipped as repeats over rows read."""
        return self.rows_skipped / self.rows_read if self.rows_read else math.nan


@dataclass(frozen=True, eq=False)
class Quality:
    """Data quality of a view.

    Parameters
    ----------
    view : View
        The question made exact.
    chunks : tuple of Chunk
        The chunks.
    columns : tuple of ColumnQuality
        One a feature; empty until the reference is complete.
    ingest : IngestQuality or None
        Of all batches of the model; ``None`` for an actor limited to some jurisdictions, because
        a batch counts the rows of all of them.
    freshness : timedelta
        From the newest prediction to the as-of time asked for, or else to the newest event of the
        predictions and decisions. Outcomes do not count: they come later by their nature.
    waiting : NothingYet or None
        Why there are no columns.
    """

    view: View
    chunks: tuple[Chunk, ...]
    columns: tuple[ColumnQuality, ...]
    ingest: IngestQuality | None
    freshness: timedelta
    waiting: NothingYet | None

    @property
    def reference_days(self) -> tuple[int, int]:
        """Days of the reference that the log covers, and days it needs."""
        return logged_reference_days(self.view), self.view.contract.reference.days

    def statuses(self, column: ColumnQuality, name: str) -> list[Status]:
        """Return the status of one share of one column, chunk by chunk."""
        return self._judged[column.column, name]

    @cached_property
    def _judged(self) -> dict[tuple[str, str], list[Status]]:
        """Each status once: a page asks for them many times over."""
        limits = {name: self.thresholds(name) for name in SHARES}
        return {
            (column.column, name): limits[name].statuses(column.share(name), column.current.rows)
            for column in self.columns
            for name in SHARES
        }

    def thresholds(self, name: str) -> Thresholds:
        """Return what a metric is held against in this model."""
        return thresholds_of(self.view.contract, name)

    def newest_status(self, column: ColumnQuality) -> Status:
        """Return the worst status of the newest chunk with rows."""
        filled = np.flatnonzero(column.current.rows)
        if not filled.size:
            return Status.not_enough_data
        newest = int(filled[-1])
        return worst(self.statuses(column, name)[newest] for name in SHARES)

    def whole_log(self) -> dict[str, tuple[float, Status]]:
        """Return the figures of the log as a whole with their status, by metric id.

        Those that are counted batch by batch are left out where ``ingest`` is ``None``.
        """
        figures = {"freshness": (self.freshness.total_seconds() / 3600, 1)}
        if self.ingest is not None:
            rows = self.ingest.rows_read
            figures = {
                "type_error_share": (self.ingest.type_error_share, rows),
                "duplicate_share": (self.ingest.duplicate_share, rows),
                **figures,
            }
        return {
            name: (value, self.thresholds(name).status(value, n))
            for name, (value, n) in figures.items()
        }

    def rows(self) -> list[FigureRow]:
        """Return every figure as a row."""
        return [*self._column_rows(), *self._log_rows()]

    def _column_rows(self) -> Iterator[FigureRow]:
        for column in self.columns:
            for name in SHARES:
                values = column.share(name)
                if np.isnan(values).all():
                    continue
                statuses = self.statuses(column, name)
                for index, chunk in enumerate(self.chunks):
                    n = int(column.current.rows[index])
                    yield self._row(
                        name, column.column, chunk, n, float(values[index]), statuses[index]
                    )

    def _log_rows(self) -> Iterator[FigureRow]:
        window = self.view.window
        whole = Chunk(0, "all", window.start, window.end)
        rows = self.ingest.rows_read if self.ingest else 0
        for name, (value, status) in self.whole_log().items():
            yield self._row(name, "", whole, rows, value, status)

    def _row(
        self, name: str, column: str, chunk: Chunk, n: int, value: float, status: Status
    ) -> FigureRow:
        return FigureRow(
            metric="quality",
            method=name,
            column=column,
            slice=self.view.slice_text,
            chunk=chunk_entry(chunk, n),
            value=value,
            threshold=self.thresholds(name).act,
            alert=status is Status.act,
            status="ok" if not math.isnan(value) else "current_empty",
            level=str(status),
        )


@retry_when_stale
def quality(workspace: Workspace, question: Question, *, actor: Actor) -> Quality:
    """Measure the data quality of every feature, chunk by chunk, and of the log as a whole.

    Raises
    ------
    NothingYet
        If there are no predictions. An incomplete reference is no error: the figures that need
        no reference are given, and ``waiting`` says what is missing.
    """
    view = resolve(workspace, question, Permission.quality_view, actor=actor)
    require_known_version(workspace, view)
    ingest = _ingest_quality(workspace, view)
    return workspace.memo.get(
        ("quality", view.key, ingest), lambda: _measure(workspace, view, ingest)
    )


def _measure(workspace: Workspace, view: View, ingest: IngestQuality | None) -> Quality:
    names = [feature.name for feature in view.contract.features]
    columns: tuple[ColumnQuality, ...] = ()
    chunks, waiting = view.chunks, None
    try:
        counted = feature_counts(workspace, view, names)
    except NothingYet as error:
        waiting = error
    else:
        chunks = counted.chunks
        columns = tuple(
            ColumnQuality(
                name,
                quality_shares(counts.bins, counts.current),
                quality_shares(counts.bins, counts.reference),
            )
            for name, counts in counted.columns.items()
        )
    return Quality(
        view=view,
        chunks=chunks,
        columns=columns,
        ingest=ingest,
        freshness=_as_of_of_feed(workspace, view) - view.last_prediction,
        waiting=waiting,
    )


def _as_of_of_feed(workspace: Workspace, view: View) -> datetime:
    if view.asked_as_of is not None:
        return view.asked_as_of
    if view.jurisdictions is not None:  # files may hold rows of other places
        return view.last_prediction
    with workspace.store.read() as conn:
        decided = batches.list_batches(
            conn,
            models=[view.contract.id],
            streams=["decisions"],
            states=["published"],
            limit=None,
        )
    ends = [file.last_time for file in view.data_files("predictions")]
    # Later than the newest event are verdicts alone, which say nothing of how late the feed is.
    ends += [each.last_time for each in decided]
    known = [end for end in ends if end is not None and end <= view.newest_event]
    return max([*known, view.last_prediction])


def _ingest_quality(workspace: Workspace, view: View) -> IngestQuality | None:
    if view.jurisdictions is not None:
        return None
    with workspace.store.read() as conn:
        found = batches.list_batches(
            conn,
            models=[view.contract.id],
            streams=["predictions"],
            states=["published", "skipped"],
            limit=None,
        )
    return IngestQuality(
        rows_read=sum(batch.rows_read for batch in found),
        rows_quarantined=sum(batch.rows_quarantined for batch in found),
        rows_skipped=sum(batch.rows_skipped for batch in found),
    )


def _share(shares: QualityShares, name: str) -> Floats:
    named = {
        "missing_share": shares.missing,
        "out_of_range_share": shares.out_of_range,
        "unseen_share": shares.unseen,
    }
    return named[name]
