"""What came departs from what was estimated: the outcomes no longer follow the scores."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.arrays import Booleans, Floats
from core.metrics.estimation.backtest import HISTORY_MESSAGE, widening
from core.metrics.estimation.sampling_error import WIDTH

ALARM_P_VALUE = 0.0027
"""Two-sided probability of more than three standard errors."""


@dataclass(frozen=True, slots=True, eq=False)
class ConceptDrift:
    """Realised figures against their estimates, shape (...).

    Parameters
    ----------
    statistic : ndarray
        Distance beyond the back-tested error, in standard errors; its sign is that of the effect.
    p_value : ndarray
        Two-sided, of the normal distribution.
    effect : ndarray
        Realised less estimated, in the figure's unit.
    alarm : ndarray of bool
        Whether it is outside the band, significant, and large enough.
    """

    statistic: Floats
    p_value: Floats
    effect: Floats
    alarm: Booleans


def concept_drift(
    estimates: ArrayLike,
    realised: ArrayLike,
    *,
    realised_error: ArrayLike,
    estimate_error: ArrayLike = 0.0,
    added: ArrayLike = 0.0,
    minimum_effect: ArrayLike = 0.0,
    alarm_p_value: float = ALARM_P_VALUE,
    width: float = WIDTH,
) -> ConceptDrift:
    r"""Judge whether matured outcomes departed from their estimate by more than both errors.

    .. math:: z = \mathrm{sign}(r - e) \frac{\max(|r - e| - a, 0)}{\sqrt{s_r^2 + s_e^2}}

    An estimate follows the inputs: where they alone have moved, realised and estimated figures move
    together. What is left over is a change in what a score means. 0 is no departure beyond the
    estimator's usual error a.

    Parameters
    ----------
    estimates, realised : array_like, shape (...)
        Of the same rows: estimate only rows whose outcomes have matured.
    realised_error : array_like, shape (...)
        Sampling error of a figure of so many rows.
    estimate_error : array_like, shape (...)
        Error of the estimate from the reference's size.
    added : array_like, shape (...)
        Widening of the band by the back-test, learned from earlier chunks.
    minimum_effect : array_like, shape (...)
        Departures smaller than this are no alarm, however significant.
    alarm_p_value : float
        An alarm needs a smaller p-value.
    width : float
        Sampling errors of the band to either side.

    Returns
    -------
    ConceptDrift
        NaN and no alarm where one part is unknown.

    Raises
    ------
    core.errors.InvalidInput
        If an error, the widening or the minimum effect is below 0.
    """
    from scipy.special import ndtr  # noqa: PLC0415  # a tenth of a second, and few need it

    said, came, own, other, wide = np.broadcast_arrays(
        *(
            np.asarray(part, dtype=np.float64)
            for part in (estimates, realised, realised_error, estimate_error, added)
        )
    )
    least = np.asarray(minimum_effect, dtype=np.float64)
    if any((part < 0).any() for part in (own, other, wide, least)):
        raise InvalidInput(N_("An error is not negative."))
    effect = came - said
    beyond = np.maximum(np.abs(effect) - wide, 0.0)
    error = np.hypot(own, other)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Without any error, a departure is certain and none is none.
        size = np.where((error == 0) & (beyond == 0), 0.0, beyond / error)
    p_value = 2 * ndtr(-size)
    alarm = (np.abs(effect) > width * own + wide) & (p_value < alarm_p_value)
    return ConceptDrift(
        statistic=np.asarray(np.sign(effect) * size),
        p_value=np.asarray(p_value),
        effect=np.asarray(effect),
        alarm=np.asarray(alarm & (np.abs(effect) >= least)),
    )


def concept_drift_in_order(
    estimates: ArrayLike,
    realised: ArrayLike,
    *,
    realised_error: ArrayLike,
    estimate_error: ArrayLike = 0.0,
    matured_after: int = 1,
    level: float = 0.95,
    minimum_effect: ArrayLike = 0.0,
    fewest_chunks: int = 0,
    alarm_p_value: float = ALARM_P_VALUE,
    width: float = WIDTH,
) -> ConceptDrift:
    """Judge chunk after chunk, each against the error that the estimator usually had before.

    A chunk that raised an alarm does not count as usual: otherwise the first months of a drift
    would widen what is allowed until its alarm fell silent. Chunks without alarm do, so that an
    estimator which is always a little off is not accused month by month.

    Parameters
    ----------
    estimates, realised, realised_error : array_like, shape (m,)
        Chunks in the order of time; NaN where unknown.
    estimate_error : array_like, shape (m,) or ()
        As in :func:`concept_drift`, like the last three.
    matured_after : int
        Chunks until the outcomes of one have come, as in
        :func:`~core.metrics.estimation.backtest.walk_forward`.
    level : float
        Of :func:`~core.metrics.estimation.backtest.widening`.
    minimum_effect : array_like, shape (m,) or ()
        Departures smaller than this are no alarm.
    fewest_chunks : int
        Matured chunks without alarm that an alarm needs before its own: an estimator whose own
        error nobody knows yet accuses nobody.
    alarm_p_value, width : float
        What an alarm needs.

    Returns
    -------
    ConceptDrift
        Arrays of shape (m,).

    Raises
    ------
    core.errors.InvalidInput
        If the numbers differ or an error is below 0.
    """
    said, came, own = (
        np.asarray(part, dtype=np.float64) for part in (estimates, realised, realised_error)
    )
    if said.ndim != 1 or not said.shape == came.shape == own.shape:
        raise InvalidInput(HISTORY_MESSAGE)
    other = np.broadcast_to(np.asarray(estimate_error, dtype=np.float64), said.shape)
    least = np.broadcast_to(np.asarray(minimum_effect, dtype=np.float64), said.shape)
    figures: Floats = np.full((3, said.size), np.nan)
    alarm = np.zeros(said.size, dtype=np.bool_)
    for place in range(said.size):
        usual = np.flatnonzero(~alarm[: max(place - matured_after + 1, 0)])
        learned = widening(said[usual], own[usual], came[usual], level=level, width=width)
        found = concept_drift(
            said[place],
            came[place],
            realised_error=own[place],
            estimate_error=other[place],
            added=learned.added,
            minimum_effect=least[place],
            alarm_p_value=alarm_p_value,
            width=width,
        )
        figures[:, place] = float(found.statistic), float(found.p_value), float(found.effect)
        alarm[place] = bool(found.alarm) and learned.chunks >= fewest_chunks
    return ConceptDrift(figures[0], figures[1], figures[2], alarm)
