"""Proving once more who one is, in the middle of a session, for a step that asks for it."""

from dataclasses import replace

from core.auth.passwords import verify_password
from core.domain.identity import Actor, Permission
from core.errors import Forbidden, SignedOut
from core.i18n import N_
from core.services import access
from core.services.identity import attempts, proofs
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.identity import sessions, users


def step_up(
    workspace: Workspace,
    *,
    actor: Actor,
    password: str | None = None,
    code: str | None = None,
) -> Actor:
    """Note that the actor gave the password or a code again; return the actor with that moment.

    Raises
    ------
    Locked
        If too many were wrong lately.
    Forbidden
        If what was given does not count.
    """
    access.require(actor, Permission.account_manage)
    now = workspace.clock()
    with workspace.store.read() as conn:
        user = users.get(conn, actor.user_id)
        session = sessions.find(conn, actor.session_id or "")
    if session is None:
        raise SignedOut(N_("You have been signed out."), remedy=N_("Sign in again."))
    attempt = attempts.hear(workspace, user.username, user, session.source)
    right = password is not None and verify_password(password, user.password_hash)
    used: str | None = None
    with workspace.store.begin() as conn:
        if not right and code:
            used = proofs.use_second_factor(workspace, conn, user.id, code, at=now)
        if right or used:
            sessions.authenticate(conn, session.id, at=now, second_factor=bool(used))
            attempts.forgive(conn, attempt, at=now, outcome="accepted", wholly=True)
            audit.append(
                conn,
                at=now,
                actor=actor.audit_name,
                role=actor.role_text,
                kind="session.stepped_up",
                objects={"user": user.id},
                body={"by": used or "password"},
            )
            return replace(actor, authenticated_at=now)
    attempts.refuse(workspace, attempt, "second_factor" if code else "wrong")
    raise Forbidden(N_("That is not right."), remedy=N_("Check it and try again."))


def minutes(workspace: Workspace, *, actor: Actor) -> int:
    """Return for how long a password or a code counts, in minutes."""
    access.require(actor, Permission.account_manage)
    return access.step_up_minutes(workspace)
