"""Administration of people: who may sign in, in which roles and scope, and helping them back in.

Each step asks an administrator in the browser for the password or a code again. Nobody changes
the own roles, and the last active administrator stays one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core.auth.passwords import generate_password, hash_password
from core.domain.identity import Actor, Permission, Role
from core.errors import Conflict, Forbidden, NotFound
from core.i18n import N_
from core.services import access
from core.services.approvals import deciders
from core.services.identity import accounts, attempts
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.identity import second_factors, sessions, sign_ins, users
from core.store.identity.users import User


@dataclass(frozen=True, slots=True)
class Person:
    """A user as administrators see one; ``locked_until`` while too many attempts failed."""

    user: User
    has_second_factor: bool
    locked_until: datetime | None


@dataclass(frozen=True, slots=True)
class Locks:
    """Sources that are locked now, with the end of it, and how many unknown names are."""

    sources: Sequence[tuple[str, datetime]]
    unknown_names: int


def list_people(workspace: Workspace, *, actor: Actor) -> Sequence[Person]:
    """Return all users by name, with what keeps them from signing in."""
    access.require(actor, Permission.user_view)
    with workspace.store.read() as conn:
        found = users.list_users(conn)
        factors = second_factors.confirmed_users(conn)
        locked = _locked(workspace, conn, "user")
    return tuple(
        Person(user, user.id in factors, locked.get(attempts.name_key(workspace, user.username)))
        for user in found
    )


def list_locks(workspace: Workspace, *, actor: Actor) -> Locks:
    """Return the sources that are locked, and how many names that nobody has."""
    access.require(actor, Permission.user_view)
    with workspace.store.read() as conn:
        known = {attempts.name_key(workspace, each.username) for each in users.list_users(conn)}
        names = _locked(workspace, conn, "user")
        sources = _locked(workspace, conn, "source")
    return Locks(tuple(sorted(sources.items())), len(set(names) - known))


def find_person(workspace: Workspace, username: str, *, actor: Actor) -> User:
    """Return the user of a name.

    Raises
    ------
    NotFound
        If there is none.
    """
    access.require(actor, Permission.user_view)
    with workspace.store.read() as conn:
        user = users.find_by_username(conn, username)
    if user is None:
        raise NotFound(
            "There is no user {user}.", remedy=N_("Run 'harbourlight user list'."), user=username
        )
    return user


def set_roles(workspace: Workspace, user_id: str, roles: Iterable[Role], *, actor: Actor) -> None:
    """Give a user exactly these roles; the user's sessions end, so that nothing old stays open.

    Raises
    ------
    Forbidden
        If the user is the actor.
    Conflict
        If nobody would be left to administer the workspace.
    """
    access.require(actor, Permission.user_manage)
    access.require_recent(workspace, actor)
    wanted = frozenset(roles)
    if user_id == actor.user_id:
        raise Forbidden(
            N_("Nobody changes their own roles."), remedy=N_("Ask another administrator.")
        )
    with workspace.store.begin() as conn:
        if Role.admin not in wanted:
            _keep_an_administrator(conn, user_id)
        user = users.get(conn, user_id)
        deciders.note_leaving(conn, user, wanted, at=workspace.clock())
        before = user.roles
        users.set_roles(conn, user_id, wanted)
        body = {"before": sorted(before), "after": sorted(wanted)}
        _change(workspace, conn, user_id, actor, "user.roles_changed", body, ends="roles")


def set_scope(
    workspace: Workspace,
    user_id: str,
    *,
    actor: Actor,
    models: Iterable[str] | None,
    jurisdictions: Iterable[str] | None,
) -> None:
    """Limit a user to exactly these models and jurisdictions; ``None`` lifts the limit.

    Raises
    ------
    Forbidden
        If the user is the actor.
    """
    access.require(actor, Permission.user_manage)
    access.require_recent(workspace, actor)
    if user_id == actor.user_id:
        raise Forbidden(
            N_("Nobody changes their own scope."), remedy=N_("Ask another administrator.")
        )
    limits = {
        "models": None if models is None else sorted(set(models)),
        "jurisdictions": None if jurisdictions is None else sorted(set(jurisdictions)),
    }
    with workspace.store.begin() as conn:
        users.set_scope(
            conn, user_id, models=limits["models"], jurisdictions=limits["jurisdictions"]
        )
        _change(workspace, conn, user_id, actor, "user.scope_changed", limits, ends="scope")


def disable(workspace: Workspace, user_id: str, *, actor: Actor) -> None:
    """Refuse a user's log-in and end the user's sessions.

    Raises
    ------
    Conflict
        If nobody would be left to administer the workspace.
    """
    access.require(actor, Permission.user_manage)
    access.require_recent(workspace, actor)
    with workspace.store.begin() as conn:
        _keep_an_administrator(conn, user_id)
        deciders.note_leaving(conn, users.get(conn, user_id), (), at=workspace.clock())
        users.set_disabled(conn, user_id, True)
        _change(workspace, conn, user_id, actor, "user.disabled", {}, ends="disabled")


def enable(workspace: Workspace, user_id: str, *, actor: Actor) -> None:
    """Allow a user's log-in again."""
    access.require(actor, Permission.user_manage)
    access.require_recent(workspace, actor)
    with workspace.store.begin() as conn:
        users.set_disabled(conn, user_id, False)
        _change(workspace, conn, user_id, actor, "user.enabled", {})


