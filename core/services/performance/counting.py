"""The counts that a question's performance is computed from."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import numpy as np

from core.domain.windows import Chunk
from core.lake.labels.binary import LabelledCells, labelled_cells
from core.lake.labels.predicted import PredictedCells, predicted_cells
from core.lake.labels.rows import LabelledRows
from core.lake.labels.score_grid import Crowded
from core.lake.labels.times import LabelTimes, label_times
from core.metrics.arrays import Floats, Integers
from core.metrics.performance import Confusion
from core.services.performance.crowding import (
    crowding_of_labelled,
    crowding_of_predicted,
    refined,
)
from core.services.performance.whole_chunks import shared
from core.services.questions import View
from core.services.reference.counts import calendar_only, row_filter
from core.services.workspace import Workspace


def matured_before(view: View) -> datetime:
    """Return up to which instant predictions are old enough for their label to be final."""
    outcome = view.contract.outcome
    return outcome.matures_after.before(view.as_of) if outcome else view.as_of


def labelled_rows(workspace: Workspace, view: View) -> LabelledRows:
    """Return which labelled rows a view is about."""
    return LabelledRows(
        contract=view.contract,
        resolved=tuple(workspace.lake_paths(view.data_files("resolved"))),
        chunks=calendar_only(view),
        rows=row_filter(workspace, view),
        as_of=view.as_of,
        matured_before=matured_before(view),
    )


def labelled_of(workspace: Workspace, view: View) -> LabelledCells:
    """Count the labelled rows of a view, its whole chunks once for all questions; remembered."""

    def count(chunks: Sequence[Chunk]) -> LabelledCells:
        return counted_labelled(
            workspace, replace(labelled_rows(workspace, view), chunks=tuple(chunks))
        )

    return workspace.memo.get(
        ("labelled", view.key),
        lambda: shared(view, partial(labelled_of, workspace), count),
    )


def counted_labelled(workspace: Workspace, wanted: LabelledRows) -> LabelledCells:
    """Count labelled rows by cell of the score, crowded cells in parts."""
    if wanted.contract.task != "binary_classification":
        return labelled_cells(workspace.duck, wanted)
    return refined(
        lambda crowded: labelled_cells(workspace.duck, wanted, crowded),
        crowding_of_labelled,
        len(wanted.chunks),
    )


def times_of(workspace: Workspace, view: View) -> LabelTimes:
    """Count when the labels of a view came; remembered."""
    return workspace.memo.get(
        ("label times", view.key),
        lambda: label_times(workspace.duck, labelled_rows(workspace, view)),
    )


def predicted_of(workspace: Workspace, view: View) -> PredictedCells:
    """Count all predictions of a view, its whole chunks once for all questions; remembered."""

    def count(chunks: Sequence[Chunk], crowded: Crowded | None = None) -> PredictedCells:
        return predicted_cells(
            workspace.duck,
            view.contract,
            predictions=workspace.lake_paths(view.data_files("predictions")),
            chunks=chunks,
            rows=row_filter(workspace, view),
            matured_before=matured_before(view),
            crowded=crowded,
        )

    def counted(chunks: Sequence[Chunk]) -> PredictedCells:
        if view.contract.task != "binary_classification":
            return count(chunks)
        return refined(partial(count, chunks), crowding_of_predicted, len(chunks))

    return workspace.memo.get(
        ("predicted", view.key),
        lambda: shared(view, partial(predicted_of, workspace), counted),
    )


def confusion_of(found: LabelledCells, periods: int) -> Confusion:
    """Return the confusion matrix of each period; rows that nobody flagged or not are left out."""

    def count(flagged: int, label: int) -> Floats:
        chosen = (found.flagged == flagged) & (found.label == label)
        return sums_of(found.period[chosen], found.n[chosen], periods)

    return Confusion.of(count(1, 1), count(1, 0), count(0, 1), count(0, 0))


def sums_of(period: Integers, values: Floats, periods: int) -> Floats:
    """Sum values by period, shape (periods,)."""
    return np.bincount(period, values, periods).astype(np.float64)


def ages_of(view: View) -> Floats:
    """Return the age of each period's middle at ``as_of`` in days, shape (periods,)."""
    middles = [
        chunk.start + (min(chunk.end, view.as_of) - chunk.start) / 2 for chunk in view.chunks
    ]
    return np.asarray([(view.as_of - middle) / timedelta(days=1) for middle in middles])
