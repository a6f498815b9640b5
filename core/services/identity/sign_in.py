"""Signing in: name, password and, where there is one, the second factor.

Every refusal reads the same and takes the same time, whether the name exists or not. Nothing of
this knows a browser: the app hands in where the attempt came from, and gets a ticket back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from core.auth.passwords import verify_password
from core.domain.identity import Actor, Permission
from core.errors import Forbidden, SignedOut
from core.i18n import N_
from core.services import access
from core.services.identity import attempts, proofs, sessions
from core.services.identity.attempts import Attempt
from core.services.identity.sign_in_settings import read_settings
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.identity import sessions as session_rows
from core.store.identity import sign_ins, users
from core.store.identity.users import User


@dataclass(frozen=True, slots=True)
class SignIn:
    """What came of an attempt that was right.

    Parameters
    ----------
    actor : Actor
        Who signed in; while the second factor is missing it may do nothing.
    session_id : str
        The session that began.
    ticket : str
        With it the browser fetches the session's cookie; empty while the factor is missing.
    needs_second_factor : bool
        Whether :func:`confirm` has to follow, within five minutes.
    must_change_password : bool
        Whether a new password has to be set before anything else.
    """

    actor: Actor
    session_id: str
    ticket: str
    needs_second_factor: bool
    must_change_password: bool


@dataclass(frozen=True, slots=True)
class AttemptView:
    """A line of the log-in history; ``username`` is empty for a name that nobody has."""

    attempt: sign_ins.Attempt
    username: str


def sign_in(
    workspace: Workspace,
    username: str,
    password: str,
    *,
    source: str,
    agent: str,
    code: str | None = None,
) -> SignIn:
    """Begin a session for whoever a name and a password belong to.

    Parameters
    ----------
    workspace : Workspace
        Where.
    username, password : str
        As typed.
    source, agent : str
        Address and browser of the attempt.
    code : str, optional
        One-time or recovery code, if it is asked for together with the password.

    Raises
    ------
    Locked
        If the name or the source has failed too often lately; it says until when.
    Forbidden
        If they do not belong together, or the user is disabled; it does not say which.
    """
    with workspace.store.read() as conn:
        user = users.find_by_username(conn, username)
    attempt = attempts.hear(workspace, username, user, source)
    matches = verify_password(password, user.password_hash if user else None)
    if user is None or not matches or user.disabled:
        reason = "unknown" if user is None else "wrong" if not matches else "disabled"
        attempts.refuse(workspace, attempt, reason)
        raise refusal()
    signed = _decide(workspace, user, attempt, code, agent)
    if signed is None:
        attempts.refuse(workspace, attempt, "second_factor")
        raise refusal()
    attempts.forget_old(workspace)
    return signed


def confirm(workspace: Workspace, session_id: str, code: str, *, source: str) -> SignIn:
    """Open the session of a sign-in that waits for its second factor.

    Raises
    ------
    Locked
        If too many codes or passwords were wrong lately.
    SignedOut
        If the five minutes are over.
    Forbidden
        If the code does not count.
    """
    now = workspace.clock()
    with workspace.store.read() as conn:
        session = session_rows.find(conn, session_id)
        user = users.get(conn, session.user_id) if session else None
    if session is None or user is None or not _waits(session, user, workspace):
        raise SignedOut(N_("The sign-in took too long."), remedy=N_("Begin again."))
    attempt = attempts.hear(workspace, user.username, user, source)
    with workspace.store.begin() as conn:
        used = _use(workspace, conn, user, code)
        longest = read_settings(conn).longest
        if used and session_rows.confirm(conn, session_id, at=now, expires_at=now + longest):
            ticket = sessions.new_ticket(conn, session_id, now)
            attempts.forgive(conn, attempt, at=now, outcome="accepted", wholly=True)
            _append_entry(workspace, conn, user, "password", used)
            actor = replace(user.actor("web"), session_id=session_id, authenticated_at=now)
            return SignIn(actor, session_id, ticket, False, user.must_change_password)
    attempts.refuse(workspace, attempt, "second_factor")
    raise Forbidden(
        N_("The code does not count."),
        remedy=N_("Wait for the next one; each counts once. A recovery code will do, too."),
    )


def enter_by_identity(
    workspace: Workspace,
    issuer: str,
    subject: str,
    *,
    issued_at: datetime,
    source: str,
    agent: str,
) -> SignIn:
    """Begin a session for the user that an identity at a single sign-on provider stands for.

    Parameters
    ----------
    workspace : Workspace
        Where.
    issuer, subject : str
        As the provider's signed token names them; the app has checked the signature.
    issued_at : datetime
        When the token was made. It opens one session within five minutes: a browser keeps it for
        weeks, and must not come back with it after a session was ended.
    source, agent : str
        Address and browser of the attempt.

    Raises
    ------
    Forbidden
        If it stands for nobody here, the user is disabled, or the token was used or is too old.
    """
    now = workspace.clock()
    with workspace.store.begin() as conn:
        user = users.find_by_identity(conn, issuer, subject)
        attempt = Attempt(user, source, (), ())
        if user is not None and not user.disabled and _is_fresh(conn, user, issued_at, now):
            session_id, ticket = sessions.begin(
                workspace, conn, user, method="oidc", source=source, agent=agent
            )
            attempts.forgive(conn, attempt, at=now, outcome="accepted", wholly=False)
            _append_entry(workspace, conn, user, "oidc", None)
            return SignIn(user.actor("web"), session_id, ticket, False, False)
    reason = "unknown" if user is None else "disabled" if user.disabled else "wrong"
    attempts.refuse(workspace, attempt, reason)
    if reason == "wrong":
        raise Forbidden(
            N_("This sign-in at the provider was used before."), remedy=N_("Begin again.")
        )
    raise Forbidden(
        N_("Your identity at the provider belongs to no active user here."),
        remedy=N_("Ask an administrator."),
    )


def history(
    workspace: Workspace, *, actor: Actor, user_id: str | None = None, limit: int = 100
) -> Sequence[AttemptView]:
    """Return the newest attempts to sign in: one's own, or with the permission everybody's."""
    access.require(
        actor,
        Permission.account_manage if user_id == actor.user_id else Permission.user_view,
    )
    with workspace.store.read() as conn:
        found = sign_ins.list_attempts(conn, user_id=user_id, limit=limit)
        names = {user.id: user.username for user in users.list_users(conn)}
    return tuple(AttemptView(each, names.get(each.user_id or "", "")) for each in found)


def refusal() -> Forbidden:
    """Return the one answer to everything that is wrong."""
    return Forbidden(
        N_("User name and password do not belong together."),
        remedy=N_("Check both; capitals count in the password."),
    )


def _is_fresh(conn: Connection, user: User, issued_at: datetime, now: datetime) -> bool:
    """Whether a token is young, and younger than the last session that one opened."""
    last = session_rows.newest_begin(conn, user.id, "oidc")
    return abs(now - issued_at) <= sessions.PENDING_LIFE and (last is None or issued_at > last)


def _decide(
    workspace: Workspace, user: User, attempt: Attempt, code: str | None, agent: str
) -> SignIn | None:
    """Begin the session of somebody whose password is right; ``None`` if the code is not."""
    with workspace.store.begin() as conn:
        wanted = proofs.has_second_factor(conn, user.id)
        if wanted and code is None:
            return _ask_second_factor(workspace, conn, user, attempt, agent)
        used = _use(workspace, conn, user, code) if wanted else None
        if wanted and not used:
            return None
        return _enter(workspace, conn, user, attempt, agent, used)


def _waits(session: session_rows.Session, user: User, workspace: Workspace) -> bool:
    until = session.pending_until
    alive = session.revoked_at is None and not user.disabled
    return alive and until is not None and until > workspace.clock()


def _ask_second_factor(
    workspace: Workspace, conn: Connection, user: User, attempt: Attempt, agent: str
) -> SignIn:
    session_id, _ = sessions.begin(
        workspace,
        conn,
        user,
        method="password",
        source=attempt.source,
        agent=agent,
        pending=True,
    )
    # Not wholly: else a guesser who knows the password could guess codes without end.
    attempts.forgive(conn, attempt, at=workspace.clock(), outcome="second_factor", wholly=False)
    audit.append(
        conn,
        at=workspace.clock(),
        actor=user.pseudonym,
        role=",".join(sorted(user.roles)),
        kind="session.second_factor_asked",
        objects={"user": user.id},
        body={},
    )
    actor = replace(user.actor("web"), session_id=session_id, duty="second_factor")
    return SignIn(
        replace(actor, check_session=_not_yet), session_id, "", True, user.must_change_password
    )


def _not_yet() -> None:
    raise SignedOut(N_("You have been signed out."), remedy=N_("Sign in again."))


def _enter(
    workspace: Workspace,
    conn: Connection,
    user: User,
    attempt: Attempt,
    agent: str,
    used: str | None,
) -> SignIn:
    now = workspace.clock()
    session_id, ticket = sessions.begin(
        workspace,
        conn,
        user,
        method="password",
        source=attempt.source,
        agent=agent,
        second_factor=used is not None,
    )
    attempts.forgive(conn, attempt, at=now, outcome="accepted", wholly=True)
    _append_entry(workspace, conn, user, "password", used)
    actor = replace(user.actor("web"), session_id=session_id, authenticated_at=now)
    return SignIn(actor, session_id, ticket, False, user.must_change_password)


def _use(workspace: Workspace, conn: Connection, user: User, code: str | None) -> str | None:
    """Use a code up; return what it was."""
    return proofs.use_second_factor(workspace, conn, user.id, code or "", at=workspace.clock())


def _append_entry(
    workspace: Workspace, conn: Connection, user: User, method: str, used: str | None
) -> None:
    name, role = user.pseudonym, ",".join(sorted(user.roles))
    if used == "recovery":
        audit.append(
            conn,
            at=workspace.clock(),
            actor=name,
            role=role,
            kind="second_factor.code_used",
            objects={"user": user.id},
            body={},
        )
    audit.append(
        conn,
        at=workspace.clock(),
        actor=name,
        role=role,
        kind="session.signed_in",
        objects={"user": user.id},
        body={"method": method, **({"second_factor": used} if used else {})},
    )
