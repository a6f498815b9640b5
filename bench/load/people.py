"""What the people of the load do: open a page, then every so often choose something on it."""

import asyncio
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from time import perf_counter
from urllib.parse import urlencode

from websockets.exceptions import WebSocketException

from app.filters import RANGES
from bench.load.connection import RunFailed, Tab
from bench.load.elements import Screen

ACTIONS = ("page", "filter", "language")
# How often each: people read a page, cut it another way, and hardly ever change the language.
WEIGHTS = (45, 45, 10)
LANGUAGE = "hl_choose_language"
RANGE, SLICE = "hl_choose_range", "hl_choose_slice"
FILTERS = (RANGE, "hl_choose_model", "hl_choose_version", SLICE)
_TURNED_AT_FIRST = ("hl_choose_model",)
_PRESETS = tuple(name for name in RANGES if name != "custom")
# What says which rows a page is about, of the parameters of an address.
_QUESTION = ("model", "version", "slice", "value", "range", "from", "to")
_SHORTEST_DAYS = 30
_CUTS_A_SLICE = 0.25
MINUTE_S = 60.0


class Days(StrEnum):
    """What periods people ask for."""

    first = "first"  # what a page shows first of a model: nobody turns its period or cuts its rows
    offered = "offered"  # what the control of the page offers: 30 days, 90 days, 12 months, all
    own = "own"  # any two days: nobody asks for the same


@dataclass(frozen=True, slots=True)
class Log:
    """What an address may ask of one model: its days, and the values of its segments."""

    model: str
    first: date
    last: date
    slices: Mapping[str, Sequence[str]]


@dataclass
class Record:
    """What all sessions saw, in seconds; the reruns of the warm-up are kept apart.

    Parameters
    ----------
    first_loads, warm_up : list of float
        Seconds of each.
    reruns, pages : dict
        Action → seconds of what was measured, and the same by the page that was shown.
    minutes : dict
        Minute since the load began, from 0 → seconds of everything asked in it, warm-up or not.
    visits : Counter
        Page → how often it was gone to, also during the warm-up.
    filters : set of str
        Different questions that the addresses asked while it was measured.
    failures : list of str
        What went wrong.
    skipped, fragment_runs : int
        Answers after the next action was due, and runs of fragments on time.
    """

    first_loads: list[float] = field(default_factory=list)
    warm_up: list[float] = field(default_factory=list)
    reruns: dict[str, list[float]] = field(default_factory=dict)
    pages: dict[str, list[float]] = field(default_factory=dict)
    minutes: dict[int, list[float]] = field(default_factory=dict)
    visits: Counter[str] = field(default_factory=Counter)
    filters: set[str] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)
    skipped: int = 0
    fragment_runs: int = 0

    def add(self, action: str, took: float, screen: Screen, plan: "Plan", start: float) -> None:
        """Keep how long a run took that was asked for at a reading, and what it showed."""
        self.minutes.setdefault(plan.minute_of(start), []).append(took)
        if start < plan.measure_from:
            self.warm_up.append(took)
            return
        self.reruns.setdefault(action, []).append(took)
        self.pages.setdefault(screen.place, []).append(took)
        asked = {name: screen.parameters.get(name, "") for name in _QUESTION}
        self.filters.add(urlencode({name: value for name, value in asked.items() if value}))


