"""What the people of the load do: open a page, then every so often choose something on it."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter

from websockets.exceptions import WebSocketException

from bench.load.connection import RunFailed, Tab

ACTIONS = ("page", "filter", "language")
# How often each: people read a page, cut it another way, and hardly ever change the language.
WEIGHTS = (45, 45, 10)
LANGUAGE = "hl_choose_language"
FILTERS = ("hl_choose_range", "hl_choose_model", "hl_choose_version")


@dataclass
class Record:
    """What all sessions saw, in seconds; the reruns of the warm-up are kept apart."""

    first_loads: list[float] = field(default_factory=list)
    warm_up: list[float] = field(default_factory=list)
    reruns: dict[str, list[float]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    skipped: int = 0
    fragment_runs: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """When sessions act.

    Parameters
    ----------
    period_s : float
        Seconds from one action of a session to its next.
    ramp_s : float
        All sessions connect within so many seconds.
    measure_from, stop_at : float
        Readings of ``perf_counter`` between which actions count.
    """

    period_s: float
    ramp_s: float
    measure_from: float
    stop_at: float


async def act(url: str, cookies: Mapping[str, str], plan: Plan, seed: int, record: Record) -> None:
    """Connect one session, and let it act until the plan's end."""
    draw = random.Random(seed)
    await asyncio.sleep(draw.random() * plan.ramp_s)
    tab = Tab(url, cookies)
    try:
        start = perf_counter()
        await tab.open()
        await tab.rerun()
        record.first_loads.append(perf_counter() - start)
    except (RunFailed, OSError, WebSocketException) as error:
        record.failures.append(f"first load: {error}")
        await tab.close()
        return
    try:
        await _act_on(tab, plan, draw, record)
    finally:
        record.fragment_runs += tab.fragment_runs
        await tab.close()


async def _act_on(tab: Tab, plan: Plan, draw: random.Random, record: Record) -> None:
    # Everybody has a phase of their own, so that actions spread evenly over the period.
    due = perf_counter() + draw.random() * plan.period_s
    while due < plan.stop_at:
        await asyncio.sleep(max(due - perf_counter(), 0))
        due += plan.period_s
        action, page = choose(tab, draw)
        start = perf_counter()
        try:
            took = await tab.rerun(page)
        except RunFailed as error:
            record.failures.append(f"{action}: {error}")
            continue
        if start < plan.measure_from:
            record.warm_up.append(took)
        else:
            record.reruns.setdefault(action, []).append(took)
        if perf_counter() > due:  # answered after the next action was due
            record.skipped += 1


def choose(tab: Tab, draw: random.Random) -> tuple[str, str | None]:
    """Choose something on the screen; return what it is, and the page to go to if it is one."""
    (action,) = draw.choices(ACTIONS, WEIGHTS)
    screen = tab.screen
    controls: Sequence[str] = {
        "page": (),
        "filter": [key for key in FILTERS if key in screen.choices],
        "language": [key for key in (LANGUAGE,) if key in screen.choices],
    }[action]
    if controls:
        key = draw.choice(controls)
        options = screen.others(key)
        if options:
            screen.choose(key, draw.choice(options))
            return action, None
    others = [page for page, path in screen.pages.items() if page != screen.page and path]
    return "page", draw.choice(others) if others else None
