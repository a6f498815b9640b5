"""The share of positive outcomes that the scores promise: the sharpest sign of concept drift.

Given the scores, nothing of the inputs is left to chance, so what came may differ from what was
promised by far less than the sampling error of other figures.
"""

from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import Floats
from core.metrics.estimation.cbpe import ExpectedRows


@dataclass(frozen=True, slots=True, eq=False)
class OutcomeRate:
    """Expected share of positives, shape (...).

    Parameters
    ----------
    value : ndarray
        Mean of the calibrated probabilities; NaN without rows.
    error : ndarray
        Standard error of the share that comes, the scores being what they are.
    n : ndarray
        Rows.
    """

    value: Floats
    error: Floats
    n: Floats

    def of_estimator(self, reference_rows: float) -> Floats:
        """Return the error of the expectation itself, learned from so many labelled rows."""
        return np.asarray(self.error * np.sqrt(self.n / reference_rows))


def expected_outcome_rate(expected: ExpectedRows) -> OutcomeRate:
    r"""Return the share of positives to be expected, and its error.

    .. math:: \bar p = \frac1n \sum_i p_i, \qquad s = \frac1n \sqrt{\sum_i p_i (1 - p_i)}

    Estimate and error of the rows whose outcomes have matured go, with the share of positives
    among them, to :func:`~core.metrics.estimation.concept_drift.concept_drift_in_order`.

    Parameters
    ----------
    expected : ExpectedRows
        Of shape (...). Rows of one bin are taken to have equal probabilities, which makes the error
        a little larger than it is where they have not.

    Notes
    -----
    Calibration in the large: Cox (1958).
    """
    hits, misses = expected.counts.positives, expected.counts.negatives
    rows = hits + misses
    each: Floats = np.zeros(rows.shape)
    np.divide(hits * misses, rows, out=each, where=rows > 0)
    n = rows.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = hits.sum(axis=-1) / n
        error = np.sqrt(each.sum(axis=-1)) / n
    return OutcomeRate(np.asarray(value), np.asarray(error), np.asarray(n))
