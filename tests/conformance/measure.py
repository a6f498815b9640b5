"""One comparison of a figure with a peer's, and how far the two lie apart."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import inf, isfinite, isnan

ROUNDING = 1e-12
"""Differences up to here are those of the order in which a machine adds."""
SAME = 1e-9
SAME_REASON = "one formula: only the rounding of sums differs"

Pair = tuple[str, float, float]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Our figures beside a peer's.

    Parameters
    ----------
    metric : str
        Id in the registry.
    figure : str
        Which figure of the metric, and on which way to it.
    peer : str
        Function of the peer, with its package first.
    convention : str
        What was done so that the two mean the same; empty if nothing.
    pairs : tuple of (str, float, float)
        Case, ours, theirs. NaN on both sides is agreement, on one side an infinite difference.
    tolerance : float
        Largest difference allowed, of the peer's figure or, where that is below 1, absolutely.
    reason : str
        Why it is not smaller.
    of_machine : bool
        Whether another machine gives another difference, so that only its bound can be told.
    """

    metric: str
    figure: str
    peer: str
    convention: str
    pairs: tuple[Pair, ...]
    tolerance: float = SAME
    reason: str = SAME_REASON
    of_machine: bool = False

    @property
    def absolute(self) -> float:
        """The largest difference of any case."""
        return max(_apart(ours, theirs) for _, ours, theirs in self.pairs)

    @property
    def relative(self) -> float:
        """The largest difference over the peer's figure, of those that are more than rounding."""
        return max(
            0.0 if _rounded(ours, theirs) or not theirs else _apart(ours, theirs) / abs(theirs)
            for _, ours, theirs in self.pairs
        )

    @property
    def outside(self) -> tuple[Pair, ...]:
        """The cases whose difference is larger than the tolerance."""
        return tuple(
            pair
            for pair in self.pairs
            if not _apart(*pair[1:]) <= self.tolerance * max(1.0, abs(pair[2]))
        )

    @property
    def told(self) -> int:
        """Cases in which both have a figure: NaN beside NaN shows little."""
        return sum(isfinite(ours) and isfinite(theirs) for _, ours, theirs in self.pairs)

    @property
    def only_rounding(self) -> bool:
        """Whether each difference is at most a 10⁻¹²th, absolutely or of the figure."""
        return all(_rounded(ours, theirs) for _, ours, theirs in self.pairs)


def pairs(named: Iterable[tuple[str, object, object]]) -> tuple[Pair, ...]:
    """Return cases with both figures as plain numbers."""
    return tuple(_plain(named))


def _plain(named: Iterable[tuple[str, object, object]]) -> Iterator[Pair]:
    for name, ours, theirs in named:
        yield name, float(ours), float(theirs)  # type: ignore[arg-type]


def _rounded(ours: float, theirs: float) -> bool:
    return _apart(ours, theirs) <= ROUNDING * max(1.0, abs(theirs))


def _apart(ours: float, theirs: float) -> float:
    if isnan(ours) or isnan(theirs):
        return 0.0 if isnan(ours) and isnan(theirs) else inf
    return 0.0 if ours == theirs else abs(ours - theirs)
