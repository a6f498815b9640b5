"""What an ingest needs of the workspace it runs in."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from core.config import Settings
from core.store.engine import Store


class Keys(Protocol):
    """The workspace's keys, as seen from below the services."""

    def derive(self, purpose: str) -> bytes:
        """Return the key of a purpose."""


class Site(Protocol):
    """The workspace, as seen from below the services: settings, state, clock and ids."""

    @property
    def settings(self) -> Settings:
        """Where things are."""

    @property
    def store(self) -> Store:
        """The state database."""

    @property
    def clock(self) -> Callable[[], datetime]:
        """Returns the instant now, in UTC."""

    @property
    def new_id(self) -> Callable[[], str]:
        """Returns a fresh id."""

    @property
    def keys(self) -> Keys:
        """The workspace's own secrets."""
