"""Users: making them, and who stands behind a log-in of the operating system."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.auth.passwords import generate_password, hash_password
from core.domain.identity import Actor, Origin, Permission, Role
from core.errors import Conflict, Forbidden, InvalidInput
from core.i18n import N_
from core.services import access
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.identity import users

_DEMO_FILE = "demo-log-ins.json"

# Names and role of the people of a demo workspace; the passwords are made at random.
_DEMO_PEOPLE: Sequence[tuple[str, str, Role]] = (
    ("dara", "Dara Sciortino", Role.data_scientist),
    ("ben", "Ben Cheung", Role.business),
    ("connie", "Connie Lam", Role.compliance),
    ("lydia", "Lydia Kwok", Role.compliance_lead),
    ("aud", "Audrey Zhang", Role.auditor),
    ("ada", "Ada Fong", Role.admin),
)


@dataclass(frozen=True, slots=True)
class DemoUser:
    """A person of the demo workspace, with the password that its first start made."""

    username: str
    display_name: str
    role: Role
    password: str


def actor_for(workspace: Workspace, user_id: str, origin: Origin = "web") -> Actor:
    """Return a user of the app as an actor, with the roles and the scope of this moment.

    Raises
    ------
    Forbidden
        If the user is disabled.
    NotFound
        If there is none of that id.
    """
    with workspace.store.read() as conn:
        user = users.get(conn, user_id)
    if user.disabled:
        raise Forbidden(
            "The user {username} is disabled.",
            remedy=N_("Ask an administrator."),
            username=user.username,
        )
    return user.actor(origin)


def actor_of_os_login(workspace: Workspace, login: str) -> Actor:
    """Return the user behind a log-in of the operating system.

    The first log-in that opens a workspace without users becomes its administrator: whoever may
    write the workspace's files could write themselves into it anyway.

    Raises
    ------
    Forbidden
        If no user is mapped to the log-in, or the user is disabled.
    """
    with workspace.store.read() as conn:
        user = users.find_by_os_login(conn, login)
        first = user is None and not users.list_users(conn)
    if first:
        user = _first_administrator(workspace, login)
    if user is None or user.disabled:
        raise Forbidden(
            "The log-in os:{login} belongs to no active user of this workspace.",
            remedy="Ask an administrator to run 'harbourlight user add NAME --os-login {login}'.",
            login=login,
        )
    return user.actor("cli")


def add_user(
    workspace: Workspace,
    username: str,
    *,
    actor: Actor,
    roles: Iterable[Role],
    display_name: str = "",
    os_login: str | None = None,
    models: Iterable[str] | None = None,
    jurisdictions: Iterable[str] | None = None,
    language: str = "",
    password: str | None = None,
) -> tuple[users.User, str | None]:
    """Make a user; return it with the password made for it, if none was given.

    A password made here is for one sign-in, which leads to a new one.

    Parameters
    ----------
    workspace : Workspace
        Where.
    username : str
        With which the person signs in.
    actor : Actor
        Who asks.
    roles : iterable of Role
        What the user may do.
    display_name : str
        How the user is shown; the name by default.
    os_login : str, optional
        Log-in at the operating system, for commands.
    models : iterable of str, optional
        Models that the user sees; all if ``None``.
    jurisdictions : iterable of str, optional
        Jurisdictions that the user sees; all if ``None``.
    language : str
        Of the app; empty, as the browser asks.
    password : str, optional
        One of your own; made here by default.

    Raises
    ------
    Conflict
        If the name or the log-in is taken.
    InvalidInput
        If the password is too weak, or there is no name.
    """
    access.require(actor, Permission.user_manage)
    access.require_recent(workspace, actor)
    if not users.normal_username(username):
        raise InvalidInput(
            N_("A user needs a name."), remedy=N_("Give the name with which the person signs in.")
        )
    made = None if password or os_login else generate_password()
    secret = password or made
    hashed = hash_password(secret, names=(username, display_name)) if secret else None
    now = workspace.clock()
    with workspace.store.begin() as conn:
        user = users.create(
            conn,
            user_id=workspace.new_id(),
            username=username,
            display_name=display_name or username,
            at=now,
            password_hash=hashed,
            os_login=os_login,
            language=language,
            roles=roles,
            models=models,
            jurisdictions=jurisdictions,
        )
        if made is not None:
            users.set_password_hash(conn, user.id, hashed, at=now, must_change=True)
            user = users.get(conn, user.id)
        audit.append(
            conn,
            at=now,
            actor=actor.audit_name,
            role=actor.role_text,
            kind="user.added",
            objects={"user": user.id},
            body={"roles": sorted(user.roles)},
        )
    return user, made


def list_users(workspace: Workspace, *, actor: Actor) -> tuple[users.User, ...]:
    """Return all users, by name."""
    access.require(actor, Permission.user_manage)
    with workspace.store.read() as conn:
        return users.list_users(conn)


def make_demo_users(workspace: Workspace, *, actor: Actor) -> tuple[DemoUser, ...]:
    """Make one person a role with a random password, and note them beside the workspace.

    The passwords are noted first, so that a run that was interrupted is completed by the next.
    """
    access.require(actor, Permission.user_manage)
    noted = {user.username for user in demo_users(workspace)}
    if not noted:
        _note_passwords(workspace, {name: generate_password(14) for name, *_ in _DEMO_PEOPLE})
    made = demo_users(workspace)
    for user in made:
        with workspace.store.read() as conn:
            exists = users.find_by_username(conn, user.username) is not None
        if exists and user.username in noted:
            continue
        add_user(
            workspace,
            user.username,
            actor=actor,
            roles=[user.role],
            display_name=user.display_name,
            password=user.password,
        )
    return made


def demo_users(workspace: Workspace) -> tuple[DemoUser, ...]:
    """Return the demo people with their passwords; none if this is no demo workspace."""
    try:
        passwords = json.loads(_demo_path(workspace).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ()
    return tuple(
        DemoUser(username, display_name, role, passwords[username])
        for username, display_name, role in _DEMO_PEOPLE
        if username in passwords
    )


def _note_passwords(workspace: Workspace, passwords: Mapping[str, str]) -> None:
    path = _demo_path(workspace)
    path.touch(mode=0o600)
    path.write_text(json.dumps(passwords, indent=1), encoding="utf-8")


def _demo_path(workspace: Workspace) -> Path:
    return workspace.settings.home / _DEMO_FILE


def _first_administrator(workspace: Workspace, login: str) -> users.User | None:
    now = workspace.clock()
    try:
        with workspace.store.begin() as conn:
            user = users.create(
                conn,
                user_id=workspace.new_id(),
                username=f"os:{login}",
                display_name=login,
                at=now,
                os_login=login,
                roles=[Role.admin],
            )
            audit.append(
                conn,
                at=now,
                actor=user.pseudonym,
                role=Role.admin,
                kind="user.added",
                objects={"user": user.id},
                body={"roles": [Role.admin], "first": True},
            )
    except Conflict:  # another process was first
        with workspace.store.read() as conn:
            return users.find_by_os_login(conn, login)
    return user
