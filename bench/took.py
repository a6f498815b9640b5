"""How long pieces of work of one process took, the first of them being the yardstick."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_REPEATS = 3


@dataclass(frozen=True, slots=True)
class Took:
    """What a piece of work took: median seconds by the clock and of all processors."""

    what: str
    wall_s: float
    cpu_s: float


def timed(what: str, work: Callable[[], object]) -> Took:
    """Do a piece of work some times and return what it took."""
    wall, processors = [], []
    for _ in range(_REPEATS):
        started, spent = time.perf_counter(), time.process_time()
        work()
        wall.append(time.perf_counter() - started)
        processors.append(time.process_time() - spent)
    return Took(what, statistics.median(wall), statistics.median(processors))


def side_by_side(times: Sequence[Took]) -> list[str]:
    """Return a line for each piece of work, with ratios to the first."""
    least = times[0]
    return [
        f"{each.what:<38} {each.wall_s:>7.2f} s {each.wall_s / least.wall_s:>6.2f} ×   "
        f"CPU {each.cpu_s:>7.2f} s {each.cpu_s / least.cpu_s:>6.2f} ×"
        for each in times
    ]
