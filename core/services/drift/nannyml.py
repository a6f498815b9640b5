"""Drift by NannyML's conventions, on raw rows: for readers who compare the two."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

import numpy as np
import pyarrow as pa

from core.domain.identity import Actor, Permission
from core.domain.windows import Chunk, calendar_chunks
from core.errors import InvalidInput, NothingYet
from core.lake.profiles.columns import feature_sources
from core.lake.row_filter import RowFilter
from core.lake.rows import read_rows
from core.metrics.arrays import AnyArray
from core.metrics.drift.nannyml import CompatSeries, compare, row_chunks
from core.services.drift.measure import DriftRow
from core.services.questions import Question, View, resolve
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace

NAME = "nannyml"
_METHODS: dict[str, tuple[str, ...]] = {
    "numeric": ("jensen_shannon", "hellinger", "kolmogorov_smirnov", "wasserstein"),
    "categorical": ("jensen_shannon", "hellinger", "chi2", "l_infinity"),
}
_Span = tuple[datetime, datetime, slice]


@dataclass(frozen=True, slots=True)
class CompatDrift:
    """The rows of an answer, reference chunks first, and the view they belong to."""

    view: View
    rows: list[DriftRow]


@retry_when_stale
def drift(
    workspace: Workspace,
    question: Question,
    compat: str,
    *,
    actor: Actor,
    methods: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
) -> CompatDrift:
    """Measure drift as NannyML's univariate calculator does.

    Reference and analysis rows are cut into the same kind of chunks; thresholds come from the
    reference chunks. Slices are not part of NannyML's conventions.

    Parameters
    ----------
    workspace : Workspace
        Where.
    question : Question
        Which model, period, chunks, slice and version.
    compat : str
        ``nannyml``.
    actor : Actor
        Who asks.
    methods : sequence of str, optional
        Its methods; all by default.
    columns : sequence of str, optional
        Only these; all by default.

    Raises
    ------
    InvalidInput
        If ``compat`` names another product, a slice is asked for, or a method or column does not
        exist.
    NothingYet
        If there are no rows in the reference period.
    """
    view = resolve(workspace, question, Permission.drift_view, actor=actor)
    if compat != NAME or question.slice:
        raise InvalidInput(
            "There are no conventions of {name} for this question.",
            remedy="Use --compat nannyml, without --slice.",
            name=compat,
        )
    sources = feature_sources(view.contract)
    wanted = _chosen(list(sources), columns)
    _chosen(sorted({name for names in _METHODS.values() for name in names}), methods)
    # As everywhere, a version narrows the current rows and not the reference.
    whole, period = replace(view, versions=None), view.reference_window
    reference = _read(workspace, whole, wanted, period.start, period.end)
    start = max(view.window.start, view.reference_window.end)
    analysis = _read(workspace, view, wanted, start, view.window.end)
    if not reference.num_rows:
        raise NothingYet(
            "There are no rows in the reference period of {model}.",
            remedy="Ingest them first.",
            model=view.contract.id,
        )
    cuts = (spans(view, reference), spans(view, analysis))
    rows: list[DriftRow] = []
    for name in wanted:
        lake_column, holds = sources[name]
        kind: Literal["numeric", "categorical"] = "numeric" if holds == "number" else "categorical"
        chosen = [m for m in _METHODS[kind] if methods is None or m in methods]
        cut = [
            [_values(table, lake_column)[span[2]] for span in part]
            for table, part in zip((reference, analysis), cuts, strict=True)
        ]
        for method in chosen:
            series = compare(method, kind, cut[0], cut[1])
            rows += _rows(name, method, series, [*cuts[0], *cuts[1]])
    return CompatDrift(view, rows)


def _chosen(known: Sequence[str], asked: Sequence[str] | None) -> list[str]:
    """Return the known names that were asked for, outputs also without their sign."""
    names = None if asked is None else {f"@{n}" if f"@{n}" in known else n for n in asked}
    for name in sorted(names - set(known)) if names is not None else ():
        raise InvalidInput(
            "NannyML's conventions do not cover {name} here.",
            remedy="Choose from: {names}.",
            name=name,
            names=", ".join(each.removeprefix("@") for each in known),
        )
    return [name for name in known if names is None or name in names]


def _read(
    workspace: Workspace, view: View, wanted: Sequence[str], start: datetime, end: datetime
) -> pa.Table:
    sources = feature_sources(view.contract)
    columns = list(dict.fromkeys(["time", *(sources[name][0] for name in wanted)]))
    if end <= start:
        return pa.table({name: pa.array([], pa.null()) for name in columns})
    return read_rows(
        workspace.duck,
        workspace.lake_paths(view.data_files("predictions")),
        view.contract,
        columns,
        window=(start, end),
        row_filter=RowFilter(view.versions, view.jurisdictions, None, view.as_of),
    )


def _values(table: pa.Table, column: str) -> AnyArray:
    return np.asarray(table.column(column).to_pandas())


def spans(view: View, table: pa.Table) -> list[_Span]:
    """Return start, end and rows of each chunk; chunks without rows are left out.

    Parameters
    ----------
    view : View
        Whose chunks.
    table : Table
        Rows in the order of time, with a column ``time``.
    """
    if not table.num_rows:
        return []
    instants = table.column("time").to_pylist()
    if view.rows_per_chunk is not None:
        cuts = row_chunks(table.num_rows, view.rows_per_chunk)
        return [(instants[cut.start], instants[cut.stop - 1], cut) for cut in cuts]
    seconds = np.asarray([instant.timestamp() for instant in instants])
    found = []
    for chunk in _calendar(view, instants[0], instants[-1]):
        edges = np.searchsorted(seconds, [chunk.start.timestamp(), chunk.end.timestamp()])
        if edges[0] < edges[1]:
            found.append((chunk.start, chunk.end, slice(int(edges[0]), int(edges[1]))))
    return found


def _calendar(view: View, first: datetime, last: datetime) -> tuple[Chunk, ...]:
    window = type(view.window).of_days(
        first.astimezone(view.contract.zone).date(),
        last.astimezone(view.contract.zone).date(),
        view.timezone,
    )
    return calendar_chunks(window, view.question.by, view.timezone)  # type: ignore[arg-type]


def _rows(column: str, method: str, series: CompatSeries, spans: Sequence[_Span]) -> list[DriftRow]:
    return [
        DriftRow(
            metric="drift",
            method=method,
            column=column,
            slice=None,
            chunk={"key": str(index), "start": start, "end": end, "n": cut.stop - cut.start},
            value=float(series.value[index]),
            threshold=series.upper_threshold,
            alert=bool(series.alert[index]),
            status="ok" if np.isfinite(series.value[index]) else "current_empty",
            level="act" if series.alert[index] else "in_range",
            statistic=float(series.value[index]),
            p_value=float(series.p_value[index]),
            n_reference=0,
            bins_id=None,
        )
        for index, (start, end, cut) in enumerate(spans)
    ]
