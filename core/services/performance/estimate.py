"""Estimates without labels beside what labels said later, and how far to trust them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields

import numpy as np

from core.errors import NotComputable
from core.lake.labels.binary import LabelledCells
from core.lake.labels.predicted import PredictedCells
from core.lake.labels.score_grid import NO_SCORE
from core.metrics.arrays import Booleans, Floats, Integers
from core.metrics.estimation import (
    TOTALS,
    Calibrator,
    OutcomeRate,
    SamplingErrors,
    estimate,
    expected_outcome_rate,
    expected_rows_from_counts,
    fit_calibrator_from_counts,
    fit_sampling_errors,
)
from core.metrics.performance import CellValues
from core.services.performance.counting import labelled_of, predicted_of
from core.services.performance.crowding import without_order
from core.services.performance.estimate_classes import of_classes
from core.services.performance.estimate_regression import of_regression
from core.services.performance.judged import Estimated, Estimates, Said, judged
from core.services.performance.measure import Performance
from core.services.performance.realised import cell_values
from core.services.performance.reference import LabelledReference, labelled_reference
from core.services.questions import View
from core.services.workspace import Workspace

_BLOCK = 16

__all__ = ["MINIMUM_EFFECT", "RATE", "Estimated", "Estimates", "estimates_beside"]

RATE = "outcome_rate"
"""The figure that shows concept drift first: how often the outcome is positive."""

MINIMUM_EFFECT = 0.01
"""Smaller departures from an estimate are no concept drift, however significant; of money, of what
there is to win or lose by a prediction."""

_OF_ORDER = frozenset({"roc_auc", "average_precision"})
_OF_RATE = ("value", "error", "n")


def estimates_beside(workspace: Workspace, found: Performance) -> Estimates:
    """Return the estimates of the chunks of a measured performance; remembered.

    What cannot be estimated is no error of the page: the reason is given instead.
    """
    view = found.view
    return workspace.memo.get(("estimates", view.key), lambda: _estimates(workspace, view, found))


def _estimates(workspace: Workspace, view: View, found: Performance) -> Estimates:
    try:
        if view.contract.task == "regression":
            figures, unsaid = of_regression(workspace, view, found)
            return Estimates(figures, unsaid=unsaid)
        if view.contract.task == "multiclass_classification":
            return Estimates(of_classes(workspace, view, found))
        return _of_binary(workspace, view, found)
    except NotComputable as reason:
        return Estimates({}, reason=reason)


def _of_binary(workspace: Workspace, view: View, found: Performance) -> Estimates:
    reference, values = labelled_reference(workspace, view), cell_values(view)
    # A reference is remembered, and equal to nothing but itself.
    key = ("learned", view.spec_sha256, reference)
    learned = workspace.memo.get(key, lambda: _learn(reference, values))
    periods = len(view.chunks)
    shown = learned.said(predicted_of(workspace, view), periods)
    # What came is held against what was to be expected of the same rows.
    known = learned.said(_mature_rows(labelled_of(workspace, view)), periods)
    least = least_effects(found.figures, values)
    judged_figures = judged(found, shown, known, effect=least)
    return Estimates(judged_figures, learned.calibrator, left_out=reference.left_out)


def _learn(reference: LabelledReference, values: CellValues | None) -> "_Learned":
    calibrator = fit_calibrator_from_counts(
        reference.centres, reference.counts.positives, reference.counts.negatives
    )
    errors = fit_sampling_errors(reference.counts, reference.confusion, values=values)
    return _Learned(calibrator, errors, values, float(reference.counts.n))


def least_effects(figures: Iterable[str], values: CellValues | None) -> Mapping[str, float]:
    """Return the smallest departure of each figure that counts, in its own unit.

    Of money it is, for a prediction, what the same share of all rows would be worth, were it in the
    best cell of the confusion matrix instead of the worst.
    """
    found = dict.fromkeys(figures, MINIMUM_EFFECT)
    if values is not None:
        worth = [getattr(values, each.name) for each in fields(values)]
        found["business_value"] = MINIMUM_EFFECT * (max(worth) - min(worth))
    return found


def _mature_rows(labelled: LabelledCells) -> PredictedCells:
    """Return the mature labelled rows as if nobody had told their labels."""
    part = labelled.where(labelled.matured)
    return PredictedCells(*(getattr(part, each.name) for each in fields(PredictedCells)))


@dataclass(frozen=True, slots=True, eq=False)
class _Learned:
    """What the labelled reference taught."""

    calibrator: Calibrator
    errors: SamplingErrors
    values: CellValues | None
    rows: float

    def said(self, cells: PredictedCells, periods: int) -> Mapping[str, Said]:
        """Return the estimates of chunks, from their rows with a score and a prediction.

        What is a total is that of a row.
        """
        said, rate = _estimated(cells, periods, self.calibrator, self.values)
        n, found = rate.n, {}
        blurred = without_order(cells, periods)
        for name, value in said.items():
            if name in _OF_ORDER:
                value = np.where(blurred, np.nan, value)
            rows: Floats = n if name in TOTALS else np.ones(periods)
            errors = self.errors.of(name, n), self.errors.of_estimator(name, n)
            with np.errstate(divide="ignore", invalid="ignore"):
                found[name] = Said(value / rows, *(error / rows for error in errors))
        return {**found, RATE: Said(rate.value, rate.error, rate.of_estimator(self.rows))}


def _estimated(
    predicted: PredictedCells, periods: int, calibrator: Calibrator, values: CellValues | None
) -> tuple[Mapping[str, Floats], OutcomeRate]:
    parts, rates = [], []
    for centre, flagged, others in _blocks(predicted, periods):
        expected = expected_rows_from_counts(centre, flagged, others, calibrator)
        parts.append(estimate(expected, values=values))
        rates.append(expected_outcome_rate(expected))
    figures = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    whole = (np.concatenate([getattr(rate, name) for rate in rates]) for name in _OF_RATE)
    return figures, OutcomeRate(*whole)


def _blocks(predicted: PredictedCells, periods: int) -> Iterator[tuple[Floats, Floats, Floats]]:
    """Lay all predictions out by period and cell: mean scores, flagged rows, other rows."""
    scored = predicted.where((predicted.cell != NO_SCORE) & (predicted.flagged >= 0))
    for start in range(0, periods, _BLOCK):
        stop = min(start + _BLOCK, periods)
        part = scored.where((scored.period >= start) & (scored.period < stop))
        cells = np.unique(part.cell) if part.cell.size else np.zeros(1, dtype=np.int64)
        shape = (stop - start, cells.size)
        place = (part.period - start) * cells.size + np.searchsorted(cells, part.cell)
        flagged = _laid(place, part.n, shape, part.flagged == 1)
        others = _laid(place, part.n, shape, part.flagged == 0)
        rows, score = flagged + others, _laid(place, part.score, shape)
        centre = np.divide(score, rows, out=np.zeros_like(rows), where=rows > 0)
        yield np.clip(centre, 0.0, 1.0), flagged, others


def _laid(
    place: Integers, values: Floats, shape: tuple[int, int], chosen: Booleans | None = None
) -> Floats:
    weights = values if chosen is None else np.where(chosen, values, 0.0)
    return np.bincount(place, weights, shape[0] * shape[1]).reshape(shape).astype(np.float64)
