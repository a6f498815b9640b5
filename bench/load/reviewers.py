"""What reviewers do under load: claim, decide, take the next; between cases they look around."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from websockets.exceptions import WebSocketException

from bench.load.connection import RunFailed, Tab
from bench.load.people import Plan, Record, choose, question_of

CLAIM, CHECK, DESK = "review_claim_next", "review_check_next", "review_desk"
QUEUE, CASE = "review", "case"
_LOOKS_AROUND = 0.3  # share of the actions that go to another page or turn a filter
_OVERTURNS = 0.2


@dataclass(frozen=True, slots=True)
class Handed:
    """One verdict or check that was handed in, and whether the page took it."""

    person: str
    case: int
    stage: str
    verdict: str
    is_taken: bool


@dataclass
class ReviewRecord(Record):
    """What reviewers saw, and what they handed in, also during the warm-up."""

    handed: list[Handed] = field(default_factory=list)


async def review(
    url: str,
    person: str,
    cookies: Mapping[str, str],
    plan: Plan,
    seed: int,
    record: ReviewRecord,
) -> None:
    """Connect one reviewer, and let it work until the plan's end."""
    draw = random.Random(seed)
    await asyncio.sleep(draw.random() * plan.ramp_s)
    tab = Tab(url, cookies, question_of(plan.logs, draw, plan.days))
    try:
        start = perf_counter()
        await tab.open()
        await tab.rerun()
        record.first_loads.append(perf_counter() - start)
        await _work(tab, person, plan, draw, record)
    except (RunFailed, OSError, WebSocketException) as error:
        record.failures.append(f"first load: {error}")
    finally:
        record.fragment_runs += tab.fragment_runs
        await tab.close()


async def _work(
    tab: Tab, person: str, plan: Plan, draw: random.Random, record: ReviewRecord
) -> None:
    due = perf_counter() + draw.random() * plan.period_s
    while due < plan.stop_at:
        await asyncio.sleep(max(due - perf_counter(), 0))
        due += plan.period_s
        start, action = perf_counter(), "page"
        try:
            if draw.random() < _LOOKS_AROUND:
                action, page = choose(tab, draw, plan, record.visits)
                if page is not None:
                    tab.screen.parameters.pop("case", None)
                took = await tab.rerun(page)
            else:
                action, took = await _step(tab, person, draw, record)
        except RunFailed as error:
            record.failures.append(f"{action} on {tab.screen.place}: {error}")
        else:
            record.add(action, took, tab.screen, plan, start)
        while perf_counter() > due:
            record.skipped += 1
            due += plan.period_s


async def _step(
    tab: Tab, person: str, draw: random.Random, record: ReviewRecord
) -> tuple[str, float]:
    """Do the next thing of a reviewer's work: decide, open what was claimed, claim, or begin."""
    screen = tab.screen
    place = screen.place
    case = dict(screen.desk.data.get("case") or {}) if screen.desk else {}
    if place == CASE and case.get("stage") in {"maker", "checker"}:
        return "verdict", await _hand_in(tab, person, case, draw, record)
    go = str(screen.desk.data.get("go") or "") if place == QUEUE and screen.desk else ""
    if go and screen.parameters.get("case") != go.partition("/")[0]:
        screen.parameters["case"] = go.partition("/")[0]
        return "case", await tab.rerun(_page(tab, CASE))
    screen.parameters.pop("case", None)
    if place != QUEUE:
        return "queue", await tab.rerun(_page(tab, QUEUE))
    key = CHECK if CHECK in screen.buttons and draw.random() < 0.7 else CLAIM
    screen.press(key)
    return "claim", await tab.rerun()


async def _hand_in(
    tab: Tab, person: str, case: Mapping[str, Any], draw: random.Random, record: ReviewRecord
) -> float:
    """Hand in a verdict and have the next case shown; the time is to its last element."""
    body = _body(case, draw)
    screen, before = tab.screen, int(case["id"])
    screen.act(
        {
            "kind": "submit",
            "case": before,
            "revision": case["revision"],
            "next": True,
            "body": body,
            "seconds": draw.randint(20, 400),
            "panes": ["values"],
        }
    )
    fragment = screen.fragments.get(screen.desk.widget, "") if screen.desk else ""
    taken, verdict = False, str(body["verdict"])
    try:
        took = await tab.rerun(fragment=fragment)
        after = dict(screen.desk.data.get("case") or {}) if screen.desk else {}
        if after.get("error"):
            raise RunFailed(f"not taken: {after['error']}")
        taken = after.get("id") != before or after.get("stage") == "read"
    finally:
        record.handed.append(Handed(person, before, str(case["stage"]), verdict, taken))
    return took


def _body(case: Mapping[str, Any], draw: random.Random) -> dict[str, str]:
    if case["stage"] == "checker":
        return {"verdict": "agree"}
    verdict = "overturn" if draw.random() < _OVERTURNS else "uphold"
    reasons = case["reasons"][verdict]
    body = {"verdict": verdict, "reason_code": str(draw.choice(reasons)["code"])}
    if verdict == "overturn":
        body |= {
            "final_decision": str(draw.choice(case["decisions"])),
            "text": "The documents show another figure.",
            "evidence": "Tax return of last year",
        }
    return body


def _page(tab: Tab, path: str) -> str:
    found = next((key for key, known in tab.screen.pages.items() if known == path), None)
    if found is None:
        raise RunFailed(f"the page {path} is not in the menu")
    return found
