"""What a cut-off makes of a score: the confusion matrix and the figures read from it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.arrays import Floats
from core.metrics.intervals import Interval, normal_quantile, wilson


@dataclass(frozen=True, slots=True, eq=False)
class Confusion:
    """Labelled rows by what was predicted and what happened.

    Parameters
    ----------
    true_positives, false_positives, false_negatives, true_negatives : ndarray, shape (...)
        Rows. Expected counts, as an estimate without labels gives them, may have fractions.

    Raises
    ------
    core.errors.InvalidInput
        If a count is negative or not finite, or the shapes do not fit together.
    """

    true_positives: Floats
    false_positives: Floats
    false_negatives: Floats
    true_negatives: Floats

    @classmethod
    def of(cls, tp: ArrayLike, fp: ArrayLike, fn: ArrayLike, tn: ArrayLike) -> "Confusion":
        """Return the matrix of four arrays of one shape, checked.

        Raises
        ------
        InvalidInput
            If the arrays differ in shape, or hold what is no count.
        """
        try:
            cells = np.broadcast_arrays(
                *(np.asarray(c, dtype=np.float64) for c in (tp, fp, fn, tn))
            )
        except ValueError as error:
            raise InvalidInput(N_("The cells of a confusion matrix differ in shape.")) from error
        if not all(np.isfinite(cell).all() and (cell >= 0).all() for cell in cells):
            raise InvalidInput(N_("Counts must be finite and not negative."))
        return cls(*cells)

    @property
    def n(self) -> Floats:
        """Rows in all."""
        return (
            self.true_positives + self.false_positives + self.false_negatives + self.true_negatives
        )

    @property
    def positives(self) -> Floats:
        """Rows whose outcome was positive."""
        return self.true_positives + self.false_negatives

    @property
    def flagged(self) -> Floats:
        """Rows that were predicted positive."""
        return self.true_positives + self.false_positives


def accuracy(found: Confusion, *, confidence: float = 0.95) -> Interval:
    """Return the share of rows predicted right, (TP + TN) / n, with Wilson's interval."""
    return wilson(found.true_positives + found.true_negatives, found.n, confidence=confidence)


def precision(found: Confusion, *, confidence: float = 0.95) -> Interval:
    """Return TP / (TP + FP) with Wilson's interval; NaN where nothing was predicted positive."""
    return wilson(found.true_positives, found.flagged, confidence=confidence)


def recall(found: Confusion, *, confidence: float = 0.95) -> Interval:
    """Return TP / (TP + FN) with Wilson's interval; NaN where nothing was positive."""
    return wilson(found.true_positives, found.positives, confidence=confidence)


def specificity(found: Confusion, *, confidence: float = 0.95) -> Interval:
    """Return TN / (TN + FP) with Wilson's interval; NaN where nothing was negative."""
    negatives = found.true_negatives + found.false_positives
    return wilson(found.true_negatives, negatives, confidence=confidence)


def f1(found: Confusion, *, confidence: float = 0.95) -> Interval:
    r"""Return the harmonic mean of precision and recall, with the delta method's interval.

    .. math:: F = \frac{2TP}{2TP + FP + FN}

    1 means that all that was flagged was positive and all positive was flagged, 0 that nothing was.

    Parameters
    ----------
    found : Confusion
        The matrix, shape (...).
    confidence : float
        Level of the interval.

    Returns
    -------
    Interval
        NaN where there is neither a positive nor a flagged row; ``n`` counts the rows that are
        one or the other, since true negatives say nothing of F1.

    Notes
    -----
    With the k = TP + FP + FN rows that matter, TP is binomial with share p and F = 2p / (1 + p),
    so its standard error is 2 / (1 + p)² √(p (1 - p) / k). The limits are those of Wilson's
    interval of p, which keeps them within 0 and 1.
    """
    rows = found.true_positives + found.false_positives + found.false_negatives
    share = wilson(found.true_positives, rows, confidence=confidence)
    value, low, high = (2 * part / (1 + part) for part in (share.value, share.low, share.high))
    return Interval(value, low, high, rows)


@dataclass(frozen=True, slots=True)
class CellValues:
    """What one row in each cell is worth, in money; losses are negative."""

    true_positive: float
    false_positive: float
    false_negative: float
    true_negative: float


def business_value(
    found: Confusion, values: CellValues, *, per_prediction: bool = False, confidence: float = 0.95
) -> Interval:
    r"""Return what the predictions were worth, in total or on average.

    .. math:: V = \sum_c v_c n_c

    Parameters
    ----------
    found : Confusion
        The matrix, shape (...).
    values : CellValues
        Money a row of each cell.
    per_prediction : bool
        Divide by the rows: the mean value of a prediction.
    confidence : float
        Level of the interval.

    Returns
    -------
    Interval
        NaN where there are no rows. The interval is the normal one of a mean of independent rows;
        it is not known of a single row, nor where all rows lie in cells of the same worth while
        others are worth something else.

    Notes
    -----
    nannyml's ``business_value(normalize="per_prediction")`` divides each column of the matrix by
    the rows of its predicted class, which is no mean; this is the mean.
    """
    worth = np.asarray(
        [values.true_positive, values.false_positive, values.false_negative, values.true_negative]
    )
    cells = np.stack(
        [found.true_positives, found.false_positives, found.false_negatives, found.true_negatives],
        axis=-1,
    )
    rows = found.n
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = cells @ worth / rows
        spread = np.sqrt(np.maximum(cells @ worth**2 / rows - mean**2, 0.0) / rows)
        # No spread among few rows does not mean that there is none.
        some = (rows > 1) & ((spread > 0) | (worth.max() == worth.min()))
    half = np.where(some, normal_quantile(confidence) * spread, np.nan)
    scale = np.ones_like(rows) if per_prediction else np.where(rows > 0, rows, np.nan)
    return Interval(mean * scale, (mean - half) * scale, (mean + half) * scale, rows)
