"""What every use case works on: the settings, the state store, the lake and a clock."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from core.config import Settings
from core.store.engine import Store


def _now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> str:
    """Return an id that sorts by the time it was made: seconds in hex, then 48 random bits."""
    return f"{int(datetime.now(UTC).timestamp()):010x}{secrets.token_hex(6)}"


@dataclass(frozen=True, slots=True)
class Workspace:
    """One installation, opened by :func:`core.bootstrap.open_workspace`.

    Parameters
    ----------
    settings : Settings
        Where things are.
    store : Store
        The state database.
    clock : callable
        Returns the instant now, in UTC; a parameter so that tests can turn it.
    new_id : callable
        Returns a fresh id.
    """

    settings: Settings
    store: Store
    clock: Callable[[], datetime] = field(default=_now)
    new_id: Callable[[], str] = field(default=_new_id)
