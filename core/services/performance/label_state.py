"""How far the labels of a view are, beside what labels of the model are usually like."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from core.domain.windows import Chunk, Window, calendar_chunks, local_day
from core.lake.labels.binary import LabelledCells
from core.lake.labels.predicted import PredictedCells
from core.lake.labels.score_grid import NO_SCORE
from core.lake.labels.shares import label_shares
from core.metrics.arrays import Booleans, Floats
from core.metrics.intervals import Interval
from core.services.performance.counting import (
    ages_of,
    labelled_rows,
    matured_before,
    sums_of,
    times_of,
)
from core.services.performance.maturity import (
    ChunkMaturity,
    Labels,
    Usual,
    chunk_maturity,
    expected_share,
    may_be_missing,
    usual_by_month,
)
from core.services.questions import View
from core.services.workspace import Workspace


def maturity_of(
    workspace: Workspace, view: View, labelled: LabelledCells, predicted: PredictedCells
) -> tuple[ChunkMaturity, ...]:
    """Return how far the labels of each chunk are.

    Parameters
    ----------
    workspace : Workspace
        Where.
    view : View
        The question made exact.
    labelled : LabelledCells
        Its labelled rows.
    predicted : PredictedCells
        All its predictions.
    """
    periods = len(view.chunks)
    # Of the whole log: how labels come is no matter of which days somebody looks at.
    times = times_of(workspace, view.of_whole_chunks)
    by_now = expected_share(times.age.astype(np.float64), times.per_age, ages_of(view))
    n = sums_of(predicted.period, predicted.n, periods)
    old = sums_of(predicted.period[predicted.matured], predicted.n[predicted.matured], periods)
    labels = _labels(view, labelled, predicted)
    shares = usual_shares(workspace, view, [each.mature for each in labels], old)
    young = _young(view)
    return tuple(
        chunk_maturity(
            int(n[index]),
            int(old[index]),
            labels[index],
            Usual(float(shares[index]), float(by_now[index]), bool(young[index])),
        )
        for index in range(periods)
    )


def usual_shares(
    workspace: Workspace, view: View, labelled: Sequence[int], matured: Floats | Sequence[int]
) -> Floats:
    """Return which share of mature predictions usually has a label, chunk by chunk.

    It is read from the whole history of the same slice and version, by month, and only where some
    chunk has few labels.

    Parameters
    ----------
    workspace : Workspace
        Where.
    view : View
        The question made exact.
    labelled, matured : sequence, shape (chunks,)
        Mature predictions with a label, and all of them.

    Returns
    -------
    ndarray, shape (chunks,)
        NaN where no history says anything, or it does not matter.
    """
    unknown: Floats = np.full(len(view.chunks), np.nan)
    if not may_be_missing(labelled, matured) or matured_before(view) < view.first_prediction:
        return unknown
    key = (view.spec_sha256, view.generation, view.bins_id, view.as_of, view.jurisdictions)
    asked = view.question
    months, had, old = workspace.memo.get(
        ("label shares", asked.model, asked.version, asked.slice, *key),
        lambda: _by_month(workspace, view),
    )
    usual = usual_by_month(had, old)
    starts = [month.start for month in months]
    for place, chunk in enumerate(view.chunks):
        first = max(bisect_right(starts, chunk.start) - 1, 0)
        stop = max(bisect_left(starts, chunk.end), first + 1)
        unknown[place] = _pooled(usual[first:stop], had[first:stop], old[first:stop])
    return unknown


def without_limits(
    figures: Mapping[str, Interval], maturity: Sequence[ChunkMaturity]
) -> Mapping[str, Interval]:
    """Return figures without limits where labels are early, or missing.

    What is known then is no sample of all, so no interval of sampling holds for it.
    """
    sample: Booleans = np.asarray([each.is_sample for each in maturity], dtype=np.bool_)
    return {
        name: replace(
            each, low=np.where(sample, each.low, np.nan), high=np.where(sample, each.high, np.nan)
        )
        for name, each in figures.items()
    }


def _by_month(workspace: Workspace, view: View) -> tuple[tuple[Chunk, ...], Floats, Floats]:
    """Return the months of the log that hold mature predictions, their labelled rows, and all."""
    first, last = (
        local_day(each, view.timezone) for each in (view.first_prediction, matured_before(view))
    )
    window = Window.of_days(first, last, view.timezone)
    months = calendar_chunks(window, "month", view.timezone)
    wanted = replace(labelled_rows(workspace, view), chunks=months)
    predictions = workspace.lake_paths(view.data_files("predictions"))
    return months, *label_shares(workspace.duck, wanted, predictions)


def _pooled(usual: Floats, labelled: Floats, matured: Floats) -> float:
    """Return the usual share of some months together.

    A month without a history stands for itself beside others; alone it says nothing.
    """
    if np.isnan(usual).all():
        return float("nan")
    known = usual[: matured.size]
    total = matured.sum()
    if not total:
        return float(usual[~np.isnan(usual)][0])
    expected = np.where(np.isnan(known), labelled, np.nan_to_num(known) * matured)
    return float(expected.sum() / total)


def _young(view: View) -> Booleans:
    """Return which chunks are younger than half the age of a final label, by their middles."""
    halves = (view.as_of - matured_before(view)) / 2
    return np.asarray(ages_of(view) < halves.total_seconds() / 86400)


def _labels(view: View, labelled: LabelledCells, predicted: PredictedCells) -> list[Labels]:
    periods = len(view.chunks)
    early, known = labelled.where(~labelled.matured), labelled.where(labelled.matured)
    binary = view.contract.task == "binary_classification"
    scored = early.where(early.cell != NO_SCORE)
    hits = scored.where(scored.label == 1)
    asked = predicted.where(predicted.cell != NO_SCORE)
    came, n = (
        sums_of(early.period, early.n, periods),
        sums_of(predicted.period, predicted.n, periods),
    )
    unknown: Floats = np.full(periods, np.nan)
    expected = amount = mean_amount = unknown
    with np.errstate(divide="ignore", invalid="ignore"):
        if binary:
            rows = sums_of(asked.period, asked.n, periods)
            expected = sums_of(asked.period, asked.score, periods) / rows
        if "amount" in view.contract.log.mapping():
            amount = sums_of(early.period, early.amount, periods) / came
            mean_amount = sums_of(predicted.period, predicted.amount, periods) / n
    mature = sums_of(known.period, known.n, periods)
    judged, positives = (sums_of(each.period, each.n, periods) for each in (scored, hits))
    return [
        Labels(
            int(mature[index]),
            int(came[index]),
            int(judged[index]),
            int(positives[index]),
            float(expected[index]),
            float(amount[index]),
            float(mean_amount[index]),
        )
        for index in range(periods)
    ]
