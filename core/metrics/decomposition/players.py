"""Who may have changed a figure: the causes that readers see, and the players that are worked out.

"Who applied" is two players, so that its two parts can be shown; their sum is the cause.
"""

from collections.abc import Mapping
from enum import StrEnum

from core.metrics.decomposition.cells import Level


class Cause(StrEnum):
    """A reason for a change, as readers see it."""

    volume = "volume"
    mix = "mix"
    version = "version"
    policy = "policy"
    overrides = "overrides"
    behaviour = "behaviour"


class Player(StrEnum):
    """One thing that is taken from the one period or the other, in the order of the axes."""

    volume = "volume"
    segments = "segments"
    version = "version"
    scores = "scores"
    policy = "policy"
    overrides = "overrides"
    behaviour = "behaviour"


PLAYERS: tuple[Player, ...] = tuple(Player)

PLAYERS_OF: Mapping[Cause, tuple[Player, ...]] = {
    Cause.volume: (Player.volume,),
    Cause.mix: (Player.segments, Player.scores),
    Cause.version: (Player.version,),
    Cause.policy: (Player.policy,),
    Cause.overrides: (Player.overrides,),
    Cause.behaviour: (Player.behaviour,),
}
"""The players whose effects make up each cause."""

PLAYER_OF: Mapping[Level, Player] = {
    Level.segment: Player.segments,
    Level.version: Player.version,
    Level.score: Player.scores,
    Level.automated: Player.policy,
    Level.final: Player.overrides,
}
"""Who changes the shares of each key."""
