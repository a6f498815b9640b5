"""Requests of customers, and every step of them; each change is one conditional update."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import Connection, func, insert, select, update

from core.errors import Conflict, NotFound
from core.store.tables import rights_request, rights_step
from core.store.types import clean_text

CLOSED = ("answered", "refused", "withdrawn")
OPEN = ("received", "identified")


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request: the columns of ``rights_request``.

    ``sealed`` is the customer's reference under the workspace's key, and ``words`` is what was
    asked for; neither is shown without a reason.
    """

    id: int
    kind: str
    channel: str
    language: str
    subject_id: str
    sealed: bytes | None = field(repr=False)
    words: str = field(repr=False)
    model_id: str | None
    prediction_id: str | None
    received_at: datetime
    due_on: date
    state: str
    revision: int
    identity_method: str | None
    identified_by: str | None
    identified_at: datetime | None
    handler_id: str | None
    taken_by: str
    snapshot_path: str | None
    snapshot_sha256: str | None
    snapshot_at: datetime | None
    late_notice_at: datetime | None
    outcome: str | None
    fee_hkd: float | None
    closed_at: datetime | None
    closed_by: str | None

    @property
    def is_open(self) -> bool:
        """Whether the customer waits for an answer."""
        return self.state in OPEN


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One step of a request: who did what, and when."""

    id: int
    request_id: int
    at: datetime
    actor_id: str
    action: str
    from_state: str
    to_state: str
    body: Mapping[str, object]


def add(conn: Connection, values: Mapping[str, object]) -> int:
    """Keep a request that came in, and return its number."""
    clean = {**values, "words": clean_text(str(values["words"])), "revision": 0}
    statement = insert(rights_request).values(**clean).returning(rights_request.c.id)
    return int(conn.execute(statement).scalar_one())


def get(conn: Connection, request_id: int) -> RequestRecord:
    """Return a request.

    Raises
    ------
    NotFound
        If there is none of that number.
    """
    query = select(rights_request).where(rights_request.c.id == request_id)
    row = conn.execute(query).one_or_none()
    if row is None:
        raise no_request(request_id)
    return RequestRecord(**row._mapping)


def not_closed(conn: Connection, request_ids: Iterable[int]) -> frozenset[int]:
    """Return which of some requests wait for an answer still."""
    column = rights_request.c
    query = select(column.id).where(column.id.in_(sorted(set(request_ids))), column.state.in_(OPEN))
    return frozenset(int(each) for each in conn.execute(query).scalars())


def people_asking(conn: Connection) -> tuple[tuple[str, str | None], ...]:
    """Return whose requests wait for an answer, each with the model named or ``None``."""
    column = rights_request.c
    query = select(column.subject_id, column.model_id).where(column.state.in_(OPEN)).distinct()
    return tuple((row.subject_id, row.model_id) for row in conn.execute(query))


def no_request(request_id: int) -> NotFound:
    """Return the error of a request that is not there, or not for the actor."""
    return NotFound(
        "There is no request {request}.",
        remedy="Choose one on the page Customers' requests, or run 'harbourlight requests list'.",
        request=str(request_id),
    )


def list_requests(
    conn: Connection,
    *,
    states: Collection[str] | None = None,
    models: Collection[str] | None = None,
    subject_id: str | None = None,
    limit: int = 500,
) -> tuple[RequestRecord, ...]:
    """Return requests: the open ones by the day they are due, then the closed, newest first.

    Parameters
    ----------
    conn : Connection
        Any transaction.
    states : collection of str, optional
        Only of these states.
    models : collection of str, optional
        Only those about one of these models; those about no model in particular are left out.
    subject_id : str, optional
        Only those of a person.
    limit : int
        Most to return.
    """
    column = rights_request.c
    query = select(rights_request)
    if states is not None:
        query = query.where(column.state.in_(list(states)))
    if models is not None:
        query = query.where(column.model_id.in_(list(models)))
    if subject_id is not None:
        query = query.where(column.subject_id == subject_id)
    by_urgency = (
        column.closed_at.is_not(None),
        column.closed_at.desc(),
        column.due_on,
        column.id,
    )
    rows = conn.execute(query.order_by(*by_urgency).limit(limit))
    return tuple(RequestRecord(**row._mapping) for row in rows)


def count_by_state(
    conn: Connection, models: Collection[str] | None = None
) -> Mapping[tuple[str, str], int]:
    """Return (kind, state) → number of requests."""
    column = rights_request.c
    query = select(column.kind, column.state, func.count()).group_by(column.kind, column.state)
    if models is not None:
        query = query.where(column.model_id.in_(list(models)))
    return {(row[0], row[1]): int(row[2]) for row in conn.execute(query)}


def change(
    conn: Connection, request_id: int, revision: int, values: Mapping[str, object]
) -> RequestRecord:
    """Change a request that nobody changed since it was read, and return it.

    Raises
    ------
    Conflict
        If somebody did.
    """
    changed = conn.execute(
        update(rights_request)
        .where(rights_request.c.id == request_id, rights_request.c.revision == revision)
        .values(**values, revision=revision + 1)
    )
    if changed.rowcount != 1:
        raise Conflict(
            "Somebody else changed this request meanwhile.", remedy="Read it again, then repeat."
        )
    return get(conn, request_id)


def add_step(
    conn: Connection,
    request_id: int,
    action: str,
    *,
    at: datetime,
    actor: str,
    states: tuple[str, str],
    body: Mapping[str, object],
) -> None:
    """Keep a step of a request; the body holds facts and no person's words.

    Parameters
    ----------
    conn : Connection
        A transaction of ``Store.begin()``.
    request_id : int
        The request.
    action : str
        The step.
    at : datetime
        When.
    actor : str
        Pseudonym of who takes it.
    states : tuple
        The states before and after.
    body : Mapping of str to object
        Facts; no person's words.
    """
    values = {
        "request_id": request_id,
        "at": at,
        "actor_id": actor,
        "action": action,
        "from_state": states[0],
        "to_state": states[1],
        "body": dict(body),
    }
    conn.execute(insert(rights_step).values(**values))


def list_steps(conn: Connection, request_id: int) -> tuple[StepRecord, ...]:
    """Return the steps of a request, the oldest first."""
    query = select(rights_step).where(rights_step.c.request_id == request_id)
    rows = conn.execute(query.order_by(rights_step.c.id))
    return tuple(StepRecord(**row._mapping) for row in rows)
