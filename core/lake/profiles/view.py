"""The counts of one model at one lake generation, for any chunks, slice and scope.

Parts of a chunk that are no whole days (or, in a slice, no whole months) are counted from raw
rows, so any chunk gets its exact counts.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Protocol

import duckdb
import numpy as np

from core.contract import ModelContract
from core.domain.windows import Chunk, Window, calendar_chunks
from core.errors import NotFound
from core.lake.profiles.cell_table import EMPTY, CellTable, load_cells
from core.lake.profiles.chunk_days import Cover, cover
from core.lake.profiles.columns import (
    ProfileColumn,
    ProfileKind,
    operation_columns,
    profile_columns,
)
from core.lake.profiles.raw_counts import added, count_intervals, count_row_chunks
from core.lake.profiles.segments import ALL_ROWS, SliceValues, slice_values
from core.lake.profiles.sums import summed
from core.lake.row_filter import RowFilter, slice_label
from core.metrics.binning import BinnedCounts, BinSet

_KEPT_SLICES = 6
_REFERENCE = "reference"


class LakeFile(Protocol):
    """What a view needs to know of a file in the manifest; paths are relative to the lake."""

    @property
    def kind(self) -> str:
        """``data``, ``profile`` or ``reference``; others are not read."""

    @property
    def stream(self) -> str | None:
        """Stream of a data file."""

    @property
    def profile_kind(self) -> str | None:
        """Kind of a profile."""

    @property
    def bins_id(self) -> str | None:
        """Bins of a profile or reference."""

    @property
    def path(self) -> str:
        """Where it lies, relative to the lake."""

    @property
    def first_time(self) -> datetime | None:
        """Oldest event in it."""

    @property
    def last_time(self) -> datetime | None:
        """Newest event in it."""


class ProfileView:
    """Counts of one model at one generation, under one set of bins.

    Made by :meth:`ProfileStore.view`.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        lake_dir: Path,
        contract: ModelContract,
        files: Sequence[LakeFile],
        bins: BinSet | None,
    ) -> None:
        bins_id = bins.bins_id if bins else None
        self.contract = contract
        self.bins = bins
        self._connection = connection
        self._columns = {
            column.feature: column for column in (profile_columns(contract, bins) if bins else ())
        }
        self._operations = operation_columns(contract)
        self._slices = {cut.name: cut for cut in (slice_values(contract, bins) if bins else ())}
        self._paths: dict[str, tuple[Path, ...]] = {
            "features": _profile_paths(files, lake_dir, "features", bins_id),
            "operations": _profile_paths(files, lake_dir, "operations", None),
            _REFERENCE: tuple(
                lake_dir / file.path
                for file in files
                if file.kind == _REFERENCE and bins_id is not None and file.bins_id == bins_id
            ),
        }
        self._data = tuple(
            (str(lake_dir / file.path), file.first_time, file.last_time)
            for file in files
            if file.kind == "data" and file.stream == "predictions"
        )
        self._tables: OrderedDict[tuple[str, str], CellTable] = OrderedDict()
        self._lock = Lock()

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """Instants of the oldest and the newest row; ``None`` for an empty log."""
        starts = [first for _, first, _ in self._data if first is not None]
        ends = [last for _, _, last in self._data if last is not None]
        return (min(starts), max(ends)) if starts and ends else None

    @property
    def slices(self) -> Mapping[str, SliceValues]:
        """The segments and their fixed values."""
        return self._slices

    def feature_counts(
        self,
        features: Iterable[str],
        chunks: Sequence[Chunk],
        *,
        slice: tuple[str, str] | None = None,
        versions: Iterable[str] | None = None,
        jurisdictions: Iterable[str] | None = None,
        until: datetime | None = None,
        exact: bool = False,
    ) -> dict[str, BinnedCounts]:
        """Count features per chunk and bin.

        Parameters
        ----------
        features : iterable of str
            Names of features or pseudo-features; those without bins are left out.
        chunks : sequence of Chunk
            Intervals that do not overlap.
        slice : (str, str), optional
            Segment and value.
        versions, jurisdictions : iterable of str, optional
            Only these.
        until : datetime, optional
            Rows of later instants are invisible.
        exact : bool
            Count raw rows throughout.

        Returns
        -------
        dict of str to BinnedCounts
            Arrays of shape (chunks, bins) in the order of the codes -2, -1, 0, …; in a slice,
            ``low`` and ``high`` are NaN where whole months were counted.

        Raises
        ------
        NotFound
            If there is no such slice.
        StaleGeneration
            If a file is gone: ask for the newest generation's view and repeat.
        """
        columns = self._chosen(features)
        chosen = self._filter(slice, versions, jurisdictions, until)
        return self._count("features", columns, chunks, chosen, exact=exact)

    def operation_counts(
        self,
        chunks: Sequence[Chunk],
        *,
        slice: tuple[str, str] | None = None,
        versions: Iterable[str] | None = None,
        jurisdictions: Iterable[str] | None = None,
        until: datetime | None = None,
    ) -> dict[str, BinnedCounts]:
        """Count rows, status, hours, latency and resources per chunk.

        The bins are :func:`core.lake.profiles.columns.operation_bins`; parameters as in
        :meth:`feature_counts`. Operations profiles are of all rows, because they are made before
        there are bins to name slices by; so a slice is counted from raw rows.
        """
        chosen = self._filter(slice, versions, jurisdictions, until)
        exact = chosen.slice is not None
        return self._count("operations", self._operations, chunks, chosen, exact=exact)

    def row_chunk_counts(
        self,
        features: Iterable[str],
        window: tuple[datetime, datetime],
        rows_per_chunk: int,
        *,
        slice: tuple[str, str] | None = None,
        versions: Iterable[str] | None = None,
        jurisdictions: Iterable[str] | None = None,
        until: datetime | None = None,
    ) -> tuple[tuple[Chunk, ...], dict[str, BinnedCounts]]:
        """Count features in chunks of N rows in stable order; parameters as above.

        Without a row there is no chunk, and the arrays have the shape (0, bins).
        """
        chosen = self._filter(slice, versions, jurisdictions, until)
        paths = self._data_paths(*window)
        columns = self._chosen(features)
        return count_row_chunks(
            self._connection, paths, self.contract, columns, window, rows_per_chunk, chosen
        )

    def reference_counts(
        self,
        features: Iterable[str],
        *,
        slice: tuple[str, str] | None = None,
        jurisdictions: Iterable[str] | None = None,
    ) -> dict[str, BinnedCounts]:
        """Return the reference's own counts per bin, as frozen with its bins.

        Returns
        -------
        dict of str to BinnedCounts
            Arrays of shape (bins,).
        """
        chosen = self._filter(slice, None, jurisdictions, None)
        table = self._table(_REFERENCE, chosen.slice[0].name if chosen.slice else ALL_ROWS)
        days = [cells.day for cells in table.features.values()]
        first = min((int(day.min()) for day in days), default=0)
        last = max((int(day.max()) for day in days), default=-1)
        every_day = Cover(first, np.zeros(last - first + 1, dtype=np.int64), ())
        counts = summed(table, self._chosen(features), every_day, 1, chosen)
        return {name: found.merged() for name, found in counts.items()}

    def reference_by_weekday(
        self,
        features: Iterable[str],
        *,
        slice: tuple[str, str] | None = None,
        jurisdictions: Iterable[str] | None = None,
    ) -> dict[str, BinnedCounts]:
        """Return the reference's counts by weekday, Monday first.

        Of all rows they are frozen with the bins; those of a slice, whose profiles are by month,
        are counted from raw rows.

        Returns
        -------
        dict of str to BinnedCounts
            Arrays of shape (7, bins).
        """
        columns, chosen = self._chosen(features), self._filter(slice, None, jurisdictions, None)
        reference, zone = self.contract.reference, self.contract.timezone
        first, last = reference.start.toordinal(), reference.end.toordinal()
        weekdays = (np.arange(first, last + 1, dtype=np.int64) - 1) % 7
        if chosen.slice is None:
            table = self._table(_REFERENCE, ALL_ROWS)
            return summed(table, columns, Cover(first, weekdays, ()), 7, chosen)
        days = calendar_chunks(Window.of_days(reference.start, reference.end, zone), "day", zone)
        intervals = [
            (int(weekday), day.start, day.end) for weekday, day in zip(weekdays, days, strict=True)
        ]
        return self._raw(columns, intervals, 7, chosen)

    def _chosen(self, features: Iterable[str]) -> tuple[ProfileColumn, ...]:
        return tuple(self._columns[name] for name in features if name in self._columns)

    def _filter(
        self,
        chosen: tuple[str, str] | None,
        versions: Iterable[str] | None,
        jurisdictions: Iterable[str] | None,
        until: datetime | None,
    ) -> RowFilter:
        cut: tuple[SliceValues, str] | None = None
        if chosen is not None:
            if chosen[0] not in self._slices:
                raise NotFound(
                    "There is no slice {slice}.",
                    remedy="Choose from: {names}.",
                    slice=chosen[0],
                    names=", ".join(self._slices) or "–",
                )
            values = self._slices[chosen[0]]
            cut = values, slice_label(values, chosen[1])
        span = self.span
        return RowFilter(
            versions=None if versions is None else tuple(versions),
            jurisdictions=None if jurisdictions is None else tuple(jurisdictions),
            slice=cut,
            until=None if until is None or span is None or until >= span[1] else until,
        )

    def _count(
        self,
        kind: ProfileKind,
        columns: Sequence[ProfileColumn],
        chunks: Sequence[Chunk],
        chosen: RowFilter,
        *,
        exact: bool,
    ) -> dict[str, BinnedCounts]:
        span = self.span
        if exact or span is None:
            ragged = tuple((index, chunk.start, chunk.end) for index, chunk in enumerate(chunks))
            return self._raw(columns, ragged, len(chunks), chosen)
        covered = cover(
            chunks,
            "month" if chosen.slice else "day",
            self.contract.timezone,
            first=span[0],
            last=span[1],
            until=chosen.until,
        )
        table = self._table(kind, chosen.slice[0].name if chosen.slice else ALL_ROWS)
        counts = summed(table, columns, covered, len(chunks), chosen)
        if not covered.ragged:
            return counts
        return added(counts, self._raw(columns, covered.ragged, len(chunks), chosen))

    def _raw(
        self,
        columns: Sequence[ProfileColumn],
        intervals: Sequence[tuple[int, datetime, datetime]],
        chunks: int,
        chosen: RowFilter,
    ) -> dict[str, BinnedCounts]:
        paths = self._data_paths(intervals[0][1], intervals[-1][2]) if intervals else ()
        return count_intervals(
            self._connection, paths, self.contract, columns, intervals, chunks, chosen
        )

    def _data_paths(self, start: datetime, end: datetime) -> tuple[str, ...]:
        return tuple(
            path
            for path, first, last in self._data
            if (first is None or first < end) and (last is None or last >= start)
        )

    def _table(self, kind: str, slice_name: str) -> CellTable:
        key = kind, slice_name
        with self._lock:
            if key not in self._tables:
                self._tables[key] = load_cells(EMPTY, self._paths[kind], slice_name)
            self._tables.move_to_end(key)
            self._drop_slices()
            return self._tables[key]

    def _drop_slices(self) -> None:
        sliced = [key for key in self._tables if key[1] != ALL_ROWS]
        for key in sliced[: max(0, len(sliced) - _KEPT_SLICES)]:
            del self._tables[key]

    def extend_from(self, older: "ProfileView") -> None:
        """Take over what an older view of the same bins has read, as far as its files remain."""
        with older._lock:
            held = dict(older._tables)
        for (kind, slice_name), table in held.items():
            before = older._paths[kind]
            if self._paths[kind][: len(before)] == before or set(before) <= set(self._paths[kind]):
                known = set(before)
                new = [path for path in self._paths[kind] if path not in known]
                self._tables[kind, slice_name] = load_cells(table, new, slice_name)


def _profile_paths(
    files: Sequence[LakeFile], lake_dir: Path, kind: ProfileKind, bins_id: str | None
) -> tuple[Path, ...]:
    if kind == "features" and bins_id is None:
        return ()
    return tuple(
        lake_dir / file.path
        for file in files
        if file.kind == "profile"
        and file.profile_kind == kind
        and (kind == "operations" or file.bins_id == bins_id)
    )
