"""Users: who may log in, in which roles, and for which models and jurisdictions.

A scope is kept per dimension: ``*`` means everything, no row means nothing. Names are compared
without regard to case.
"""

import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from core.domain.identity import Actor, Origin, Role
from core.errors import Conflict, NotFound
from core.store.rows import insert_if_absent
from core.store.tables import app_user, user_role, user_scope
from core.store.types import clean_text

_EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class User:
    """A user, with roles and scope.

    Parameters
    ----------
    id, username : str
        Key, and the name to log in with (lower case).
    display_name, email : str
        As shown in the app.
    password_hash : str, optional
        bcrypt; ``None`` for somebody who logs in elsewhere or not yet.
    password_changed_at : datetime, optional
        When it was last set.
    os_login : str, optional
        Login of the machine that the command line takes for this user.
    language : str
        Locale of the app for this user; empty, as the browser asks.
    disabled : bool
        Whether log-in is refused.
    created_at : datetime
        When the user was made.
    roles : frozenset of Role
        Roles held.
    pseudonym : str
        The name that the audit trail knows the user by.
    must_change_password : bool
        Whether the next sign-in leads to a new password first.
    oidc_issuer, oidc_subject : str, optional
        Identity at a single sign-on provider that stands for this user.
    models, jurisdictions : frozenset of str, optional
        Scope; ``None`` means everything.
    """

    id: str
    username: str
    display_name: str
    email: str
    password_hash: str | None
    password_changed_at: datetime | None
    os_login: str | None
    language: str
    disabled: bool
    created_at: datetime
    pseudonym: str
    must_change_password: bool
    oidc_issuer: str | None
    oidc_subject: str | None
    roles: frozenset[Role]
    models: frozenset[str] | None
    jurisdictions: frozenset[str] | None

    def actor(self, origin: Origin) -> Actor:
        """Return the user as somebody who acts through a door of the product."""
        return Actor(
            user_id=self.id,
            username=self.username,
            roles=self.roles,
            models=self.models,
            jurisdictions=self.jurisdictions,
            origin=origin,
            display_name=self.display_name,
            pseudonym=self.pseudonym,
        )


def normal_username(username: str) -> str:
    """Return the form in which names are kept and compared: storable, NFKC, folded, trimmed."""
    return unicodedata.normalize("NFKC", clean_text(username)).casefold().strip()


def create(
    conn: Connection,
    *,
    user_id: str,
    username: str,
    display_name: str,
    at: datetime,
    email: str = "",
    password_hash: str | None = None,
    os_login: str | None = None,
    language: str = "",
    roles: Iterable[Role] = (),
    models: Iterable[str] | None = None,
    jurisdictions: Iterable[str] | None = None,
) -> User:
    """Make a user.

    Parameters
    ----------
    conn : Connection
        Of ``Store.begin()``.
    user_id, username, display_name, email : str
        As in :class:`User`.
    at : datetime
        When; aware.
    password_hash : str, optional
        From :func:`core.auth.passwords.hash_password`.
    os_login : str, optional
        Login of the machine that stands for this user.
    language : str
        Locale of the app.
    roles : iterable of Role
        Roles held.
    models, jurisdictions : iterable of str, optional
        Scope; ``None`` means everything.

    Raises
    ------
    Conflict
        If the name or the login of the machine is taken.
    """
    values = {
        "id": user_id,
        "username": normal_username(username),
        "display_name": display_name,
        "email": email,
        "password_hash": password_hash,
        "password_changed_at": at if password_hash is not None else None,
        "os_login": os_login,
        "language": language,
        "disabled": False,
        "created_at": at,
        "pseudonym": f"p-{secrets.token_hex(6)}",
    }
    if not insert_if_absent(conn, app_user, values):
        raise Conflict(
            "The user name {username} or its login {login} is taken.",
            remedy="Choose another.",
            username=normal_username(username),
            login=os_login or "",
        )
    set_roles(conn, user_id, roles)
    set_scope(conn, user_id, models=models, jurisdictions=jurisdictions)
    return get(conn, user_id)


def get(conn: Connection, user_id: str) -> User:
    """Return a user.

    Raises
    ------
    NotFound
        If there is none of that id.
    """
    found = _find(conn, app_user.c.id == user_id)
    if found is None:
        raise _unknown(user_id)
    return found


def find_by_username(conn: Connection, username: str) -> User | None:
    """Return the user of a name, in whatever case; ``None`` if there is none."""
    return _find(conn, app_user.c.username == normal_username(username))


def find_by_os_login(conn: Connection, os_login: str) -> User | None:
    """Return the user that a login of the machine stands for; ``None`` if there is none."""
    return _find(conn, app_user.c.os_login == os_login)


def find_by_identity(conn: Connection, issuer: str, subject: str) -> User | None:
    """Return the user that an identity at a single sign-on provider stands for."""
    return _find(conn, (app_user.c.oidc_issuer == issuer) & (app_user.c.oidc_subject == subject))


def names_by_pseudonym(conn: Connection, pseudonyms: Iterable[str] | None = None) -> dict[str, str]:
    """Return pseudonym → name of the user as shown; of everybody if none are named."""
    query = select(app_user.c.pseudonym, app_user.c.display_name, app_user.c.username)
    if pseudonyms is not None:
        query = query.where(app_user.c.pseudonym.in_(sorted(set(pseudonyms))))
    rows = conn.execute(query)
    return {row.pseudonym: row.display_name or row.username for row in rows if row.pseudonym}


