"""Taking a case, keeping it, and finding those whose time has run out.

One statement both finds and takes the next case, so of any number of claimers one gets it. On
PostgreSQL, cases that another is about to take are passed over; SQLite lets one write at a time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, not_, or_, select, update

from core.domain.review import CONTROL, DISAGREEMENT, HELD, SECOND, Action, CaseState, next_state
from core.store.review.records import CaseRecord, case_of
from core.store.review.steps import had_part
from core.store.tables import review_case, reviewer

_HELD = [str(each) for each in sorted(HELD)]


@dataclass(frozen=True, slots=True)
class Claimer:
    """Who looks for a case, and what that person may decide.

    Parameters
    ----------
    user_id : str
        Who.
    may_check : bool
        Whether escalated cases and appeals are for this person.
    models, jurisdictions : frozenset of str, optional
        Scope; ``None`` means everything.
    not_models : frozenset of str
        Models that the person develops.
    languages, skills : frozenset of str, optional
        What the person knows; ``None`` if nobody has said, and then everything.
    sees_blind : bool
        Whether the person can see which cases are blind: a verdict on one would count for nothing,
        so none is taken to be decided.
    """

    user_id: str
    may_check: bool
    models: frozenset[str] | None = None
    jurisdictions: frozenset[str] | None = None
    not_models: frozenset[str] = frozenset()
    languages: frozenset[str] | None = None
    skills: frozenset[str] | None = None
    sees_blind: bool = False


@dataclass(frozen=True, slots=True)
class ReviewerLimits:
    """What is noted of a reviewer that bears on claiming."""

    languages: frozenset[str]
    skills: frozenset[str]
    open_limit: int | None
    competent_until: Any


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a case stands in the queue: smaller ones come first."""

    priority: int
    due_at: datetime
    case_id: int
    model_id: str


def best(conn: Connection, claimer: Claimer, state: CaseState) -> Place | None:
    """Return where the best case of a state stands in the queue; ``None`` if there is none."""
    column = review_case.c
    wanted = select(-column.priority, column.due_at, column.id, column.model_id)
    query = wanted.where(*_for_person(claimer, state)).order_by(*_order()).limit(1)
    row = conn.execute(query).one_or_none()
    return None if row is None else Place(*row)


def claim_best(
    conn: Connection, claimer: Claimer, state: CaseState, *, until: datetime
) -> CaseRecord | None:
    """Take the best case of a state in one statement; ``None`` if there is none left.

    Parameters
    ----------
    conn : Connection
        Of ``Store.begin()``.
    claimer : Claimer
        For whom.
    state : {open, escalated, proposed}
        Which queue; proposed ones are taken to be checked.
    until : datetime
        Until when the case is this person's.
    """
    action = Action.take_check if state is CaseState.proposed else Action.claim
    chosen = (
        select(review_case.c.id)
        .where(*_for_person(claimer, state))
        .order_by(*_order())
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    row = conn.execute(
        update(review_case)
        .where(review_case.c.id == chosen, review_case.c.state == str(state))
        .values(
            state=str(next_state(state, action)),
            holder_id=claimer.user_id,
            lease_until=until,
            revision=review_case.c.revision + 1,
        )
        .returning(*review_case.c)
    ).one_or_none()
    return None if row is None else case_of(row)


def renew(conn: Connection, case_id: int, user_id: str, *, until: datetime) -> bool:
    """Prolong a lease; whether the case is still this user's. Its revision stays."""
    changed = conn.execute(
        update(review_case)
        .where(
            review_case.c.id == case_id,
            review_case.c.state.in_(_HELD),
            review_case.c.holder_id == user_id,
        )
        .values(lease_until=until)
    )
    return changed.rowcount == 1


def expired(conn: Connection, *, at: datetime, limit: int = 1000) -> tuple[int, ...]:
    """Return cases whose lease has run out, the longest ago first."""
    column = review_case.c
    query = (
        select(column.id)
        .where(column.lease_until < at, column.state.in_(_HELD))
        .order_by(column.lease_until, column.id)
        .limit(limit)
    )
    return tuple(int(each) for each in conn.execute(query).scalars())


def unanswered(conn: Connection, *, today: date, limit: int = 1000) -> tuple[int, ...]:
    """Return cases put to a customer whose day to ask again has passed, the longest ago first."""
    column = review_case.c
    query = (
        select(column.id)
        .where(column.state == str(CaseState.awaiting_customer), column.follow_up_on < today)
        .order_by(column.follow_up_on, column.id)
        .limit(limit)
    )
    return tuple(int(each) for each in conn.execute(query).scalars())


def held_by(conn: Connection, user_id: str) -> int:
    """Return how many cases a user has now."""
    query = select(func.count()).where(review_case.c.holder_id == user_id)
    return int(conn.execute(query).scalar_one())


def limits_of(conn: Connection, user_id: str) -> ReviewerLimits | None:
    """Return what is noted of a reviewer; ``None`` if nothing is."""
    column = reviewer.c
    row = conn.execute(
        select(column.languages, column.skills, column.open_limit, column.competent_until).where(
            column.user_id == user_id
        )
    ).one_or_none()
    if row is None:
        return None
    return ReviewerLimits(
        frozenset(row.languages), frozenset(row.skills), row.open_limit, row.competent_until
    )


def _order() -> tuple[ColumnElement[Any], ...]:
    column = review_case.c
    return column.priority.desc(), column.due_at, column.id


def _for_person(claimer: Claimer, state: CaseState) -> Sequence[ColumnElement[bool]]:
    """Return the conditions of what a person may decide, of the cases of a state."""
    column, user_id = review_case.c, claimer.user_id
    conditions = [
        column.state == str(state),
        or_(column.barred_maker_id.is_(None), column.barred_maker_id != user_id),
        or_(column.barred_checker_id.is_(None), column.barred_checker_id != user_id),
    ]
    if state is CaseState.proposed:
        conditions.append(column.maker_id != user_id)
        conditions.append(
            or_(column.check_reason != DISAGREEMENT, not_(had_part(column.id, user_id)))
        )
    else:
        conditions.append(or_(column.assigned_to.is_(None), column.assigned_to == user_id))
        conditions.extend(_known(column.language, claimer.languages))
        conditions.extend(_known(column.skill, claimer.skills))
        if not claimer.may_check:
            conditions += [column.kind != "appeal", column.escalated_at.is_(None)]
        if claimer.sees_blind:
            conditions.append(column.kind.not_in([CONTROL, SECOND]))
    for scope, place in (
        (claimer.models, column.model_id),
        (claimer.jurisdictions, column.jurisdiction),
    ):
        if scope is not None:
            conditions.append(place.in_(sorted(scope)))
    if claimer.not_models:
        conditions.append(column.model_id.not_in(sorted(claimer.not_models)))
    return conditions


def _known(
    column: ColumnElement[Any], known: Iterable[str] | None
) -> tuple[ColumnElement[bool], ...]:
    return () if known is None else (or_(column.is_(None), column.in_(sorted(known))),)
