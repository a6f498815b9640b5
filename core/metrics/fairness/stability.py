"""Whether the ratio between two groups changed over time by more than chance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.metrics.arrays import Floats


@dataclass(frozen=True, slots=True)
class Stability:
    """How much a ratio differs between periods.

    Parameters
    ----------
    statistic : float
        Cochran's Q of the logarithms of the ratios.
    p_value : float
        Chance of so large a statistic if the ratio were the same in all periods.
    spread : float
        Standard deviation between periods of the logarithm of the ratio, beyond what chance
        makes of it: 0.05 is about five per cent of the ratio.
    periods : int
        Periods that could be compared.
    """

    statistic: float
    p_value: float
    spread: float
    periods: int

    def moved(self, *, level: float = 0.01, least: float = 0.05) -> bool:
        """Return whether it changed beyond chance, and by enough to matter.

        Parameters
        ----------
        level : float
            False-alarm rate.
        least : float
            Smallest spread that counts.
        """
        return self.periods > 1 and self.p_value < level and self.spread >= least


def ratio_stability(
    favourable: ArrayLike, n: ArrayLike, best_favourable: ArrayLike, best_n: ArrayLike
) -> Stability:
    r"""Test that a group's ratio to another is the same in every period.

    .. math:: Q = \sum_i w_i (\ln r_i - \overline{\ln r})^2, \quad
              1 / w_i = \frac{1 - p_i}{p_i n_i} + \frac{1 - q_i}{q_i m_i}

    Parameters
    ----------
    favourable, n : array_like, shape (T,)
        Favourable decisions and rows of the group by period.
    best_favourable, best_n : array_like, shape (T,)
        Those of the group that it is compared with.

    Returns
    -------
    Stability
        NaN where fewer than two periods have favourable and other decisions of both.

    Notes
    -----
    Cochran (1954); the spread between periods: DerSimonian and Laird (1986); the variance of the
    logarithm of a ratio: Katz et al. (1978).
    """
    hits, rows, top, top_rows = (
        np.asarray(part, dtype=np.float64) for part in (favourable, n, best_favourable, best_n)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        log_ratio = np.log(hits / rows) - np.log(top / top_rows)
        variance = 1 / hits - 1 / rows + 1 / top - 1 / top_rows
    known = np.isfinite(log_ratio) & np.isfinite(variance) & (variance > 0)
    if np.count_nonzero(known) < 2:
        nothing = float("nan")
        return Stability(nothing, nothing, nothing, int(np.count_nonzero(known)))
    return _cochran(log_ratio[known], variance[known])


def _cochran(log_ratio: Floats, variance: Floats) -> Stability:
    from scipy.special import chdtrc  # noqa: PLC0415  # a tenth of a second, and few need it

    weight = 1 / variance
    middle = float((weight * log_ratio).sum() / weight.sum())
    statistic = float((weight * (log_ratio - middle) ** 2).sum())
    freedom = log_ratio.size - 1
    scale = float(weight.sum() - (weight**2).sum() / weight.sum())
    between = max(0.0, (statistic - freedom) / scale)
    return Stability(
        statistic, float(chdtrc(freedom, statistic)), float(np.sqrt(between)), log_ratio.size
    )
