"""Krippendorff's alpha: agreement of any number of people who need not all judge everything."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.metrics.intervals import wilson

DRAWS, SEED = 2_000, 20_110
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Alpha:
    """Agreement beyond chance, of whatever number of judgements each unit has.

    Parameters
    ----------
    value, low, high : float
        Alpha and its limits; NaN where no unit was judged twice, or where all judgements are the
        same one word, for then nothing can be told from chance.
    units, judgements : int
        Units judged at least twice, and judgements of these.
    """

    value: float
    low: float
    high: float
    units: int
    judgements: int


def krippendorff_alpha(
    units: Iterable[Sequence[str | None]],
    *,
    confidence: float = 0.95,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Alpha:
    r"""Return Krippendorff's alpha for nominal judgements.

    .. math:: \alpha = 1 - (n - 1) \frac{\sum_u \frac{m_u^2 - \sum_c n_{uc}^2}{m_u - 1}}
              {n^2 - \sum_c n_c^2}

    with the m judgements of each unit u, n of a word c in it, n of the word in all and n judgements
    altogether; units with fewer than two are left out. 1: all agree; 0: as by chance; below 0:
    less.

    The interval is that of percentiles over units drawn again with replacement; where all agree
    nothing varies, so there its lower limit is Wilson's of the share of units that agree.

    Parameters
    ----------
    units : iterable of sequence of str or None
        The judgements of each unit; ``None`` is a missing one.
    confidence : float
        Level of the interval.
    draws, seed : int
        How often units are drawn again, and from where on.

    Raises
    ------
    core.errors.InvalidInput
        If the level is not between 0 and 1.

    Notes
    -----
    Krippendorff (2011), *Computing Krippendorff's alpha-reliability*, part C. Of two people who
    both judge every unit it is not Cohen's kappa: it takes the words of both together for what
    chance would do, and corrects for few units.
    """
    patterns = Counter(
        tuple(sorted(Counter(each for each in unit if each is not None).items())) for unit in units
    )
    known = {each: n for each, n in patterns.items() if sum(count for _, count in each) > 1}
    n_units = sum(known.values())
    agree = sum(n for each, n in known.items() if len(each) == 1)
    exact = wilson(agree, n_units, confidence=confidence)
    if not known:
        return Alpha(nan, nan, nan, 0, 0)
    words = sorted({word for each in known for word, _ in each})
    counts = np.array(
        [[dict(each).get(word, 0) for word in words] for each in known], dtype=np.float64
    )
    times = np.array(list(known.values()), dtype=np.float64)
    judgements = int((times @ counts).sum())
    value = float(_alpha(times[None, :], counts)[0])
    if len(words) < 2:
        return Alpha(nan, nan, nan, n_units, judgements)
    if agree == n_units:
        chance = 1.0 - _by_chance(times @ counts)
        low = (float(exact.low) - chance) / (1.0 - chance)
        return Alpha(value, low, 1.0, n_units, judgements)
    random = np.random.default_rng(seed)
    drawn = random.multinomial(n_units, times / n_units, size=draws).astype(np.float64)
    found = _alpha(drawn, counts)
    found = found[np.isfinite(found)]
    tail = (1.0 - confidence) / 2.0
    low, high = (float(each) for each in np.quantile(found, [tail, 1.0 - tail]))
    return Alpha(value, min(low, value), max(high, value), n_units, judgements)


def _alpha(times: Floats, counts: Floats) -> Floats:
    """Return alpha for each row of how often each pattern comes; NaN where only one word does."""
    size = counts.sum(axis=1)
    apart = (size**2 - (counts**2).sum(axis=1)) / (size - 1.0)
    totals = times @ counts
    n = totals.sum(axis=1)
    expected = n**2 - (totals**2).sum(axis=1)
    ratio: Any = np.divide(
        (n - 1.0) * (times @ apart), expected, out=np.full(n.shape, nan), where=expected > 0
    )
    return np.asarray(1.0 - ratio, dtype=np.float64)


def _by_chance(totals: Floats) -> float:
    """Return the share of pairs of judgements that would differ by chance."""
    n = float(totals.sum())
    return float((n**2 - (totals**2).sum()) / (n * (n - 1.0)))
