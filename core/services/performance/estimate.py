"""Estimates without labels beside what labels said later, and how far to trust them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

import numpy as np

from core.errors import NotComputable
from core.i18n import N_
from core.lake.labelled import LabelledCells
from core.lake.predicted import PredictedCells
from core.lake.score_grid import NO_SCORE
from core.metrics.arrays import Booleans, Floats, Integers
from core.metrics.estimation import (
    Calibrator,
    ConceptDrift,
    Coverage,
    OutcomeRate,
    SamplingErrors,
    concept_drift_in_order,
    coverage,
    estimate,
    expected_outcome_rate,
    expected_rows_from_counts,
    fit_calibrator_from_counts,
    fit_sampling_errors,
    walk_forward,
)
from core.metrics.intervals import Interval
from core.metrics.performance import CellValues
from core.services.performance.counting import labelled_of, predicted_of
from core.services.performance.measure import Performance, cell_values
from core.services.performance.reference import labelled_reference
from core.services.questions import View
from core.services.workspace import Workspace

ONLY_BINARY = N_("Estimates of this kind of model are not shown yet.")
_BLOCK = 16

RATE = "outcome_rate"
"""The figure that shows concept drift first: how often the outcome is positive."""

MINIMUM_EFFECT = 0.01
"""Smaller departures from an estimate are no concept drift, however significant."""

_OF_RATE = ("value", "error", "n")


@dataclass(frozen=True, slots=True, eq=False)
class Estimated:
    """Estimates of one figure, arrays with one entry a chunk.

    Parameters
    ----------
    band : Interval
        Estimate, and its band as it stood when the chunk was new: three sampling errors, widened
        by what the estimator had missed until then.
    coverage : Coverage
        How often the band held the matured figure.
    concept : ConceptDrift
        Departures of matured figures from their estimate.
    chunks_behind : ndarray of int64
        Matured chunks that the widening was learned from; 0 means that nothing is proven yet.
    """

    band: Interval
    coverage: Coverage
    concept: ConceptDrift
    chunks_behind: Integers


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """What can be said of a view without labels.

    Parameters
    ----------
    figures : mapping of str to Estimated
        By metric id; empty if nothing can be estimated.
    calibrator : Calibrator or None
        What turns scores into probabilities.
    reason : NotComputable or None
        Why there are none.
    """

    figures: Mapping[str, Estimated]
    calibrator: Calibrator | None = None
    reason: NotComputable | None = None

    @property
    def bands(self) -> Mapping[str, Interval]:
        """Estimates with their bands by metric id."""
        return {name: found.band for name, found in self.figures.items()}


def estimates_beside(workspace: Workspace, found: Performance) -> Estimates:
    """Return the estimates of the chunks of a measured performance; remembered.

    What cannot be estimated is no error of the page: the reason is given instead.
    """
    view = found.view
    return workspace.memo.get(("estimates", view.key), lambda: _estimates(workspace, view, found))


def _estimates(workspace: Workspace, view: View, found: Performance) -> Estimates:
    if view.contract.task != "binary_classification":
        return Estimates({}, reason=NotComputable(ONLY_BINARY))
    try:
        reference = labelled_reference(workspace, view)
    except NotComputable as reason:
        return Estimates({}, reason=reason)
    values = cell_values(view)
    calibrator = fit_calibrator_from_counts(
        reference.centres, reference.counts.positives, reference.counts.negatives
    )
    errors = fit_sampling_errors(reference.counts, reference.confusion, values=values)
    learned = _Learned(calibrator, errors, values, float(reference.counts.n))
    shown = learned.said(predicted_of(workspace, view), found.predictions)
    # What came is held against what was to be expected of the same rows.
    n = np.asarray([each.used for each in found.maturity], dtype=np.float64)
    known = learned.said(_mature_rows(labelled_of(workspace, view)), n)
    behind = _chunks_until_mature(view)
    figures = {
        name: _judged(name, shown[name], known[name], found, behind)
        for name in found.figures
        if name in shown
    }
    return Estimates(figures, calibrator)


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

    def said(self, cells: PredictedCells, n: Floats) -> Mapping[str, "_Said"]:
        """Return the estimates of chunks with ``n`` rows each."""
        said, rate = _estimated(cells, n.size, self.calibrator, self.values)
        found = {
            name: _Said(value, self.errors.of(name, n), self.errors.of_estimator(name, n))
            for name, value in said.items()
        }
        return {**found, RATE: _Said(rate.value, rate.error, rate.of_estimator(self.rows))}


@dataclass(frozen=True, slots=True, eq=False)
class _Said:
    """An estimate, its sampling error, and its error from the reference's being a sample."""

    value: Floats
    error: Floats
    of_estimator: Floats


def _judged(name: str, shown: _Said, known: _Said, found: Performance, behind: int) -> Estimated:
    """Set an estimate beside what matured later."""
    came = np.where(found.matured, found.figures[name].value, np.nan)
    stood = walk_forward(name, shown.value, shown.error, came, matured_after=behind)
    return Estimated(
        band=Interval(shown.value, stood.low, stood.high, found.predictions),
        coverage=coverage(stood.low, stood.high, came),
        concept=concept_drift_in_order(
            known.value,
            came,
            realised_error=np.nan_to_num(known.error),
            estimate_error=np.nan_to_num(known.of_estimator),
            matured_after=behind,
            minimum_effect=MINIMUM_EFFECT,
        ),
        chunks_behind=stood.chunks,
    )


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


def _chunks_until_mature(view: View) -> int:
    """Return after how many chunks the outcomes of one have come; more than there are if none."""
    outcome, chunks = view.contract.outcome, view.chunks
    if outcome is None or not chunks:
        return 1
    newest = chunks[-1].end
    for behind in range(1, len(chunks)):
        if outcome.matures_after.after(chunks[-1 - behind].end) <= newest:
            return behind
    return len(chunks)
