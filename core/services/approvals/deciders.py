"""Who decides about people, and when help for such a person's sign-in takes two.

An administrator helps everybody back in, and could so become anybody. For somebody whose roles
decide, a second person confirms it, as long as there is one. Whoever lost such a role, or was
disabled, counts for a week more: else the first step would be to take it away.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.auth.policy import NOT_FOR_ADMINISTRATORS, POLICY
from core.domain.identity import Actor, Permission, Role
from core.errors import Conflict
from core.i18n import N_
from core.store import settings
from core.store.identity import users
from core.store.identity.users import User

COUNTS_ON = timedelta(days=7)
_LEFT = "deciders.left"


def decides(roles: Iterable[Role]) -> bool:
    """Whether roles hold a permission that an administrator has not, or that decides a step."""
    from core.services.approvals.kinds import KINDS  # noqa: PLC0415  # kinds need this module

    deciding = NOT_FOR_ADMINISTRATORS | {kind.decide for kind in KINDS.values()}
    return any(POLICY[role] & deciding for role in roles)


def takes_two(conn: Connection, user: User, by: Actor, *, at: datetime) -> bool:
    """Whether somebody else has to confirm what changes how a user signs in."""
    if user.id == by.user_id:
        return False
    left = _left(conn, at)
    if not decides({*user.roles, *left.get(user.id, ())}):
        return False
    return any(
        _confirms(left.get(each.id, ()), () if each.disabled else each.roles)
        for each in users.list_users(conn)
        if each.id not in {user.id, by.user_id}
    )


def refuse_alone(conn: Connection, user: User, by: Actor, *, at: datetime) -> None:
    """Refuse a step that takes two.

    Raises
    ------
    Conflict
        If it does.
    """
    if takes_two(conn, user, by, at=at):
        raise Conflict(
            N_("{user} decides about others: helping them back in takes a second person."),
            remedy=N_("Propose it with a reason; a compliance lead or administrator confirms."),
            user=user.username,
        )


def note_leaving(conn: Connection, user: User, after: Iterable[Role], *, at: datetime) -> None:
    """Remember for a week what a user was who is disabled or loses roles that decide."""
    lost = set() if user.disabled else set(user.roles) - set(after)
    if not decides(lost):
        return
    kept = _read(conn, lock=True)
    before = _left(conn, at).get(user.id, frozenset())
    kept[user.id] = {"at": at.isoformat(), "roles": sorted(lost | before)}
    settings.put(conn, _LEFT, kept)


def _confirms(*held: Iterable[Role]) -> bool:
    return any(Permission.account_confirm in POLICY[role] for roles in held for role in roles)


def _left(conn: Connection, at: datetime) -> dict[str, frozenset[Role]]:
    """Return user → roles that were lost within the week."""
    return {
        user_id: frozenset(Role(role) for role in noted["roles"])
        for user_id, noted in _read(conn).items()
        if at - datetime.fromisoformat(str(noted["at"])) < COUNTS_ON
    }


def _read(conn: Connection, *, lock: bool = False) -> dict[str, dict[str, list[str] | str]]:
    found = settings.get(conn, _LEFT, lock=lock)
    return dict(found) if isinstance(found, dict) else {}
