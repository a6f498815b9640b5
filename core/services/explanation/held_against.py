"""What single decisions were held against: how many, how they were chosen, how many differ."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.lake.decisions.unexpected_sql import Way
from core.metrics.intervals import wilson


@dataclass(frozen=True, slots=True)
class Otherwise:
    """Who would have decided otherwise, and how.

    Parameters
    ----------
    decision : str
        What they would have decided, as a rule says it: a decision, or ``not`` and a decision.
    version : str
        The version before, where it is one.
    score : float, optional
        Its score.
    cases, of : int
        So many of so many reviewers' verdicts on like cases, where it is these.
    """

    decision: str
    version: str = ""
    score: float | None = None
    cases: int = 0
    of: int = 0


@dataclass(frozen=True, slots=True)
class HeldAgainst:
    """One of the ways in which a decision may differ from what was expected.

    Parameters
    ----------
    way : str
        Which.
    differing, looked_at, population : int
        Decisions that differ, of those that could be held against it, of all automated ones.
    why : str
        Message that says why none could be; empty if some were.
    drawn : int
        Decisions drawn by chance; 0 where all were taken.
    """

    way: Way
    differing: int
    looked_at: int
    population: int
    why: str = ""
    drawn: int = 0

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95% interval of the share that differs, where a sample was looked at."""
        if not self.drawn or not self.looked_at:
            return None
        found = wilson(self.differing, self.looked_at)
        return float(found.low), float(found.high)


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """What the version before, or reviewers, say of the decisions that were drawn.

    Parameters
    ----------
    otherwise : mapping of str to Otherwise
        Prediction id → how it would have been decided.
    looked_at : int
        Decisions of which they say anything.
    why : str
        Why of none, or of some.
    told : int
        Verdicts that reviewers gave, and that decisions were held against.
    simulated : int
        Those of them that a demo simulated.
    """

    otherwise: Mapping[str, Otherwise] = field(default_factory=dict)
    looked_at: int = 0
    why: str = ""
    told: int = 0
    simulated: int = 0
