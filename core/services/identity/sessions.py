"""Sessions: who acts through a browser, for how long, and ending them.

A session is read from the state database at every interaction: several processes share them, and
one that was ended is over at the next step, also for a button that was drawn before.
"""

import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.domain.identity import Actor, Duty, Permission
from core.errors import NotFound, SignedOut, StorageError
from core.i18n import N_
from core.services import access
from core.services.identity.sign_in_settings import SignInSettings, read_settings
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.identity import second_factors, sessions, users
from core.store.identity.sessions import Session
from core.store.identity.users import User

TICKET_LIFE = timedelta(seconds=30)
PENDING_LIFE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session as lists show it; ``is_own`` marks the one that asks."""

    session: Session
    username: str
    is_own: bool


def begin(
    workspace: Workspace,
    conn: Connection,
    user: User,
    *,
    method: str,
    source: str,
    agent: str,
    pending: bool = False,
    second_factor: bool = False,
) -> tuple[str, str]:
    """Begin a session of a user who has proved to be one.

    Parameters
    ----------
    workspace : Workspace
        Where.
    conn : Connection
        Of ``Store.begin()``; the caller appends to the audit trail.
    user : User
        Whose session it is.
    method : {"password", "oidc"}
        How the user signed in.
    source, agent : str
        Address and browser.
    pending : bool
        Whether the second factor is still to come; until then the session opens nothing.
    second_factor : bool
        Whether it has been given.

    Returns
    -------
    tuple of str
        The session's id, and the single-use ticket for its cookie (empty while pending).
    """
    now, session_id = workspace.clock(), secrets.token_urlsafe(16)
    until = now + PENDING_LIFE if pending else now + read_settings(conn).longest
    sessions.open_session(
        conn,
        session_id=session_id,
        user_id=user.id,
        method=method,
        source=source,
        agent=agent[:200],
        at=now,
        expires_at=until,
        second_factor_at=now if second_factor else None,
        pending_until=until if pending else None,
    )
    return session_id, "" if pending else new_ticket(conn, session_id, now)


def new_ticket(conn: Connection, session_id: str, now: datetime) -> str:
    """Make a ticket with which a browser fetches a session's cookie, once, within 30 seconds."""
    ticket = secrets.token_urlsafe(32)
    sessions.add_ticket(conn, session_id, ticket, expires_at=now + TICKET_LIFE)
    return ticket


def resume(workspace: Workspace, session_id: str, *, used: bool = True) -> Actor | None:
    """Return who acts through a session, in the roles of this moment; ``None`` once it ended.

    Parameters
    ----------
    workspace : Workspace
        Where.
    session_id : str
        Of :func:`begin`.
    used : bool
        Whether somebody did something; a page that looks for news by itself did not.
    """
    with workspace.store.read() as conn:
        session = sessions.find(conn, session_id)
        if session is None or session.revoked_at is not None:
            return None
        rules = read_settings(conn)
        user = users.get(conn, session.user_id)
        duty = _duty(conn, user, session.method, rules)
    now = workspace.clock()
    over = _over(session, user.disabled, rules.idle, now)
    if over is not None:
        if over:
            _end(workspace, session, user, reason=over)
        return None
    if used and now - session.last_seen_at >= sessions.TOUCH_EVERY:
        # On a full disk people still read; their sessions end the sooner for it, never later.
        with suppress(StorageError), workspace.store.begin() as conn:
            sessions.touch(conn, session_id, at=now)
    return replace(
        user.actor("web"),
        session_id=session_id,
        authenticated_at=session.authenticated_at,
        duty=duty,
        check_session=_checker(workspace, session_id, rules.idle),
    )


def from_cookie(workspace: Workspace, value: str) -> Actor | None:
    """Return who acts through the session of a cookie; ``None`` if it opens nothing."""
    with workspace.store.read() as conn:
        session = sessions.find_by_cookie(conn, value) if value else None
    return None if session is None else resume(workspace, session.id)


def redeem(workspace: Workspace, ticket: str) -> str | None:
    """Exchange a ticket for a cookie's value, once.

    The value is made here, after the sign-in, and replaces any that the session had: what a
    browser brought along before it signed in opens nothing afterwards.
    """
    now = workspace.clock()
    with workspace.store.begin() as conn:
        session_id = sessions.take_ticket(conn, ticket, at=now)
        session = sessions.find(conn, session_id) if session_id else None
        if session is None or session.revoked_at or session.pending_until:
            return None
        if session.expires_at <= now:
            return None
        value = secrets.token_urlsafe(32)
        sessions.set_cookie(conn, session.id, value)
    return value


def cookie_lifetime(workspace: Workspace) -> timedelta:
    """Return how long a browser keeps the cookie: as long as a session lasts at most."""
    with workspace.store.read() as conn:
        return read_settings(conn).longest


def end(workspace: Workspace, session_id: str) -> None:
    """Sign a session out, in every tab of its browser."""
    with workspace.store.read() as conn:
        session = sessions.find(conn, session_id)
        user = users.get(conn, session.user_id) if session else None
    if session is not None and user is not None:
        _end(workspace, session, user, reason="signed_out")


def end_by_cookie(workspace: Workspace, value: str) -> None:
    """Sign the session of a cookie out; nothing happens if there is none."""
    with workspace.store.read() as conn:
        session = sessions.find_by_cookie(conn, value) if value else None
    if session is not None:
        end(workspace, session.id)


