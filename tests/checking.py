"""Checks of a small workspace with sources that say what a test tells them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.domain.identity import Actor, Role
from core.services import ingest
from core.services.checks import CheckContext, Checked, NewAlarm, check
from core.services.workspace import Workspace
from tests.builders import ADMIN, a_log, a_workspace, contract_text, write_parquet

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
    """Return a workspace whose one model has a log: 30 days of loans by default."""
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


def check_on(workspace: Workspace, day: str, source: Told, kind: str = "drift") -> Checked:
    """Check the model as of a day with one source."""
    (done,) = check(
        workspace,
        MODEL,
        actor=CHECKER,
        as_of=day,
        alarm_sources={kind: source},
        figure_sources={},
    )
    return done
