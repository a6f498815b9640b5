"""The figures of each period, from its counts."""

from collections.abc import Mapping

import numpy as np

from core.lake.exact_scores import ExactScores
from core.lake.labelled import LabelledCells
from core.lake.labelled_errors import ClassCells, ErrorCells
from core.metrics.arrays import Booleans, Floats, Integers
from core.metrics.intervals import Interval, hanley_mcneil, wilson
from core.metrics.performance import CellValues, ClassMatrix, Confusion, ErrorSums
from core.metrics.performance.figures import (
    binary_figures,
    multiclass_figures,
    regression_figures,
)
from core.services.performance.counting import blocks, confusion_of, sums_of

Figures = Mapping[str, Interval]


def used_rows(period: Integers, matured: Booleans, early: Booleans) -> Booleans:
    """Return which entries count: those of mature rows, or of any where a period has no others.

    Parameters
    ----------
    period, matured : ndarray, shape (k,)
        Of the entries.
    early : ndarray of bool, shape (periods,)
        Periods that are read from early labels.
    """
    return np.asarray(matured | early[period])


def of_binary(
    found: LabelledCells, periods: int, values: CellValues | None, *, bootstrap: bool
) -> Figures:
    """Return the figures of a binary model, arrays of shape (periods,)."""
    confusion = confusion_of(found, periods)
    parts = [
        binary_figures(
            block.counts, _part(confusion, block.places), values=values, bootstrap=bootstrap
        )
        for block in blocks(found, periods)
    ]
    if not parts:
        return {}
    figures = {name: _joined([part[name] for part in parts]) for name in parts[0]}
    hits = found.where(found.label == 1)
    rate = wilson(sums_of(hits.period, hits.n, periods), sums_of(found.period, found.n, periods))
    return {**figures, "outcome_rate": rate}


def with_exact(figures: Figures, exact: ExactScores, periods: int) -> Figures:
    """Return figures in which what depends on the order of scores comes from raw rows."""

    def laid(values: Floats) -> Floats:
        whole: Floats = np.full(periods, np.nan)
        whole[exact.period] = values
        return whole

    m, k = np.nan_to_num(laid(exact.positives)), np.nan_to_num(laid(exact.negatives))
    area = hanley_mcneil(laid(exact.roc_auc), m, k)
    unknown: Floats = np.full(periods, np.nan)
    found = {
        "roc_auc": area,
        "gini": Interval(2 * area.value - 1, 2 * area.low - 1, 2 * area.high - 1, area.n),
    }
    for name in ("average_precision", "ks_of_score", "expected_calibration_error"):
        found[name] = Interval(laid(getattr(exact, name)), unknown, unknown, area.n)
    return {name: found.get(name, figure) for name, figure in figures.items()}


def of_regression(found: ErrorCells, used: Booleans, periods: int) -> Figures:
    """Return the figures of a regression, arrays of shape (periods,)."""
    sums = ErrorSums(
        *(
            sums_of(found.period[used], getattr(found.sums, name)[used], periods)
            for name in ErrorSums.__dataclass_fields__
        )
    )
    return regression_figures(sums)


def of_classes(
    found: ClassCells, used: Booleans, periods: int, classes: tuple[str, ...]
) -> Figures:
    """Return the figures of a model of several classes, arrays of shape (periods,)."""
    matrix = class_matrix(found, used, periods, classes)
    return {name: figure.overall for name, figure in multiclass_figures(matrix).items()}


def class_matrix(
    found: ClassCells, used: Booleans, periods: int, classes: tuple[str, ...]
) -> ClassMatrix:
    """Return the matrix of each period; rows of a class that the contract does not name are out."""
    chosen = used & (found.actual >= 0) & (found.predicted >= 0)
    k = len(classes)
    place = (found.period * k + found.actual) * k + found.predicted
    counts: Floats = np.bincount(place[chosen], found.n[chosen], periods * k * k).astype(np.float64)
    return ClassMatrix.of(classes, counts.reshape(periods, k, k))


def _part(whole: Confusion, places: slice) -> Confusion:
    return Confusion(
        whole.true_positives[places],
        whole.false_positives[places],
        whole.false_negatives[places],
        whole.true_negatives[places],
    )


def _joined(parts: list[Interval]) -> Interval:
    return Interval(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("value", "low", "high", "n")
        )
    )
