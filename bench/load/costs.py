"""What each page costs: one session, one page after another, CPU time of the app's processes.

The clock of a shared machine says how busy others were; the CPU time of the processes that answer
says what a page asks of them, whoever else is there.
"""

import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.load.connection import RunFailed, Tab
from bench.load.people import Days, Log, question_of

Ask = Callable[[], Mapping[str, str]]


def _nothing() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU of the app's processes for a page, in milliseconds a rerun.

    Parameters
    ----------
    page : str
        Its address.
    first : float
        Of the first time that this session opened it.
    again : float
        Median of the same question asked again, as a click that changes nothing.
    fresh : float
        Median with a model and days that nobody asked for before.
    news : float, optional
        Median of the part that looks for new data by itself; ``None`` if the page has none.
    """

    page: str
    first: float
    again: float
    fresh: float
    news: float | None


async def costs_of(
    url: str,
    who: Sequence[Mapping[str, str]],
    server: Sequence[int],
    logs: Sequence[Log],
    *,
    times: int,
    seed: int,
    failures: list[str],
) -> tuple[Cost, ...]:
    """Let people one after another open all pages that the ones before could not.

    Parameters
    ----------
    url : str
        Address of the app.
    who : sequence of mapping
        Cookies of each.
    server : sequence of int
        Ids of the app's processes; nobody else may use them meanwhile.
    logs : sequence of Log
        What fresh questions are drawn from.
    times : int
        How often each page is asked for in either way.
    seed : int
        Of the fresh questions.
    failures : list of str
        Where to say which reruns failed; they do not count.
    """
    draw, found = random.Random(seed), dict[str, Cost]()
    runs = _Runs(server, failures)
    for cookies in who:
        tab = Tab(url, cookies, question_of(logs, draw, Days.own))
        try:
            await tab.open()
            await tab.rerun()
            for page in tab.screen.open_pages():
                path = tab.screen.pages[page]
                if path not in found:
                    found[path] = await _cost_of(tab, page, runs, logs, draw, times)
        finally:
            await tab.close()
    return tuple(sorted(found.values(), key=lambda each: -each.fresh))


@dataclass(frozen=True, slots=True)
class _Runs:
    """Measures reruns, and keeps what failed."""

    server: Sequence[int]
    failures: list[str]

    async def median(
        self, times: int, tab: Tab, page: str, *, fragment: str = "", ask: Ask = _nothing
    ) -> float:
        """Return the median of some reruns in milliseconds; NaN if all failed."""
        found = []
        for _ in range(times):
            tab.screen.parameters.update(ask())
            before = cpu_of(self.server)
            try:
                await tab.rerun(page, fragment=fragment)
            except RunFailed as error:
                self.failures.append(f"cost of {tab.screen.pages[page]}: {error}")
            else:
                found.append((cpu_of(self.server) - before) * 1000)
        return median(found) if found else math.nan


async def _cost_of(
    tab: Tab, page: str, runs: _Runs, logs: Sequence[Log], draw: random.Random, times: int
) -> Cost:
    def ask() -> Mapping[str, str]:
        return {"slice": "", "value": "", "version": "", **question_of(logs, draw, Days.own)}

    first = await runs.median(1, tab, page)
    again = await runs.median(times, tab, page)
    parts = tab.timed_fragments[:1]
    news = await runs.median(times, tab, page, fragment=parts[0]) if parts else None
    fresh = await runs.median(times, tab, page, ask=ask)
    return Cost(tab.screen.pages[page], first, again, fresh, news)


def cpu_of(processes: Sequence[int], read: Callable[[int], float] = time.clock_gettime) -> float:
    """Return the CPU time that processes have used so far, in seconds, to the microsecond."""
    # Linux makes the clock of another process's CPU time out of its id: clock_getcpuclockid(3).
    return sum(read((~each << 3) | 2) for each in processes)


def cost_table(costs: Sequence[Cost]) -> str:
    """Return the costs as a table in Markdown, the dearest first."""
    lines = [
        "| page | CPU ms first | again | fresh question | looking for news |",
        "|---|--:|--:|--:|--:|",
    ]
    for each in costs:
        news = "–" if each.news is None else f"{each.news:,.0f}"
        lines.append(
            f"| {each.page} | {each.first:,.0f} | {each.again:,.0f} | {each.fresh:,.0f} | {news} |"
        )
    return "\n".join(lines)
