r"""The worlds between two periods: each cause taken from the one period or the other.

What the rows add up to is a product of shares, each given the keys before it:

.. math:: S = N \sum_{s,v,b,a,f} P(s)\, P(v|s)\, P(b|s,v)\, P(a|s,v,b)\, P(f|s,v,b,a)\,
          \bar x(s,v,b,a,f)

with segment value s, model version v, score band b, automated decision a, final decision f and the
mean contribution x̄ of a cell. A world takes each factor from the period before or after; the two
worlds that take all from one period are the periods themselves.

**Borrowing.** A share given keys that a period never saw is taken from the other period, and so is
the mean of a cell without rows: there no difference can be told. So a version that replaces another
is a change of ``P(v|s)``, though the scores that it gives were never seen before.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import Booleans, Floats, Integers
from core.metrics.decomposition.cells import LEVELS, Cells, Level
from core.metrics.decomposition.players import PLAYER_OF, PLAYERS, Player


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """The factors of both periods.

    Parameters
    ----------
    volume : ndarray, shape (..., 2)
        Rows of either period.
    shares : tuple of ndarray, shape (..., 2, n)
        For each level the shares of its n prefixes, given the prefix one key shorter.
    means : ndarray, shape (..., 2, M, K)
        Mean contributions of the cells.
    inside : tuple of ndarray
        For each level but the first: where its prefixes begin that share the shorter prefix.
    """

    volume: Floats
    shares: tuple[Floats, ...]
    means: Floats
    inside: tuple[Integers, ...]


def chain_of(cells: Cells) -> Chain:
    """Return the factors of the cells of both periods, borrowed where one period has none."""
    volume = cells.rows.sum(axis=-1)
    above, above_starts = volume[..., None], np.zeros(1, dtype=np.int64)
    shares, inside = [], []
    for level in LEVELS:
        starts = cells.starts(level)
        here = np.add.reduceat(cells.rows, starts, axis=-1)
        parent = np.searchsorted(above_starts, starts, side="right") - 1
        shares.append(_borrowed(*_divided(here, above[..., parent])))
        if level is not Level.segment:
            inside.append(np.searchsorted(starts, above_starts))
        above, above_starts = here, starts
    filled = cells.rows[..., None]
    means = _borrowed(*_divided(cells.sums, np.broadcast_to(filled, cells.sums.shape)), axis=-3)
    return Chain(volume, tuple(shares), means, tuple(inside))


def world_sums(chain: Chain, players: Collection[Player] = PLAYERS) -> Floats:
    """Return what the rows add up to by segment value in every world.

    Parameters
    ----------
    chain : Chain
        The factors.
    players : collection of Player
        Those whose worlds are told apart, behaviour among them; the others are taken from before.

    Returns
    -------
    ndarray, shape (..., 2, …, 2, S, K)
        One axis a player in the order of :data:`PLAYERS`: 0 is taken from before, 1 from after.
    """
    batch = chain.volume.ndim - 1
    found = chain.means
    for level in reversed(LEVELS):
        found = _under(chain.shares[level], found, batch, both=PLAYER_OF[level] in players)
        if level is not Level.segment:
            found = np.add.reduceat(found, chain.inside[level - 1], axis=-2)
    return _under(chain.volume[..., None], found, batch, both=Player.volume in players)


def able(chain: Chain) -> tuple[Player, ...]:
    """Return the players who can change something: those with a choice in some place."""
    still = {PLAYER_OF[level] for level in LEVELS if not (chain.shares[level] != 1.0).any()}
    return tuple(player for player in PLAYERS if player not in still)


def seen_in_both(cells: Cells) -> Floats:
    """Return the share of each period's rows that lie in cells which both periods have."""
    both = (cells.rows > 0).all(axis=-2, keepdims=True)
    rows = cells.rows.sum(axis=-1)
    found: Floats = np.full(rows.shape, np.nan)
    np.divide((cells.rows * both).sum(axis=-1), rows, out=found, where=rows > 0)
    return found


def _under(factor: Floats, found: Floats, batch: int, *, both: bool) -> Floats:
    """Multiply by the factor of either period, as a new first axis of the worlds, or of one."""
    worlds = found.ndim - batch - 2  # axes that are there already
    if not both:
        one = np.take(factor, 0, axis=batch)
        shape = (*factor.shape[:batch], *(1,) * worlds, factor.shape[-1], 1)
        return np.asarray(one.reshape(shape) * found)
    shape = (*factor.shape[: batch + 1], *(1,) * worlds, factor.shape[-1], 1)
    return np.asarray(factor.reshape(shape) * np.expand_dims(found, batch))


def _divided(above: Floats, below: Floats) -> tuple[Floats, Booleans]:
    """Return quotients, 0 where there is none, and where there are some."""
    known = below > 0
    found: Floats = np.zeros(above.shape)
    np.divide(above, below, out=found, where=known)
    return found, known


def _borrowed(values: Floats, known: Booleans, axis: int = -2) -> Floats:
    """Return values of both periods, those that are not known taken from the other."""
    return np.where(known, values, np.flip(values, axis=axis))
