"""The change of a figure told apart, with intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import Floats, Integers
from core.metrics.decomposition.cells import Cells, Level
from core.metrics.decomposition.chain import Chain, able, chain_of, seen_in_both, world_sums
from core.metrics.decomposition.draws import group_weights, reach, standard_error
from core.metrics.decomposition.figure import Figure
from core.metrics.decomposition.oaxaca import ThreeFold, three_fold
from core.metrics.decomposition.parts import NODES, effects_by_segment
from core.metrics.decomposition.players import PLAYERS, PLAYERS_OF, Cause, Player
from core.metrics.decomposition.shapley import shapley

DRAWS = 200
_AT_ONCE = 8_000_000  # numbers that are held of some draws
_NOTHING = 1e-12  # of the figure: less is a rounding error
_FEW_NODES = 3  # are plenty to tell how far a part would lie elsewhere


@dataclass(frozen=True, slots=True)
class Effect:
    """What something adds to a change, with its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class CauseEffect:
    """What a cause adds.

    Parameters
    ----------
    cause : Cause
        Which.
    effect : Effect
        Its part of the change.
    players : mapping of Player to Effect
        The same told apart where the cause is made of several.
    segments : tuple of Effect
        The same by segment value, in the order of :attr:`Decomposition.segments`.
    """

    cause: Cause
    effect: Effect
    players: dict[Player, Effect]
    segments: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Decomposition:
    """A change and what made it.

    Parameters
    ----------
    before, after : Effect
        The figure of either period.
    change : Effect
        Their difference.
    causes : tuple of CauseEffect
        They add up to the change. Volume is among them only if the figure depends on how many
        rows there are.
    three_fold : ThreeFold
        Kitagawa's view of the same change.
    segments : tuple of int
        Codes of the segment values.
    rows : tuple of int
        Rows of either period.
    comparable : float
        Share of the rows, the smaller one of both periods, in cells which both periods have:
        where it is low, little of the change can be told apart.
    """

    before: Effect
    after: Effect
    change: Effect
    causes: tuple[CauseEffect, ...]
    three_fold: ThreeFold
    segments: tuple[int, ...]
    rows: tuple[int, int]
    comparable: float

    def cause(self, cause: Cause) -> CauseEffect:
        """Return one cause.

        Raises
        ------
        KeyError
            If the figure does not depend on it.
        """
        found = {each.cause: each for each in self.causes}
        return found[cause]