def end_everywhere(
    workspace: Workspace, user_id: str, *, actor: Actor, keep: str | None = None
) -> int:
    """End all sessions of a user, but for the one to keep; return how many.

    Raises
    ------
    StepUpNeeded
        If they are somebody else's, and the actor has to say again who they are.
    """
    access.require(actor, _over_sessions(actor, user_id))
    if user_id != actor.user_id:
        access.require_recent(workspace, actor)
    with workspace.store.begin() as conn:
        user = users.get(conn, user_id)
        count = sessions.revoke_all(
            conn,
            user.id,
            at=workspace.clock(),
            by=actor.audit_name,
            reason="everywhere",
            keep=keep,
        )
        audit.append(
            conn,
            at=workspace.clock(),
            actor=actor.audit_name,
            role=actor.role_text,
            kind="session.ended",
            objects={"user": user.id},
            body={"reason": "everywhere", "count": count},
        )
    return count


def revoke(workspace: Workspace, session_id: str, *, actor: Actor) -> None:
    """End one session, one's own or, with the permission, anybody's.

    Raises
    ------
    NotFound
        If there is none of that id, or it is somebody else's and not the actor's to end.
    StepUpNeeded
        As :func:`end_everywhere`.
    """
    access.require(actor, Permission.account_manage)
    with workspace.store.read() as conn:
        session = sessions.find(conn, session_id)
    if session is None:
        raise NotFound(
            N_("This session does not exist."),
            remedy=N_("It may have ended already; look it up in the list."),
        )
    access.require(actor, _over_sessions(actor, session.user_id))
    if session.user_id != actor.user_id:
        access.require_recent(workspace, actor)
    now = workspace.clock()
    with workspace.store.begin() as conn:
        if sessions.revoke(conn, session_id, at=now, by=actor.audit_name, reason="revoked"):
            audit.append(
                conn,
                at=now,
                actor=actor.audit_name,
                role=actor.role_text,
                kind="session.ended",
                objects={"user": session.user_id},
                body={"reason": "revoked"},
            )


def list_sessions(
    workspace: Workspace, *, actor: Actor, user_id: str | None = None
) -> Sequence[SessionView]:
    """Return the living sessions, the newest first: of one user, or of everybody."""
    access.require(
        actor,
        Permission.account_manage if user_id == actor.user_id else Permission.user_view,
    )
    now = workspace.clock()
    with workspace.store.read() as conn:
        idle_since = now - read_settings(conn).idle
        found = sessions.list_sessions(conn, now=now, idle_since=idle_since, user_id=user_id)
        names = {user.id: user.username for user in users.list_users(conn)}
    return tuple(
        SessionView(each, names[each.user_id], each.id == actor.session_id) for each in found
    )


def _over_sessions(actor: Actor, user_id: str) -> Permission:
    own = user_id == actor.user_id
    return Permission.account_manage if own else Permission.session_manage


def expected_duty(conn: Connection, user: User, *, at: datetime) -> Duty | None:
    """Return what a user has to set up first, in the newest session or else in the next.

    Parameters
    ----------
    conn : Connection
        Of the state database.
    user : User
        Who.
    at : datetime
        Sessions that have ended by then do not count.
    """
    rules = read_settings(conn)
    found = sessions.list_sessions(conn, now=at, idle_since=at - rules.idle, user_id=user.id)
    # Who has an identity at a provider is expected to come that way.
    method = "password" if user.password_hash and user.oidc_issuer is None else ""
    return _duty(conn, user, found[0].method if found else method, rules)


def _duty(conn: Connection, user: User, method: str, rules: SignInSettings) -> Duty | None:
    """Return what a user has to set up first; a provider sees to it for those it lets in."""
    if method != "password":
        return None
    if user.must_change_password:
        return "password"
    if not rules.asks_second_factor(user.roles):
        return None
    factor = second_factors.find(conn, user.id)
    return None if factor is not None and factor.confirmed_at else "second_factor"


def _over(session: Session, disabled: bool, idle: timedelta, now: datetime) -> str | None:
    """Return why a session is over ("" if that is known already); ``None`` while it lives."""
    if session.revoked_at is not None or session.pending_until is not None:
        return ""
    if disabled:
        return "disabled"
    if now >= session.expires_at:
        return "expired"
    return "idle" if now - session.last_seen_at > idle else None


def _checker(workspace: Workspace, session_id: str, idle: timedelta) -> Callable[[], None]:
    """Return what raises ``SignedOut`` once the session is over."""

    def check() -> None:
        with workspace.store.read() as conn:
            found = sessions.find_with_user(conn, session_id)
        if found is None or _over(*found, idle, workspace.clock()) is not None:
            raise SignedOut(N_("You have been signed out."), remedy=N_("Sign in again."))

    return check


def _end(workspace: Workspace, session: Session, user: User, *, reason: str) -> None:
    now = workspace.clock()
    with workspace.store.begin() as conn:
        if sessions.revoke(conn, session.id, at=now, by=user.pseudonym, reason=reason):
            audit.append(
                conn,
                at=now,
                actor=user.pseudonym,
                role=",".join(sorted(user.roles)),
                kind="session.ended",
                objects={"user": user.id},
                body={"reason": reason},
            )
