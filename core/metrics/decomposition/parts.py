"""A cause's effect by segment value: parts that add up to it."""

import numpy as np

from core.metrics.arrays import Floats
from core.metrics.decomposition.figure import Figure
from core.metrics.decomposition.shapley import shapley_weights

NODES = 6


def effects_by_segment(
    worlds: Floats, figure: Figure, effects: Floats, *, nodes: int = NODES
) -> Floats:
    r"""Return what each segment value adds to each player's effect.

    When a player changes the sums from S to S + Σ_s D_s, the change of the figure is shared out
    by its slopes along the straight way between (Aumann and Shapley):

    .. math:: \mathrm{part}_s = \Big[\int_0^1 \nabla f(S + u D)\, du\Big] \cdot D_s

    For a rate that is the growth of a segment's share times how far the segment's own rate lies
    from that of all: a segment that grows and is like the others adds nothing.

    Parameters
    ----------
    worlds : ndarray, shape (..., 2 × players, S, K)
        Sums by segment value in every world, one axis a player.
    figure : Figure
        Of the sums.
    effects : ndarray, shape (..., players)
        Shapley values that the parts add up to.
    nodes : int
        Points of the way at which slopes are taken.

    Returns
    -------
    ndarray, shape (..., players, S)

    Notes
    -----
    The integral is Gauss's with six nodes; what it misses, below a millionth, is shared out in
    proportion to the parts, so that they add up exactly.
    """
    players = effects.shape[-1]
    batch = effects.ndim - 1
    weights = shapley_weights(players - 1)[..., None]
    axes = tuple(range(batch, batch + players - 1))
    found = []
    for player in range(players):
        steps = np.diff(worlds, axis=batch + player).squeeze(batch + player)
        start = np.take(worlds, 0, axis=batch + player).sum(axis=-2)
        slopes = _mean_slopes(figure, start, steps.sum(axis=-2), nodes)
        parts = (weights * (slopes[..., None, :] * steps).sum(axis=-1)).sum(axis=axes)
        found.append(_adding_up(parts, effects[..., player]))
    return np.stack(found, axis=-2)


def _mean_slopes(figure: Figure, start: Floats, step: Floats, nodes: int) -> Floats:
    places, weights = np.polynomial.legendre.leggauss(nodes)
    found: Floats = np.zeros(start.shape)
    for node, weight in zip(places, weights, strict=True):
        found += weight / 2 * figure.gradient(start + (node + 1) / 2 * step)
    return found


def _adding_up(parts: Floats, whole: Floats) -> Floats:
    """Return parts moved a little, in proportion to their size, to add up to the whole."""
    size = np.abs(parts)
    total = size.sum(axis=-1, keepdims=True)
    share: Floats = np.zeros(parts.shape)
    np.divide(size, total, out=share, where=total > 0)
    return np.asarray(parts + share * (whole[..., None] - parts.sum(axis=-1, keepdims=True)))
