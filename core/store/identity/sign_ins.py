"""Attempts to sign in, and the counters of failures that lock a name or a source for a while.

A counter is raised before the password is looked at and lowered again if it was right: so of many
attempts at once no more are heard than of as many one after the other.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from core.store.rows import insert_if_absent
from core.store.tables import sign_in_attempt, sign_in_lock
from core.store.types import clean_text


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: when, as whom (``None`` for a name that nobody has), from where, with what."""

    at: datetime
    user_id: str | None
    source: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Counter:
    """Failures of one name or source in a row, and until when it is locked."""

    kind: str
    key: str
    failures: int
    last_failure_at: datetime
    locked_until: datetime | None


def log_attempt(
    conn: Connection, *, at: datetime, user_id: str | None, source: str, outcome: str
) -> None:
    """Keep an attempt for the log-in history."""
    conn.execute(
        insert(sign_in_attempt).values(
            at=at, user_id=user_id, source=clean_text(source), outcome=outcome
        )
    )


def list_attempts(
    conn: Connection, *, user_id: str | None = None, limit: int = 100
) -> tuple[Attempt, ...]:
    """Return the newest attempts first, of one user or of everybody."""
    columns = sign_in_attempt.c
    query = select(columns.at, columns.user_id, columns.source, columns.outcome)
    if user_id is not None:
        query = query.where(columns.user_id == user_id)
    rows = conn.execute(query.order_by(columns.id.desc()).limit(limit))
    return tuple(Attempt(**row._mapping) for row in rows)


def forget_attempts(conn: Connection, *, before: datetime) -> int:
    """Delete attempts older than an instant; return how many there were."""
    gone = conn.execute(delete(sign_in_attempt).where(sign_in_attempt.c.at < before))
    return int(gone.rowcount)


def lock_counter(conn: Connection, kind: str, key: str, *, at: datetime) -> Counter:
    """Return a counter, made if it is missing, and keep others from it until the commit."""
    query = select(sign_in_lock).where(sign_in_lock.c.kind == kind, sign_in_lock.c.key == key)
    fresh = {"kind": kind, "key": key, "failures": 0, "last_failure_at": at}
    while True:
        insert_if_absent(conn, sign_in_lock, fresh)
        row = conn.execute(query.with_for_update()).one_or_none()
        if row is not None:  # else somebody lifted the lock between the two statements
            return Counter(**row._mapping)


def put_counter(conn: Connection, counter: Counter) -> None:
    """Write back a counter of :func:`lock_counter`."""
    conn.execute(
        update(sign_in_lock)
        .where(sign_in_lock.c.kind == counter.kind, sign_in_lock.c.key == counter.key)
        .values(
            failures=counter.failures,
            last_failure_at=counter.last_failure_at,
            locked_until=counter.locked_until,
        )
    )


def tell_once(conn: Connection, key: str, *, until: datetime, at: datetime) -> bool:
    """Return whether attempts of a source during a lock are to be told of, which they are once.

    Parameters
    ----------
    conn : Connection
        Of ``Store.begin()``.
    key : str
        The source, as its failures are counted.
    until : datetime
        When the lock ends; one that ends later is another.
    at : datetime
        Now.
    """
    told = lock_counter(conn, "told", key, at=at)
    if told.locked_until is not None and told.locked_until >= until:
        return False
    put_counter(conn, replace(told, last_failure_at=at, locked_until=until))
    return True


def lift(conn: Connection, kind: str, key: str) -> bool:
    """Forget the failures of a name or a source; return whether there were any."""
    gone = conn.execute(
        delete(sign_in_lock).where(sign_in_lock.c.kind == kind, sign_in_lock.c.key == key)
    )
    return gone.rowcount == 1


def list_locked(conn: Connection, *, at: datetime) -> tuple[Counter, ...]:
    """Return what is locked at an instant."""
    rows = conn.execute(
        select(sign_in_lock)
        .where(sign_in_lock.c.locked_until > at, sign_in_lock.c.kind != "told")
        .order_by(sign_in_lock.c.kind, sign_in_lock.c.key)
    )
    return tuple(Counter(**row._mapping) for row in rows)


def forget_counters(conn: Connection, *, before: datetime) -> None:
    """Delete counters whose last failure lies before an instant."""
    conn.execute(delete(sign_in_lock).where(sign_in_lock.c.last_failure_at < before))
