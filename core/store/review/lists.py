"""Lists and counts of cases, within a reader's scope."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, and_, exists, false, func, or_, select

from core.domain.review import CLOCKED, CONTROL, FINISHED, SECOND, Action, CaseState
from core.store.review.blind import shown_to_worker
from core.store.review.hidden import shown_among_all
from core.store.review.partial import is_waiting
from core.store.review.records import CaseRecord, case_of
from core.store.tables import review_case, review_step

Order = Literal["queue", "due", "newest", "decided"]
ROUTED = "routed"
_WAITING = [str(each) for each in CaseState if each not in FINISHED]
_ALL_WAITING = frozenset(_WAITING)
_CLOCKED = sorted(map(str, CLOCKED))
_FINAL = str(CaseState.final)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a reader may see: models, jurisdictions, whether unmasked kinds; and who judges.

    ``judge`` is the reader, where scores may be hidden from this one.
    """

    models: frozenset[str] | None
    jurisdictions: frozenset[str] | None
    unmasked: bool = False
    judge: str | None = None


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Conditions of a list; ``None`` does not narrow."""

    states: Collection[str] | None = None
    models: Iterable[str] | None = None
    rule: str | None = None
    tier: str | None = None
    kind: str | None = None
    holder_id: str | None = None
    assigned_to: str | None = None
    case_id: int | None = None
    prediction_id: str | None = None
    subject_id: str | None = None
    overdue_at: datetime | None = None
    for_user: str | None = None

    @property
    def is_of_few(self) -> bool:
        """Whether an index leads to the few cases that can be meant."""
        few = (self.holder_id, self.assigned_to, self.case_id, self.prediction_id)
        return any(each is not None for each in (*few, self.subject_id, self.for_user))


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many cases wait.

    Parameters
    ----------
    by_state : dict of CaseState to int
        In which state.
    overdue, due : int
        Past their time, and due in the time asked for; none that is put to the customer, whose
        clock stands still.
    first_due : dict of CaseState to datetime
        When the first of a state is due.
    """

    by_state: dict[CaseState, int]
    overdue: int
    due: int
    first_due: dict[CaseState, datetime]


def list_cases(
    conn: Connection, scope: Scope, narrowed: Narrowed, *, order: Order, limit: int, offset: int
) -> tuple[tuple[CaseRecord, ...], int]:
    """Return a page of cases, and how many there are on all pages.

    Parameters
    ----------
    conn : Connection
        A transaction of ``Store.begin()``.
    scope : Scope
        What the reader may see.
    narrowed : Narrowed
        Which of these.
    order : Order
        In which order.
    limit : int
        How many at most.
    offset : int
        How many to pass over.
    """
    conditions = _conditions(scope, narrowed)
    counted = _conditions(scope, narrowed, among_all=not narrowed.is_of_few)
    total = conn.execute(select(func.count()).select_from(review_case).where(*counted))
    query = select(review_case).where(*conditions).order_by(*_ORDERS[order])
    rows = conn.execute(query.limit(limit).offset(offset))
    return tuple(case_of(row) for row in rows), int(total.scalar_one())


def count_waiting(
    conn: Connection, scope: Scope, narrowed: Narrowed, *, now: datetime, until: datetime
) -> Waiting:
    """Return how many cases wait in which state, and how many are due, in one pass.

    Parameters
    ----------
    conn : Connection
        Any transaction.
    scope, narrowed : Scope, Narrowed
        Which cases count.
    now, until : datetime
        Those due before ``now`` are overdue; those due from then on, before ``until``, are due.
    """
    column, narrowed = review_case.c, replace(narrowed, states=_WAITING)
    late, soon = column.due_at < now, and_(column.due_at >= now, column.due_at < until)
    query = (
        select(
            column.state,
            func.count(),
            func.count().filter(late),
            func.count().filter(soon),
            func.min(column.due_at),
        )
        .where(*_conditions(scope, narrowed, among_all=True))
        .group_by(column.state)
    )
    rows = conn.execute(query).all()
    running = [row for row in rows if row[0] in _CLOCKED]  # asked once a state, not once a case
    return Waiting(
        {CaseState(row[0]): int(row[1]) for row in rows},
        sum(int(row[2]) for row in running),
        sum(int(row[3]) for row in running),
        {CaseState(row[0]): row[4] for row in rows},
    )


