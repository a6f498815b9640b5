"""What is noted of the people who review, and how much lies with each of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, case, func, insert, select, update

from core.domain.review import CLOCKED, WAITING, CaseState
from core.store.review.records import CaseRecord, case_of
from core.store.rows import in_parts
from core.store.tables import review_case, reviewer

ASSIGNABLE = (str(CaseState.open), str(CaseState.escalated))
_WAITING = [str(each) for each in sorted(WAITING)]
_CLOCKED = [str(each) for each in sorted(CLOCKED)]


@dataclass(frozen=True, slots=True)
class Profile:
    """What is noted of a reviewer.

    Parameters
    ----------
    user_id : str
        Who.
    languages, skills : tuple of str
        What the person knows; no language means every one.
    open_limit : int, optional
        Most cases that may be held at a time.
    competent_until : date, optional
        Last day on which the training counts.
    away_from, away_until : date, optional
        First and last day of an absence.
    deputy_id : str, optional
        Who gets what is assigned to the person meanwhile.
    changed_at, changed_by : datetime, str
        When and under which pseudonym this was noted.
    """

    user_id: str
    languages: tuple[str, ...]
    skills: tuple[str, ...]
    open_limit: int | None
    competent_until: date | None
    away_from: date | None
    away_until: date | None
    deputy_id: str | None
    changed_at: datetime
    changed_by: str

    def is_away(self, day: date) -> bool:
        """Whether the person is away on a day; an absence without an end lasts."""
        if self.away_from is None or day < self.away_from:
            return False
        return self.away_until is None or day <= self.away_until


@dataclass(frozen=True, slots=True)
class Load:
    """How many waiting cases lie with somebody.

    Parameters
    ----------
    held, assigned : int
        In hand now; assigned, and not taken yet.
    overdue, due_before : int
        Of both, where the clock runs: past their time, and due later but before the moment asked
        for.
    """

    held: int = 0
    assigned: int = 0
    overdue: int = 0
    due_before: int = 0

    @property
    def total(self) -> int:
        """Held and assigned."""
        return self.held + self.assigned


def put(conn: Connection, profile: Profile) -> None:
    """Note a reviewer, in the place of what was noted before."""
    values = {column.name: getattr(profile, column.name) for column in reviewer.c}
    values |= {"languages": list(profile.languages), "skills": list(profile.skills)}
    changed = conn.execute(
        update(reviewer).where(reviewer.c.user_id == profile.user_id).values(**values)
    )
    if changed.rowcount == 0:
        conn.execute(insert(reviewer).values(**values))


def get_all(conn: Connection) -> dict[str, Profile]:
    """Return user → what is noted of them."""
    rows = conn.execute(select(reviewer).order_by(reviewer.c.user_id))
    return {row.user_id: _profile(row._mapping) for row in rows}


def loads(
    conn: Connection, *, now: datetime, before: datetime, models: Iterable[str] | None = None
) -> dict[str, Load]:
    """Return user → how much lies with them; who has nothing is left out.

    Parameters
    ----------
    conn : Connection
        Any transaction.
    now, before : datetime
        What was due before ``now`` is overdue; what is due before ``before`` is told apart.
    models : iterable of str, optional
        Only cases of these models.
    """
    column = review_case.c
    person = func.coalesce(column.holder_id, column.assigned_to)
    runs = column.state.in_(_CLOCKED)
    query = (
        select(
            person.label("person"),
            func.sum(_one(column.holder_id.is_not(None))).label("held"),
            func.sum(_one(column.holder_id.is_(None))).label("assigned"),
            func.sum(_one(runs & (column.due_at < now))).label("overdue"),
            func.sum(_one(runs & (column.due_at >= now) & (column.due_at < before))).label("later"),
        )
        .where(column.state.in_(_WAITING), person.is_not(None))
        .group_by(person)
    )
    if models is not None:
        query = query.where(column.model_id.in_(sorted(models)))
    return {
        row.person: Load(int(row.held), int(row.assigned), int(row.overdue), int(row.later))
        for row in conn.execute(query)
    }


def assignable(
    conn: Connection,
    *,
    assigned_to: Sequence[str] | None = None,
    models: Iterable[str] | None = None,
    jurisdictions: Iterable[str] | None = None,
    limit: int = 1000,
) -> tuple[CaseRecord, ...]:
    """Return cases that nobody has in hand, the most urgent first.

    Parameters
    ----------
    conn : Connection
        Any transaction.
    assigned_to : sequence of str, optional
        Those assigned to one of these people; without it, those assigned to nobody.
    models, jurisdictions : iterable of str, optional
        Only of these.
    limit : int
        At most so many.
    """
    column = review_case.c
    query = select(review_case).where(column.state.in_(ASSIGNABLE))
    if assigned_to is None:
        query = query.where(column.assigned_to.is_(None))
    else:
        query = query.where(column.assigned_to.in_(list(assigned_to)))
    if models is not None:
        query = query.where(column.model_id.in_(sorted(models)))
    if jurisdictions is not None:
        query = query.where(column.jurisdiction.in_(sorted(jurisdictions)))
    order = (column.priority.desc(), column.due_at, column.id)
    return tuple(case_of(row) for row in conn.execute(query.order_by(*order).limit(limit)))


def count_assignable(
    conn: Connection,
    *,
    models: Iterable[str] | None = None,
    jurisdictions: Iterable[str] | None = None,
) -> int:
    """Return how many cases nobody has in hand and nobody is assigned to."""
    column = review_case.c
    query = (
        select(func.count())
        .select_from(review_case)
        .where(column.state.in_(ASSIGNABLE), column.assigned_to.is_(None))
    )
    if models is not None:
        query = query.where(column.model_id.in_(sorted(models)))
    if jurisdictions is not None:
        query = query.where(column.jurisdiction.in_(sorted(jurisdictions)))
    return int(conn.execute(query).scalar_one())


def cases_of(
    conn: Connection, case_ids: Sequence[int], *, lock: bool = False
) -> dict[int, CaseRecord]:
    """Return cases by their ids; with ``lock``, in their order, until the commit."""
    found: dict[int, CaseRecord] = {}
    for part in in_parts(sorted(set(case_ids))):
        query = select(review_case).where(review_case.c.id.in_(part)).order_by(review_case.c.id)
        rows = conn.execute(query.with_for_update() if lock else query)
        found |= {row.id: case_of(row) for row in rows}
    return found


def change_all(conn: Connection, case_ids: Sequence[int], values: Mapping[str, Any]) -> None:
    """Set columns of cases that the caller has locked; each revision grows by one."""
    for part in in_parts(case_ids):
        conn.execute(
            update(review_case)
            .where(review_case.c.id.in_(part))
            .values(revision=review_case.c.revision + 1, **values)
        )


def overdue_by_age(
    conn: Connection,
    edges: Sequence[datetime],
    *,
    models: Iterable[str] | None = None,
    jurisdictions: Iterable[str] | None = None,
) -> tuple[int, ...]:
    """Return how many cases whose clock runs were due in each of some stretches of time.

    Parameters
    ----------
    conn : Connection
        Any transaction.
    edges : sequence of datetime
        Later ones first: the first stretch lies between the first two, the last is all before the
        last edge.
    models, jurisdictions : iterable of str, optional
        Only of these.
    """
    column = review_case.c
    bounds = [*zip(edges[1:], edges[:-1], strict=True), (None, edges[-1])]
    sums = [
        func.coalesce(
            func.sum(
                _one(
                    column.due_at < upper
                    if lower is None
                    else (column.due_at >= lower) & (column.due_at < upper)
                )
            ),
            0,
        )
        for lower, upper in bounds
    ]
    query = select(*sums).where(column.state.in_(_CLOCKED), column.due_at < edges[0])
    if models is not None:
        query = query.where(column.model_id.in_(sorted(models)))
    if jurisdictions is not None:
        query = query.where(column.jurisdiction.in_(sorted(jurisdictions)))
    return tuple(int(each) for each in conn.execute(query).one())


def _one(condition: Any) -> Any:
    return case((condition, 1), else_=0)


def _profile(row: Mapping[Any, Any]) -> Profile:
    return Profile(**{**row, "languages": tuple(row["languages"]), "skills": tuple(row["skills"])})