@dataclass(frozen=True, slots=True)
class Plan:
    """When sessions act, and what there is to ask for.

    Parameters
    ----------
    period_s : float
        Seconds from one action of a session to its next.
    ramp_s : float
        All sessions connect within so many seconds.
    measure_from, stop_at : float
        Readings of ``perf_counter`` between which actions count.
    logs : sequence of Log
        The models with rows.
    days : Days
        What periods people ask for.
    begun : float
        Reading of ``perf_counter`` when the load began.
    """

    period_s: float
    ramp_s: float
    measure_from: float
    stop_at: float
    logs: Sequence[Log] = ()
    days: Days = Days.own
    begun: float = 0.0

    def minute_of(self, reading: float) -> int:
        """Return the minute of the load that a reading lies in, from 0."""
        return int((reading - self.begun) // MINUTE_S)


async def act(url: str, cookies: Mapping[str, str], plan: Plan, seed: int, record: Record) -> None:
    """Connect one session, and let it act until the plan's end."""
    draw = random.Random(seed)
    await asyncio.sleep(draw.random() * plan.ramp_s)
    tab = Tab(url, cookies, question_of(plan.logs, draw, plan.days))
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
        action, page = choose(tab, draw, plan, record.visits)
        start = perf_counter()
        try:
            took = await tab.rerun(page)
        except RunFailed as error:
            record.failures.append(f"{action} on {tab.screen.place}: {error}")
        else:
            record.add(action, took, tab.screen, plan, start)
        # Who waited for longer goes on at the next beat: nobody makes up for acts that were missed.
        while perf_counter() > due:
            record.skipped += 1
            due += plan.period_s


def question_of(logs: Sequence[Log], draw: random.Random, days: Days) -> dict[str, str]:
    """Draw what an address asks for: a model, its days, and sometimes a slice.

    With days of one's own nobody else is likely to ask the same: no answer is there already.
    """
    if not logs:
        return {}
    log = draw.choice(logs)
    if days is Days.first:
        return {"model": log.model}
    found = {"model": log.model, **_period(log, draw, days)}
    if log.slices and draw.random() < _CUTS_A_SLICE:
        found |= _cut(log, draw)
    return found


def _period(log: Log, draw: random.Random, days: Days) -> dict[str, str]:
    if days is Days.offered:
        return {"range": draw.choice(_PRESETS), "from": "", "to": ""}
    longest = (log.last - log.first).days
    length = draw.randint(min(_SHORTEST_DAYS, longest), longest)
    first = log.first + timedelta(days=draw.randint(0, longest - length))
    last = first + timedelta(days=length)
    return {"range": "custom", "from": first.isoformat(), "to": last.isoformat()}


def _cut(log: Log, draw: random.Random) -> dict[str, str]:
    name = draw.choice(sorted(log.slices))
    return {"slice": name, "value": draw.choice(log.slices[name])}


def choose(
    tab: Tab, draw: random.Random, plan: Plan, visits: Counter[str] | None = None
) -> tuple[str, str | None]:
    """Choose something on the screen; return what it is, and the page to go to if it is one.

    Of the pages that the menu leads to it is the one that was gone to least, so that all of them
    are in the mix, and of several any.
    """
    (action,) = draw.choices(ACTIONS, WEIGHTS)
    screen = tab.screen
    filters = _TURNED_AT_FIRST if plan.days is Days.first else FILTERS
    controls: Sequence[str] = {
        "page": (),
        "filter": [key for key in filters if key in screen.choices],
        "language": [key for key in (LANGUAGE,) if key in screen.choices],
    }[action]
    if controls:
        key = draw.choice(controls)
        if key in {RANGE, SLICE} and (log := _log_of(screen, plan.logs)) is not None:
            turned = _period(log, draw, plan.days) if key == RANGE else _other_cut(log, draw)
            screen.parameters.update(turned)
            return action, None
        options = screen.others(key)
        if options:
            screen.choose(key, draw.choice(options))
            return action, None
    return "page", _next_page(screen, draw, Counter() if visits is None else visits)


def _log_of(screen: Screen, logs: Sequence[Log]) -> Log | None:
    return next((each for each in logs if each.model == screen.parameters.get("model")), None)


def _other_cut(log: Log, draw: random.Random) -> dict[str, str]:
    """Draw another slice, or all rows again."""
    if log.slices and draw.random() < 0.5:
        return _cut(log, draw)
    return {"slice": "", "value": ""}


def _next_page(screen: Screen, draw: random.Random, visits: Counter[str]) -> str | None:
    others = [page for page in screen.open_pages() if page != screen.page]
    if not others:
        return None
    fewest = min(visits[screen.pages[page]] for page in others)
    page = draw.choice([each for each in others if visits[screen.pages[each]] == fewest])
    visits[screen.pages[page]] += 1
    return page
