"""A demo workspace with very many cases that wait, each about a prediction that the log has."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import func, select

from core.bootstrap import create_workspace
from core.cli.context import os_login
from core.config import Settings
from core.domain.review import CaseState
from core.lake.local_days import from_microseconds
from core.lake.paths import parquet_relation
from core.services.demo import build as demo
from core.services.identity import sessions, users
from core.services.oversight.controls import copy_of
from core.services.review import making
from core.services.workspace import Workspace
from core.store import manifest, models
from core.store.identity import users as store_users
from core.store.review.records import CaseRecord, NewCase, case_of
from core.store.tables import review_case

_CHUNK = 5000
_OPEN = str(CaseState.open)


def open_scene(settings: Settings, count: int) -> Workspace:
    """Return the demo workspace, made if there is none, with so many cases that wait at least."""
    workspace = create_workspace(settings)
    owner = users.actor_of_os_login(workspace, os_login())
    demo.build_demo(workspace, actor=owner, progress=lambda _share, _note: None)
    with workspace.store.read() as conn:
        waiting = conn.execute(
            select(func.count()).select_from(review_case).where(review_case.c.state == _OPEN)
        ).scalar_one()
        one = select(review_case).where(review_case.c.kind == "routed").order_by(review_case.c.id)
        example = case_of(conn.execute(one.limit(1)).one())
    if waiting < count:
        _fill(workspace, example, count - waiting)
    return workspace


def cookies_of(workspace: Workspace, username: str) -> str:
    """Return the session that the browser of somebody who has just signed in holds."""
    with workspace.store.begin() as conn:
        user = store_users.find_by_username(conn, username)
        if user is None:
            raise RuntimeError(f"there is no {username}")
        _, ticket = sessions.begin(
            workspace,
            conn,
            user,
            method="oidc",  # a provider has proved who it is: no password, no duty to set one
            source="127.0.0.1",
            agent="bench.review_queue",
        )
    value = sessions.redeem(workspace, ticket)
    if value is None:
        raise RuntimeError(f"{username} could not sign in")
    return value


def _fill(workspace: Workspace, example: CaseRecord, count: int) -> None:
    """Make cases of as many predictions of one model, all more urgent than those that wait."""
    now = workspace.clock()
    rows = _predictions(workspace, example.model_id, count)
    if len(rows) < count:
        raise RuntimeError(f"the log has {len(rows)} predictions only")
    new = [
        _case(workspace, example, number, row, f"bench:{now.isoformat()}", now)
        for number, row in enumerate(rows)
    ]
    for first in range(0, len(new), _CHUNK):
        with workspace.store.begin() as conn:
            making.make_cases(conn, new[first : first + _CHUNK], at=now)


def _predictions(
    workspace: Workspace, model_id: str, count: int
) -> Sequence[tuple[str, str, int, str, float | None, float | None, str]]:
    """Return id, version, microseconds, decision, score, amount and jurisdiction, well mixed."""
    with workspace.store.read() as conn:
        record = models.get(conn, model_id)
        files = manifest.files_at(conn, model_id, record.lake_generation, kinds=["data"])
    paths = workspace.lake_paths(each for each in files if each.stream == "predictions")
    with workspace.duck.cursor() as cursor:
        return cursor.execute(
            "SELECT prediction_id, any_value(version), min(epoch_us(time)),"
            " any_value(coalesce(decision, prediction)), any_value(score), any_value(amount),"
            f" any_value(coalesce(jurisdiction, '')) FROM {parquet_relation(paths)}"
            " GROUP BY prediction_id ORDER BY hash(prediction_id) LIMIT $count",
            {"count": count},
        ).fetchall()


def _case(
    workspace: Workspace,
    example: CaseRecord,
    number: int,
    row: tuple[str, str, int, str, float | None, float | None, str],
    occasion: str,
    now: datetime,
) -> NewCase:
    prediction, version, at, decision, score, amount, jurisdiction = row
    return replace(
        copy_of(example),
        prediction_id=prediction,
        occasion=occasion,
        subject_id=workspace.keys.subject_id(prediction),
        version=version or example.version,
        predicted_at=from_microseconds(at),
        decision=decision or example.decision,
        score=score,
        amount=amount,
        jurisdiction=jurisdiction or "",
        score_shown="at_once",
        tier="normal",
        due_at=now + timedelta(hours=24 + number * 7919 % 240),
        priority=100 if number % 10 == 0 else 95,
    )
