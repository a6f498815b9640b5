"""One simulated verdict of the demo's review queue, written as the services would have written it.

Same states, steps and four eyes; only who gave it never was, and every step says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from numpy.random import Generator
from sqlalchemy import Connection, update

from core.contract.review import Review
from core.domain.review import Action, CaseState, Verdict, check_needed
from core.services.demo.habits import Drawn, Habit, draw
from core.services.demo.people import CHECKER
from core.services.review.rules import check_rules
from core.store.review import steps
from core.store.review.records import CaseRecord
from core.store.review.steps import NewStep
from core.store.tables import review_case

SIMULATED = "simulated"
ZONE = ZoneInfo("Asia/Hong_Kong")
_CHECKED_AFTER = timedelta(minutes=30)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class SimulatedDesk:
    """What every simulated verdict is made with: ``people`` are ids by username."""

    conn: Connection
    people: dict[str, str]
    review: Review
    generator: Generator

    @property
    def decisions(self) -> Sequence[str]:
        """What a final decision may be, the one that outcome 0 calls for first."""
        return self.review.decisions


@dataclass(frozen=True, slots=True)
class Work:
    """One simulated verdict on one case."""

    case: CaseRecord
    habit: Habit
    drawn: Drawn
    called_for: Verdict
    at: datetime
    check: str | None

    @property
    def final_at(self) -> datetime:
        """When it was final: somebody who has to check it takes a while."""
        return self.at + _CHECKED_AFTER if self.check else self.at


def drawn_work(
    desk: SimulatedDesk, case: CaseRecord, habit: Habit, called_for: Verdict, at: datetime
) -> Work:
    """Draw what somebody decides of a case at a moment."""
    local = at.astimezone(ZONE)
    drawn = draw(
        habit,
        called_for,
        score_seen=case.score_shown != "never",
        hour=local.hour + local.minute / 60,
        generator=desk.generator,
    )
    check = check_needed(case, drawn.verdict, check_rules(desk.review))
    return Work(case, habit, drawn, called_for, at, check)


def office_moment(until: datetime, days: float, generator: Generator) -> datetime:
    """Return a moment of office hours in Hong Kong, so many days earlier or just before those."""
    day = (until.astimezone(ZONE) - timedelta(days=days)).date()
    while day.weekday() >= _SATURDAY:
        day -= timedelta(days=1)
    opening = datetime.combine(day, time(9, 30), tzinfo=ZONE)
    return opening + timedelta(seconds=float(generator.integers(9 * 3600)))


def decide(desk: SimulatedDesk, work: Work) -> None:
    """Write a verdict with the steps that lead to it; what a second person has to check was."""
    case, drawn = work.case, work.drawn
    is_overturned = drawn.verdict is Verdict.overturn
    decision = other(case.decision, desk.decisions) if is_overturned else case.decision
    checker = desk.people[CHECKER] if work.check else None
    start = work.at - timedelta(seconds=drawn.seconds)
    values: dict[str, Any] = {
        "state": str(CaseState.final),
        "revision": case.revision + (4 if checker else 2),
        "maker_id": desk.people[work.habit.username],
        "checker_id": checker,
        "verdict": str(drawn.verdict),
        "reason_code": drawn.reason_code,
        "proposed_decision": decision,
        "final_decision": decision,
        "check_reason": work.check,
        "created_at": start - timedelta(hours=5),
        "due_at": start + timedelta(days=7),
        "proposed_at": work.at,
        "final_at": work.final_at,
        "fed_batch": SIMULATED,
    }
    desk.conn.execute(update(review_case).where(review_case.c.id == case.id).values(**values))
    steps.add(desk.conn, _steps(desk, work, decision, start))


def _steps(desk: SimulatedDesk, work: Work, decision: str, start: datetime) -> list[NewStep]:
    maker, drawn, case_id, at = (
        desk.people[work.habit.username], work.drawn, work.case.id, work.at,
    )  # fmt: skip
    body = {
        SIMULATED: True,
        "evidence": [],
        "decision": decision,
        "check": work.check,
        "seconds": drawn.seconds,
        "score_seen": work.case.score_shown != "never",
        "panes": list(drawn.panes),
    }
    mark = {SIMULATED: True}
    said: dict[str, Any] = {"verdict": str(drawn.verdict), "reason_code": drawn.reason_code}
    told = [
        NewStep(case_id, start, maker, Action.claim, "open", "claimed", body=mark),
        NewStep(case_id, at, maker, Action.propose, "claimed", "proposed", **said, body=body),
    ]
    if work.check is None:
        done = NewStep(case_id, at, maker, Action.finish, "proposed", "final", **said, body=mark)
        return [*told, done]
    checker, end = desk.people[CHECKER], work.final_at
    return [
        *told,
        NewStep(case_id, at, checker, Action.take_check, "proposed", "checking", body=mark),
        NewStep(case_id, end, checker, Action.agree, "checking", "final", **said, body=mark),
    ]


def other(decision: str, decisions: Sequence[str]) -> str:
    """Return a decision that is not this one."""
    return next(each for each in decisions if each != decision)
