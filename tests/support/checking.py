"""Checks of a small workspace with sources that say what a test tells them."""

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.bootstrap import create_workspace
from core.domain.identity import Actor, Role
from core.services import ingest
from core.services.checks import CheckContext, Checked, NewAlarm, check
from core.services.workspace import Workspace
from tests.support.builders import (
    ADMIN,
    a_log,
    a_workspace,
    contract_text,
    settings_of,
    write_parquet,
)
from tests.support.templates import built_once

MODEL = "loans"
CHECKER = Actor("u-c", "cho", frozenset({Role.data_scientist}), origin="cli", pseudonym="p-cho")


def a_fed_workspace(
    home: Path,
    *,
    rows: Sequence[Mapping[str, Any]] | None = None,
    outcomes: Sequence[Mapping[str, Any]] = (),
    state_url: str | None = None,
    **changes: Any,
) -> Workspace:
    """Return a workspace whose one model has a log: 30 days of loans by default.

    On SQLite it is a copy of one that is built once for all that ask for the same.
    """
    if state_url is not None:
        return _fed(home, rows, outcomes, state_url, changes)

    def build(folder: Path) -> None:
        _fed(folder / "home", rows, outcomes, None, changes).store.close()

    asked = hashlib.sha256(repr((rows, outcomes, changes)).encode()).hexdigest()
    shutil.copytree(built_once(f"fed-{asked[:16]}", build) / "home", home, dirs_exist_ok=True)
    return create_workspace(settings_of(home))


def _fed(
    home: Path,
    rows: Sequence[Mapping[str, Any]] | None,
    outcomes: Sequence[Mapping[str, Any]],
    state_url: str | None,
    changes: Mapping[str, Any],
) -> Workspace:
    opened = a_workspace(home, state_url=state_url, contract=contract_text(**changes))
    log = write_parquet(home / "log.parquet", rows or a_log(240))
    ingest.ingest_files(opened, MODEL, [log], actor=ADMIN)
    if outcomes:
        path = write_parquet(home / "outcomes.parquet", outcomes)
        ingest.ingest_files(opened, MODEL, [path], stream="outcomes", actor=ADMIN)
    return opened


@dataclass
class Told:
    """A source that raises what it is told to, and counts how often it is asked."""

    alarms: list[NewAlarm] = field(default_factory=list)
    error: Exception | None = None
    asked: int = 0

    def __call__(
        self, _workspace: Workspace, _model: str, _context: CheckContext
    ) -> list[NewAlarm]:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return list(self.alarms)


def check_on(
    workspace: Workspace, day: str, source: Told, kind: str = "drift", *, actor: Actor = CHECKER
) -> Checked:
    """Check the model as of a day with one source."""
    (done,) = check(
        workspace,
        MODEL,
        actor=actor,
        as_of=day,
        alarm_sources={kind: source},
        figure_sources={},
    )
    return done
