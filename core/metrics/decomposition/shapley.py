"""Shapley values of players who are each on or off: what each adds, whatever the order."""

from math import factorial

import numpy as np

from core.metrics.arrays import Floats


def shapley_weights(others: int) -> Floats:
    r"""Return the weight of each set of the other players, one axis a player.

    .. math:: w(T) = \frac{|T|!\,(n - |T|)!}{(n + 1)!}

    Parameters
    ----------
    others : int
        The number n of other players.

    Returns
    -------
    ndarray, shape (2,) * n
        Weights that add up to 1.
    """
    on = np.indices((2,) * others).sum(axis=0) if others else np.zeros((), dtype=np.int64)
    by_size = [
        factorial(size) * factorial(others - size) / factorial(others + 1)
        for size in range(others + 1)
    ]
    return np.asarray(np.asarray(by_size)[on], dtype=np.float64)


def shapley(values: Floats, players: int) -> Floats:
    r"""Return the Shapley values of a game.

    .. math:: \phi_i = \sum_{T \not\ni i} w(T)\, [v(T \cup i) - v(T)]

    They add up to v(all) - v(none); a player that changes nothing gets 0; the order in which
    players are named plays no part.

    Parameters
    ----------
    values : ndarray, shape (..., 2, …, 2)
        The value of every set of players, one of the last axes a player: 0 off, 1 on.
    players : int
        How many of the last axes are players.

    Returns
    -------
    ndarray, shape (..., players)

    Notes
    -----
    Shapley (1953); for decompositions of statistics Shorrocks (2013).
    """
    weights = shapley_weights(players - 1)
    batch = values.ndim - players
    axes = tuple(range(batch, values.ndim - 1))
    effects = [
        (weights * np.diff(values, axis=batch + player).squeeze(batch + player)).sum(axis=axes)
        for player in range(players)
    ]
    return np.stack(effects, axis=-1)
