"""How well an estimator did on chunks whose outcomes came later, and the band it earns by that."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.arrays import Booleans, Floats, Integers
from core.metrics.estimation.sampling_error import WIDTH, band
from core.metrics.intervals import CONFIDENCE_MESSAGE, Interval, wilson

HISTORY_MESSAGE = N_("Estimates, their errors and what came differ in number.")


@dataclass(frozen=True, slots=True)
class Widening:
    """What is added to either side of a sampling band.

    Parameters
    ----------
    added : float
        In the figure's unit; 0 without history.
    chunks : int
        Past chunks with estimate and matured outcome that it is learned from. 0 means that the band
        is that of the sampling error alone, and that nothing is proven of the estimator.
    level : float
        Share of chunks that the band was asked to hold.
    attained : float
        Share that so many chunks can vouch for: the level, or chunks / (chunks + 1) while that is
        less; NaN without history.
    """

    added: float
    chunks: int
    level: float
    attained: float


def widening(
    estimates: ArrayLike,
    errors: ArrayLike,
    realised: ArrayLike,
    *,
    level: float = 0.95,
    width: float = WIDTH,
) -> Widening:
    r"""Learn from past chunks how much wider than its sampling error an estimate's band must be.

    The excess of a past chunk is how far what came lay beyond the sampling band,
    :math:`x_i = |r_i - e_i| - w s_i`, below 0 within it. With m chunks, the addition is their
    :math:`\lceil (m + 1) \cdot level \rceil`-th smallest excess, at least 0. Where there are too
    few chunks for that rank, it is the largest; and if that is above 0, so that the band has failed
    before, at least what Student's prediction of the next departure asks for,
    :math:`t_m \sqrt{1 + 1/m} \sqrt{\overline{(r - e)^2}} - w \bar s`.

    Parameters
    ----------
    estimates, errors, realised : array_like, shape (m,)
        Of each past chunk: the estimate as it was then, its sampling error, and the figure of the
        matured outcomes. Chunks with a NaN are left out.
    level : float
        Share of future chunks that the band shall hold, between 0 and 1.
    width : float
        Sampling errors to either side.

    Returns
    -------
    Widening

    Raises
    ------
    core.errors.InvalidInput
        If the numbers differ or the level is not between 0 and 1.

    Notes
    -----
    Split conformal prediction (Lei et al. 2018): if the next chunk is exchangeable with the past
    ones, its band holds the figure with a probability of at least ``attained``. A kind of shift
    that never came before is no exchange: nothing but its outcomes can tell.
    """
    said, spread, came = _history(estimates, errors, realised)
    if not 0 < level < 1:
        raise InvalidInput(CONFIDENCE_MESSAGE)
    known = ~(np.isnan(said) | np.isnan(spread) | np.isnan(came))
    apart, reach = np.abs(came - said)[known], width * spread[known]
    chunks = apart.size
    if chunks == 0:
        return Widening(0.0, 0, level, np.nan)
    excess = np.sort(apart - reach)
    # The product may lie a rounding error above a whole number.
    rank = int(np.ceil((chunks + 1) * level - 1e-9))
    added = max(float(excess[min(rank, chunks) - 1]), 0.0)
    if rank > chunks and added > 0:
        added = max(added, _predicted(apart, level) - float(reach.mean()))
    return Widening(added, chunks, level, min(level, chunks / (chunks + 1)))


def _predicted(departures: Floats, level: float) -> float:
    """Return how far the next departure reaches by Student's distribution, its mean being 0."""
    from scipy.special import stdtrit  # noqa: PLC0415  # a tenth of a second, and few need it

    m = departures.size
    spread = np.sqrt((departures**2).mean() * (1 + 1 / m))
    return float(stdtrit(m, (1 + level) / 2) * spread)


@dataclass(frozen=True, slots=True, eq=False)
class Backtest:
    """Bands as they stood at each chunk, learned only from what had matured by then.

    Parameters
    ----------
    low, high : ndarray, shape (m,)
        Ends of the band; NaN without estimate or error.
    added : ndarray, shape (m,)
        Widening of each.
    chunks : ndarray of int, shape (m,)
        Matured chunks behind it.
    """

    low: Floats
    high: Floats
    added: Floats
    chunks: Integers


def walk_forward(
    figure: str,
    estimates: ArrayLike,
    errors: ArrayLike,
    realised: ArrayLike,
    *,
    matured_after: int = 1,
    level: float = 0.95,
    width: float = WIDTH,
) -> Backtest:
    """Return the band of every chunk, as it would have been shown when the chunk was new.

    Parameters
    ----------
    figure : str
        Id of the metric, for what it can be at least and at most.
    estimates, errors, realised : array_like, shape (m,)
        Chunks in the order of time; NaN where unknown.
    matured_after : int
        Chunks until the outcomes of one have come: the band of chunk i learns from those up to
        i - ``matured_after``. At least 1.
    level, width : float
        As in :func:`widening`.

    Raises
    ------
    core.errors.InvalidInput
        If the numbers differ, the level is not between 0 and 1, or outcomes would be known at once.
    """
    said, spread, came = _history(estimates, errors, realised)
    if matured_after < 1:
        raise InvalidInput(N_("Outcomes mature one chunk later at the earliest."))
    found = [
        widening(said[:past], spread[:past], came[:past], level=level, width=width)
        for past in (max(place - matured_after + 1, 0) for place in range(said.size))
    ]
    added = np.array([each.added for each in found])
    ends = band(figure, said, width * spread + added)
    return Backtest(ends.low, ends.high, added, np.array([each.chunks for each in found], np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """How often bands held what came.

    Parameters
    ----------
    covered, judged : int
        Chunks whose figure lay in its band, of those that had both.
    share : Interval
        Their ratio with Wilson's interval; NaN where none was judged.
    within : ndarray of bool, shape (m,)
        Of each chunk; False also where it was not judged.
    """

    covered: int
    judged: int
    share: Interval
    within: Booleans


def coverage(low: ArrayLike, high: ArrayLike, realised: ArrayLike) -> Coverage:
    """Return the record of an estimator's bands.

    Parameters
    ----------
    low, high, realised : array_like, shape (m,)
        Ends of the bands and what came; chunks with a NaN are not judged.
    """
    bottom, top, came = _history(low, high, realised)
    within = (came >= bottom) & (came <= top)
    judged = ~(np.isnan(bottom) | np.isnan(top) | np.isnan(came))
    covered, count = int(within.sum()), int(judged.sum())
    return Coverage(covered, count, wilson(covered, count), within)


def _history(*parts: ArrayLike) -> tuple[Floats, Floats, Floats]:
    first, second, third = (np.asarray(part, dtype=np.float64) for part in parts)
    if first.ndim != 1 or not first.shape == second.shape == third.shape:
        raise InvalidInput(HISTORY_MESSAGE)
    return first, second, third