def unlock(workspace: Workspace, user_id: str, *, actor: Actor) -> bool:
    """Forget a user's failed attempts; return whether there were any."""
    access.require(actor, Permission.user_manage)
    access.require_recent(workspace, actor)
    with workspace.store.begin() as conn:
        user = users.get(conn, user_id)
        lifted = sign_ins.lift(conn, "user", attempts.name_key(workspace, user.username))
        if lifted:
            _change(workspace, conn, user_id, actor, "user.unlocked", {})
    return lifted


def unlock_source(workspace: Workspace, source: str, *, actor: Actor) -> bool:
    """Forget the failed attempts of an address; return whether there were any."""
    access.require(actor, Permission.user_manage)
    access.require_recent(workspace, actor)
    with workspace.store.begin() as conn:
        lifted = sign_ins.lift(conn, "source", source)
        if lifted:
            _append(workspace, conn, actor, "source.unlocked", {}, {})
    return lifted


def reset_password(workspace: Workspace, user_id: str, *, actor: Actor) -> str:
    """Make a password for one sign-in, which leads to a new one; return it, to be told once.

    The user's sessions end and a lock is lifted.

    Raises
    ------
    Conflict
        If the user decides about others, so that it takes two: see ``account_changes``.
    """
    access.require(actor, Permission.user_manage)
    access.require_recent(workspace, actor)
    made = generate_password()
    hashed = hash_password(made)
    with workspace.store.begin() as conn:
        deciders.refuse_alone(conn, users.get(conn, user_id), actor, at=workspace.clock())
        put_password(workspace, conn, user_id, hashed, by=actor)
    return made


def reset_second_factor(workspace: Workspace, user_id: str, *, actor: Actor) -> bool:
    """Take a user's second factor away, for a lost phone; return whether there was one.

    Raises
    ------
    Conflict
        If the user decides about others, so that it takes two.
    """
    access.require(actor, Permission.user_manage)
    access.require_recent(workspace, actor)
    with workspace.store.begin() as conn:
        deciders.refuse_alone(conn, users.get(conn, user_id), actor, at=workspace.clock())
        return drop_second_factor(workspace, conn, user_id, by=actor)


def set_identity(
    workspace: Workspace,
    user_id: str,
    *,
    actor: Actor,
    issuer: str | None,
    subject: str | None,
) -> None:
    """Let an identity at a single sign-on provider stand for a user; ``None`` ends that.

    The sessions that the identity before opened end; those opened with the password go on.

    Raises
    ------
    Conflict
        If the identity stands for somebody else, or the user decides about others, so that it
        takes two. Ending it takes one.
    """
    access.require(actor, Permission.user_manage)
    access.require_recent(workspace, actor)
    with workspace.store.begin() as conn:
        if issuer is not None and subject is not None:
            deciders.refuse_alone(conn, users.get(conn, user_id), actor, at=workspace.clock())
        put_identity(workspace, conn, user_id, issuer, subject, by=actor)


