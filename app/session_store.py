"""Sessions and tickets in the app's memory: who is signed in, by hashed random id.

Nothing of a session is written to disk: a restart signs everybody out. The ADR 0003 says why that
is enough for one process, and what replaces it.
"""

import hashlib
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=8)
TICKET_LIFE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One sign-in: whose, since when, last used when."""

    handle: str
    user_id: str
    opened_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class _Ticket:
    session_id: str
    expires_at: datetime


class SessionStore:
    """Opens, finds and ends sessions; safe to use from several threads.

    A session's random id exists in clear only in the browser's cookie and, for at most thirty
    seconds, in its ticket; the store keeps the SHA-256 of it, the *handle*.

    Parameters
    ----------
    clock : callable, optional
        Returns the instant now, in UTC.
    """

    def __init__(self, clock: Callable[[], datetime] | None = None) -> None:
        self._clock = clock or (lambda: datetime.now(UTC))
        self._lock = threading.Lock()
        self._sessions: dict[str, SessionRecord] = {}
        self._tickets: dict[str, _Ticket] = {}

    def open(self, user_id: str) -> tuple[SessionRecord, str]:
        """Begin a session; return it and the single-use ticket for its cookie."""
        session_id, ticket = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        now = self._clock()
        record = SessionRecord(_digest(session_id), user_id, now, now)
        with self._lock:
            self._forget_expired(now)
            self._sessions[record.handle] = record
            self._tickets[_digest(ticket)] = _Ticket(session_id, now + TICKET_LIFE)
        return record, ticket

    def redeem(self, ticket: str) -> str | None:
        """Exchange a ticket for the session id, once and within thirty seconds."""
        with self._lock:
            found = self._tickets.pop(_digest(ticket), None)
        if found is None or found.expires_at < self._clock():
            return None
        return found.session_id if self.find(found.session_id) else None

    def find(self, session_id: str) -> SessionRecord | None:
        """Return the live session of a cookie's value."""
        return self.touch(_digest(session_id))

    def touch(self, handle: str) -> SessionRecord | None:
        """Return a live session and note that it was used now."""
        now = self._clock()
        with self._lock:
            record = self._sessions.get(handle)
            if record is None:
                return None
            if _expired(record, now):
                del self._sessions[handle]
                return None
            self._sessions[handle] = replace(record, seen_at=now)
            return self._sessions[handle]

    def end(self, handle: str) -> None:
        """End a session everywhere: every tab of it is signed out at its next step."""
        with self._lock:
            self._sessions.pop(handle, None)

    def end_by_id(self, session_id: str) -> None:
        """End the session of a cookie's value."""
        self.end(_digest(session_id))

    def _forget_expired(self, now: datetime) -> None:
        self._sessions = {k: v for k, v in self._sessions.items() if not _expired(v, now)}
        self._tickets = {k: v for k, v in self._tickets.items() if v.expires_at >= now}


def _expired(record: SessionRecord, now: datetime) -> bool:
    return now - record.seen_at > IDLE or now - record.opened_at > LONGEST


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@cache
def session_store() -> SessionStore:
    """Return the process's one store, shared by the script threads and the HTTP routes."""
    return SessionStore()
