"""Checks, alarms and alerts for tests of the store and of what builds on it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from core.store import Store, models
from core.store.alerts import alarms, checks
from core.store.alerts import threads as alerts
from core.store.alerts.alarms import Alarm
from core.store.alerts.checks import CheckRun, MetricResult
from tests.support.builders import contract_text
from tests.support.fakes import START

MODEL = "loans"
RUN = CheckRun(
    id="run-1",
    model_id=MODEL,
    state="done",
    started_at=START,
    started_by="p-1",
    finished_at=START,
    as_of=START,
    lake_generation=3,
    spec_sha256="aa",
    bins_id="bb",
    attempt=1,
    sources=("drift", "quality"),
    failures={},
)
RESULT = MetricResult(
    metric="drift",
    method="psi",
    column="term",
    version="",
    slice="",
    chunk_key="2025-12",
    chunk_start=START - timedelta(days=35),
    chunk_end=START - timedelta(days=5),
    n=900,
    value=0.31,
    status="ok",
    level="act",
)
ALARM = Alarm(
    id="alarm-1",
    run_id="run-1",
    model_id=MODEL,
    kind="drift",
    method="psi",
    column="term",
    version="",
    slice="",
    chunk_key="2025-12",
    chunk_start=START - timedelta(days=35),
    chunk_end=START - timedelta(days=5),
    severity="act",
    statistic=71.5,
    p_value=1e-9,
    effect=0.31,
    minimum_effect=None,
    threshold=0.25,
    n_reference=4000,
    n_current=900,
    bins_id="bb",
    evidence={"reference": [1, 2], "current": [2, 1]},
    raised_at=START,
    as_of=START,
)


def register_loans(store: Store) -> None:
    """Register the model that everything here is about."""
    with store.begin() as conn:
        models.register(conn, model_id=MODEL, spec_text=contract_text(), actor="a", at=START)


def add_run(
    conn: Connection, number: int, *, as_of: datetime | None = None, **changes: Any
) -> CheckRun:
    """Keep a check of its own day, with one alarm unless told otherwise; return it."""
    raises = changes.pop("alarms", (ALARM,))
    when = as_of or START + timedelta(days=number)
    run = replace(RUN, id=f"run-{number}", as_of=when, **changes)
    assert checks.put(conn, run, [RESULT])
    alarms.put_all(
        conn,
        [
            replace(each, id=f"alarm-{number}-{place}", run_id=run.id, as_of=when)
            for place, each in enumerate(raises)
        ],
    )
    return run


def add_alert(conn: Connection, number: int = 1, **changes: Any) -> str:
    """Open an alert for the first alarm of a check; return its id."""
    cause = alarms.of_run(conn, f"run-{number}")[0]
    given = {"severity": "act", "alarms": 1, "owner_id": None, "at": START, **changes}
    assert alerts.open_alert(conn, alert_id=f"alert-{number}", cause=cause, **given)
    return f"alert-{number}"
