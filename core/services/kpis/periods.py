"""How far a period is: over, wholly in the log, and known."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from core.contract.kpi_definitions import KpiDefinition
from core.domain.windows import Chunk, Window, calendar_chunks, local_day
from core.metrics.arrays import Integers
from core.services.kpis.answer import KpiMaturity
from core.services.kpis.rows import maturity_of_rows
from core.services.performance.label_state import usual_shares
from core.services.performance.maturity import ChunkMaturity, Labels, Usual, chunk_maturity
from core.services.questions import View
from core.services.workspace import Workspace

_SLACK = 0.1  # of a period may lie before the first prediction, or after the last


def is_complete(view: View, chunk: Chunk) -> bool:
    """Whether a period is over, wholly in the log, and not cut by the window.

    A log need not begin with the first minute of a month, nor end with its last: a tenth of the
    period and a day may be missing at either end.
    """
    if view.as_of < chunk.end or not _is_whole(view, chunk):
        return False
    slack = (chunk.end - chunk.start) * _SLACK + timedelta(days=1)
    return view.first_prediction <= chunk.start + slack and view.last_prediction >= (
        chunk.end - slack
    )


def _is_whole(view: View, chunk: Chunk) -> bool:
    """Whether a chunk is as long as the calendar makes it."""
    by = view.question.by
    if by == "all":
        return True
    day = local_day(chunk.start, view.timezone)
    around = Window.of_days(day, day + timedelta(days=400), view.timezone)
    wide = Window(around.start - timedelta(days=400), around.end)
    periods = calendar_chunks(wide, by, view.timezone)  # type: ignore[arg-type]  # a calendar grain
    return any(each.start == chunk.start and each.end == chunk.end for each in periods)


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
