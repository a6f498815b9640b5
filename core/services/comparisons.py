"""The other side of every chunk, where it is not the fixed reference as a whole.

Counts of days are mergeable and have the same frozen bins, so a season, the year before or the
periods before are other sums of them. In a slice, whose counts are kept by month, single days are
counted from raw rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.domain.comparison import (
    Comparison,
    ComparisonKind,
    covered_share,
    first_day_before,
    window_before,
    year_earlier,
)
from core.domain.windows import Chunk, Grain, Window, calendar_chunks, local_day, start_of_day
from core.errors import InvalidInput
from core.lake.profiles.view import ProfileView
from core.metrics.binning import BinnedCounts
from core.metrics.drift import Reason, standardised
from core.services.questions import View
from core.services.reference.counts import Counted, lake_slice, live_bins
from core.services.workspace import Workspace

COVERED = 0.9
"""Share of the days compared with that the log must reach back to."""

_WEEKDAYS = 7


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """What the chunks of a question are compared with.

    Parameters
    ----------
    counts : mapping of str to BinnedCounts, shape (chunks, C)
        Column → the counts beside each chunk; zeros where there is nothing to compare with.
    periods : tuple of Window or None
        The period beside each chunk.
    missing : tuple of Reason or None
        Why a chunk has nothing beside it.
    """

    counts: Mapping[str, BinnedCounts]
    periods: tuple[Window | None, ...]
    missing: tuple[Reason | None, ...]


def compared_counts(
    workspace: Workspace, view: View, counted: Counted, against: Comparison
) -> Compared:
    """Count what each chunk is compared with.

    Rows of the reference are of every version, as always; those of other periods are of the
    version, slice and jurisdictions of the question, known by its ``as_of``.

    Parameters
    ----------
    workspace : Workspace
        Where.
    view : View
        The question made exact.
    counted : Counted
        Its chunks.
    against : Comparison
        With what; not the fixed reference.

    Raises
    ------
    InvalidInput
        If chunks of a number of rows are to be compared by the calendar.
    """
    bins = live_bins(workspace, view)
    profiles = workspace.profiles.view(view.contract, view.generation, view.files, bins)
    source = _Source(profiles, view, tuple(counted.columns), lake_slice(view, bins))
    if view.rows_per_chunk is not None:
        return _rows_before(counted, against)
    if against.kind is ComparisonKind.weekday:
        return _weekdays(source, counted.chunks)
    if against.kind is ComparisonKind.last_year:
        return _last_year(source, counted.chunks)
    if view.question.by == "all":
        return _before_all(source, counted.chunks, against.periods)
    return _rolling(source, counted.chunks, against.periods)


@dataclass(frozen=True, slots=True, eq=False)
class _Source:
    """Where counts of a question come from."""

    profiles: ProfileView
    view: View
    columns: tuple[str, ...]
    cut: tuple[str, str] | None

    @property
    def timezone(self) -> str:
        return self.view.timezone

    def counts(
        self, chunks: Sequence[Chunk], columns: Sequence[str] | None = None
    ) -> dict[str, BinnedCounts]:
        """Count what the log holds in chunks, as the question restricts it."""
        return self.profiles.feature_counts(
            self.columns if columns is None else columns,
            chunks,
            slice=self.cut,
            versions=self.view.versions,
            jurisdictions=self.view.jurisdictions,
            until=self.view.as_of,
        )

    def reference_by_weekday(self) -> dict[str, BinnedCounts]:
        """Count the frozen reference by weekday, Monday first: shape (7, C)."""
        return self.profiles.reference_by_weekday(
            self.columns, slice=self.cut, jurisdictions=self.view.jurisdictions
        )

    def is_covered(self, window: Window) -> bool:
        """Whether the log reaches back to nearly all of a period."""
        return covered_share(window, self.view.first_prediction, self.timezone) >= COVERED


def _weekdays(source: _Source, chunks: Sequence[Chunk]) -> Compared:
    zone, view = source.timezone, source.view
    days = calendar_chunks(view.window, "day", zone)
    rows = next(iter(source.counts(days, source.columns[:1]).values())).row_count
    weights = np.zeros((len(chunks), _WEEKDAYS))
    ends = [chunk.end.timestamp() for chunk in chunks]
    chunk_of = np.searchsorted(ends, [day.start.timestamp() for day in days], side="right")
    weekday = np.array([local_day(day.start, zone).weekday() for day in days])
    np.add.at(weights.reshape(-1), chunk_of * _WEEKDAYS + weekday, rows)
    counts = {
        name: standardised(found, weights) for name, found in source.reference_by_weekday().items()
    }
    window = view.reference_window
    return Compared(counts, (window,) * len(chunks), (None,) * len(chunks))


def _last_year(source: _Source, chunks: Sequence[Chunk]) -> Compared:
    windows = [year_earlier(chunk, source.view.question.by, source.timezone) for chunk in chunks]
    return _separate(source, windows)


def _before_all(source: _Source, chunks: Sequence[Chunk], periods: int) -> Compared:
    whole = Window(chunks[0].start, chunks[-1].end)
    return _separate(source, [window_before(whole, periods, source.timezone)])


def _separate(source: _Source, windows: Sequence[Window | None]) -> Compared:
    """Count periods that do not overlap, one a chunk; some chunks have none."""
    missing = tuple(_why_missing(source, window) for window in windows)
    asked = [
        Chunk(place, "", window.start, window.end)
        for place, window in enumerate(windows)
        if window is not None and missing[place] is None
    ]
    there = [chunk.index for chunk in asked]
    counts = {
        name: _spread(found, there, len(windows)) for name, found in source.counts(asked).items()
    }
    return Compared(counts, tuple(windows), missing)


def _rolling(source: _Source, chunks: Sequence[Chunk], periods: int) -> Compared:
    """Count the whole periods before each chunk, beyond the window that is asked for too."""
    view, zone, by = source.view, source.timezone, source.view.question.by
    grain: Grain = by  # type: ignore[assignment]  # chunks were cut by it
    first = first_day_before(local_day(chunks[0].start, zone), by, periods)
    base = calendar_chunks(Window(start_of_day(first, zone), view.window.end), grain, zone)
    windows = [
        Window(base[place].start, base[place + periods - 1].end) for place in range(len(chunks))
    ]
    missing = tuple(_why_missing(source, window) for window in windows)
    counts = {
        name: _without(_rolled(found, periods, len(chunks)), missing)
        for name, found in source.counts(base).items()
    }
    return Compared(counts, tuple(windows), missing)


def _rows_before(counted: Counted, against: Comparison) -> Compared:
    """Compare chunks of N rows with the chunks before them, as far as there are any."""
    if against.kind is not ComparisonKind.rolling:
        raise InvalidInput(
            "Chunks of N rows have no weekday and no year before.",
            remedy="Choose day, week, month, quarter, year or all, or compare with 'previous'.",
        )
    chunks, periods = counted.chunks, against.periods
    windows: list[Window | None] = [
        None if place < periods else Window(chunks[place - periods].start, chunks[place - 1].end)
        for place in range(len(chunks))
    ]
    missing = tuple(Reason.no_such_period if window is None else None for window in windows)
    there = [place for place, window in enumerate(windows) if window is not None]
    counts = {
        name: _spread(_rolled(column.current, periods, len(there)), there, len(chunks))
        for name, column in counted.columns.items()
    }
    return Compared(counts, tuple(windows), missing)


def _why_missing(source: _Source, window: Window | None) -> Reason | None:
    if window is None:
        return Reason.no_such_period
    return None if source.is_covered(window) else Reason.outside_log


def _rolled(counts: BinnedCounts, periods: int, runs: int) -> BinnedCounts:
    """Merge every run of neighbouring chunks, the first ``runs`` of them."""
    merged = counts.at(slice(0, runs))
    for step in range(1, periods):
        merged = merged + counts.at(slice(step, step + runs))
    return merged


def _spread(counts: BinnedCounts, places: Sequence[int], chunks: int) -> BinnedCounts:
    """Put rows of counts into their chunks; the others are zero."""
    shape = chunks, counts.n.shape[-1]
    spread = BinnedCounts(
        np.zeros(shape),
        None if counts.total is None else np.zeros(shape),
        None if counts.low is None else np.full(shape, np.nan),
        None if counts.high is None else np.full(shape, np.nan),
    )
    for name in ("n", "total", "low", "high"):
        part = getattr(counts, name)
        if part is not None:
            getattr(spread, name)[list(places)] = part
    return spread


def _without(counts: BinnedCounts, missing: Sequence[Reason | None]) -> BinnedCounts:
    there = [place for place, reason in enumerate(missing) if reason is None]
    return _spread(counts.at(np.asarray(there, dtype=np.int64)), there, len(missing))