def decompose(
    cells: Cells,
    figure: Figure,
    *,
    draws: int = DRAWS,
    paired: bool = False,
    confidence: float = 0.95,
    seed: int = 0,
) -> Decomposition:
    """Tell apart why a figure changed between two periods.

    Parameters
    ----------
    cells : Cells
        Of G random groups of rows: :meth:`Cells.by_group`; both periods have rows.
    figure : Figure
        Of the sums.
    draws : int
        Times that the groups are drawn again for the intervals.
    paired : bool
        Whether a group is the same people in both periods.
    confidence : float
        Level of the interval of the change; those of the causes hold together at this level, and
        so do those of one cause's segment values.
    seed : int
        Of the draws.

    Returns
    -------
    Decomposition
        With NaN where the figure cannot be computed, in a period or in a world between.
    """
    groups = cells.rows.shape[0]
    whole = cells.together()
    chain = chain_of(whole)
    worlds = world_sums(chain)
    players = _able(chain, whole.totals, figure)
    found = _effects(worlds, figure)
    weights = group_weights(draws, groups, paired=paired, seed=seed)
    size = max(
        1, _AT_ONCE // max(worlds.size >> (len(PLAYERS) - len(players)), 8 * whole.sums.size)
    )
    drawn = [
        _effects(
            world_sums(chain_of(cells.weighted(part)), players), figure, players, nodes=_FEW_NODES
        )
        for part in np.array_split(weights, -(-draws // size))
    ]
    errors = [
        standard_error(np.concatenate([each[kind] for each in drawn]), groups) for kind in range(3)
    ]
    return _told(whole, worlds, figure, found, errors, (groups, confidence))


_Effects = tuple[Floats, Floats, Floats]  # the two ends and the change; players and causes; parts


def _able(chain: Chain, totals: Floats, figure: Figure) -> tuple[Player, ...]:
    """Return the players who can change the figure; volume cannot if twice the rows do not."""
    with np.errstate(all="ignore"):
        once, twice = figure.values(totals), figure.values(2 * totals)
    is_still = np.allclose(once, twice, rtol=_NOTHING, atol=0, equal_nan=True)
    return tuple(player for player in able(chain) if player is not Player.volume or not is_still)


def _effects(
    worlds: Floats,
    figure: Figure,
    players: tuple[Player, ...] = PLAYERS,
    *,
    nodes: int = NODES,
) -> _Effects:
    """Return the ends and their difference (..., 3), effects (..., 13) and parts (..., 13, S)."""
    with np.errstate(all="ignore"):
        values = figure.values(worlds.sum(axis=-2))
        some = shapley(values, len(players))
        some_parts = effects_by_segment(worlds, figure, some, nodes=nodes)
    flat = values.reshape(*values.shape[: values.ndim - len(players)], -1)
    before, after = flat[..., 0], flat[..., -1]
    places = [PLAYERS.index(player) for player in players]
    effects: Floats = np.zeros((*some.shape[:-1], len(PLAYERS)))
    parts: Floats = np.zeros((*some.shape[:-1], len(PLAYERS), worlds.shape[-2]))
    effects[..., places], parts[..., places, :] = some, some_parts
    return (
        np.stack([before, after, after - before], axis=-1),
        np.concatenate([effects, _by_cause(effects)], axis=-1),
        np.concatenate([parts, _by_cause(parts.swapaxes(-1, -2)).swapaxes(-1, -2)], axis=-2),
    )


def _by_cause(effects: Floats) -> Floats:
    """Return the sums of players, shape (..., 7), that make up each cause, shape (..., 6)."""
    of_cause = np.array(
        [[player in PLAYERS_OF[cause] for cause in Cause] for player in PLAYERS], dtype=np.float64
    )
    return np.asarray(effects @ of_cause)


def _told(
    cells: Cells,
    worlds: Floats,
    figure: Figure,
    found: _Effects,
    errors: Sequence[Floats],
    level: tuple[int, float],
) -> Decomposition:
    scale = _NOTHING * max(*np.abs(found[0][:2]).tolist(), 1e-300)
    effects, sums = _settled(found[1], scale), len(PLAYERS)
    errors = [_settled(each, scale) for each in errors]
    moved = int(((effects != 0) | (errors[1] > 0))[sums:].sum())
    together = reach(*level, moved)
    several = reach(*level, found[2].shape[-1])
    limits = _intervals(effects, errors[1], together)
    parts = _intervals(_settled(found[2], scale), errors[2], several)
    causes = [
        CauseEffect(
            cause,
            limits[sums + place],
            {each: limits[PLAYERS.index(each)] for each in PLAYERS_OF[cause]},
            tuple(parts[(sums + place) * found[2].shape[-1] + each] for each in _range(found[2])),
        )
        for place, cause in enumerate(Cause)
        if cause is not Cause.volume or limits[sums + place] != Effect(0.0, 0.0, 0.0)
    ]
    before, after, change = _intervals(found[0], errors[0], reach(*level))
    return Decomposition(
        before,
        after,
        change,
        tuple(causes),
        three_fold(worlds, figure),
        tuple(_codes(cells).tolist()),
        (round(float(cells.rows[0].sum())), round(float(cells.rows[1].sum()))),
        float(seen_in_both(cells).min()),
    )


def _codes(cells: Cells) -> Integers:
    return np.asarray(cells.keys[cells.starts(Level.segment), Level.segment])


def _range(parts: Floats) -> range:
    return range(parts.shape[-1])


def _settled(values: Floats, scale: float) -> Floats:
    """Return values with those that are nothing but rounding set to 0."""
    return np.where(np.abs(values) <= scale, 0.0, values)


def _intervals(values: Floats, errors: Floats, reached: float) -> list[Effect]:
    flat, half = values.reshape(-1), errors.reshape(-1) * reached
    return [
        Effect(value, value - each, value + each)
        for value, each in zip(flat.tolist(), half.tolist(), strict=True)
    ]
