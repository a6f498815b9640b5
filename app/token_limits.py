"""How often a caller may fail: a few refusals a minute are answered and kept, more are not.

Failures are counted in memory. Where the app has several processes, each allows its share, so that
all of them together allow no more than one would.
"""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import ceil
from time import monotonic

from app.siblings import sibling_sockets

WINDOW_S = 60.0
FAILURES = 10
_RECORDS = 60
_SOURCES = 10_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a failure leads to.

    Parameters
    ----------
    limited : bool
        Whether the caller failed too often.
    retry_after_s : int
        Seconds after which it may fail again.
    recorded : bool
        Whether the refusal belongs into the audit trail: a flood of them does not.
    """

    limited: bool
    retry_after_s: int
    recorded: bool


class FailureLimit:
    """Counts failures by caller in a sliding minute; safe to use from several threads.

    A valid token is never refused because of others: only failures are counted, and only failures
    are turned away.

    Parameters
    ----------
    clock : callable, optional
        Seconds that only grow.
    processes : int
        Among how many processes the limits are divided; each allows at least one failure.
    """

    def __init__(self, clock: Callable[[], float] = monotonic, *, processes: int = 1) -> None:
        self._clock = clock
        self._allowed = max(1, FAILURES // processes)
        self._kept = max(1, _RECORDS // processes)
        self._lock = threading.Lock()
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()
        self._records: deque[float] = deque()

    def failed(self, caller: str) -> Verdict:
        """Count a failure of a caller."""
        now = self._clock()
        with self._lock:
            times = self._failures.pop(caller, deque(maxlen=self._allowed + 1))
            _forget(times, now)
            times.append(now)
            self._failures[caller] = times
            while len(self._failures) > _SOURCES:
                self._failures.popitem(last=False)
            limited = len(times) > self._allowed
            recorded = not limited and self._take_record(now)
            wait = ceil(WINDOW_S - (now - times[0])) if limited else 0
        return Verdict(limited, max(wait, 1) if limited else 0, recorded)

    def _take_record(self, now: float) -> bool:
        _forget(self._records, now)
        if len(self._records) >= self._kept:
            return False
        self._records.append(now)
        return True


def _forget(times: "deque[float]", now: float) -> None:
    while times and now - times[0] >= WINDOW_S:
        times.popleft()


@cache
def failure_limit() -> FailureLimit:
    """Return the process's one limit: its share, by what the starter tells of the others."""
    return FailureLimit(processes=1 + len(sibling_sockets()))
