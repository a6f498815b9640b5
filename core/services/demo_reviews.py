"""A past for the demo's review queue: simulated verdicts on real loans near the cut-off.

Cases come from the routing of the demo's own contract. All but the newest get a verdict of one of
three reviewers who never were; it never reaches the decisions stream, which has its own simulated
reviews. One transaction writes all of it, and the audit trail says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.random import Generator
from sqlalchemy import Connection, insert, select, update

from core.domain.identity import Actor, Permission, Role
from core.domain.review import Action, CaseState, Verdict
from core.lake.known_labels import known_labels
from core.services import access
from core.services.demo_habits import HABITS, Drawn, Habit, draw, verdict_called_for
from core.services.questions import parsed_contract
from core.services.workspace import Workspace
from core.store import audit, manifest, models, users
from core.store.review import cases, steps
from core.store.review.records import CaseRecord, NewCase, case_of
from core.store.review.steps import NewStep
from core.store.tables import review_case, review_control

SIMULATED = "simulated"
LEADS = (("grace", "Grace Tam (simulated)"), ("henry", "Henry Yip (simulated)"))
_WAITING = 40  # the newest cases, for whoever tries the queue
_CONTROLS, _DOUBLES, _APPEALS = 0.25, 0.06, 0.03  # shares of the decided cases
_DAYS = 60
_SETTLED = timedelta(days=10)  # what is decided again was decided at least so long ago
_SEED = 20_260_101
_ZONE = ZoneInfo("Asia/Hong_Kong")


@dataclass(frozen=True, slots=True)
class _Work:
    """One simulated verdict on one case."""

    case: CaseRecord
    habit: Habit
    drawn: Drawn
    called_for: Verdict
    at: datetime


def simulate_reviews(workspace: Workspace, model_id: str, *, actor: Actor) -> int:
    """Decide the older of a model's open cases as simulated reviewers; return how many.

    Parameters
    ----------
    workspace : Workspace
        The demo's, after its predictions were routed.
    model_id : str
        Whose cases; its contract names two decisions.
    actor : Actor
        Needs ``user.manage``, as whoever builds the demo.
    """
    access.require(actor, Permission.user_manage)
    with workspace.store.read() as conn:
        record = models.get(conn, model_id)
        found = _open_cases(conn, model_id)
        files = manifest.files_at(
            conn, model_id, record.lake_generation, kinds=["data"], streams=["resolved"]
        )
    review = parsed_contract(record.spec_text).review
    if review is None or record.newest_event is None or len(found) <= _WAITING:
        return 0
    labels = known_labels(
        workspace.duck,
        workspace.lake_paths(files),
        [each.prediction_id for each in found],
        as_of=record.newest_event,
    )
    past = [each for each in found[:-_WAITING] if each.prediction_id in labels]
    now, generator = workspace.clock(), np.random.default_rng(_SEED)
    with workspace.store.begin() as conn:
        people = _people(workspace, conn, now)
        work = _draw_all(past, labels, review.decisions, now, generator)
        for each in work:
            _decide(conn, each, people, review.decisions)
        earlier = [each for each in work if each.at < now - _SETTLED]
        counts = {
            "verdicts": len(work),
            "controls": _controls(conn, earlier, people, review.decisions, generator),
            "doubles": _doubles(conn, earlier, people, review.decisions, generator),
            "appeals": _appeals(conn, earlier, people, review.decisions, generator),
        }
        _spread_waiting(conn, found[-_WAITING:], now)
        audit.append(
            conn,
            at=now,
            actor=actor.audit_name,
            role=actor.role_text,
            kind="review.simulated",
            objects={"model": model_id},
            body={**counts, "seed": _SEED},
        )
    return len(work)


def _open_cases(conn: Connection, model_id: str) -> list[CaseRecord]:
    query = (
        select(review_case)
        .where(review_case.c.model_id == model_id, review_case.c.state == str(CaseState.open))
        .order_by(review_case.c.predicted_at, review_case.c.id)
    )
    return [case_of(row) for row in conn.execute(query)]


def _people(workspace: Workspace, conn: Connection, now: datetime) -> dict[str, str]:
    """Return username → id of the simulated people, none of whom can sign in."""
    wanted = [(each.username, each.display_name, Role.compliance) for each in HABITS]
    wanted += [(name, shown, Role.compliance_lead) for name, shown in LEADS]
    made = {}
    for name, shown, role in wanted:
        found = users.find_by_username(conn, name) or users.create(
            conn,
            user_id=workspace.new_id(),
            username=name,
            display_name=shown,
            at=now,
            roles=[role],
        )
        made[name] = found.id
    return made


def _draw_all(
    past: Sequence[CaseRecord],
    labels: dict[str, float],
    decisions: Sequence[str],
    now: datetime,
    generator: Generator,
) -> list[_Work]:
    work = []
    for place, case in enumerate(past):
        at = _moment(now, place / len(past), generator)
        habit = HABITS[int(generator.integers(len(HABITS)))]
        called_for = verdict_called_for(case.decision, labels[case.prediction_id], decisions)
        work.append(_one(case, habit, called_for, at, generator))
    return work


def _one(
    case: CaseRecord, habit: Habit, called_for: Verdict, at: datetime, generator: Generator
) -> _Work:
    local = at.astimezone(_ZONE)
    hour = local.hour + local.minute / 60
    seen = case.score_shown != "never"
    drawn = draw(habit, called_for, score_seen=seen, hour=hour, generator=generator)
    return _Work(case, habit, drawn, called_for, at)


def _moment(now: datetime, share: float, generator: Generator) -> datetime:
    """Return a moment of office hours in Hong Kong, the later the larger the share."""
    day = (now.astimezone(_ZONE) - timedelta(days=1 + _DAYS * (1 - share))).date()
    while day.weekday() >= 5:
        day -= timedelta(days=1)
    opening = datetime.combine(day, time(9, 30), tzinfo=_ZONE)
    return opening + timedelta(seconds=float(generator.integers(9 * 3600)))


def _decide(
    conn: Connection, work: _Work, people: dict[str, str], decisions: Sequence[str]
) -> None:
    """Write a verdict, with the steps that lead to it; overturned ones were checked by a lead."""
    case, drawn, at = work.case, work.drawn, work.at
    overturned = drawn.verdict is Verdict.overturn
    decision = _other(case.decision, decisions) if overturned else case.decision
    checker = people[LEADS[0][0]] if overturned else None
    start = at - timedelta(seconds=drawn.seconds)
    end = at + timedelta(minutes=30) if checker else at
    values: dict[str, Any] = {
        "state": str(CaseState.final),
        "revision": 4 if checker else 3,
        "maker_id": people[work.habit.username],
        "checker_id": checker,
        "verdict": str(drawn.verdict),
        "reason_code": drawn.reason_code,
        "proposed_decision": decision,
        "final_decision": decision,
        "check_reason": "override" if checker else None,
        "created_at": start - timedelta(hours=5),
        "due_at": start + timedelta(days=7),
        "proposed_at": at,
        "final_at": end,
        "fed_batch": SIMULATED,
    }
    conn.execute(update(review_case).where(review_case.c.id == case.id).values(**values))
    steps.add(conn, _steps(work, people, checker, decision, start, end))


def _steps(
    work: _Work,
    people: dict[str, str],
    checker: str | None,
    decision: str,
    start: datetime,
    end: datetime,
) -> list[NewStep]:
    maker, drawn, case_id = people[work.habit.username], work.drawn, work.case.id
    body = {
        SIMULATED: True,
        "evidence": len(drawn.panes) if drawn.verdict is Verdict.overturn else 0,
        "decision": decision,
        "check": "override" if checker else None,
        "seconds": drawn.seconds,
        "score_seen": work.case.score_shown != "never",
        "panes": list(drawn.panes),
    }
    said: dict[str, Any] = {"verdict": str(drawn.verdict), "reason_code": drawn.reason_code}
    told = [
        NewStep(case_id, start, maker, Action.claim, "open", "claimed", body={SIMULATED: True}),
        NewStep(case_id, work.at, maker, Action.propose, "claimed", "proposed", **said, body=body),
    ]
    if checker is not None:
        told += [
            NewStep(case_id, end, checker, Action.take_check, "proposed", "checking"),
            NewStep(case_id, end, checker, Action.agree, "checking", "final", **said),
        ]
    else:
        told.append(NewStep(case_id, end, maker, Action.finish, "proposed", "final", **said))
    return told


def _copy(
    conn: Connection, work: _Work, kind: str, occasion: str, made_at: datetime, **also: Any
) -> CaseRecord | None:
    """Make another case about the same prediction."""
    case = work.case
    new = NewCase(
        model_id=case.model_id,
        prediction_id=case.prediction_id,
        occasion=occasion,
        kind=kind,
        subject_id=case.subject_id,
        jurisdiction=case.jurisdiction,
        version=case.version,
        predicted_at=case.predicted_at,
        decision=case.decision,
        rules_sha256=case.rules_sha256,
        rule=case.rule,
        rules=case.rules,
        due_at=case.due_at,
        score=case.score,
        amount=case.amount,
        policy_version=case.policy_version,
        tier=case.tier,
        priority=case.priority,
        parent_id=case.id,
        **also,
    )
    made = cases.insert_all(conn, [new], state=CaseState.open, at=made_at)
    return cases.get(conn, made[0]) if made else None


def _again(
    conn: Connection,
    work: _Work,
    kind: str,
    people: dict[str, str],
    decisions: Sequence[str],
    generator: Generator,
) -> _Work | None:
    """Have another reviewer decide the same case blindly."""
    others = [each for each in HABITS if each is not work.habit]
    habit = others[int(generator.integers(len(others)))]
    barred = people[work.habit.username]
    made = _copy(
        conn, work, kind, f"{kind}:{SIMULATED}-{work.case.id}", work.at, barred_maker_id=barred
    )
    if made is None:
        return None
    at = _moment(work.at + timedelta(days=3), 1.0, generator)
    done = _one(made, habit, work.called_for, at, generator)
    _decide(conn, done, people, decisions)
    return done


def _controls(
    conn: Connection,
    work: Sequence[_Work],
    people: dict[str, str],
    decisions: Sequence[str],
    generator: Generator,
) -> int:
    """Show past decisions that turned out wrong once more, unmarked."""
    wrong = [each for each in work if each.called_for is Verdict.overturn]
    chosen = wrong[: round(len(work) * _CONTROLS)]
    count = 0
    for each in chosen:
        done = _again(conn, each, "control", people, decisions, generator)
        if done is None:
            continue
        count += 1
        row = {
            "case_id": done.case.id,
            "source_case_id": each.case.id,
            "expected": str(done.called_for),
            "basis": {SIMULATED: True},
            "caught": done.drawn.verdict is done.called_for,
            "unmasked_at": done.at,
        }
        conn.execute(insert(review_control).values(row))
    return count


def _doubles(
    conn: Connection,
    work: Sequence[_Work],
    people: dict[str, str],
    decisions: Sequence[str],
    generator: Generator,
) -> int:
    chosen = work[:: max(1, round(1 / _DOUBLES))]
    done = [_again(conn, each, "second", people, decisions, generator) for each in chosen]
    return sum(each is not None for each in done)


def _appeals(
    conn: Connection,
    work: Sequence[_Work],
    people: dict[str, str],
    decisions: Sequence[str],
    generator: Generator,
) -> int:
    """Have a third person, a lead who has not seen the case, decide what customers objected to."""
    against = [
        each
        for each in work
        if each.drawn.verdict is Verdict.uphold and each.case.decision != decisions[0]
    ]
    third = Habit(LEADS[1][0], LEADS[1][1], 0.85, 0.05, 900.0, 0.95)
    count = 0
    for each in against[: round(len(work) * _APPEALS)]:
        barred = people[each.habit.username]
        occasion = f"appeal:{SIMULATED}-{each.case.id}"
        made = _copy(conn, each, "appeal", occasion, each.at, barred_maker_id=barred)
        if made is not None:
            at = _moment(each.at + timedelta(days=6), 1.0, generator)
            one = _one(made, third, each.called_for, at, generator)
            _decide(conn, one, people, decisions)
            count += 1
    return count


def _spread_waiting(conn: Connection, waiting: Sequence[CaseRecord], now: datetime) -> None:
    """Let the waiting cases be due one after another: a few are overdue already."""
    closing = now.astimezone(_ZONE).replace(hour=18, minute=0, second=0, microsecond=0)
    for place, each in enumerate(waiting):
        due = closing + timedelta(days=place // 6 - 1)
        made = now - timedelta(hours=6 + place)
        change = update(review_case).where(review_case.c.id == each.id)
        conn.execute(change.values(due_at=due, created_at=made))


def _other(decision: str, decisions: Sequence[str]) -> str:
    return next(each for each in decisions if each != decision)
