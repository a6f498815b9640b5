"""What happened to a case, step by step."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, func, insert, select

from core.domain.review import Action, Earlier
from core.store.rows import in_parts
from core.store.tables import review_step

SYSTEM = "harbourlight"
"""Who acts where no person does: the worker, or a rule."""
_HANDED_ON = (str(Action.send_back), str(Action.escalate))


@dataclass(frozen=True, slots=True)
class NewStep:
    """A step to be noted.

    Parameters
    ----------
    case_id : int
        Of which case.
    at : datetime
        When.
    actor_id : str
        Id of the user, or :data:`SYSTEM`.
    action : Action
        What was done.
    from_state, to_state : str
        The state before, empty when the case is made, and after.
    verdict, reason_code : str, optional
        What was said.
    body : mapping
        Further facts, no words about a person: those lie in ``review_text``.
    """

    case_id: int
    at: datetime
    actor_id: str
    action: Action
    from_state: str
    to_state: str
    verdict: str | None = None
    reason_code: str | None = None
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StepRecord:
    """A step as it is stored."""

    id: int
    case_id: int
    at: datetime
    actor_id: str
    action: str
    from_state: str
    to_state: str
    verdict: str | None
    reason_code: str | None
    body: Mapping[str, Any]


def add(conn: Connection, steps: Sequence[NewStep]) -> None:
    """Note steps, in their order."""
    rows = [{**asdict(each), "action": str(each.action), "body": dict(each.body)} for each in steps]
    if rows:
        conn.execute(insert(review_step), rows)


def of_case(conn: Connection, case_id: int) -> tuple[StepRecord, ...]:
    """Return all steps of a case, the oldest first."""
    query = select(review_step).where(review_step.c.case_id == case_id).order_by(review_step.c.id)
    return tuple(StepRecord(**row._mapping) for row in conn.execute(query))


def newest(conn: Connection, case_id: int, action: Action) -> StepRecord | None:
    """Return the newest step of a kind, or ``None``."""
    query = (
        select(review_step)
        .where(review_step.c.case_id == case_id, review_step.c.action == str(action))
        .order_by(review_step.c.id.desc())
        .limit(1)
    )
    row = conn.execute(query).one_or_none()
    return None if row is None else StepRecord(**row._mapping)


def first_verdict(conn: Connection, case_id: int) -> str | None:
    """Return the verdict that was proposed first about a case, or ``None``."""
    column = review_step.c
    query = (
        select(column.verdict)
        .where(column.case_id == case_id, column.action == str(Action.propose))
        .order_by(column.id)
        .limit(1)
    )
    return conn.execute(query).scalar_one_or_none()


def newest_from_states(conn: Connection, case_ids: Sequence[int], action: Action) -> dict[int, str]:
    """Return case → the state before its newest step of a kind."""
    found: dict[int, str] = {}
    column = review_step.c
    for part in in_parts(case_ids):
        wanted = column.case_id.in_(part)
        last = (
            select(func.max(column.id))
            .where(wanted, column.action == str(action))
            .group_by(column.case_id)
        )
        rows = conn.execute(select(column.case_id, column.from_state).where(column.id.in_(last)))
        found |= {int(row.case_id): str(row.from_state) for row in rows}
    return found


def earlier(conn: Connection, case_id: int) -> Earlier:
    """Return who proposed what about a case so far, and who sent it back or escalated it."""
    column = review_step.c
    query = select(column.actor_id, column.action, column.body).where(
        column.case_id == case_id, column.action.in_([*_HANDED_ON, str(Action.propose)])
    )
    rows = conn.execute(query.order_by(column.id)).all()
    return Earlier(
        {
            str(row.actor_id): str(row.body.get("decision", ""))
            for row in rows
            if row.action == str(Action.propose)
        },
        frozenset(str(row.actor_id) for row in rows if row.action in _HANDED_ON),
    )


def had_part(case_id: ColumnElement[int], user_id: str) -> ColumnElement[bool]:
    """Return the condition that a user is one of those of :func:`earlier`."""
    column = review_step.c
    return exists().where(
        column.case_id == case_id,
        column.actor_id == user_id,
        column.action.in_([*_HANDED_ON, str(Action.propose)]),
    )


def own_views(conn: Connection, case_ids: Iterable[int], user_id: str) -> dict[int, str]:
    """Return case → the verdict that a user held before the score was shown."""
    column = review_step.c
    query = (
        select(column.case_id, column.verdict)
        .where(
            column.case_id.in_(sorted(set(case_ids))),
            column.actor_id == user_id,
            column.action == str(Action.record_own_view),
        )
        .order_by(column.id)
    )
    return {int(row.case_id): str(row.verdict) for row in conn.execute(query)}


def count_of_actor(
    conn: Connection, user_id: str, actions: Iterable[Action], *, since: datetime
) -> int:
    """Return how many steps of some kinds a user took since a moment."""
    column = review_step.c
    query = select(func.count()).where(
        column.actor_id == user_id,
        column.at >= since,
        column.action.in_([str(each) for each in actions]),
    )
    return int(conn.execute(query).scalar_one())
