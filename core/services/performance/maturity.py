"""How far the labels of a period are: final, on their way, or none."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from core.metrics.arrays import Floats
from core.metrics.intervals import wilson

MaturityState = Literal["matured", "partial", "none"]
Basis = Literal["matured", "early", "none"]
MaturityWarning = Literal["early_labels", "mostly_positive", "mostly_cheap", "closed_cases_only"]

_ENOUGH = 30  # labels, before anything is said of what they are like
_TOO_POSITIVE = 1.25  # times the rate that the scores expect
_TOO_CHEAP = 0.8  # of the mean amount of all predictions
_ALL = 0.995


@dataclass(frozen=True, slots=True)
class ChunkMaturity:
    """What is known of the outcomes of one period.

    Parameters
    ----------
    n : int
        Predictions.
    matured : int
        Predictions old enough for their label to be final.
    labelled : int
        Predictions with a label, old enough or not.
    used : int
        Labelled rows that the period's figures are computed from.
    state : {"matured", "partial", "none"}
        ``matured``: all predictions are old enough. ``partial``: some are not, and something is
        known. ``none``: no label is known.
    basis : {"matured", "early", "none"}
        Which rows are used: those of mature predictions where there are any, else labels that
        came early, which are not typical.
    warnings : tuple of str
        What is wrong with taking a partial period for final; see :data:`MaturityWarning`.
    """

    n: int
    matured: int
    labelled: int
    used: int
    state: MaturityState
    basis: Basis
    warnings: tuple[MaturityWarning, ...]

    @property
    def labelled_share(self) -> float:
        """Share of the predictions whose label is known."""
        return self.labelled / self.n if self.n else float("nan")

    @property
    def matured_share(self) -> float:
        """Share of the predictions old enough for their label to be final."""
        return self.matured / self.n if self.n else float("nan")


@dataclass(frozen=True, slots=True)
class Labels:
    """Sums over the labelled rows of one period, old enough or not.

    Parameters
    ----------
    mature, early : int
        Labelled rows by whether the prediction is old enough.
    positives : int
        Positive labels among the early ones.
    expected : float
        Mean score of all predictions of the period: the rate of positives that they expect; NaN
        where a score is no probability of it.
    amount, mean_amount : float
        Mean amount at stake of the early labelled rows and of all predictions; NaN if not logged.
    """

    mature: int
    early: int
    positives: int
    expected: float
    amount: float
    mean_amount: float


def chunk_maturity(n: int, matured: int, labels: Labels, expected_share: float) -> ChunkMaturity:
    """Say how far a period is.

    Parameters
    ----------
    n, matured : int
        Predictions, and those old enough.
    labels : Labels
        Of the period.
    expected_share : float
        Share of the period's labels that would be known by now if they came as those of mature
        predictions did; NaN if nobody knows.
    """
    known = labels.mature + labels.early
    state: MaturityState = "none"
    if known:
        state = "matured" if matured == n else "partial"
    basis: Basis = "none"
    if known:
        basis = "matured" if labels.mature else "early"
    warnings = _warnings(n, matured, labels, expected_share) if state == "partial" else ()
    used = labels.mature if basis == "matured" else labels.early
    return ChunkMaturity(n, matured, known, used, state, basis, warnings)


def expected_share(ages: Floats, labels: Floats, age_of_period: ArrayLike) -> Floats:
    """Return the share of labels that come within an age.

    Parameters
    ----------
    ages : ndarray, shape (m,)
        Days from prediction to label, ascending.
    labels : ndarray, shape (m,)
        Labels of mature predictions at each age.
    age_of_period : array_like, shape (...)
        Age of the period's predictions in days.

    Returns
    -------
    ndarray, shape (...)
        NaN without labels.
    """
    wanted = np.asarray(age_of_period, dtype=np.float64)
    total = labels.sum()
    if not total:
        return np.full(wanted.shape, np.nan)
    reached = np.concatenate([[0.0], np.cumsum(labels)]) / total
    return np.asarray(reached[np.searchsorted(ages, wanted, side="right")])


def _warnings(
    n: int, matured: int, labels: Labels, expected_share: float
) -> tuple[MaturityWarning, ...]:
    found: list[MaturityWarning] = ["early_labels"]
    if labels.early >= _ENOUGH:
        low = float(wilson(labels.positives, labels.early).low)
        if low > _TOO_POSITIVE * labels.expected:
            found.append("mostly_positive")
        if labels.amount < _TOO_CHEAP * labels.mean_amount:
            found.append("mostly_cheap")
    # A log that holds closed cases only has a label for everything, long before labels come.
    waiting = n - matured
    if waiting >= _ENOUGH and labels.early >= _ALL * waiting and expected_share < _TOO_CHEAP:
        found.append("closed_cases_only")
    return tuple(found)
