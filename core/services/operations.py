"""Operations: whether the model is called, answers, and how fast."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.domain.identity import Actor, Permission
from core.domain.status import Status, worst
from core.domain.windows import Chunk
from core.lake.profiles.columns import operation_bins
from core.metrics.arrays import Booleans, Floats, Integers
from core.metrics.binning import CODE_OFFSET, BinnedCounts, NumericBins
from core.metrics.quantiles import quantile_from_counts
from core.services.figures import FigureRow, chunk_entry
from core.services.questions import Question, View, resolve
from core.services.reference.counts import calendar_only, days_of, operation_counts
from core.services.registry.versions import require_known_version
from core.services.stale import retry_when_stale
from core.services.thresholds import Thresholds, thresholds_of
from core.services.workspace import Workspace

_QUANTILES = {"latency_p50": 0.5, "latency_p95": 0.95, "latency_p99": 0.99}
_OK, _ERROR = CODE_OFFSET, CODE_OFFSET + 1


@dataclass(frozen=True, slots=True, eq=False)
class Operations:
    """Operations of a view; arrays have one entry a chunk, NaN where nothing was logged.

    Parameters
    ----------
    view : View
        The question made exact.
    rows, errors : ndarray
        Predictions, and those with an error status.
    error_rate : ndarray
        Errors over rows with a status.
    availability : ndarray
        Share of the hours with traffic in which at least one answer was ok.
    silent : ndarray of bool
        Chunks without a single row: neither up nor down.
    latency : mapping of str to ndarray
        ``latency_p50``, ``latency_p95``, ``latency_p99`` in ms; empty if not logged.
    resources : mapping of str to ndarray
        ``cpu_ms`` and ``memory_mb``: median of each chunk; empty if not logged.
    has_status : bool
        Whether the log says if a request failed.
    """

    view: View
    rows: Floats
    errors: Floats
    error_rate: Floats
    availability: Floats
    silent: Booleans
    latency: dict[str, Floats]
    resources: dict[str, Floats]
    has_status: bool

    @property
    def chunks(self) -> tuple[Chunk, ...]:
        """The chunks of the view."""
        return self.view.chunks

    def figures(self) -> dict[str, Floats]:
        """Return every figure by metric id."""
        found = {"volume": self.rows}
        if self.has_status:
            found |= {"error_rate": self.error_rate, "availability": self.availability}
        return {**found, **self.latency, **self.resources}

    def status_of(self, name: str, chunk: int) -> Status:
        """Return how a figure stands in one chunk."""
        if name in self.resources:
            return Status.in_range if self.rows[chunk] else Status.not_enough_data
        value = float(self.figures()[name][chunk])
        return self.thresholds(name).status(value, float(self.rows[chunk]))

    def thresholds(self, name: str) -> Thresholds:
        """Return what a metric is held against in this model."""
        return thresholds_of(self.view.contract, name)

    def newest(self) -> int | None:
        """Return the index of the newest chunk with rows."""
        found = np.flatnonzero(self.rows)
        return int(found[-1]) if found.size else None

    def status(self) -> Status:
        """Return the worst status of the newest chunk with rows."""
        newest = self.newest()
        if newest is None or not self.has_status:
            return Status.not_enough_data
        return worst(self.status_of(name, newest) for name in ("error_rate", "availability"))

    def json_rows(self) -> list[FigureRow]:
        """Return every figure of every chunk as a row."""
        return [
            self._row(name, values, index, chunk)
            for name, values in self.figures().items()
            for index, chunk in enumerate(self.chunks)
        ]

    def _row(self, name: str, values: Floats, index: int, chunk: Chunk) -> FigureRow:
        value, level = float(values[index]), self.status_of(name, index)
        reason = "ok" if not math.isnan(value) else "silent" if self.silent[index] else "not_logged"
        threshold = None if name in self.resources else self.thresholds(name).act
        return FigureRow(
            metric="operations",
            method=name,
            column="",
            slice=self.view.slice_text,
            chunk=chunk_entry(chunk, float(self.rows[index])),
            value=value,
            threshold=threshold,
            alert=level is Status.act,
            status=reason,
            level=str(level),
        )


@retry_when_stale
def operations(workspace: Workspace, question: Question, *, actor: Actor) -> Operations:
    """Measure volume, errors, availability, latency and resources chunk by chunk.

    Raises
    ------
    NothingYet
        If there are no predictions, or a slice is asked for before the reference, which fixes its
        values, is complete.
    NotFound
        If the slice has no such value.
    InvalidInput
        If the chunks are not calendar chunks, or the version is unknown.
    """
    view = resolve(workspace, question, Permission.operations_view, actor=actor)
    require_known_version(workspace, view)
    return workspace.memo.get(("operations", view.key), lambda: _measure(workspace, view))


def _measure(workspace: Workspace, view: View) -> Operations:
    chunks, days = calendar_only(view), days_of(view)
    daily = operation_counts(workspace, view, days)
    starts = _first_days(days, chunks)
    counted = {name: counts.merged_runs(starts) for name, counts in daily.items()}
    rows = counted["@rows"].row_count
    errors, rate = _errors(counted.get("@status"), rows)
    return Operations(
        view=view,
        rows=rows,
        errors=errors,
        error_rate=rate,
        availability=_availability(daily["@hour"], starts),
        silent=rows == 0,
        latency={
            name: _quantile(counted, "@latency_ms", share)
            for name, share in _QUANTILES.items()
            if "@latency_ms" in counted
        },
        resources={
            name[1:]: _quantile(counted, name, 0.5)
            for name in ("@cpu_ms", "@memory_mb")
            if name in counted
        },
        has_status="@status" in counted,
    )


def _errors(status: BinnedCounts | None, rows: Floats) -> tuple[Floats, Floats]:
    if status is None:
        return np.zeros_like(rows), np.full(rows.shape, np.nan)
    ok, errors = status.n[..., _OK], status.n[..., _ERROR]
    return errors, _share(errors, ok + errors)


def _first_days(days: Sequence[Chunk], chunks: Sequence[Chunk]) -> Integers:
    """Return the place of each chunk's first day; chunks are cut where days are."""
    begin = [day.start.timestamp() for day in days]
    return np.searchsorted(begin, [chunk.start.timestamp() for chunk in chunks])


def _availability(hours: BinnedCounts, starts: Integers) -> Floats:
    """Return the share of a chunk's hours with traffic in which a row was ok.

    ``hours`` has one row a local day and a pair of bins (ok, error) an hour of the day; ``starts``
    says with which day each chunk begins.
    """
    by_hour = hours.n[..., CODE_OFFSET : CODE_OFFSET + 48].reshape(-1, 24, 2)
    busy = (by_hour.sum(axis=-1) > 0).sum(axis=-1)
    answered = (by_hour[..., 0] > 0).sum(axis=-1)
    return _share(
        np.add.reduceat(answered, starts).astype(np.float64),
        np.add.reduceat(busy, starts).astype(np.float64),
    )


def _quantile(counted: Mapping[str, BinnedCounts], name: str, share: float) -> Floats:
    bins = operation_bins()[name]
    if not isinstance(bins, NumericBins):
        raise TypeError(f"{name} has no numeric bins")
    return quantile_from_counts(bins, counted[name], share)


def _share(part: Floats, whole: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(whole > 0, part / whole, np.nan)
