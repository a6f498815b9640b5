"""Replaying a log month by month on a clock that is moved, and what every check said."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd

from core.bootstrap import create_workspace
from core.config import PROJECT_ROOT, Settings
from core.contract import load_contract
from core.domain.identity import Actor, Role
from core.domain.windows import start_of_day
from core.services import ingest
from core.services.checks import check
from core.services.registry import models as registry
from core.services.workspace import Workspace
from core.store.alerts.alarms import Alarm

MODEL = "sba-loan-default"
SOURCE = PROJECT_ROOT / "data" / "demo" / MODEL
FIRST, LAST = date(2006, 1, 1), date(2013, 12, 1)
ADMIN = Actor("u1", "ada", frozenset({Role.admin}), origin="cli")


@dataclass(frozen=True, slots=True)
class MonthChecked:
    """What the check at the end of one month said.

    Parameters
    ----------
    month : str
        Such as ``2006-07``; the check is made in the first hour of the next one.
    predictions, outcomes : int
        Rows ingested.
    alarms : tuple of Alarm
        What it found.
    opened, closed : int
        Alerts that it opened and closed.
    failures : mapping of str to str
        Sources that failed; there should be none.
    """

    month: str
    predictions: int
    outcomes: int
    alarms: tuple[Alarm, ...]
    opened: int
    closed: int
    failures: dict[str, str]


class MovedClock:
    """A clock that stands where it was last put."""

    def __init__(self) -> None:
        self.now = datetime(2005, 12, 31, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def replay(
    home: Path,
    *,
    last: date = LAST,
    progress: Callable[[str], None] = lambda _: None,
) -> Iterator[MonthChecked]:
    """Replay the demo's loans and yield what each month's check said.

    Predictions stop at the end of 2010; outcomes go on to mature until 2013.

    Parameters
    ----------
    home : Path
        Folder of the workspace to be made.
    last : date
        First day of the last month.
    progress : callable
        Told each month as it begins.
    """
    clock = MovedClock()
    made = create_workspace(Settings(home, f"sqlite:///{home / 'state.db'}", threads=2))
    workspace = Workspace(made.settings, made.store, clock)
    try:
        registry.register_model(workspace, SOURCE / "model.yaml", actor=ADMIN)
        contract = load_contract(SOURCE / "model.yaml")
        streams = {name: _by_month(name, contract.timezone) for name in ("predictions", "outcomes")}
        inbox = home.parent / f"{home.name}-inbox"
        inbox.mkdir()
        for month in _months(last):
            progress(month)
            clock.now = _after(month, contract.timezone)
            rows = {
                name: _ingest(workspace, inbox, name, month, parts.get(month))
                for name, parts in streams.items()
            }
            (found,) = check(workspace, MODEL, actor=ADMIN)
            yield MonthChecked(
                month=month,
                predictions=rows["predictions"],
                outcomes=rows["outcomes"],
                alarms=found.alarms,
                opened=len(found.opened),
                closed=len(found.closed),
                failures={} if found.run is None else dict(found.run.failures),
            )
    finally:
        made.store.close()


def _by_month(stream: str, timezone: str) -> dict[str, pd.DataFrame]:
    frame = pd.read_parquet(SOURCE / f"{stream}.parquet")
    column = "approved_at" if stream == "predictions" else "observed_at"
    months = frame[column].dt.tz_convert(timezone).dt.strftime("%Y-%m")
    return {str(month): part for month, part in frame.groupby(months)}


def _months(last: date) -> Iterator[str]:
    month = FIRST
    while month <= last:
        yield f"{month:%Y-%m}"
        month = (month + timedelta(days=31)).replace(day=1)


def _after(month: str, timezone: str) -> datetime:
    first = date.fromisoformat(f"{month}-01")
    following = (first + timedelta(days=31)).replace(day=1)
    return start_of_day(following, timezone) + timedelta(hours=1)


def _ingest(
    workspace: Workspace, inbox: Path, stream: str, month: str, rows: pd.DataFrame | None
) -> int:
    if rows is None:
        return 0
    path = inbox / f"{stream}-{month}.parquet"
    rows.to_parquet(path)
    ingest.ingest_files(workspace, MODEL, [path], stream=stream, actor=ADMIN)
    path.unlink()
    return len(rows)
