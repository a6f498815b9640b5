"""How far the labels of a period are: final, on their way, or none."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from core.metrics.arrays import Floats
from core.metrics.intervals import wilson

MaturityState = Literal["matured", "partial", "none"]
Basis = Literal["matured", "early", "none"]
MaturityWarning = Literal[
    "labels_missing",
    "no_history",
    "early_labels",
    "mostly_positive",
    "mostly_cheap",
    "closed_cases_only",
]

ENOUGH = 30
"""Rows or labels, before anything is said of them."""
FEW_LABELS = "labelled_share"
"""Method of the alarm that only part of the labels still comes."""
_TOO_FEW = 0.9  # of the usual share of labels
_TOO_POSITIVE = 1.25  # times the rate that the scores expect
_TOO_CHEAP = 0.8  # of the mean amount of all predictions
_TOO_SOON = 0.8  # of labels have come by an age at which all are there
_ALL = 0.995
_MONTHS = 12  # of history


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
        ``matured``: all predictions are old enough, and as many labels came as usual. ``partial``:
        something is known, and it is not final. ``none``: no label is known.
    basis : {"matured", "early", "none"}
        Which rows are used: those of mature predictions where there are any, else labels that
        came early, which are not typical.
    warnings : tuple of str
        What is wrong with taking the period for final; see :data:`MaturityWarning`.
    usual_share : float
        Share of mature predictions that usually has a label; NaN where nobody knows, or enough
        have one.
    """

    n: int
    matured: int
    labelled: int
    used: int
    state: MaturityState
    basis: Basis
    warnings: tuple[MaturityWarning, ...]
    usual_share: float = float("nan")

    @property
    def is_sample(self) -> bool:
        """Whether the labelled rows used are a sample of all, for which an interval holds."""
        return self.basis == "matured" and "labels_missing" not in self.warnings

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
    scored, positives : int
        Early labelled rows with a score, and those of them with a positive label.
    expected : float
        Mean score of the predictions of the period that have one: the rate of positives that they
        expect; NaN where a score is no probability of it.
    amount, mean_amount : float
        Mean amount at stake of the early labelled rows and of all predictions; NaN if not logged.
    """

    mature: int
    early: int
    scored: int = 0
    positives: int = 0
    expected: float = float("nan")
    amount: float = float("nan")
    mean_amount: float = float("nan")


@dataclass(frozen=True, slots=True)
class Usual:
    """What the model's own history says that labels are like.

    Parameters
    ----------
    share : float
        Share of mature predictions that have a label; NaN if there is no history.
    by_now : float
        Share of the period's labels that would be known by now if they came as those of mature
        predictions did; NaN if there is no history.
    young : bool
        Whether the period is younger than half the age at which the contract takes labels for
        final.
    """

    share: float = float("nan")
    by_now: float = float("nan")
    young: bool = False


def chunk_maturity(n: int, matured: int, labels: Labels, usual: Usual) -> ChunkMaturity:
    """Say how far a period is.

    Parameters
    ----------
    n, matured : int
        Predictions, and those old enough.
    labels : Labels
        Of the period.
    usual : Usual
        What labels of the model are like.
    """
    known = labels.mature + labels.early
    if not known:
        return ChunkMaturity(n, matured, 0, 0, "none", "none", ())
    missing = labels_missing(labels.mature, matured, usual.share)
    final = matured == n and not missing
    basis: Basis = "matured" if labels.mature else "early"
    warnings: list[MaturityWarning] = ["labels_missing"] if missing else []
    warnings += _warnings(n - matured, labels, usual, early=basis == "early")
    few = 0 < matured == n and labels.mature < _TOO_FEW * matured
    if few and np.isnan(usual.share):
        warnings.append("no_history")
    used = labels.mature if basis == "matured" else labels.early
    state: MaturityState = "matured" if final else "partial"
    told = tuple(dict.fromkeys(warnings))
    return ChunkMaturity(n, matured, known, used, state, basis, told, usual.share)


def labels_missing(labelled: int, matured: int, usual: float) -> bool:
    """Return whether labels that should have come did not.

    Parameters
    ----------
    labelled, matured : int
        Mature predictions with a label, and all of them.
    usual : float
        Share of mature predictions that have a label in the model's history; NaN is none.

    Returns
    -------
    bool
        Whether the share lies below 0.9 of the usual one, its 95 % Wilson interval too; never of
        fewer than :data:`ENOUGH` predictions.
    """
    if matured < ENOUGH or np.isnan(usual):
        return False
    return float(wilson(labelled, matured).high) < _TOO_FEW * usual


def may_be_missing(labelled: ArrayLike, matured: ArrayLike) -> bool:
    """Return whether the history matters: no usual share makes nine labels of ten too few."""
    had, old = np.asarray(labelled), np.asarray(matured)
    return bool(np.any((old > 0) & (had < _TOO_FEW * old)))


def usual_by_month(labelled: ArrayLike, matured: ArrayLike) -> Floats:
    """Return the usual share of labels as each month stood to those before it.

    It is the median of the last :data:`_MONTHS` earlier months that had their labels: a month in
    which they are missing does not become usual, however long it lasts.

    Parameters
    ----------
    labelled, matured : array_like, shape (months,)
        Mature predictions with a label, and all of them; oldest first.

    Returns
    -------
    ndarray, shape (months + 1,)
        NaN where no earlier month says anything; the last is that of what comes after them.
    """
    had, old = np.asarray(labelled, dtype=np.int64), np.asarray(matured, dtype=np.int64)
    usual: Floats = np.full(old.size + 1, np.nan)
    shares: list[float] = []
    for month in range(old.size + 1):
        usual[month] = np.median(shares[-_MONTHS:]) if shares else np.nan
        if month == old.size or old[month] < ENOUGH or not had[month]:
            continue
        if not labels_missing(int(had[month]), int(old[month]), float(usual[month])):
            shares.append(had[month] / old[month])
    return usual


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
    waiting: int, labels: Labels, usual: Usual, *, early: bool
) -> Iterator[MaturityWarning]:
    """Yield what is wrong with early labels, of figures that come from them, and with the log."""
    if early:
        yield "early_labels"
        if labels.scored >= ENOUGH:
            low = float(wilson(labels.positives, labels.scored).low)
            if low > _TOO_POSITIVE * labels.expected:
                yield "mostly_positive"
        if labels.early >= ENOUGH and labels.amount < _TOO_CHEAP * labels.mean_amount:
            yield "mostly_cheap"
    # A log that holds closed cases only has a label for everything, long before labels come.
    if waiting >= ENOUGH and labels.early >= _ALL * waiting:
        known = not np.isnan(usual.by_now)
        if usual.by_now < _TOO_SOON if known else usual.young:
            yield "closed_cases_only"
        elif not known:
            yield "no_history"
