"""What every use case works on: the settings, the state store, the lake and a clock."""

import logging
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from threading import Lock
from time import time_ns
from typing import TYPE_CHECKING

from core.config import Settings
from core.lake.duck import Duck, is_alive, open_duck
from core.lake.id_filters import IdFilters
from core.lake.profiles.memory import ProfileStore
from core.services.memo import Memo
from core.store.engine import Store
from core.store.manifest import ManifestFile

if TYPE_CHECKING:
    from core.auth.keys import WorkspaceKeys

_LOG = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> str:
    """Return an id that sorts by the time it was made: 1/65536 s in hex, then 32 random bits."""
    return f"{time_ns() * 65_536 // 1_000_000_000:014x}{secrets.token_hex(4)}"


class _Reader:
    """DuckDB for reading and what was read by it: opened when first asked for, and when it ended.

    Parameters
    ----------
    settings : Settings
        Of the workspace.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = Lock()
        self._opened: tuple[Duck, ProfileStore] | None = None

    def open(self) -> tuple[Duck, ProfileStore]:
        """Return a connection that answers, and the profiles that it reads."""
        with self._lock:
            if self._opened is not None and is_alive(self._opened[0]):
                return self._opened
            if self._opened is not None:
                _LOG.warning("DuckDB ended after an error; another one was opened")
            connection = open_duck(self._settings, "app")
            self._opened = connection, ProfileStore(connection, self._settings.lake_dir)
            return self._opened


@dataclass(frozen=True)
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

    @property
    def duck(self) -> Duck:
        """The process's DuckDB for reading; take a cursor for each query."""
        return self._reader.open()[0]

    @property
    def profiles(self) -> ProfileStore:
        """The profiles of all models, in this process's memory."""
        return self._reader.open()[1]

    @cached_property
    def id_filters(self) -> IdFilters:
        """What this process remembers of the ids in the lake's files."""
        return IdFilters()

    @cached_property
    def _reader(self) -> "_Reader":
        return _Reader(self.settings)

    @cached_property
    def keys(self) -> "WorkspaceKeys":
        """The workspace's own secrets, made at its first start."""
        from core.auth.keys import open_keys  # noqa: PLC0415  # most commands need no key

        return open_keys(self.settings.keys_dir)

    @cached_property
    def memo(self) -> Memo:
        """Answers that this process remembers."""
        return Memo()

    def lake_paths(self, files: Iterable[ManifestFile]) -> tuple[str, ...]:
        """Return where files of the manifest lie on this machine."""
        return tuple(str(self.settings.lake_dir / file.path) for file in files)
