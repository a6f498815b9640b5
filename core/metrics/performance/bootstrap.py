"""Intervals of figures that have no formula for one: the counts drawn again, many times."""

import hashlib
from collections.abc import Callable, Hashable, Mapping
from functools import partial

import numpy as np

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.arrays import Floats
from core.metrics.intervals import CONFIDENCE_MESSAGE, Interval
from core.metrics.performance.means import within
from core.metrics.performance.scores import ScoreCounts, merged

_DRAWN_FROM = (
    *("positives", "negatives", "score_of_positives", "score_of_negatives"),
    *("square_of_positives", "square_of_negatives"),
)
Figure = Callable[[ScoreCounts], Floats]
"""Takes counts of shape (..., B) and returns a figure of shape (...)."""

Remember = Callable[[Hashable, Callable[[], Floats]], Floats]
"""Takes a key and what finds its answer; may know the answer from before."""

DRAWS_MESSAGE = N_("A bootstrap needs at least two draws.")


def bootstrap(
    figure: Figure,
    counts: ScoreCounts,
    *,
    draws: int = 200,
    seed: int = 0,
    confidence: float = 0.95,
    lowest: float = 0.0,
    highest: float = 1.0,
) -> Interval:
    r"""Return a figure of a score with limits from a bootstrap of its counts.

    The n labelled rows are drawn again with replacement: as all rows of one bin and one outcome
    count alike, the number drawn from each of these cells is multinomial, so a draw costs as much
    for ten million rows as for a thousand. The limits are the percentiles t of the draws, less
    twice the bias that the draws show by their median m against the figure x:

    .. math:: t_{\alpha/2} - 2(m - x), \quad t_{1 - \alpha/2} - 2(m - x)

    A largest gap or a mean distance, as the KS of a score, is above the truth by chance, and its
    draws lie above it by as much again: the plain percentiles of the KS of 300 rows hold the
    truth in 74 of 100 cases instead of 95, these in 92.

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
        How many.
    seed : int
        Of the random numbers. Each chunk starts from it anew, so the limits of a chunk do not
        depend on what else is computed with it.
    confidence : float
        Level of the interval.
    lowest, highest : float
        What the figure can be: the limits are cut off there.

    Returns
    -------
    Interval, shape (...)
        The figure of the counts as they are; its limits are moved to hold it where they do not.
        They are NaN where the figure is unknown in more than half of the draws.

    Raises
    ------
    core.errors.InvalidInput
        If there are fewer than two draws, or the level is not between 0 and 1.

    Notes
    -----
    Efron and Tibshirani (1993), chapters 10 and 13.
    """
    found = bootstrap_many({"": figure}, counts, draws=draws, seed=seed, confidence=confidence)
    return within(found[""], lowest, highest)


def anew(_: Hashable, find: Callable[[], Floats]) -> Floats:
    """Find an answer without remembering any."""
    return find()


def bootstrap_many(
    figures: Mapping[str, Figure],
    counts: ScoreCounts,
    *,
    draws: int = 200,
    seed: int = 0,
    confidence: float = 0.95,
    most_bins: int | None = None,
    remember: Remember = anew,
) -> Mapping[str, Interval]:
    """Return several figures with limits from the same draws, not cut off: :func:`bootstrap`.

    Where there are more than ``most_bins``, neighbouring bins are drawn together: how far the
    limits lie from the figure of these is taken for how far they lie from that of all.

    Parameters
    ----------
    figures : Mapping of str to Figure
        Name to function of counts.
    counts : ScoreCounts
        Rows by score.
    draws : int
        How many times to draw.
    seed : int
        Begins the draws.
    confidence : float
        Between 0 and 1.
    most_bins : int, optional
        How many bins are drawn at most; all if ``None``.
    remember : callable
        Asked for the draws of each chunk by its own counts, which chunks of several questions may
        share.
    """
    checked_draws(draws, confidence)
    shape = counts.positives.shape[:-1]
    found = {}
    limits = {name: np.full((2, *shape), np.nan) for name in figures}
    values = {name: np.asarray(figure(counts)) for name, figure in figures.items()}
    for place in np.ndindex(*shape):
        if not counts.n[place]:
            continue
        chunk = at(counts, place)
        fewer = chunk if most_bins is None else merged(chunk, most_bins)
        key = ("bootstrap", *figures, digest(fewer), draws, seed, confidence)
        found_off = remember(key, partial(_off, figures, fewer, draws, seed, confidence))
        for name, off in zip(figures, found_off, strict=True):
            limits[name][:, *place] = values[name][place] + off
    for name, value in values.items():
        low, high = limits[name]
        found[name] = Interval(value, np.minimum(low, value), np.maximum(high, value), counts.n)
    return found


def _off(
    figures: Mapping[str, Figure], chunk: ScoreCounts, draws: int, seed: int, confidence: float
) -> Floats:
    """Return how far the limits of one chunk lie from its figures, shape (figures, 2)."""
    drawn = _drawn(chunk, draws, seed)
    found = []
    for figure in figures.values():
        value = np.asarray(figure(chunk))
        found.append(_limits(value, figure(drawn), confidence) - value)
    return np.stack(found)


def digest(chunk: ScoreCounts) -> str:
    """Return a digest of the counts that figures of a score are drawn from.

    Sums count to seven digits: in which order rows were added up shows in the sixteenth.
    """
    found = hashlib.blake2b(digest_size=16)
    for name in _DRAWN_FROM:
        part = np.asarray(getattr(chunk, name), dtype=np.float32)
        found.update(repr(part.shape).encode())
        found.update(part.tobytes())
    return found.hexdigest()


def checked_draws(draws: int, confidence: float) -> None:
    """Refuse a bootstrap that says nothing.

    Raises
    ------
    core.errors.InvalidInput
        If there are fewer than two draws, or the level is not between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise InvalidInput(CONFIDENCE_MESSAGE)
    if draws < 2:
        raise InvalidInput(DRAWS_MESSAGE)


def at(counts: ScoreCounts, place: tuple[int, ...]) -> ScoreCounts:
    """Return one chunk, shape (B,), out of counts of shape (..., B), without its empty bins.

    They change no figure and would be drawn, in vain, each time. Without rows one bin stays.
    """
    filled = counts.rows[place] > 0
    if not filled.any():
        filled = np.arange(filled.size) == 0
    return ScoreCounts(*(getattr(counts, name)[place][filled] for name in ScoreCounts.__slots__))


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
        score_of_positives=hits * mean_of(counts.score_of_positives, counts.positives),
        score_of_negatives=misses * mean_of(counts.score_of_negatives, counts.negatives),
        square_of_positives=hits * mean_of(counts.square_of_positives, counts.positives),
        square_of_negatives=misses * mean_of(counts.square_of_negatives, counts.negatives),
        surprise=unknown,
        fourth_power=unknown,
        surprise_squared=unknown,
    )


def mean_of(total: Floats, rows: Floats) -> Floats:
    """Return the mean of each bin, 0 where it has no rows."""
    result: Floats = np.zeros(rows.shape)
    np.divide(total, rows, out=result, where=rows > 0)
    return result


def _limits(value: Floats, draws: Floats, confidence: float) -> Floats:
    known = draws[~np.isnan(draws)]
    if 2 * known.size < draws.size:
        return np.full(2, np.nan)
    tail = (1 - confidence) / 2
    low, middle, high = np.quantile(known, [tail, 0.5, 1 - tail])
    moved = 2 * (middle - value)
    return np.asarray([low - moved, high - moved], dtype=np.float64)
