"""Kolmogorov–Smirnov and Wasserstein from raw values, where ``--exact`` asks for them.

The other methods compare groups of values, which raw rows and profiles count alike.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
import pyarrow as pa

from core.domain.windows import Chunk
from core.errors import NotComputable
from core.lake.profiles.columns import feature_sources
from core.lake.rows import read_rows
from core.metrics.arrays import Floats
from core.metrics.drift import DriftResult, kolmogorov_smirnov_exact, wasserstein_exact
from core.metrics.metric import judge
from core.metrics.registry import metric
from core.services.questions import View
from core.services.reference.counts import row_filter
from core.services.workspace import Workspace

_Figure = tuple[float, float]


def _kolmogorov_smirnov(reference: Floats, current: Floats) -> _Figure:
    found = kolmogorov_smirnov_exact(reference, current)
    return float(found.distance), float(found.p_value)


def _wasserstein(reference: Floats, current: Floats) -> _Figure:
    return wasserstein_exact(reference, current), np.nan


_METHODS: dict[str, Callable[[Floats, Floats], _Figure]] = {
    "kolmogorov_smirnov": _kolmogorov_smirnov,
    "wasserstein": _wasserstein,
}


def from_raw_values(
    workspace: Workspace, view: View, column: str, result: DriftResult, chunks: Sequence[Chunk]
) -> DriftResult:
    """Return a drift result with its figures taken from raw values, if its method reads values.

    Parameters
    ----------
    workspace : Workspace
        Where the rows are.
    view : View
        The question made exact.
    column : str
        A numeric feature or ``@score``.
    result : DriftResult
        What the binned counts say; thresholds, row counts and reasons stay.
    chunks : sequence of Chunk
        The chunks of the result.
    """
    method = _METHODS.get(result.method)
    source = feature_sources(view.contract).get(column)
    if method is None or source is None or source[1] != "number":
        return result
    window = view.reference_window
    reference = _values(workspace, view, source[0], window.start, window.end, of_reference=True)[1]
    at, current = _values(workspace, view, source[0], view.window.start, view.window.end)
    figures = [_measure(method, reference, current[_within(at, chunk)]) for chunk in chunks]
    value, p_value = (np.array(part, dtype=np.float64) for part in zip(*figures, strict=True))
    entry = metric(result.method)
    enough = (result.n_cur >= result.required_n) & (result.n_ref >= result.required_n)
    is_test = result.method == "kolmogorov_smirnov"
    return replace(
        result,
        value=value,
        effect=value,
        statistic=value if is_test else result.statistic,
        p_value=p_value if is_test else result.p_value,
        status=judge(
            value, enough=enough, watch=result.watch, act=result.act, direction=entry.direction
        ),
    )


def _measure(
    method: Callable[[Floats, Floats], _Figure], reference: Floats, current: Floats
) -> _Figure:
    try:
        return method(reference, current)
    except NotComputable:
        return np.nan, np.nan


def _within(at: Floats, chunk: Chunk) -> slice:
    edges = [chunk.start.timestamp(), chunk.end.timestamp()]
    first, last = np.searchsorted(at, edges, side="left")
    return slice(int(first), int(last))


def _values(
    workspace: Workspace,
    view: View,
    lake_column: str,
    start: datetime,
    end: datetime,
    *,
    of_reference: bool = False,
) -> tuple[Floats, Floats]:
    """Return the seconds and the values of rows in time order."""
    table = read_rows(
        workspace.duck,
        workspace.lake_paths(view.data_files("predictions")),
        view.contract,
        list(dict.fromkeys(["time", lake_column])),
        window=(start, end),
        row_filter=row_filter(workspace, view, of_reference=of_reference),
    )
    seconds = table.column("time").cast(pa.int64()).to_numpy().astype(np.float64) / 1e6
    values = table.column(lake_column).to_numpy(zero_copy_only=False).astype(np.float64)
    return seconds, values
