"""The rules that ``python -m bench.alarms`` compares, each as one number a month.

The larger the number, the further out the month; a rule raises an alarm from its limit on. Ours is
the product's own code. The peers' are written from their sources (nannyml 0.13.1, evidently
0.7.23): what matters here is the rule, and a limit can then be moved to match another rule's rate.
"""

from collections.abc import Mapping

import numpy as np

from bench.alarm_worlds import COLUMNS, NUMBERS, SCORE, VALUES, Sample
from core.metrics.alarms import (
    Check,
    Counts,
    FamilyNull,
    Outcome,
    Series,
    counts_of_feature,
    counts_of_score,
    draw_family,
    drift_rate,
    feature_series,
    judge,
    members_of,
    results_rate,
    score_series,
)
from core.metrics.alarms.family import DRAWS
from core.metrics.alarms.watched import RESULTS_DRAWS
from core.metrics.arrays import AnyArray, Floats
from core.metrics.binning import (
    CODE_OFFSET,
    BinnedCounts,
    CategoricalBins,
    FeatureBins,
    assign,
    numeric_bins_from_counts,
)
from core.metrics.drift.wasserstein import area_between
from core.metrics.performance.scores import ScoreCounts

CHUNKS = 10
_SCORE_BINS = 20


class Harbourlight:
    """The product's two families of a month; the number is rate / p, so the limit is 1."""

    limit = 1.0

    def __init__(self, reference: Sample, days: int, month: int, draws: int, seed: int) -> None:
        self._bins = {place: _bins(reference, place) for place in range(COLUMNS + 1)}
        self._month = month
        rows = reference.day.size // days * month
        inputs = {
            f"x{place}": feature_series(f"x{place}", bins, _binned(reference, place, bins, days))
            for place, bins in self._bins.items()
        }
        results = {"score": score_series("score", _scored(reference, days))}
        self.halves: tuple[tuple[Mapping[str, Series], FamilyNull], ...] = tuple(
            (series, _family(series, rows, month, rate, wanted, seed))
            for series, rate, wanted in (
                (inputs, drift_rate(), draws),
                (results, results_rate(), draws * RESULTS_DRAWS // DRAWS),
            )
        )

    @property
    def stated_rate(self) -> float:
        """The rate at which this reference lets a month be judged."""
        return sum(family.stated_rate for _, family in self.halves)

    def counts(self, month: Sample) -> Mapping[str, Counts]:
        """Return a month as the counts that a service would hand over."""
        found = {
            f"x{place}": counts_of_feature(_binned(month, place, bins, self._month)).merged()
            for place, bins in self._bins.items()
        }
        return found | {"score": counts_of_score(_scored(month, self._month)).merged()}

    def number(self, month: Sample) -> float:
        """Return rate / p of the month's first alarm; 0 without an effect that is large enough."""
        return self.numbers(month)[0]

    def numbers(self, month: Sample) -> tuple[float, float]:
        """Return the number with the minimum effects, and what it is without them."""
        counts = self.counts(month)
        large, any_size = 0.0, 0.0
        for series, family in self.halves:
            current = {"month": {name: counts[name] for name in series}}
            for verdict in judge(family, series, current):
                if verdict.outcome is Outcome.not_computable:
                    continue
                ratio = family.stated_rate / verdict.p_value
                beyond = ratio if verdict.statistic > verdict.threshold else min(ratio, 0.999)
                any_size = max(any_size, beyond)
                if verdict.statistic >= verdict.minimum_effect:
                    large = max(large, beyond)
        return large, any_size


class NannyML:
    """Mean + k standard deviations of ten chunks that are part of the reference; the number is k.

    Jensen-Shannon distance of every column, the score and the outcome; accuracy on both sides.
    """

    limit = 3.0

    def __init__(self, reference: Sample) -> None:
        chunks = np.array_split(np.arange(reference.day.size), CHUNKS)
        self._columns = _columns(reference)
        self._edges = {
            place: np.histogram_bin_edges(values, "doane")
            for place, values in self._columns.items()
            if values.dtype.kind == "f"
        }
        self._shares = {place: self._share(place, v) for place, v in self._columns.items()}
        figures = np.array(
            [self._figures({p: v[c] for p, v in self._columns.items()}) for c in chunks]
        )
        self._mean, self._spread = figures.mean(axis=0), figures.std(axis=0)

    def number(self, month: Sample) -> float:
        """Return how many standard deviations the furthest figure is out."""
        out = (self._figures(_columns(month)) - self._mean) / self._spread
        out[-1] = abs(out[-1])
        return float(out.max())

    def _figures(self, columns: Mapping[int, AnyArray]) -> Floats:
        distances = [
            _jensen_shannon(self._shares[place], self._share(place, values))
            for place, values in columns.items()
        ]
        right = (columns[SCORE] >= 0.5) == (columns[SCORE + 1] == 1)
        return np.array([*distances, right.mean()])

    def _share(self, place: int, values: AnyArray) -> Floats:
        if place in self._edges:
            share = np.histogram(values, self._edges[place])[0] / values.size
            return np.append(share, max(1 - share.sum(), 0.0))
        return np.bincount(values, minlength=max(VALUES) + 1) / values.size


class Evidently:
    """Wasserstein over the deviation from 0.1, Jensen-Shannon (natural) from 0.1; as shipped."""

    limit = 1.0

    def __init__(self, reference: Sample) -> None:
        self._columns = {
            place: np.sort(values) if values.dtype.kind == "f" else values
            for place, values in _columns(reference).items()
        }
        self._spread = {
            place: max(float(values.std()), 0.001)
            for place, values in self._columns.items()
            if values.dtype.kind == "f"
        }

    def number(self, month: Sample) -> float:
        """Return the largest column's figure over its limit."""
        found = []
        for place, values in _columns(month).items():
            before = self._columns[place]
            if place in self._spread:
                found.append(area_between(before, np.sort(values)) / self._spread[place])
            else:
                sides = [
                    np.bincount(v, minlength=max(VALUES) + 1) / v.size for v in (before, values)
                ]
                found.append(_jensen_shannon(sides[0], sides[1]) * np.log(2) ** 0.5)
        return max(found) / 0.1


def _family(
    series: Mapping[str, Series], rows: int, month: int, rate: float, draws: int, seed: int
) -> FamilyNull:
    checks = [Check("month", 0, month, dict.fromkeys(series, rows))]
    return draw_family(series, members_of(series), checks, rate=rate, draws=draws, seed=seed)


def _columns(rows: Sample) -> dict[int, AnyArray]:
    return {**rows.numbers, **rows.codes, SCORE + 1: rows.outcome.astype(np.int64)}


def _jensen_shannon(p: Floats, q: Floats) -> float:
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = [np.where(side > 0, side * np.log2(side / middle), 0.0) for side in (p, q)]
    return float(np.sqrt(max(terms[0].sum() + terms[1].sum(), 0.0) / 2))


def _bins(reference: Sample, place: int) -> FeatureBins:
    if place in reference.numbers:
        values, counts = np.unique(reference.numbers[place], return_counts=True)
        return numeric_bins_from_counts(values, counts)
    return CategoricalBins(tuple(str(value) for value in range(VALUES[place - NUMBERS])))


def _binned(rows: Sample, place: int, bins: FeatureBins, days: int) -> BinnedCounts:
    size = bins.bin_count + CODE_OFFSET
    if place not in rows.numbers:
        known = rows.codes[place] < VALUES[place - NUMBERS]
        codes = np.where(known, rows.codes[place], bins.bin_count - 1)
        return BinnedCounts(_counted(rows.day, codes + CODE_OFFSET, size, days))
    values = rows.numbers[place]
    codes = assign(bins, values) + CODE_OFFSET
    none = np.full((days, size), np.nan)
    totals = _counted(rows.day, codes, size, days, values)
    return BinnedCounts(_counted(rows.day, codes, size, days), totals, none, none)


def _counted(
    day: AnyArray, code: AnyArray, size: int, days: int, weights: AnyArray | None = None
) -> Floats:
    flat = np.bincount(day * size + code, weights, minlength=days * size)
    return flat.reshape(days, size).astype(np.float64)


def _scored(rows: Sample, days: int) -> ScoreCounts:
    scores = rows.numbers[SCORE]
    place = np.minimum((scores * _SCORE_BINS).astype(np.int64), _SCORE_BINS - 1)

    def side(chosen: AnyArray, weights: Floats) -> Floats:
        return _counted(rows.day, place, _SCORE_BINS, days, np.where(chosen, weights, 0.0))

    hits, misses, none = rows.outcome, ~rows.outcome, np.zeros((days, _SCORE_BINS))
    return ScoreCounts(
        positives=side(hits, np.ones_like(scores)),
        negatives=side(misses, np.ones_like(scores)),
        score_of_positives=side(hits, scores),
        score_of_negatives=side(misses, scores),
        square_of_positives=side(hits, scores**2),
        square_of_negatives=side(misses, scores**2),
        surprise=none,
        fourth_power=none,
        surprise_squared=none,
    )
