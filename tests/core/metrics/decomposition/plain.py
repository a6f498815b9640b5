"""A second source: worlds from dictionaries, and Shapley's values from every order of players."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import permutations

Key = tuple[int, int, int, int, int]
Line = tuple[Key, int, int, tuple[int, ...]]  # cell, period, rows, sums
NAMES = ("volume", "segments", "version", "scores", "policy", "overrides", "behaviour")
_OF_LEVEL = ("segments", "version", "scores", "policy", "overrides")


class Log:
    """Lines of two periods as dictionaries of prefixes; exact fractions throughout."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.rows: tuple[dict[tuple[int, ...], int], ...] = (defaultdict(int), defaultdict(int))
        self.sums: tuple[dict[Key, list[int]], ...] = ({}, {})
        self.width = len(lines[0][3])
        for key, period, rows, sums in lines:
            for length in range(6):
                self.rows[period][key[:length]] += rows
            held = self.sums[period].setdefault(key, [0] * self.width)
            for place, value in enumerate(sums):
                held[place] += value
        self.cells = [key for key in {line[0] for line in lines} if self._is_seen(key)]

    def _is_seen(self, key: Key) -> bool:
        return any(self.rows[period][key] for period in (0, 1))

    def share(self, period: int, prefix: tuple[int, ...]) -> Fraction:
        """P(last key | keys before it), borrowed where the period never saw the keys before."""
        if not self.rows[period][prefix[:-1]]:
            period = 1 - period
        return Fraction(self.rows[period][prefix], self.rows[period][prefix[:-1]])

    def world(self, after: frozenset[str]) -> list[Fraction]:
        """The sums of the world that takes these players from the period after."""
        total = [Fraction(0)] * self.width
        for key in self.cells:
            weight = Fraction(self.rows["volume" in after][()])
            for length, player in enumerate(_OF_LEVEL, 1):
                weight *= self.share(int(player in after), key[:length])
            period = int("behaviour" in after)
            if not self.rows[period][key]:
                period = 1 - period
            for place, value in enumerate(self.sums[period][key]):
                total[place] += weight * Fraction(value, self.rows[period][key])
        return total


def by_every_order(
    lines: Sequence[Line], figure: Callable[[list[Fraction]], Fraction]
) -> dict[str, Fraction]:
    """Return what each player adds on average over all 5,040 orders of switching them on."""
    log = Log(lines)
    known: dict[frozenset[str], Fraction] = {}

    def value(after: frozenset[str]) -> Fraction:
        if after not in known:
            known[after] = figure(log.world(after))
        return known[after]

    added = dict.fromkeys(NAMES, Fraction(0))
    orders = list(permutations(NAMES))
    for order in orders:
        on: frozenset[str] = frozenset()
        for name in order:
            added[name] += value(on | {name}) - value(on)
            on |= {name}
    return {name: total / len(orders) for name, total in added.items()}
