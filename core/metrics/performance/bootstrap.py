"""Intervals of figures that have no formula for one: the counts drawn again, many times."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.arrays import Floats
from core.metrics.intervals import CONFIDENCE_MESSAGE, Interval
from core.metrics.performance.scores import ScoreCounts

Figure = Callable[[ScoreCounts], Floats]
"""Takes counts of shape (..., B) and returns a figure of shape (...)."""

DRAWS_MESSAGE = N_("A bootstrap needs at least two draws.")


def bootstrap(
    figure: Figure,
    counts: ScoreCounts,
    *,
    draws: int = 200,
    seed: int = 0,
    confidence: float = 0.95,
) -> Interval:
    """Return a figure of a score with percentile limits from a bootstrap of its counts.

    The n labelled rows are drawn again with replacement: as all rows of one bin and one outcome
    count alike, the number drawn from each of these cells is multinomial, so a draw costs as much
    for ten million rows as for a thousand.

    Parameters
    ----------
    figure : callable
        Takes counts of shape (..., B) and returns shape (...). It may use the rows, the scores
        and their squares; the sums of errors are NaN in a draw, since the Brier score and the log
        loss have intervals of their own.
    counts : ScoreCounts
        Of shape (..., B). Expected counts, which may have fractions, are drawn as often as their
        sum says, rounded.
    draws : int
        How many. The limits of 200 themselves spread by about an eighth of the standard error.
    seed : int
        Of the random numbers. Each chunk starts from it anew, so the limits of a chunk do not
        depend on what else is computed with it.
    confidence : float
        Level of the interval.

    Returns
    -------
    Interval, shape (...)
        The figure of the counts as they are, between the percentiles of the draws in which it is
        known; NaN limits where that are fewer than half. Where the draws lie to one side, as they
        do for a distance close to 0, the limits are moved to hold the figure itself.

    Raises
    ------
    core.errors.InvalidInput
        If there are fewer than two draws, or the level is not between 0 and 1.

    Notes
    -----
    Efron and Tibshirani (1993), chapter 13.
    """
    return bootstrap_many({"": figure}, counts, draws=draws, seed=seed, confidence=confidence)[""]


def bootstrap_many(
    figures: Mapping[str, Figure],
    counts: ScoreCounts,
    *,
    draws: int = 200,
    seed: int = 0,
    confidence: float = 0.95,
) -> Mapping[str, Interval]:
    """Return several figures with limits from the same draws; see :func:`bootstrap`."""
    if not 0 < confidence < 1:
        raise InvalidInput(CONFIDENCE_MESSAGE)
    if draws < 2:
        raise InvalidInput(DRAWS_MESSAGE)
    shape = counts.positives.shape[:-1]
    limits = {name: np.full((2, *shape), np.nan) for name in figures}
    for place in np.ndindex(*shape):
        drawn = _drawn(_at(counts, place), draws, seed)
        for name, figure in figures.items():
            limits[name][:, *place] = _percentiles(figure(drawn), confidence)
    return dict(_intervals(figures, counts, limits))


def _intervals(
    figures: Mapping[str, Figure], counts: ScoreCounts, limits: Mapping[str, Floats]
) -> Iterator[tuple[str, Interval]]:
    for name, figure in figures.items():
        value = np.asarray(figure(counts))
        low, high = limits[name]
        # fmin would fill an unknown limit; minimum leaves it NaN.
        yield name, Interval(value, np.minimum(low, value), np.maximum(high, value), counts.n)


def _at(counts: ScoreCounts, place: tuple[int, ...]) -> ScoreCounts:
    return ScoreCounts(*(getattr(counts, name)[place] for name in ScoreCounts.__slots__))


def _drawn(counts: ScoreCounts, draws: int, seed: int) -> ScoreCounts:
    """Return drawn counts of shape (draws, B); without rows, zeros."""
    cells = np.concatenate([counts.positives, counts.negatives])
    drawn = np.zeros((draws, cells.size))
    filled = np.flatnonzero(cells > 0)
    if filled.size:
        rows = cells[filled]
        times = round(float(rows.sum()))
        random = np.random.default_rng(seed)
        drawn[:, filled] = random.multinomial(times, rows / rows.sum(), size=draws)
    hits, misses = np.split(drawn, 2, axis=1)
    unknown: Floats = np.full(hits.shape, np.nan)
    return ScoreCounts(
        positives=hits,
        negatives=misses,
        score_of_positives=hits * _mean(counts.score_of_positives, counts.positives),
        score_of_negatives=misses * _mean(counts.score_of_negatives, counts.negatives),
        square_of_positives=hits * _mean(counts.square_of_positives, counts.positives),
        square_of_negatives=misses * _mean(counts.square_of_negatives, counts.negatives),
        surprise=unknown,
        fourth_power=unknown,
        surprise_squared=unknown,
    )


def _mean(total: Floats, rows: Floats) -> Floats:
    result: Floats = np.zeros(rows.shape)
    np.divide(total, rows, out=result, where=rows > 0)
    return result


def _percentiles(values: Floats, confidence: float) -> Floats:
    known = values[~np.isnan(values)]
    if 2 * known.size < values.size:
        return np.full(2, np.nan)
    tail = (1 - confidence) / 2
    return np.asarray(np.quantile(known, [tail, 1 - tail]))
