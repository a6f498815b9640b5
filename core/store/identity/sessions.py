"""Sessions and the tickets that hand out their cookies.

Of a cookie's random value and of a ticket only the SHA-256 is kept: whoever reads the database
can sign in with neither.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, bindparam, delete, insert, select, update

from core.store.tables import app_user, session, session_ticket
from core.store.types import clean_text

TOUCH_EVERY = timedelta(minutes=1)
# Made once: every service asks it.
_SESSION_AND_USER = (
    select(session, app_user.c.disabled)
    .join(app_user, app_user.c.id == session.c.user_id)
    .where(session.c.id == bindparam("wanted"))
)


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in of one browser.

    Parameters
    ----------
    id : str
        Names the session in lists; opens nothing.
    cookie_hash : str, optional
        SHA-256 of the cookie's value; ``None`` before the browser fetched it.
    user_id : str
        Whose.
    method : {"password", "oidc"}
        How the user signed in.
    source, agent : str
        Address and browser it came from.
    created_at, last_seen_at, expires_at : datetime
        When it began, was used last (to the minute), and ends at the latest.
    authenticated_at : datetime
        When a password or a code was given last.
    second_factor_at : datetime, optional
        When the second factor was given.
    pending_until : datetime, optional
        Set while the second factor is still asked for.
    revoked_at, revoked_by, revoked_reason : datetime or str, optional
        When it was ended, by whom (a pseudonym) and why.
    """

    id: str
    cookie_hash: str | None
    user_id: str
    method: str
    source: str
    agent: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    authenticated_at: datetime
    second_factor_at: datetime | None
    pending_until: datetime | None
    revoked_at: datetime | None
    revoked_by: str | None
    revoked_reason: str | None


