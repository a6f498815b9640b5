"""The figures of each period, from its counts."""

from collections.abc import Mapping

import numpy as np

from core.lake.labels.binary import LabelledCells
from core.lake.labels.errors import ClassCells, ClassScoreCells, ErrorCells
from core.lake.labels.exact_scores import ExactScores
from core.lake.labels.score_grid import NO_SCORE
from core.metrics.arrays import Booleans, Floats, Integers
from core.metrics.intervals import Interval, hanley_mcneil, wilson
from core.metrics.performance import (
    CellValues,
    ClassMatrix,
    Confusion,
    ErrorSums,
    ScoreCounts,
    binning_bounds,
    business_value,
)
from core.metrics.performance.bootstrap import Remember, anew
from core.metrics.performance.figures import (
    binary_figures,
    multiclass_figures,
    regression_figures,
)
from core.services.performance.blocks import blocks
from core.services.performance.counting import confusion_of, sums_of

Figures = Mapping[str, Interval]
_DRAWN_BINS = 200  # that limits are drawn from: their places hardly matter
_BLOCK = 16  # periods that are laid out beside each other at a time


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
    found: LabelledCells,
    told: LabelledCells,
    periods: int,
    values: CellValues | None,
    *,
    bootstrap: bool,
    remember: Remember = anew,
) -> Figures:
    """Return the figures of a binary model, arrays of shape (periods,).

    Parameters
    ----------
    found : LabelledCells
        Labelled rows that count.
    told : LabelledCells
        Those of them whose outcomes an estimate speaks of; they make the rate of outcomes.
    periods : int
        Number of periods.
    values : CellValues, optional
        Money a row of each cell of the confusion matrix; the value is that of a prediction.
    bootstrap : bool
        Whether to draw limits that have no formula.
    remember : callable
        Keeps what was drawn of a period for other questions with the same period.
    """
    confusion = confusion_of(found, periods)
    parts = [
        binary_figures(
            block.counts,
            _part(confusion, block.places),
            values=values,
            bootstrap=bootstrap,
            most_bins=_DRAWN_BINS,
            remember=remember,
        )
        for block in blocks(found, periods)
    ]
    if not parts:
        return {}
    figures = {name: _joined([part[name] for part in parts]) for name in parts[0]}
    if values is not None:
        figures["business_value"] = business_value(confusion, values, per_prediction=True)
    hits = told.where(told.label == 1)
    rate = wilson(sums_of(hits.period, hits.n, periods), sums_of(told.period, told.n, periods))
    return {**figures, "outcome_rate": rate}


def bounds_of_binary(found: LabelledCells, periods: int) -> Mapping[str, Floats]:
    """Return how far figures of cells can lie from those of rows, arrays of shape (periods,).

    Of the calibration error, whose groups end inside cells, nothing is stated: NaN. Figures that
    are not named are exact.
    """
    parts = [binning_bounds(block.counts, block.tied) for block in blocks(found, periods)]
    found_bounds = {
        name: np.concatenate([part[name] for part in parts]) for name in (parts[0] if parts else ())
    }
    return {**found_bounds, "expected_calibration_error": np.full(periods, np.nan)}


def with_exact(figures: Figures, exact: ExactScores, chosen: Booleans) -> Figures:
    """Return figures in which what depends on the order of scores comes from raw rows.

    Parameters
    ----------
    figures : mapping of str to Interval
        From counts, of shape (periods,).
    exact : ExactScores
        From raw rows.
    chosen : ndarray of bool, shape (periods,)
        In which periods.
    """
    periods = chosen.size

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
    return {
        name: _put(figure, found[name], chosen) if name in found else figure
        for name, figure in figures.items()
    }


def _put(figure: Interval, other: Interval, chosen: Booleans) -> Interval:
    """Return a figure that is another one in the chosen periods."""
    return Interval(
        *(
            np.where(chosen, getattr(other, part), getattr(figure, part))
            for part in ("value", "low", "high", "n")
        )
    )


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
    found: ClassCells, scores: Mapping[str, ClassScoreCells], early: Booleans
) -> Figures:
    """Return the figures of a model of several classes, arrays of shape (periods,).

    Parameters
    ----------
    found : ClassCells
        By actual and predicted class.
    scores : mapping of str to ClassScoreCells
        By class in the contract's order: the same rows by the cell of its score.
    early : ndarray of bool, shape (periods,)
        Periods that are read from early labels.
    """
    classes, periods = tuple(scores), early.size
    used = used_rows(found.period, found.matured, early)
    matrix = class_matrix(found, used, periods, classes)
    parts = []
    for start in range(0, periods, _BLOCK):
        places = slice(start, min(start + _BLOCK, periods))
        counts = {name: class_counts(cells, early, places) for name, cells in scores.items()}
        part = multiclass_figures(ClassMatrix(classes, matrix.counts[places]), counts)
        parts.append({name: figure.overall for name, figure in part.items()})
    return {name: _joined([part[name] for part in parts]) for name in parts[0]} if parts else {}


def class_counts(found: ClassScoreCells, early: Booleans, places: slice) -> ScoreCounts:
    """Return the rows of one class and of all others by cell of its score.

    Only what the order of scores needs is counted; the sums of scores are 0.

    Parameters
    ----------
    found : ClassScoreCells
        Of the class.
    early : ndarray of bool, shape (periods,)
        Periods that are read from early labels.
    places : slice
        Which periods.
    """
    inside = (found.period >= places.start) & (found.period < places.stop)
    chosen = used_rows(found.period, found.matured, early) & inside & (found.cell != NO_SCORE)
    cells, column = np.unique(found.cell[chosen], return_inverse=True)
    shape = (places.stop - places.start, max(cells.size, 1))
    place = (found.period[chosen] - places.start) * shape[1] + column
    n, hit = found.n[chosen], found.is_class[chosen]

    def laid(weights: Floats) -> Floats:
        return np.bincount(place, weights, shape[0] * shape[1]).reshape(shape).astype(np.float64)

    return ScoreCounts(laid(n * hit), laid(n * ~hit), *(np.zeros(shape) for _ in range(7)))


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