def put_password(
    workspace: Workspace,
    conn: Connection,
    user_id: str,
    hashed: str,
    *,
    by: Actor,
    approval: str | None = None,
) -> None:
    """Put the hash of a password for one sign-in into force, with its entry.

    Parameters
    ----------
    workspace : Workspace
        Where.
    conn : Connection
        A transaction of ``Store.begin()``.
    user_id : str
        The user.
    hashed : str
        The hash; the password is known nowhere.
    by : Actor
        Who does it.
    approval : str, optional
        The approval that led to it.
    """
    user = users.get(conn, user_id)
    accounts.replace_password(conn, user, hashed, at=workspace.clock(), must_change=True)
    sign_ins.lift(conn, "user", attempts.name_key(workspace, user.username))
    _change(workspace, conn, user_id, by, "password.reset", _body(approval), ends="password")


def drop_second_factor(
    workspace: Workspace,
    conn: Connection,
    user_id: str,
    *,
    by: Actor,
    approval: str | None = None,
) -> bool:
    """Take a second factor away, with its entry; return whether there was one."""
    removed = second_factors.remove(conn, user_id)
    if removed:
        body = _body(approval)
        _change(workspace, conn, user_id, by, "second_factor.reset", body, ends="second_factor")
    return removed


def put_identity(
    workspace: Workspace,
    conn: Connection,
    user_id: str,
    issuer: str | None,
    subject: str | None,
    *,
    by: Actor,
    approval: str | None = None,
) -> None:
    """Let an identity stand for a user, with its entry; sessions of the one before end.

    Parameters
    ----------
    workspace, conn : Workspace, Connection
        Where, and a transaction of ``Store.begin()``.
    user_id : str
        The user.
    issuer, subject : str, optional
        The provider's address, and who it is there; nobody if ``None``.
    by : Actor
        Who does it.
    approval : str, optional
        The approval that led to it.
    """
    users.set_identity(conn, user_id, issuer=issuer, subject=subject)
    body = {"mapped": issuer is not None and subject is not None, **_body(approval)}
    kind = "user.identity_changed"
    _change(workspace, conn, user_id, by, kind, body, ends="identity", begun_by="oidc")


def _body(approval: str | None) -> dict[str, object]:
    return {"approval": approval} if approval else {}


def _keep_an_administrator(conn: Connection, user_id: str) -> None:
    """Refuse a change after which nobody could administer the workspace."""
    active = {user.id for user in users.lock_administrators(conn)}
    if active == {user_id}:
        raise Conflict(
            N_("This is the last active administrator."),
            remedy=N_("Give somebody else the role first."),
        )


def _locked(workspace: Workspace, conn: Connection, kind: str) -> dict[str, datetime]:
    found = sign_ins.list_locked(conn, at=workspace.clock())
    return {
        each.key: each.locked_until for each in found if each.kind == kind and each.locked_until
    }


def _change(
    workspace: Workspace,
    conn: Connection,
    user_id: str,
    actor: Actor,
    kind: str,
    body: Mapping[str, object],
    *,
    ends: str = "",
    begun_by: str | None = None,
) -> None:
    """Append the entry of a change, and end the user's sessions for a reason.

    With ``begun_by``, only those that were begun by this method.
    """
    if ends:
        count = sessions.revoke_all(
            conn,
            user_id,
            at=workspace.clock(),
            by=actor.audit_name,
            reason=ends,
            method=begun_by,
        )
        body = {**body, "ended_sessions": count}
    _append(workspace, conn, actor, kind, {"user": user_id}, body)


def _append(
    workspace: Workspace,
    conn: Connection,
    actor: Actor,
    kind: str,
    objects: Mapping[str, str],
    body: Mapping[str, object],
) -> None:
    audit.append(
        conn,
        at=workspace.clock(),
        actor=actor.audit_name,
        role=actor.role_text,
        kind=kind,
        objects=objects,
        body=body,
    )