def digest(secret: str) -> str:
    """Return the SHA-256 of a random secret, in hex."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def open_session(
    conn: Connection,
    *,
    session_id: str,
    user_id: str,
    method: str,
    source: str,
    agent: str,
    at: datetime,
    expires_at: datetime,
    second_factor_at: datetime | None = None,
    pending_until: datetime | None = None,
) -> None:
    """Begin a session; its cookie is made when its ticket is redeemed.

    Parameters
    ----------
    conn : Connection
        A transaction of ``Store.begin()``.
    session_id : str
        Its id.
    user_id : str
        The user.
    method : str
        How the user signed in.
    source : str
        Keyed digest of where from.
    agent : str
        What the browser calls itself.
    at : datetime
        When.
    expires_at : datetime
        When it ends at the latest.
    second_factor_at : datetime, optional
        When a second factor was given.
    pending_until : datetime, optional
        Until when the second factor may still come.
    """
    conn.execute(
        insert(session).values(
            id=session_id,
            user_id=user_id,
            method=method,
            source=clean_text(source),
            agent=clean_text(agent),
            created_at=at,
            last_seen_at=at,
            authenticated_at=at,
            expires_at=expires_at,
            second_factor_at=second_factor_at,
            pending_until=pending_until,
        )
    )


def find(conn: Connection, session_id: str) -> Session | None:
    """Return a session, whatever its state; ``None`` if there is none of that id."""
    return _one(conn, select(session).where(session.c.id == session_id))


def find_by_cookie(conn: Connection, value: str) -> Session | None:
    """Return the session whose cookie has this value."""
    return _one(conn, select(session).where(session.c.cookie_hash == digest(value)))


def find_with_user(conn: Connection, session_id: str) -> tuple[Session, bool] | None:
    """Return a session and whether its user is disabled, in one query."""
    row = conn.execute(_SESSION_AND_USER, {"wanted": session_id}).one_or_none()
    if row is None:
        return None
    values = dict(row._mapping)
    disabled = bool(values.pop("disabled"))
    return Session(**values), disabled


def list_sessions(
    conn: Connection, *, now: datetime, idle_since: datetime, user_id: str | None = None
) -> tuple[Session, ...]:
    """Return the sessions that are alive, the newest first."""
    query = select(session).where(
        session.c.revoked_at.is_(None),
        session.c.pending_until.is_(None),
        session.c.expires_at > now,
        session.c.last_seen_at >= idle_since,
    )
    if user_id is not None:
        query = query.where(session.c.user_id == user_id)
    rows = conn.execute(query.order_by(session.c.created_at.desc(), session.c.id))
    return tuple(Session(**row._mapping) for row in rows)


def newest_begin(conn: Connection, user_id: str, method: str) -> datetime | None:
    """Return when a user last signed in by a method; ``None`` if never."""
    query = (
        select(session.c.created_at)
        .where(session.c.user_id == user_id, session.c.method == method)
        .order_by(session.c.created_at.desc())
        .limit(1)
    )
    return conn.execute(query).scalar_one_or_none()


def touch(conn: Connection, session_id: str, *, at: datetime) -> bool:
    """Note that a session was used, at most once a minute; return whether it was noted."""
    changed = conn.execute(
        update(session)
        .where(session.c.id == session_id, session.c.last_seen_at <= at - TOUCH_EVERY)
        .values(last_seen_at=at)
    )
    return changed.rowcount == 1


def set_cookie(conn: Connection, session_id: str, value: str) -> None:
    """Give a session a new cookie; the one before opens nothing from now on."""
    conn.execute(
        update(session).where(session.c.id == session_id).values(cookie_hash=digest(value))
    )


def authenticate(
    conn: Connection, session_id: str, *, at: datetime, second_factor: bool = False
) -> None:
    """Note that the user of a session gave a password or a code again."""
    values: dict[str, object] = {"authenticated_at": at}
    if second_factor:
        values["second_factor_at"] = at
    conn.execute(update(session).where(session.c.id == session_id).values(**values))


def confirm(conn: Connection, session_id: str, *, at: datetime, expires_at: datetime) -> bool:
    """Open a pending session after its second factor; return whether it was still pending."""
    changed = conn.execute(
        update(session)
        .where(
            session.c.id == session_id,
            session.c.revoked_at.is_(None),
            session.c.pending_until > at,
        )
        .values(
            pending_until=None,
            second_factor_at=at,
            authenticated_at=at,
            last_seen_at=at,
            expires_at=expires_at,
        )
    )
    return changed.rowcount == 1


def revoke(conn: Connection, session_id: str, *, at: datetime, by: str, reason: str) -> bool:
    """End a session; return whether it was still open."""
    changed = conn.execute(
        update(session)
        .where(session.c.id == session_id, session.c.revoked_at.is_(None))
        .values(revoked_at=at, revoked_by=by, revoked_reason=reason)
    )
    return changed.rowcount == 1


def revoke_all(
    conn: Connection,
    user_id: str,
    *,
    at: datetime,
    by: str,
    reason: str,
    keep: str | None = None,
    method: str | None = None,
) -> int:
    """End every session of a user, but for the one to keep; return how many were ended.

    With a ``method``, only those that were begun by it.

    Parameters
    ----------
    conn : Connection
        A transaction of ``Store.begin()``.
    user_id : str
        The user.
    at : datetime
        When.
    by : str
        Pseudonym of who ends them.
    reason : str
        Why.
    keep : str, optional
        The session to keep.
    method : str, optional
        Only those that were begun by it.
    """
    query = update(session).where(
        session.c.user_id == user_id,
        session.c.revoked_at.is_(None),
        session.c.expires_at > at,
    )
    if keep is not None:
        query = query.where(session.c.id != keep)
    if method is not None:
        query = query.where(session.c.method == method)
    changed = conn.execute(query.values(revoked_at=at, revoked_by=by, revoked_reason=reason))
    return int(changed.rowcount)


def forget(conn: Connection, *, before: datetime) -> int:
    """Delete sessions that were over before an instant; return how many there were."""
    old = select(session.c.id).where(session.c.expires_at < before)
    conn.execute(delete(session_ticket).where(session_ticket.c.session_id.in_(old)))
    gone = conn.execute(delete(session).where(session.c.expires_at < before))
    return int(gone.rowcount)


def add_ticket(conn: Connection, session_id: str, ticket: str, *, expires_at: datetime) -> None:
    """Let the browser fetch the session's cookie, once."""
    conn.execute(
        insert(session_ticket).values(
            ticket_hash=digest(ticket), session_id=session_id, expires_at=expires_at
        )
    )


def take_ticket(conn: Connection, ticket: str, *, at: datetime) -> str | None:
    """Use a ticket up; return the session it stands for, if it still counts."""
    taken = conn.execute(
        delete(session_ticket)
        .where(session_ticket.c.ticket_hash == digest(ticket))
        .returning(session_ticket.c.session_id, session_ticket.c.expires_at)
    ).one_or_none()
    conn.execute(delete(session_ticket).where(session_ticket.c.expires_at < at))
    return None if taken is None or taken.expires_at < at else str(taken.session_id)


def _one(conn: Connection, query: Select[tuple[object, ...]]) -> Session | None:
    row = conn.execute(query).one_or_none()
    return None if row is None else Session(**row._mapping)
