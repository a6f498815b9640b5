"""How far a period is: over, wholly in the log, and known."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from core.contract.kpi_definitions import KpiDefinition
from core.domain.windows import (
    Chunk,
    Grain,
    Window,
    calendar_chunks,
    local_day,
    start_of_day,
)
from core.lake.kpis.sums import period_counts
from core.metrics.arrays import Integers
from core.services.kpis.answer import KpiMaturity
from core.services.kpis.rows import base_rows, maturity_of_rows
from core.services.performance.label_state import usual_shares
from core.services.performance.maturity import ChunkMaturity, Labels, Usual, chunk_maturity
from core.services.questions import View
from core.services.workspace import Workspace

_YEAR = timedelta(days=400)
_SLACK = 0.1  # of a period may lie before the first prediction, or after the last


def is_complete(view: View, chunk: Chunk, *, total: bool = False) -> bool:
    """Whether a period is over, wholly in the log, and not cut by the window.

    A log need not begin with the first day of a month, nor end with its last: a tenth of the
    period may be missing at either end. Not for a total, from which these days are missing too.

    Parameters
    ----------
    view : View
        The question made exact.
    chunk : Chunk
        The period.
    total : bool
        Whether it is asked for a KPI that grows with the rows.
    """
    start, end = _calendar_period(view, chunk)
    if view.as_of < end:
        return False
    slack = timedelta(0) if total else (end - start) * _SLACK
    began = start_of_day(local_day(view.first_prediction, view.timezone), view.timezone)
    ended = start_of_day(
        local_day(view.last_prediction, view.timezone) + timedelta(days=1), view.timezone
    )
    # The window may leave out what lies before the log or after it, and nothing else.
    whole = chunk.start <= max(start, began) and chunk.end >= min(end, ended)
    return whole and began <= start + slack and ended >= end - slack


def _calendar_period(view: View, chunk: Chunk) -> tuple[datetime, datetime]:
    """Return the whole period of the calendar that a chunk is a part of."""
    by = view.question.by
    if by == "all":
        return chunk.start, chunk.end
    day = local_day(chunk.start, view.timezone)
    around = Window.of_days(day - _YEAR, day + _YEAR, view.timezone)
    grain: Grain = by  # type: ignore[assignment]  # a calendar one, or there were no chunks
    periods = calendar_chunks(around, grain, view.timezone)
    found = next(each for each in periods if each.start <= chunk.start < each.end)
    return found.start, found.end


def counts_of(workspace: Workspace, view: View, n: Integers) -> tuple[Integers, Integers]:
    """Return the predictions of each chunk, and those old enough, from the predictions alone.

    Only in the chunk in which they begin to be too young have they to be counted.
    """
    base = base_rows(workspace, view)
    matured = n.copy()
    for place, chunk in enumerate(view.chunks):
        if chunk.start > base.matured_before:
            matured[place] = 0
        elif chunk.end > base.matured_before:
            counted = period_counts(workspace.duck, replace(base, chunks=(chunk,)))
            matured[place] = counted[1][0]
    return n, matured


def label_maturity(
    workspace: Workspace,
    view: View,
    counts: tuple[Integers, Integers],
    labelled: Sequence[int],
) -> tuple[ChunkMaturity, ...]:
    """Return how far the labels of each chunk are, by the final ones alone.

    Parameters
    ----------
    workspace : Workspace
        Where.
    view : View
        The question made exact.
    counts : tuple of ndarray, shape (chunks,)
        Predictions, and those old enough for their outcome to be final.
    labelled : sequence of int, shape (chunks,)
        Those old enough whose outcome is known.
    """
    n, matured = counts
    shares = usual_shares(workspace, view, list(labelled), matured.tolist())
    return tuple(
        chunk_maturity(
            int(n[place]),
            int(matured[place]),
            Labels(int(labelled[place]), 0),
            Usual(float(shares[place])),
        )
        for place in range(len(view.chunks))
    )


def maturity_in(
    view: View,
    definition: KpiDefinition,
    start: datetime,
    end: datetime,
    labels: Sequence[ChunkMaturity],
) -> KpiMaturity:
    """Return whether what a KPI waits for is known of a period.

    Parameters
    ----------
    view : View
        The question made exact.
    definition : KpiDefinition
        What it waits for.
    start, end : datetime
        The period, or the whole window.
    labels : sequence of ChunkMaturity
        Of the chunks in the period.
    """
    kind, aged = maturity_of_rows(view, definition)
    if kind == "none":
        return "matured"
    if kind == "aged" and aged is not None:
        last = min(end, view.last_prediction)
        return "matured" if aged >= last else "partial" if aged >= start else "none"
    states = {each.state for each in labels if each.n}
    if states <= {"matured"}:
        return "matured" if states else "none"
    return "none" if states == {"none"} else "partial"


def labels_are_missing(labels: Sequence[ChunkMaturity]) -> bool:
    """Whether labels that should have come did not, so that the known ones are no sample."""
    return bool(np.any(["labels_missing" in each.warnings for each in labels]))
