"""Counts behind a view: the current chunks and the frozen reference of each column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from core.domain.windows import Chunk, calendar_chunks
from core.errors import InvalidInput, NothingYet
from core.lake.profiles.segments import slice_values
from core.lake.profiles.view import ProfileView
from core.lake.row_filter import RowFilter
from core.metrics.binning import BinnedCounts, BinSet, FeatureBins
from core.services.personal.names import lake_label, shown_labels
from core.services.questions import View
from core.services.workspace import Workspace
from core.store import references


@dataclass(frozen=True, slots=True, eq=False)
class FeatureCounts:
    """One column: its bins, and the two sides of the comparison.

    Parameters
    ----------
    bins : NumericBins or CategoricalBins
        Bins of the column, frozen with the reference.
    reference : BinnedCounts, shape (C,) or (chunks, C)
        The reference, or what each chunk is compared with.
    current : BinnedCounts, shape (chunks, C)
        The chunks.
    """

    bins: FeatureBins
    reference: BinnedCounts
    current: BinnedCounts

    def current_at(self, chunk: int) -> BinnedCounts:
        """Return the counts of one chunk, shape (C,)."""
        return self.current.at(chunk)

    def reference_at(self, chunk: int) -> BinnedCounts:
        """Return what one chunk is compared with, shape (C,)."""
        return self.reference if self.reference.n.ndim == 1 else self.reference.at(chunk)


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """The counts of several columns over the same chunks."""

    chunks: tuple[Chunk, ...]
    columns: Mapping[str, FeatureCounts]


def feature_counts(
    workspace: Workspace, view: View, columns: Sequence[str], *, exact: bool = False
) -> Counted:
    """Count columns in a view's chunks and in the reference.

    Whole days (in a slice, whole months) come from profiles, the rest from raw rows.

    Raises
    ------
    NothingYet
        If the reference is not complete: how many of its days are there, and what to do.
    NotFound
        If the slice has no such value.
    """
    bins = live_bins(workspace, view)
    profiles = workspace.profiles.view(view.contract, view.generation, view.files, bins)
    reference = profiles.reference_counts(
        columns, slice=lake_slice(view, bins), jurisdictions=view.jurisdictions
    )
    chunks, current = _current(profiles, view, bins, columns, exact=exact)
    return Counted(
        chunks,
        {
            name: FeatureCounts(bins.features[name], reference[name], current[name])
            for name in columns
            if name in current
        },
    )


def slice_labels(workspace: Workspace, view: View) -> dict[str, tuple[str, ...]]:
    """Return the model's segments and their values as readers see them.

    They are fixed with the reference.

    Raises
    ------
    NothingYet
        If the reference is not complete.
    """
    bins = live_bins(workspace, view)
    contract = view.contract
    return {cut.name: shown_labels(contract, cut) for cut in slice_values(contract, bins)}


def lake_slice(view: View, bins: BinSet | None) -> tuple[str, str] | None:
    """Return a view's slice with the value's label in the lake.

    Raises
    ------
    NotFound
        If the segment has no such value for readers.
    """
    if view.slice is None or bins is None:
        return view.slice
    name, shown = view.slice
    cuts = (cut for cut in slice_values(view.contract, bins) if cut.name == name)
    cut = next(cuts, None)
    return view.slice if cut is None else (name, lake_label(view.contract, cut, shown))


def live_bins(workspace: Workspace, view: View) -> BinSet:
    """Return the bins of the reference in force.

    Raises
    ------
    NothingYet
        If the reference is not complete.
    """
    if view.bins_id is None:
        raise _incomplete(view)
    return stored_bins(workspace, view.contract.id, view.bins_id)


def row_filter(workspace: Workspace, view: View, *, of_reference: bool = False) -> RowFilter:
    """Return a view's conditions on raw rows; the reference is not cut by version.

    Raises
    ------
    NothingYet
        If a slice is asked for before the reference, which fixes its values, is complete.
    """
    cut = None
    if view.slice is not None:
        segments = slice_values(view.contract, live_bins(workspace, view))
        segment = next(each for each in segments if each.name == view.slice[0])
        cut = segment, lake_label(view.contract, segment, view.slice[1])
    return RowFilter(
        versions=None if of_reference else view.versions,
        jurisdictions=view.jurisdictions,
        slice=cut,
        until=view.as_of,
    )


def operation_counts(
    workspace: Workspace, view: View, chunks: Sequence[Chunk]
) -> dict[str, BinnedCounts]:
    """Count rows, status, hours, latency and resources in chunks.

    Needs no reference, except for a slice: its values are fixed with the reference.

    Raises
    ------
    NothingYet
        If a slice is asked for and the reference is not complete.
    NotFound
        If the slice has no such value.
    """
    bins = _live(workspace, view) if view.slice is None else live_bins(workspace, view)
    profiles = workspace.profiles.view(view.contract, view.generation, view.files, bins)
    return profiles.operation_counts(
        chunks,
        slice=lake_slice(view, bins),
        versions=view.versions,
        jurisdictions=view.jurisdictions,
        until=view.as_of,
    )


def logged_reference_days(view: View) -> int:
    """Return how many days of the reference period the log spans so far."""
    reference, zone = view.contract.reference, view.contract.zone
    last = min(view.last_prediction.astimezone(zone).date(), reference.end)
    first = max(view.first_prediction.astimezone(zone).date(), reference.start)
    return max((last - first).days + 1, 0)


def days_of(view: View) -> tuple[Chunk, ...]:
    """Return the local days of a view's window as chunks."""
    return calendar_chunks(view.window, "day", view.timezone)


def calendar_only(view: View) -> tuple[Chunk, ...]:
    """Return a view's chunks, or refuse chunks of N rows where they make no sense."""
    if view.rows_per_chunk is not None:
        raise InvalidInput(
            "Chunks of N rows are for drift and data quality only.",
            remedy="Choose day, week, month, quarter, year or all.",
        )
    return view.chunks


def _current(
    profiles: ProfileView, view: View, bins: BinSet, columns: Sequence[str], *, exact: bool
) -> tuple[tuple[Chunk, ...], dict[str, BinnedCounts]]:
    cut = lake_slice(view, bins)
    if view.rows_per_chunk is not None:
        return profiles.row_chunk_counts(
            columns,
            (view.window.start, view.window.end),
            view.rows_per_chunk,
            slice=cut,
            versions=view.versions,
            jurisdictions=view.jurisdictions,
            until=view.as_of,
        )
    counts = profiles.feature_counts(
        columns,
        view.chunks,
        slice=cut,
        versions=view.versions,
        jurisdictions=view.jurisdictions,
        until=view.as_of,
        exact=exact,
    )
    return view.chunks, counts


def _live(workspace: Workspace, view: View) -> BinSet | None:
    return stored_bins(workspace, view.contract.id, view.bins_id) if view.bins_id else None


def stored_bins(workspace: Workspace, model_id: str, bins_id: str) -> BinSet:
    """Return bins by their id, in force or of a reference that was made again since."""
    with workspace.store.read() as conn:
        return _parsed_bins(references.get(conn, model_id, bins_id).bins_json)


@lru_cache(maxsize=64)
def _parsed_bins(bins_json: str) -> BinSet:
    return BinSet.from_json(bins_json)


def _incomplete(view: View) -> NothingYet:
    reference = view.contract.reference
    return NothingYet(
        "The reference of {model} is not complete: {days} of {needed} days.",
        remedy="Ingest the log up to a day after {end}.",
        model=view.contract.id,
        days=logged_reference_days(view),
        needed=reference.days,
        end=reference.end.isoformat(),
    )
