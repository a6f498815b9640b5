"""Realised figures with what became of their estimates, and what an estimate cannot see."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from core.i18n import N_
from core.metrics.arrays import Booleans
from core.services.performance.judged import Estimated, Estimates
from core.services.performance.measure import Performance
from core.services.performance.reference import in_reference
from core.services.performance.rows import PerformanceRow

BLIND: Mapping[str, str] = {
    "binary_classification": N_(
        "An estimate without labels cannot see concept drift: it takes for granted that a score "
        "means what it meant in the reference. Only labels can tell."
    ),
    "multiclass_classification": N_(
        "An estimate without labels cannot see concept drift: it takes for granted that the scores "
        "of the classes mean what they meant in the reference. Only labels can tell."
    ),
    "regression": N_(
        "An estimate without labels cannot see concept drift: it takes for granted that like cases "
        "are missed by as much as in the reference. Only labels can tell."
    ),
}
"""What no estimate can see, by the task of the model."""


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """The record of the estimates of one figure.

    Parameters
    ----------
    metric : str
        Id of the metric.
    slice : str, optional
        ``name=value`` if the rows are of one slice only.
    covered, judged : int
        Periods whose final figure lay in the band, of those that had both.
    """

    metric: str
    slice: str | None
    covered: int
    judged: int


def rows_beside(found: Performance, estimates: Estimates) -> list[PerformanceRow]:
    """Return every figure of every chunk, beside its estimate and what became of that."""
    records = {name: (_judged(found, name, each), each) for name, each in estimates.figures.items()}
    places = {chunk.key: place for place, chunk in enumerate(found.chunks)}
    rows = []
    for row in found.rows(estimates.bands):
        if row.metric in records:
            told, each = records[row.metric]
            place = places[str(row.chunk["key"])]
            if told[place]:
                row = replace(
                    row,
                    covered=bool(each.coverage.within[place]),
                    concept_drift=bool(each.concept.alarm[place]),
                )
        rows.append(row)
    return rows


def coverage_rows(found: Performance, estimates: Estimates) -> list[CoverageRow]:
    """Return the record of the estimates of each figure."""
    return [
        CoverageRow(name, found.view.slice_text, each.coverage.covered, each.coverage.judged)
        for name, each in estimates.figures.items()
    ]


def _judged(found: Performance, name: str, each: Estimated) -> Booleans:
    """Return the chunks whose band was held against the final figure, shape (chunks,)."""
    known = ~np.isnan(found.comparable[name].value + each.band.low + each.band.high)
    return np.asarray(known & found.matured & ~in_reference(found.view))
