"""One line of the table: what was timed, its runs, and why it is missing if it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bench.measure import Usage, median_usage


class Scope(StrEnum):
    """What a figure's seconds include."""

    process = "process"
    inside = "inside"


class Clock(StrEnum):
    """How seconds are counted.

    ``cpu`` is what the processors worked for it: on a machine that does other work too it is
    the steadier of the two, and it credits nothing for using two cores at once.
    """

    wall = "wall"
    cpu = "cpu"


@dataclass(frozen=True, slots=True)
class Figure:
    """A thing that was timed.

    Parameters
    ----------
    key : str
        Stable name, as in the JSON output.
    label : str
        What the table says.
    scope : Scope
        ``process``: from starting a process to its end. ``inside``: only the work.
    rows : int
        Rows of the log that it read; 0 for an answer that reads counts only.
    runs : tuple of Usage
        What each run used; empty if there is no figure.
    missing : str
        Why there is no figure.
    detail : mapping
        Further facts, such as seconds by phase or the peer's version.
    """

    key: str
    label: str
    scope: Scope
    rows: int
    runs: tuple[Usage, ...] = ()
    missing: str = ""
    detail: Mapping[str, object] = field(default_factory=dict)

    @property
    def usage(self) -> Usage | None:
        """Median seconds and largest peak of the runs, or None if there is none."""
        return median_usage(self.runs) if self.runs else None

    def seconds(self, clock: Clock) -> float | None:
        """Return the median seconds by a clock, or None if there is no figure."""
        usage = self.usage
        if usage is None:
            return None
        return usage.wall_s if clock is Clock.wall else usage.cpu_s


def ratio(part: Figure | None, whole: Figure | None, clock: Clock = Clock.wall) -> float | None:
    """Return how many times longer one figure took than another, None if one is missing."""
    above = part.seconds(clock) if part else None
    below = whole.seconds(clock) if whole else None
    return above / below if above is not None and below else None