def names_by_id(conn: Connection, user_ids: Iterable[str]) -> dict[str, str]:
    """Return id → name of the user as shown."""
    query = select(app_user.c.id, app_user.c.display_name, app_user.c.username)
    rows = conn.execute(query.where(app_user.c.id.in_(sorted(set(user_ids)))))
    return {row.id: row.display_name or row.username for row in rows}


def list_users(conn: Connection) -> tuple[User, ...]:
    """Return all users by name."""
    return _load(conn)


def set_roles(conn: Connection, user_id: str, roles: Iterable[Role]) -> None:
    """Give a user exactly these roles."""
    _lock(conn, user_id)
    conn.execute(delete(user_role).where(user_role.c.user_id == user_id))
    rows = [{"user_id": user_id, "role": str(Role(role))} for role in sorted(set(roles))]
    if rows:
        conn.execute(insert(user_role), rows)


def set_scope(
    conn: Connection,
    user_id: str,
    *,
    models: Iterable[str] | None,
    jurisdictions: Iterable[str] | None,
) -> None:
    """Limit a user to exactly these models and jurisdictions; ``None`` lifts the limit."""
    _lock(conn, user_id)
    conn.execute(delete(user_scope).where(user_scope.c.user_id == user_id))
    rows = [
        {"user_id": user_id, "dimension": dimension, "value": value}
        for dimension, limit in (("model", models), ("jurisdiction", jurisdictions))
        for value in ([_EVERYTHING] if limit is None else sorted(set(limit)))
    ]
    if rows:
        conn.execute(insert(user_scope), rows)


def set_password_hash(
    conn: Connection,
    user_id: str,
    password_hash: str | None,
    *,
    at: datetime,
    must_change: bool = False,
) -> None:
    """Replace a user's password hash; ``None`` takes the password away.

    ``must_change`` marks a password for one sign-in, which leads to a new one first.
    """
    _change(
        conn,
        user_id,
        password_hash=password_hash,
        password_changed_at=at,
        must_change_password=must_change,
    )


def set_disabled(conn: Connection, user_id: str, disabled: bool) -> None:
    """Refuse or allow a user's log-in."""
    _change(conn, user_id, disabled=disabled)


def set_language(conn: Connection, user_id: str, language: str) -> None:
    """Choose the language of the app for a user."""
    _change(conn, user_id, language=language)


def set_identity(
    conn: Connection, user_id: str, *, issuer: str | None, subject: str | None
) -> None:
    """Let an identity at a single sign-on provider stand for a user; ``None`` ends that.

    Raises
    ------
    Conflict
        If it stands for somebody else.
    """
    if issuer is not None and subject is not None:
        holder = find_by_identity(conn, issuer, subject)
        if holder is not None and holder.id != user_id:
            raise Conflict(
                "This identity stands for the user {username} already.",
                remedy="Take it from that user first, or give another identity.",
                username=holder.username,
            )
    _change(conn, user_id, oidc_issuer=issuer, oidc_subject=subject)


def lock_administrators(conn: Connection) -> tuple[User, ...]:
    """Return the active administrators, and keep others from changing them until the commit."""
    held = (
        select(app_user.c.id)
        .join(user_role, user_role.c.user_id == app_user.c.id)
        .where(user_role.c.role == str(Role.admin))
        .order_by(app_user.c.id)
        .with_for_update(of=app_user)
    )
    ids = list(conn.execute(held).scalars())
    return tuple(user for user in _load(conn, app_user.c.id.in_(ids)) if not user.disabled)


def _lock(conn: Connection, user_id: str) -> None:
    """Let two people change the same user one after the other."""
    query = select(app_user.c.id).where(app_user.c.id == user_id).with_for_update()
    if conn.execute(query).one_or_none() is None:
        raise _unknown(user_id)


def _unknown(user_id: str) -> NotFound:
    return NotFound(
        "There is no user {user}.", remedy="Run 'harbourlight user list'.", user=user_id
    )


def _change(conn: Connection, user_id: str, **values: object) -> None:
    changed = conn.execute(update(app_user).where(app_user.c.id == user_id).values(**values))
    if changed.rowcount != 1:
        raise _unknown(user_id)


def _find(conn: Connection, condition: ColumnElement[bool]) -> User | None:
    return next(iter(_load(conn, condition)), None)


def _load(conn: Connection, *conditions: ColumnElement[bool]) -> tuple[User, ...]:
    people = conn.execute(select(app_user).where(*conditions).order_by(app_user.c.username)).all()
    ids = select(app_user.c.id).where(*conditions)
    roles: dict[str, set[Role]] = {person.id: set() for person in people}
    for row in conn.execute(select(user_role).where(user_role.c.user_id.in_(ids))):
        roles[row.user_id].add(Role(row.role))
    scopes: dict[tuple[str, str], set[str]] = {}
    for row in conn.execute(select(user_scope).where(user_scope.c.user_id.in_(ids))):
        scopes.setdefault((row.user_id, row.dimension), set()).add(row.value)
    return tuple(
        User(
            **person._mapping,
            roles=frozenset(roles[person.id]),
            models=_limit(scopes.get((person.id, "model"), set())),
            jurisdictions=_limit(scopes.get((person.id, "jurisdiction"), set())),
        )
        for person in people
    )


def _limit(values: set[str]) -> frozenset[str] | None:
    return None if _EVERYTHING in values else frozenset(values)
