"""Who may decide about the blind cases of a model, and who can see which ones they are."""

from sqlalchemy import Connection

from core.auth.policy import POLICY
from core.domain.identity import Permission
from core.store.identity import assignments, users
from core.store.identity.users import User


def reviewers_of(conn: Connection, model_id: str) -> tuple[User, ...]:
    """Return the people who may decide about blind cases of a model.

    Not who develops it, nor who can see which cases are blind.
    """
    found = assignments.list_assignments(conn, model_id=model_id)
    developers = {each.user_id for each in found if each.kind == "developer"}
    return tuple(
        user
        for user in users.list_users(conn)
        if not user.disabled
        and user.id not in developers
        and (user.models is None or model_id in user.models)
        and any(Permission.review_work in POLICY[role] for role in user.roles)
        and not _watches(user)
    )


def watchers_of(conn: Connection) -> frozenset[str]:
    """Return who can see which cases are blind."""
    return frozenset(user.id for user in users.list_users(conn) if _watches(user))


def _watches(user: User) -> bool:
    return any(Permission.oversight_view in POLICY[role] for role in user.roles)


def somebody_else(
    reviewers: tuple[User, ...], jurisdiction: str, barred: frozenset[str | None]
) -> bool:
    """Whether one of them may decide about a case of a jurisdiction who is not barred."""
    return any(
        user.id not in barred and (user.jurisdictions is None or jurisdiction in user.jurisdictions)
        for user in reviewers
    )