def count_of_person(conn: Connection, scope: Scope, narrowed: Narrowed, user_id: str) -> int:
    """Return how many waiting cases a person holds, or has been assigned."""
    column, conditions = review_case.c, _conditions(scope, narrowed)
    held = select(func.count()).where(*conditions, column.holder_id == user_id)
    # By the person, not by the state: SQLite would walk through all that wait.
    meant = (
        select(column.state, func.count())
        .where(
            *conditions,
            column.assigned_to == user_id,
            or_(column.holder_id.is_(None), column.holder_id != user_id),
        )
        .group_by(column.state)
    )
    waiting = [int(count) for state, count in conn.execute(meant) if state in _WAITING]
    return int(conn.execute(held).scalar_one()) + sum(waiting)


def _conditions(
    scope: Scope, narrowed: Narrowed, *, among_all: bool = False
) -> list[ColumnElement[bool]]:
    """Return the conditions of a list; ``among_all`` asks once what is hidden, not row by row."""
    column = review_case.c
    wanted: list[ColumnElement[bool] | None] = [
        _one_of(column.model_id, scope.models),
        _one_of(column.jurisdiction, scope.jurisdictions),
        _one_of(column.model_id, narrowed.models),
        _in_states(narrowed.states, as_index=not among_all),
        _is(column.rule, narrowed.rule),
        _is(column.tier, narrowed.tier),
        _is(column.holder_id, narrowed.holder_id),
        _is(column.assigned_to, narrowed.assigned_to),
        _is(column.id, narrowed.case_id),
        _is(column.prediction_id, narrowed.prediction_id),
        _is(column.subject_id, narrowed.subject_id),
        None if narrowed.kind is None else _kind_is(narrowed.kind, unmasked=scope.unmasked),
    ]
    if scope.judge is not None:
        wanted.append(
            shown_among_all(scope.judge, unmasked=scope.unmasked, states=_states(narrowed))
            if among_all
            else shown_to_worker(scope.judge, unmasked=scope.unmasked)
        )
    if narrowed.rule is not None and scope.judge is not None:
        wanted.append(_score_is_told(scope.judge))
    if narrowed.overdue_at is not None:
        wanted += [column.due_at < narrowed.overdue_at, column.state.in_(_CLOCKED)]
    if narrowed.for_user is not None:
        mine = narrowed.for_user
        wanted.append(or_(column.holder_id == mine, column.assigned_to == mine))
    return [each for each in wanted if each is not None]


def _in_states(states: Collection[str] | None, *, as_index: bool) -> ColumnElement[bool] | None:
    """Return the condition of the states; of all that waits as the index of the queue has it.

    That index has the order of the queue; the other one, by state, is what many are counted by.
    """
    column = review_case.c.state
    if as_index and states is not None and frozenset(map(str, states)) == _ALL_WAITING:
        return is_waiting(column)
    return _one_of(column, states)


def _states(narrowed: Narrowed) -> Collection[str] | None:
    """Return the states that a list can have, where it is known."""
    if narrowed.overdue_at is not None:
        return _CLOCKED
    return None if narrowed.states is None else [str(each) for each in narrowed.states]


def _kind_is(kind: str, *, unmasked: bool) -> ColumnElement[bool]:
    """Return the condition of a kind as this reader sees it: a blind case looks routed."""
    column = review_case.c
    blind: ColumnElement[bool] = column.kind.in_([CONTROL, SECOND])
    if unmasked:
        blind = and_(blind, column.state != _FINAL)
    if kind == ROUTED:
        return or_(column.kind == ROUTED, blind)
    if kind not in {CONTROL, SECOND}:
        return column.kind == kind
    return and_(column.kind == kind, column.state == _FINAL) if unmasked else false()


def _score_is_told(user_id: str) -> ColumnElement[bool]:
    """Return the condition that a case's score is not hidden from who may be asked to judge it."""
    column, step = review_case.c, review_step.c
    judged = exists().where(
        step.case_id == column.id,
        step.actor_id == user_id,
        step.action == str(Action.record_own_view),
    )
    return or_(
        column.score_shown == "at_once",
        column.state.not_in(_WAITING),
        and_(column.score_shown == "after_own_view", judged),
    )


def _one_of(column: ColumnElement[Any], values: Iterable[str] | None) -> ColumnElement[bool] | None:
    return None if values is None else column.in_(sorted(map(str, values)))


def _is(column: ColumnElement[Any], value: object) -> ColumnElement[bool] | None:
    return None if value is None else column == value


def _orders() -> dict[Order, tuple[ColumnElement[Any], ...]]:
    column = review_case.c
    return {
        "queue": (column.priority.desc(), column.due_at, column.id),
        "due": (column.due_at, column.priority.desc(), column.id),
        "newest": (column.id.desc(),),
        "decided": (column.final_at.desc(), column.id.desc()),
    }


_ORDERS = _orders()
__all__ = [
    "Narrowed",
    "Order",
    "Scope",
    "Waiting",
    "count_of_person",
    "count_waiting",
    "list_cases",
]
