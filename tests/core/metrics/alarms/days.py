"""Small references for the tests of alarms."""

import numpy as np

from core.metrics.alarms import Check, Counts, Series, feature_series, score_series
from core.metrics.arrays import Floats
from core.metrics.binning import (
    BinnedCounts,
    CategoricalBins,
    NumericBins,
    assign,
    numeric_bins_from_counts,
)
from core.metrics.binning.bins import CODE_OFFSET
from core.metrics.performance.scores import ScoreCounts

LETTERS = CategoricalBins(("a", "b", "c", "d"))


def letter_days(
    random: np.random.Generator, days: int, rows: int, shares: Floats | None = None
) -> BinnedCounts:
    chances = np.full(4, 0.25) if shares is None else shares
    n = np.zeros((days, LETTERS.bin_count + CODE_OFFSET))
    n[:, CODE_OFFSET : CODE_OFFSET + 4] = random.multinomial(rows, chances, size=days)
    return BinnedCounts(n)


def letters(name: str, seed: int, days: int = 60, rows: int = 50) -> Series:
    return feature_series(name, LETTERS, letter_days(np.random.default_rng(seed), days, rows))


def number_bins(values: Floats) -> NumericBins:
    return numeric_bins_from_counts(*np.unique(values, return_counts=True))


def number_days(bins: NumericBins, values: Floats) -> BinnedCounts:
    """Count values of shape (days, rows)."""
    size = bins.bin_count + CODE_OFFSET
    days, rows = values.shape
    flat = np.repeat(np.arange(days), rows) * size + assign(bins, values.ravel()) + CODE_OFFSET
    n = np.bincount(flat, minlength=days * size).reshape(days, size).astype(np.float64)
    total = np.bincount(flat, values.ravel(), days * size).reshape(days, size).astype(np.float64)
    return BinnedCounts(n, total, np.full_like(n, np.nan), np.full_like(n, np.nan))


def numbers(name: str, seed: int, days: int = 60, rows: int = 50) -> Series:
    values = np.random.default_rng(seed).normal(size=(days, rows))
    bins = number_bins(values.ravel())
    return feature_series(name, bins, number_days(bins, values))


def score_days(random: np.random.Generator, days: int, rows: int) -> ScoreCounts:
    scores = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
    n = random.multinomial(rows, np.full(5, 0.2), size=days)
    hits = random.binomial(n, scores).astype(np.float64)
    misses = n - hits
    none = np.zeros_like(hits)
    return ScoreCounts(
        positives=hits,
        negatives=misses,
        score_of_positives=hits * scores,
        score_of_negatives=misses * scores,
        square_of_positives=hits * scores**2,
        square_of_negatives=misses * scores**2,
        surprise=none,
        fourth_power=none,
        surprise_squared=none,
    )


def scores(name: str, seed: int, days: int = 60, rows: int = 50) -> Series:
    return score_series(name, score_days(np.random.default_rng(seed), days, rows))


def month(days: int, rows: int, *names: str) -> Check:
    return Check("month", 0, days, dict.fromkeys(names, rows))


def counts_of(n: list[float]) -> Counts:
    found = np.asarray(n, dtype=np.float64)
    return Counts(found, np.zeros((0, *found.shape)))
