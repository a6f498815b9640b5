"""An estimate set beside what matured later: its band, its record, and concept drift."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from core.errors import NotComputable
from core.metrics.arrays import Booleans, Floats, Integers
from core.metrics.estimation import (
    TOTALS,
    Calibrator,
    ConceptDrift,
    Coverage,
    concept_drift_in_order,
    coverage,
    walk_forward,
)
from core.metrics.intervals import Interval
from core.services.performance.measure import Performance
from core.services.performance.reference import in_reference
from core.services.questions import View


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
    left_out : int
        Labelled rows of the reference that say nothing of what was predicted.
    unsaid : mapping of str to str
        By metric id, why a figure alone has none: a text to translate.
    """

    figures: Mapping[str, Estimated]
    calibrator: Calibrator | None = None
    reason: NotComputable | None = None
    left_out: int = 0
    unsaid: Mapping[str, str] = field(default_factory=dict)

    @property
    def bands(self) -> Mapping[str, Interval]:
        """Estimates with their bands by metric id."""
        return {name: found.band for name, found in self.figures.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """An estimate, its sampling error, and its error from the reference's being a sample.

    What is a total is given as the mean of a row, so that periods of any number of rows compare.
    """

    value: Floats
    error: Floats
    of_estimator: Floats


def judged(
    found: Performance,
    shown: Mapping[str, Said],
    known: Mapping[str, Said],
    *,
    effect: float | Mapping[str, float | Floats],
    fewest_chunks: int = 0,
) -> Mapping[str, Estimated]:
    """Set estimates beside what matured later.

    Chunks that the estimates were learned from prove nothing of them: they count neither for the
    record, nor for the band, nor for concept drift.

    Parameters
    ----------
    found : Performance
        What was realised.
    shown, known : mapping of str to Said
        By metric id: of all rows of each chunk, and of those whose labels are final alone.
    effect : float, or mapping of str to float or ndarray of shape (chunks,)
        Smaller departures are no concept drift, however significant; in the figure's unit, of a
        total that of a row.
    fewest_chunks : int
        Matured chunks before one that an alarm needs, where the estimator's own error is not known
        from its reference.

    Returns
    -------
    mapping of str to Estimated
        The figures that are both estimated and realised, in the order of the latter.
    """
    behind, learned = _chunks_until_mature(found.view), in_reference(found.view)
    return {
        name: _one_judged(
            name,
            shown[name],
            known[name],
            _Beside(found, behind, _least_effect(effect, name), fewest_chunks, learned),
        )
        for name in found.figures
        if name in shown
    }


def _least_effect(effect: float | Mapping[str, float | Floats], name: str) -> Floats:
    """Return the smallest departure of a figure that counts; 0 where none is named."""
    least = effect.get(name, 0.0) if isinstance(effect, Mapping) else effect
    return np.nan_to_num(np.asarray(least, dtype=np.float64))


@dataclass(frozen=True, slots=True, eq=False)
class _Beside:
    """What figures are judged by: what came and when, what an alarm needs, what was learned."""

    found: Performance
    behind: int
    effect: Floats
    fewest_chunks: int
    learned: Booleans


def _one_judged(name: str, shown: Said, known: Said, beside: _Beside) -> Estimated:
    found, behind = beside.found, beside.behind
    rows: Floats = found.predictions if name in TOTALS else np.ones(len(found.chunks))
    with np.errstate(divide="ignore", invalid="ignore"):
        each = found.comparable[name].value / rows
    came = np.where(found.matured & ~beside.learned, each, np.nan)
    stood = walk_forward(name, shown.value, shown.error, came, matured_after=behind)
    concept = concept_drift_in_order(
        known.value,
        came,
        realised_error=known.error,
        estimate_error=known.of_estimator,
        matured_after=behind,
        minimum_effect=beside.effect,
        fewest_chunks=beside.fewest_chunks,
    )
    value, low, high = (part * rows for part in (shown.value, stood.low, stood.high))
    return Estimated(
        band=Interval(value, low, high, found.predictions),
        coverage=coverage(stood.low, stood.high, came),
        concept=replace(concept, effect=concept.effect * rows),
        chunks_behind=stood.chunks,
    )


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
