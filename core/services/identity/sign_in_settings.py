"""How long sessions last, and who needs a second factor: settings of the whole workspace."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission, Role
from core.errors import InvalidInput
from core.i18n import N_
from core.services import access
from core.services.workspace import Workspace
from core.store import settings
from core.store.audit import trail as audit

IDLE_MINUTES, LONGEST_HOURS = 30, 8
_LIMITS = {
    "session_idle_minutes": (5, 720),
    "session_longest_hours": (1, 72),
    "step_up_minutes": (1, 60),
}


@dataclass(frozen=True, slots=True)
class SignInSettings:
    """The rules for sessions.

    Parameters
    ----------
    session_idle_minutes : int
        An unused session ends after so long.
    session_longest_hours : int
        Any session ends after so long.
    step_up_minutes : int
        So long a password or a code counts for steps that ask again.
    second_factor_roles : frozenset of Role
        Roles whose holders must have a second factor.
    """

    session_idle_minutes: int = IDLE_MINUTES
    session_longest_hours: int = LONGEST_HOURS
    step_up_minutes: int = access.STEP_UP_MINUTES
    second_factor_roles: frozenset[Role] = frozenset()

    @property
    def idle(self) -> timedelta:
        """How long a session may be unused."""
        return timedelta(minutes=self.session_idle_minutes)

    @property
    def longest(self) -> timedelta:
        """How long a session may last."""
        return timedelta(hours=self.session_longest_hours)

    def asks_second_factor(self, roles: frozenset[Role]) -> bool:
        """Whether somebody in these roles must have a second factor."""
        return bool(roles & self.second_factor_roles)


def read_settings(conn: Connection) -> SignInSettings:
    """Return the rules as they are now."""
    stored = settings.get_all(conn)
    roles = stored.get("second_factor_roles", [])
    return SignInSettings(
        **{name: int(str(stored[name])) for name in _LIMITS if name in stored},
        second_factor_roles=frozenset(Role(role) for role in roles)
        if isinstance(roles, list)
        else frozenset(),
    )


def sign_in_settings(workspace: Workspace, *, actor: Actor) -> SignInSettings:
    """Return the rules, for the page that shows them."""
    access.require(actor, Permission.user_view)
    with workspace.store.read() as conn:
        return read_settings(conn)


def change_settings(workspace: Workspace, wanted: SignInSettings, *, actor: Actor) -> None:
    """Set the rules; they count from the next interaction on, for sessions of now too.

    Raises
    ------
    InvalidInput
        If a number is outside its limits.
    StepUpNeeded
        If the actor has to give the password or a code again.
    """
    access.require(actor, Permission.user_manage)
    access.require_recent(workspace, actor)
    numbers = {name: int(getattr(wanted, name)) for name in _LIMITS}
    for name, (lowest, highest) in _LIMITS.items():
        if not lowest <= numbers[name] <= highest:
            raise InvalidInput(
                N_("{value} is not between {lowest} and {highest}."),
                remedy=N_("Choose a number in between."),
                value=numbers[name],
                lowest=lowest,
                highest=highest,
            )
    with workspace.store.begin() as conn:
        before = read_settings(conn)
        for name, value in numbers.items():
            settings.put(conn, name, value)
        settings.put(conn, "second_factor_roles", sorted(wanted.second_factor_roles))
        audit.append(
            conn,
            at=workspace.clock(),
            actor=actor.audit_name,
            role=actor.role_text,
            kind="sign_in.settings_changed",
            objects={},
            body={"before": _plain(before), "after": _plain(wanted)},
        )


def _plain(rules: SignInSettings) -> dict[str, object]:
    return {
        **{name: getattr(rules, name) for name in _LIMITS},
        "second_factor_roles": sorted(rules.second_factor_roles),
    }
