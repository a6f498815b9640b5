"""A past for the demo's review queue: simulated verdicts on real loans near the cut-off.

Cases come from the routing of the demo's own contract. All but the newest get a verdict of one of
three reviewers who never were; it never reaches the decisions stream, which has its own simulated
reviews. One transaction writes all of it, and the audit trail says so.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection, insert, select, update

from core.contract.review import Review
from core.domain import working_days
from core.domain.identity import Actor, Permission, Role
from core.domain.review import CaseState, Verdict
from core.lake.labels.known import known_labels
from core.services import access
from core.services.demo.habits import HABITS, Habit, verdict_called_for
from core.services.demo.people import LEADS, THIRD, closed_accounts
from core.services.demo.verdicts import (
    SIMULATED,
    ZONE,
    SimulatedDesk,
    Work,
    decide,
    drawn_work,
    office_moment,
)
from core.services.questions import parsed_contract
from core.services.review import making
from core.services.review.calendar import DaysOff, days_off
from core.services.workspace import Workspace
from core.store import manifest, models
from core.store.audit import trail as audit
from core.store.review import cases
from core.store.review.records import CaseRecord, NewCase, case_of
from core.store.tables import review_case, review_control

WAITING = 40
"""The newest cases are left to whoever tries the queue."""
_CONTROLS, _DOUBLES, _APPEALS = 0.5, 0.2, 0.03  # shares of the cases decided earlier
_WRONG = 0.8  # of the controls, those whose outcome speaks against the model
_DAYS = 60
_SETTLED = timedelta(days=10)  # what is decided again was decided at least so long ago
_OVERDUE = 3  # of each tier
_UNDER_WAY = timedelta(hours=15)  # by then whatever came in that morning is there
_SEED = 20_260_101


def simulate_reviews(workspace: Workspace, model_id: str, *, actor: Actor) -> int:
    """Decide the older of a model's open cases as simulated reviewers; return how many.

    Done once: where simulated verdicts are there already, nothing is added.

    Parameters
    ----------
    workspace : Workspace
        The demo's, after its predictions were routed.
    model_id : str
        Whose cases; its contract names two decisions.
    actor : Actor
        Needs ``user.manage``, as whoever builds the demo.

    Raises
    ------
    Forbidden
        If the actor may not.
    """
    access.require(actor, Permission.user_manage)
    with workspace.store.read() as conn:
        record = models.get(conn, model_id)
        found = _open_cases(conn, model_id)
        files = manifest.files_at(
            conn, model_id, record.lake_generation, kinds=["data"], streams=["resolved"]
        )
    review = parsed_contract(record.spec_text).review
    if review is None or record.newest_event is None or len(found) <= WAITING:
        return 0
    labels = known_labels(
        workspace.duck,
        workspace.lake_paths(files),
        [each.prediction_id for each in found],
        as_of=record.newest_event,
    )
    past = [each for each in found[:-WAITING] if each.prediction_id in labels]
    now = workspace.clock()
    with workspace.store.begin() as conn:
        people = _people(workspace, conn, now)
        desk = SimulatedDesk(conn, people, review, np.random.default_rng(_SEED))
        counts = _simulate(desk, past, labels, now)
        _spread_waiting(conn, review, found[-WAITING:], now)
        audit.append(
            conn,
            at=now,
            actor=actor.audit_name,
            role=actor.role_text,
            kind="review.simulated",
            objects={"model": model_id},
            body={**counts, "seed": _SEED},
        )
    return counts["verdicts"]


def _open_cases(conn: Connection, model_id: str) -> list[CaseRecord]:
    query = (
        select(review_case)
        .where(review_case.c.model_id == model_id, review_case.c.state == str(CaseState.open))
        .order_by(review_case.c.predicted_at, review_case.c.id)
    )
    return [case_of(row) for row in conn.execute(query)]


def _people(workspace: Workspace, conn: Connection, now: datetime) -> dict[str, str]:
    """Return username → id of the simulated reviewers and leads."""
    reviewers = [(each.username, each.display_name, Role.compliance) for each in HABITS]
    made = closed_accounts(workspace, conn, [*reviewers, *LEADS], now)
    return {username: user.id for username, user in made.items()}


def _simulate(
    desk: SimulatedDesk, past: Sequence[CaseRecord], labels: dict[str, float], now: datetime
) -> dict[str, int]:
    """Decide cases one after another over the last weeks, and some of them again."""
    work = []
    for place, case in enumerate(past):
        at = office_moment(now, 1 + _DAYS * (1 - place / len(past)), desk.generator)
        habit = HABITS[int(desk.generator.integers(len(HABITS)))]
        called_for = verdict_called_for(case.decision, labels[case.prediction_id], desk.decisions)
        work.append(drawn_work(desk, case, habit, called_for, at))
    for each in work:
        decide(desk, each)
    earlier = [each for each in work if each.at < now - _SETTLED]
    return {
        "verdicts": len(work),
        "controls": _controls(desk, earlier),
        "doubles": _doubles(desk, earlier),
        "appeals": _appeals(desk, earlier),
    }


def _copy(
    desk: SimulatedDesk, work: Work, kind: str, made_at: datetime, **also: Any
) -> CaseRecord | None:
    """Make another case about the same prediction; ``None`` if it is there already."""
    names = NewCase.__dataclass_fields__
    same = NewCase(**{name: getattr(work.case, name) for name in names})
    new = replace(
        same,
        kind=kind,
        occasion=f"{kind}:{SIMULATED}-{work.case.id}",
        parent_id=work.case.id,
        assigned_to=None,
        in_check_sample=False,
        **also,
    )
    made = making.make_case(desk.conn, new, at=made_at)
    return None if made is None else cases.get(desk.conn, made)


def _again(desk: SimulatedDesk, work: Work, kind: str, habit: Habit, days: float) -> Work | None:
    """Have somebody else decide the same case, up to so many days later."""
    barred = desk.people[work.habit.username]
    made = _copy(desk, work, kind, work.at, barred_maker_id=barred)
    if made is None:
        return None
    at = office_moment(work.at + timedelta(days=days), 0, desk.generator)
    done = drawn_work(desk, made, habit, work.called_for, at)
    decide(desk, done)
    return done


def _somebody_else(desk: SimulatedDesk, work: Work) -> Habit:
    others = [each for each in HABITS if each is not work.habit]
    return others[int(desk.generator.integers(len(others)))]


def _controls(desk: SimulatedDesk, work: Sequence[Work]) -> int:
    """Show decided cases once more, unmarked; most of those where the model turned out wrong."""
    wanted = round(len(work) * _CONTROLS)
    wrong = [each for each in work if each.called_for is Verdict.overturn]
    right = [each for each in work if each.called_for is Verdict.uphold]
    against = wrong[: round(wanted * _WRONG)]
    count = 0
    for each in [*against, *right[: wanted - len(against)]]:
        done = _again(desk, each, "control", _somebody_else(desk, each), 3)
        if done is None:
            continue
        count += 1
        row = {
            "case_id": done.case.id,
            "source_case_id": each.case.id,
            "expected": str(done.called_for),
            "basis": {SIMULATED: True},
            "caught": done.drawn.verdict is done.called_for,
            "unmasked_at": done.final_at,
        }
        desk.conn.execute(insert(review_control).values(row))
    return count


def _doubles(desk: SimulatedDesk, work: Sequence[Work]) -> int:
    """Have every so-manieth case decided by a second person who knows nothing of the first."""
    chosen = work[:: round(1 / _DOUBLES)]
    done = [_again(desk, each, "second", _somebody_else(desk, each), 3) for each in chosen]
    return sum(each is not None for each in done)


def _appeals(desk: SimulatedDesk, work: Sequence[Work]) -> int:
    """Have a third person, a lead who has not seen the case, decide what customers objected to."""
    third = Habit(THIRD, LEADS[1][1], 0.85, 0.05, 900.0, 0.95)
    against = [
        each
        for each in work
        if each.check is None
        and each.drawn.verdict is Verdict.uphold
        and each.case.decision != desk.decisions[0]
    ]
    chosen = against[: round(len(work) * _APPEALS)]
    done = [_again(desk, each, "appeal", third, 6) for each in chosen]
    return sum(each is not None for each in done)


def _spread_waiting(
    conn: Connection, review: Review, waiting: Sequence[CaseRecord], now: datetime
) -> None:
    """Let the waiting cases have come one after another: a few of each tier are overdue."""
    off = days_off(conn)
    places: Counter[str] = Counter()
    for case in waiting:
        place, days = places[case.tier], getattr(review.sla_days, case.tier)
        back = days + 1 if place < _OVERDUE else (place - _OVERDUE) % max(days, 1)
        made = _office_day(now, back, off) + timedelta(minutes=5 * place)
        due = working_days.due_at(made, days, off)
        change = update(review_case).where(review_case.c.id == case.id)
        conn.execute(change.values(due_at=due, created_at=made))
        places[case.tier] += 1


def _office_day(now: datetime, back: int, off: DaysOff) -> datetime:
    """Return ten o'clock of an office day well under way, or so many office days before it."""
    day = (now.astimezone(ZONE) - _UNDER_WAY).date() + timedelta(days=1)
    for _ in range(back + 1):
        day = working_days.previous_working_day(day, off)
    return datetime.combine(day, time(10), tzinfo=ZONE)
