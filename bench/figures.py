"""One line of the table: what was timed, its runs, and why it is missing if it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bench.measure import Usage, median_usage


class Scope(StrEnum):
    """What a figure's seconds include."""

    process = "process"
    inside = "inside"


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
        Rows of the log it worked on.
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

    @property
    def wall_s(self) -> float | None:
        """Median elapsed seconds, or None."""
        return None if self.usage is None else self.usage.wall_s


def ratio(part: Figure | None, whole: Figure | None) -> float | None:
    """Return how many times longer one figure took than another, None if one is missing."""
    if part is None or whole is None or part.wall_s is None or not whole.wall_s:
        return None
    return part.wall_s / whole.wall_s
