"""What alarms are computed from: counts a day, of a feature or of a score with its outcomes."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.arrays import Floats, Integers
from core.metrics.binning import (
    CODE_OFFSET,
    NULL_CODE,
    BinnedCounts,
    CategoricalBins,
    FeatureBins,
    NumericBins,
)
from core.metrics.performance.scores import ScoreCounts

PARTS_MESSAGE = N_("The days, the bins or the sums of {name} do not belong together.")


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Counts that add up, and sums of the rows in each bin.

    Parameters
    ----------
    n : ndarray, shape (..., C)
        Rows a bin.
    sums : ndarray, shape (Q, ..., C)
        Q sums of the rows of a bin; Q may be 0.
    """

    n: Floats
    sums: Floats

    @property
    def rows(self) -> Floats:
        """Rows in all, shape (...)."""
        return np.asarray(self.n.sum(axis=-1))

    def merged(self) -> "Counts":
        """Return all days as one."""
        return Counts(self.n.sum(axis=0), self.sums.sum(axis=1))


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Daily counts of one thing that alarms watch.

    Parameters
    ----------
    name : str
        Name of the feature, or of the score.
    bins : NumericBins, CategoricalBins or None
        Bins of a feature, whose columns are the codes -2, -1, 0, …; None for a score, whose columns
        are the positives by score bin and then the negatives.
    counts : Counts
        Of shape (days, C).
    """

    name: str
    bins: FeatureBins | None
    counts: Counts

    def __post_init__(self) -> None:
        n, sums = self.counts.n, self.counts.sums
        if n.ndim != 2 or sums.shape[1:] != n.shape or n.shape[0] == 0:
            raise InvalidInput(PARTS_MESSAGE, name=self.name)

    @property
    def kind(self) -> str:
        """``numeric``, ``categorical`` or ``score``."""
        if self.bins is None:
            return "score"
        return "numeric" if isinstance(self.bins, NumericBins) else "categorical"

    @property
    def days(self) -> int:
        """How many days it has."""
        return int(self.counts.n.shape[0])

    @property
    def digest(self) -> str:
        """First 16 hexadecimal digits of the SHA-256 of the daily counts and sums."""
        found = hashlib.sha256(self.name.encode())
        for part in (self.counts.n, self.counts.sums):
            found.update(repr(part.shape).encode())
            found.update(np.ascontiguousarray(part, dtype="<f8").tobytes())
        return found.hexdigest()[:16]


def counts_of_feature(binned: BinnedCounts) -> Counts:
    """Return the counts of a feature, with the sums of its values if it is numeric.

    Parameters
    ----------
    binned : BinnedCounts, shape (..., C)
        Aligned to the codes.

    Returns
    -------
    Counts
        With Q = 1 for numbers, otherwise 0.
    """
    n = np.asarray(binned.n, dtype=np.float64)
    if binned.total is None:
        return Counts(n, np.zeros((0, *n.shape)))
    return Counts(n, np.asarray(binned.total, dtype=np.float64)[None])


def counts_of_score(scores: ScoreCounts) -> Counts:
    """Return the counts of a score: positives by bin, then negatives; sums of s and of s².

    Parameters
    ----------
    scores : ScoreCounts, shape (..., B)
        Labelled rows by score bin, the same bins every day.

    Returns
    -------
    Counts
        Of shape (..., 2 B), with Q = 2.
    """
    sides = (
        (scores.positives, scores.negatives),
        (scores.score_of_positives, scores.score_of_negatives),
        (scores.square_of_positives, scores.square_of_negatives),
    )
    n, score, square = (np.concatenate(pair, axis=-1).astype(np.float64) for pair in sides)
    return Counts(n, np.stack([score, square]))


def feature_series(name: str, bins: FeatureBins, days: BinnedCounts) -> Series:
    """Return the daily series of a feature.

    Parameters
    ----------
    name : str
        Name of the feature.
    bins : NumericBins or CategoricalBins
        Its bins.
    days : BinnedCounts, shape (days, C)
        Counts a day, in the order of time.

    Raises
    ------
    core.errors.InvalidInput
        If the counts do not belong to the bins.
    """
    if days.n.ndim != 2 or days.n.shape[1] != bins.bin_count + CODE_OFFSET:
        raise InvalidInput(PARTS_MESSAGE, name=name)
    return Series(name, bins, counts_of_feature(days))


def score_series(name: str, days: ScoreCounts) -> Series:
    """Return the daily series of a score with outcomes; ``days`` is of shape (days, B)."""
    return Series(name, None, counts_of_score(days))


@dataclass(frozen=True, slots=True)
class Tail:
    """A bin that the reference left empty, and what is known of rows to come in it.

    Parameters
    ----------
    column : int
        Column of the bin.
    prior : float
        First parameter of the beta distribution of a new row's probability to fall there.
    value : float
        Value that such a row is counted with.
    """

    column: int
    prior: float
    value: float = 0.0


def empty_tails(series: Series) -> tuple[Tail, ...]:
    """Return the bins that the reference has no row in, but new data may.

    A row of an unchanged numeric feature lies above the largest of N values with a probability
    that has the beta distribution (1, N), whatever the distribution; the same holds below. An
    unseen category or a missing value has Jeffreys' ½ in place of 1, and each category seen once
    adds 1 (Good and Turing).
    """
    merged = series.counts.merged()
    bins = series.bins
    if bins is None:
        return ()
    missing = Tail(NULL_CODE + CODE_OFFSET, 0.5)
    if isinstance(bins, CategoricalBins):
        once = int(np.count_nonzero(merged.n[CODE_OFFSET:] == 1))
        found = [missing, Tail(bins.unseen_code + CODE_OFFSET, 0.5 + once)]
    else:
        above = len(bins.edges) + CODE_OFFSET
        found = [
            missing,
            Tail(CODE_OFFSET, 1.0, bins.edges[0]),
            Tail(above, 1.0, bins.edges[-1]),
        ]
    return tuple(tail for tail in found if merged.n[tail.column] == 0)


def same_days(series: Mapping[str, Series]) -> int:
    """Return how many days all series have.

    Raises
    ------
    core.errors.InvalidInput
        If there is no series, or they differ.
    """
    lengths = {item.days for item in series.values()}
    if len(lengths) != 1:
        raise InvalidInput(N_("The series of a reference need the same days."))
    return lengths.pop()


def daily_figures(series: Series) -> Floats:
    """Return what tells how the days depend on each other.

    For numbers the mean rank of the values, for categories the shares of the three largest, for a
    score the mean rank and the share of positives; and the share of missing values where there
    are some.

    Parameters
    ----------
    series : Series
        Of D days.

    Returns
    -------
    ndarray, shape (figures, D)
        NaN on days without rows.
    """
    n = series.counts.n
    if series.kind == "score":
        half = n.shape[1] // 2
        rows = n[:, :half] + n[:, half:]
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = n[:, :half].sum(axis=1) / n.sum(axis=1)
        return np.stack([_mean_rank(rows), rate])
    valued = n[:, CODE_OFFSET:]
    if series.kind == "numeric":
        figures = [_mean_rank(valued)]
    else:
        figures = [_share(valued[:, place], valued) for place in _largest(valued)]
    missing = n[:, :CODE_OFFSET].sum(axis=1)
    if missing.sum() > 0:
        figures.append(_share(missing, n))
    return np.stack(figures)


def _mean_rank(rows: Floats) -> Floats:
    merged = rows.sum(axis=0)
    ranks = (np.cumsum(merged) - merged / 2) / max(float(merged.sum()), 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((rows * ranks).sum(axis=1) / rows.sum(axis=1))


def _share(part: Floats, whole: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(part / whole.sum(axis=1))


def _largest(valued: Floats) -> Integers:
    return np.argsort(-valued.sum(axis=0), kind="stable")[:3]
