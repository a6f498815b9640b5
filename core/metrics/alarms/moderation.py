"""How much days differ beyond their rows, estimated from all figures together.

A variance that is read off a dozen blocks is off by a third, and a threshold that must allow for
that is far out. But the columns of one model share their days: what one column cannot tell, all of
them can. So each figure's variance is moderated towards that of all, the more the less they differ
among each other than chance alone would make them (Smyth 2004, who did so for genes).
"""

from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import Floats

FAR = 2.0
"""A figure that is so many standard errors above the others keeps its own variance."""

_STEPS = 50


@dataclass(frozen=True, slots=True, eq=False)
class Moderated:
    """Variances in units of what independent rows would have, of M figures.

    Parameters
    ----------
    ratio : ndarray, shape (M,)
        The moderated variances, at least 1.
    own, shared : ndarray, shape (M,)
        Variance of the logarithm of each estimate: what is its own, and what all have in common.
    spread : float
        Variance of the logarithms of the true ratios among the figures.
    """

    ratio: Floats
    own: Floats
    shared: Floats
    spread: float


def moderated(ratios: Floats, freedom: Floats, likeness: Floats) -> Moderated:
    r"""Moderate variances towards what all of them say.

    Parameters
    ----------
    ratios : ndarray, shape (M,)
        Estimated variances over what independent rows would have; above 0.
    freedom : ndarray, shape (M,)
        Degrees of freedom ν of each.
    likeness : ndarray, shape (M, M)
        Correlations of the squared figures, by which estimates share their errors.

    Returns
    -------
    Moderated
        Of the same order.

    Notes
    -----
    log s² has the mean log σ² + ψ(ν/2) − log(ν/2) and the variance ψ′(ν/2). The variance τ² between
    figures is what is left of their spread (DerSimonian and Laird's moment, with the errors'
    correlations), and the part :math:`τ^2 / (τ^2 + ψ'(ν/2))` of each is its own.
    """
    from scipy.special import digamma, polygamma  # noqa: PLC0415  # slow to load, and few need it

    half = freedom / 2
    logs = np.log(ratios) - digamma(half) + np.log(half)
    noise = polygamma(1, half)
    errors = likeness * np.sqrt(np.outer(noise, noise))
    spread, weights, level = 0.0, np.ones(logs.size), 0.0
    for _ in range(_STEPS):
        weights = 1 / (spread + noise)
        weights = weights / weights.sum()
        level = float(weights @ logs)
        seen = float(weights @ (logs - level) ** 2)
        chance = float(weights @ noise - weights @ errors @ weights)
        room = 1 - float(weights @ weights)
        found = max(0.0, (seen - chance) / room) if room > 0 else 0.0
        if abs(found - spread) < 1e-9:
            break
        spread = found
    keep = spread / (spread + noise)
    keep = np.where(logs - level > FAR * np.sqrt(noise), 1.0, keep)
    common = float(weights @ errors @ weights) + spread * float(weights @ weights)
    return Moderated(
        ratio=np.maximum(np.exp(keep * logs + (1 - keep) * level), 1.0),
        own=keep * noise,
        shared=(1 - keep) ** 2 * common,
        spread=spread,
    )


def scaled(variance: Floats | float, luck: Floats) -> Floats:
    """Return draws of χ²_ν/ν with that variance of the logarithm, from standard normal ones.

    Wilson and Hilferty (1931), with ν = 2 / variance.
    """
    part = np.asarray(variance) / 9
    return np.asarray(np.maximum(1 - part + luck * part**0.5, 0.1) ** 3)
