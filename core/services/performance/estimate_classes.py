"""Figures of several classes before the outcomes are known, from a sample of rows."""

from collections.abc import Mapping

import numpy as np

from core.metrics.arrays import Booleans, Floats
from core.metrics.estimation import (
    Calibrator,
    SamplingErrors,
    class_sampling_errors,
    estimate_classes,
    fit_class_calibrators,
)
from core.metrics.performance.figures import MULTICLASS
from core.services.performance.judged import Estimated, Said, judged
from core.services.performance.measure import Performance
from core.services.performance.raw_rows import ChunkRows, RawRows, chunk_rows, reference_rows
from core.services.questions import View
from core.services.workspace import Workspace

MINIMUM_EFFECT = 0.01
"""Smaller departures from an estimate are no concept drift, however significant."""

Learned = tuple[Mapping[str, Calibrator], SamplingErrors]


def of_classes(workspace: Workspace, view: View, found: Performance) -> Mapping[str, Estimated]:
    """Return the estimates of the chunks of a model of several classes.

    Raises
    ------
    NotComputable
        If there is no labelled reference with the scores of all classes.
    """
    reference = reference_rows(workspace, view)
    key = ("class calibration", view.spec_sha256, reference.digest())
    learned = workspace.memo.get(key, lambda: _learn(reference))
    drawn, periods = chunk_rows(workspace, view, view.chunks), len(view.chunks)
    everything = np.ones(drawn.rows.n, dtype=np.bool_)
    shown = estimated(learned, drawn, everything, periods)
    known = shown if drawn.mature.all() else estimated(learned, drawn, drawn.mature, periods)
    return judged(found, shown, known, effect=MINIMUM_EFFECT)


def _learn(reference: RawRows) -> Learned:
    errors, _ = class_sampling_errors(reference.scores, reference.predicted, reference.label)
    return fit_class_calibrators(reference.scores, reference.label), errors


def estimated(
    learned: Learned, drawn: ChunkRows, chosen: Booleans, periods: int
) -> Mapping[str, Said]:
    """Return what to expect of some of the drawn rows of each chunk.

    Parameters
    ----------
    learned : (mapping of str to Calibrator, SamplingErrors)
        From the reference.
    drawn : ChunkRows
        Rows of the chunks.
    chosen : ndarray of bool, shape (n,)
        Which of them.
    periods : int
        Number of chunks.
    """
    calibrators, errors = learned
    values: dict[str, Floats] = {name: np.full(periods, np.nan) for name in MULTICLASS}
    n = np.bincount(drawn.period[chosen], minlength=periods)
    for period in np.flatnonzero(n):
        part = drawn.rows.where(chosen & (drawn.period == period))
        for name, each in estimate_classes(part.scores, part.predicted, calibrators).items():
            values[name][period] = each.overall
    # The drawn rows are a sample of the chunk's: errors are those of so many rows.
    return {
        name: Said(value, errors.of(name, n), errors.of_estimator(name, n))
        for name, value in values.items()
    }
