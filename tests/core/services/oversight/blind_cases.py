"""Loans with outcomes that people have decided about: what blind cases are made of."""

import atexit
import json
import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from core.bootstrap import create_workspace
from core.config import Settings
from core.domain.identity import Actor, Role
from core.domain.review import Verdict
from core.metrics.oversight import persons
from core.services import ingest
from core.services.oversight import quality, working
from core.services.review import checking, claims, proposing
from core.services.review.proposing import Proposal
from core.services.workspace import Workspace
from core.store import models, open_store
from core.store.identity import users
from core.store.tables import review_step
from tests.core.services.review.calendar_cases import put_case
from tests.support.builders import ADMIN, FIRST, a_log, contract_text, outcome_rows, write_parquet
from tests.support.fakes import FakeClock, FakeIds

MODEL = "loans"
NOW = datetime(2026, 3, 3, 2, tzinfo=UTC)  # a Tuesday, ten o'clock in Hong Kong
ROWS = 84
REVIEW: dict[str, Any] = {
    "decisions": ["approve", "decline"],
    "controls": {"share": 0.2},
    "doubles": {"share": 0.5},
    "score": {"hidden_share": 0.5},
    "check": {"tiers": ["high"], "overturn": True, "share": 0.0},
}
OVERTURNED = Proposal(Verdict.overturn, "approve", "data_wrong", "Of another year.", ("A letter",))
UPHELD = Proposal(Verdict.uphold, "decline", "risk_confirmed")


def a_site(
    home: Path,
    *,
    people: str = "ada bo chun",
    contract: Mapping[str, Any] | None = None,
    **review: Any,
) -> Workspace:
    """Return a workspace with 84 loans, their outcomes, reviewers and a lead, at a fixed instant.

    Row i scores (37 i mod 101) / 101, is flagged from a half on, and lost if 7 divides i.
    """
    shutil.copytree(_built(people, json.dumps(review), json.dumps(contract or {})), home)
    settings = Settings(home, f"sqlite:///{home / 'state.db'}", threads=2)
    ids = FakeIds(count=1_000)  # those before it were used when the workspace was built
    return Workspace(settings, open_store(settings.state_url), FakeClock(NOW), ids)


@cache
def _built(people: str, review: str, changes: str) -> Path:
    """Build the workspace once; tests work on copies."""
    folder = Path(tempfile.mkdtemp(prefix="oversight-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    home = folder / "home"
    made = create_workspace(Settings(home, f"sqlite:///{home / 'state.db'}", threads=2))
    workspace = Workspace(made.settings, made.store, FakeClock(NOW), FakeIds())
    text = contract_text(review={**REVIEW, **json.loads(review)}, **json.loads(changes))
    with workspace.store.begin() as conn:
        models.register(conn, model_id=MODEL, spec_text=text, actor="ada", at=NOW)
        roles = {**dict.fromkeys(people.split(), Role.compliance), "lee": Role.compliance_lead}
        for name, role in roles.items():
            users.create(
                conn,
                user_id=f"u-{name}",
                username=name,
                display_name=name.title(),
                at=NOW,
                os_login=f"login-{name}",
                roles=[role],
            )
    for stream, rows in (("predictions", a_log(ROWS)), ("outcomes", outcome_rows(range(ROWS)))):
        path = write_parquet(folder / f"{stream}.parquet", rows)
        ingest.ingest_files(workspace, MODEL, [path], stream=stream, actor=ADMIN)
    workspace.store.close()
    return home


def actor(workspace: Workspace, name: str) -> Actor:
    """Return one of the people."""
    with workspace.store.read() as conn:
        return users.get(conn, f"u-{name}").actor("cli")


def decided(workspace: Workspace, number: int, verdict: str = "uphold", **changes: Any) -> int:
    """Put a decided case of loan ``number``; return its id."""
    with workspace.store.begin() as conn:
        return put_decided(conn, number, verdict, **changes)


def put_decided(
    conn: Connection,
    number: int,
    verdict: str = "uphold",
    *,
    by: str = "ada",
    at: datetime = NOW - timedelta(days=60),
    seconds: int = 60,
    panes: int = 1,
    **changes: Any,
) -> int:
    """Put a decided case within a transaction; many of them are put much faster so."""
    values = {
        "state": "final",
        "maker_id": f"u-{by}",
        "verdict": verdict,
        "proposed_at": at,
        "final_at": at,
        "final_decision": "decline" if verdict == "uphold" else "approve",
        "predicted_at": FIRST + timedelta(hours=3 * number),
        **changes,
    }
    case_id = put_case(conn, number, at, **values)
    conn.execute(
        insert(review_step).values(
            case_id=case_id,
            at=at,
            actor_id=f"u-{by}",
            action="proposed",
            from_state="claimed",
            to_state="proposed",
            verdict=verdict,
            body={"seconds": seconds, "panes": ["history"] * panes},
        )
    )
    return case_id


def waiting(workspace: Workspace, count: int, *, made: datetime) -> None:
    """Put open cases of loans that have none, made at an instant."""
    with workspace.store.begin() as conn:
        for number in range(count):
            put_case(conn, 10_000 + number, made)


def decide(workspace: Workspace, case_id: int, name: str, *, overturn: bool) -> None:
    """Let somebody claim a case and decide it."""
    who = actor(workspace, name)
    mine = claims.claim(workspace, case_id, actor=who)
    proposal = OVERTURNED if overturn else UPHELD
    proposing.propose(workspace, case_id, proposal, actor=who, revision=mine.revision)


def check(workspace: Workspace, case_id: int, name: str) -> None:
    """Let somebody take what was proposed and agree with it."""
    who = actor(workspace, name)
    mine = claims.take_check(workspace, case_id, actor=who)
    checking.agree(workspace, case_id, actor=who, revision=mine.revision)


def let_two_be_a_team(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let figures of two people be shown: what tests count by hand is little.

    Of whom figures are shown in earnest, test_team_figures.py holds.
    """
    for module in (persons, quality, working):
        monkeypatch.setattr(module, "team_is_shown", lambda counts, **_: len(counts) > 1)
