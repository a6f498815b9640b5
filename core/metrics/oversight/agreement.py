"""Whether two people who do not know of each other come to the same verdict."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import nan, sqrt

from core.metrics.intervals import normal_quantile, wilson

_SURE = 1e-9  # a standard error below it is one of rounding


@dataclass(frozen=True, slots=True)
class Kappa:
    """Agreement beyond what the two would have by chance.

    Parameters
    ----------
    value, low, high : float
        Cohen's kappa and its limits; NaN where there is no pair, or where both always say the same
        one thing, for then nothing can be told from chance.
    n, same : int
        Pairs, and those that agree.
    expected : float
        Share of pairs that would agree by chance; NaN without a pair.
    """

    value: float
    low: float
    high: float
    n: int
    same: int
    expected: float


def cohen_kappa(pairs: Iterable[tuple[str, str]], *, confidence: float = 0.95) -> Kappa:
    r"""Return Cohen's kappa of pairs of verdicts.

    .. math:: \kappa = \frac{p_o - p_e}{1 - p_e}, \quad p_e = \sum_k p_{k\cdot} \, p_{\cdot k}

    1: they always agree; 0: as often as by chance; below 0: less. The interval is the one of large
    samples (Fleiss, Cohen and Everitt 1969), cut at -1 and 1: with few pairs it is too narrow.
    Where its error is 0, as where all agree, it would say that nothing is uncertain: then the
    limits are those of Wilson for :math:`p_o`, with :math:`p_e` as found.

    Parameters
    ----------
    pairs : iterable of (str, str)
        The first and the second verdict on each case.
    confidence : float
        Level of the interval.

    Raises
    ------
    core.errors.InvalidInput
        If the level is not between 0 and 1.
    """
    z = normal_quantile(confidence)
    counted = Counter(pairs)
    n = counted.total()
    if not n:
        return Kappa(nan, nan, nan, 0, 0, nan)
    words = sorted({word for pair in counted for word in pair})
    cell = {(a, b): counted[a, b] / n for a in words for b in words}
    first = {a: sum(cell[a, b] for b in words) for a in words}
    second = {b: sum(cell[a, b] for a in words) for b in words}
    same = sum(counted[word, word] for word in words)
    observed, expected = same / n, sum(first[word] * second[word] for word in words)
    if len(words) < 2:
        return Kappa(nan, nan, nan, n, same, expected)
    kappa = (observed - expected) / (1 - expected)
    left = 1 - kappa
    agreeing = sum(
        cell[word, word] * (1 - (first[word] + second[word]) * left) ** 2 for word in words
    )
    others = left**2 * sum(
        cell[a, b] * (second[a] + first[b]) ** 2 for a in words for b in words if a != b
    )
    rest = (kappa - expected * left) ** 2
    error = sqrt(max(agreeing + others - rest, 0.0) / n) / (1 - expected)
    low, high = kappa - z * error, kappa + z * error
    if error < _SURE:
        limits = wilson(same, n, confidence=confidence)
        low, high = (
            (float(each) - expected) / (1 - expected) for each in (limits.low, limits.high)
        )
    return Kappa(kappa, max(low, -1.0), min(high, 1.0), n, same, expected)
