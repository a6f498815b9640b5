"""A workspace in which one person stands in every store, and what it takes to erase them."""

import os
import shutil
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from core.bootstrap import create_workspace
from core.config import Settings
from core.domain.identity import Actor, Role
from core.services import ingest
from core.services.approvals import four_eyes as approvals
from core.services.erasure import asking as erasure
from core.services.erasure.run import run_erasure
from core.services.workspace import Workspace
from core.store import models
from core.store.identity import users as user_store
from core.store.retention import rules as retention
from core.store.retention.rules import StoredRule
from tests.support.builders import (
    ADMIN,
    a_log,
    a_row,
    contract_text,
    outcome_rows,
    write_csv,
    write_parquet,
)
from tests.support.databases import beside, copy_database
from tests.support.templates import built_once

PERSON = "CUST-77-琪"
SECRET = "Flat 9B 珍珠閣 Unique Terrace"
PERSON_ROWS = (5, 77, 130, 250)
_TEMPLATE = "harbourlight_peopled"


def erasing_contract(**changes: Any) -> str:
    """Return the loans contract, with a subject and a personal column."""
    return contract_text(
        log={
            "prediction_id": "loan_id",
            "time": "approved_at",
            "version": "model_version",
            "score": "score",
            "decision": "decision",
            "latency_ms": "latency_ms",
            "status": "status",
            "amount": "amount",
            "subject": "customer",
        },
        columns=[
            {"name": "branch", "type": "text"},
            {"name": "address", "type": "text", "personal": True},
        ],
        **changes,
    )


def personal_rows(count: int, start: int = 0) -> list[dict[str, Any]]:
    """Return rows of the log; a few of them are the person's, with an address of their own."""
    return [_whose(row, number) for number, row in enumerate(a_log(count, start), start)]


def _whose(row: Mapping[str, Any], number: int) -> dict[str, Any]:
    mine = number in PERSON_ROWS
    return {
        **row,
        "customer": PERSON if mine else f"CUST-{number % 40:04d}",
        "address": SECRET if mine else f"Street {number % 7}",
        "amount": 7_654_321.25 if mine else row["amount"],
    }


def decision_rows(numbers: Any) -> list[dict[str, Any]]:
    """Return what people decided about rows of the log."""
    return [
        {
            "prediction_id": f"L{number:06d}",
            "time": a_row(number)["approved_at"] + timedelta(hours=1),
            "kind": "human",
            "decision": "approve",
            "decided_by": "r1",
            "reason": SECRET if number in PERSON_ROWS else "usual",
        }
        for number in numbers
    ]


def people(workspace: Workspace) -> dict[str, Actor]:
    """Return somebody who asks and somebody who approves."""
    made = {}
    for name, role in (("connie", Role.compliance), ("lydia", Role.compliance_lead)):
        with workspace.store.begin() as conn:
            user = user_store.create(
                conn,
                user_id=f"u-{name}",
                username=name,
                display_name=name.title(),
                at=workspace.clock(),
                roles=[role],
            )
        made[name] = user.actor("cli")
    return made


def a_peopled_workspace(home: Path, folder: Path, state_url: str | None = None) -> Workspace:
    """Return a workspace with the person in predictions, outcomes, decisions and quarantine.

    It is a copy of one that is built once for each kind of database, with the files it was given.
    """
    url = state_url or _sqlite(home)
    if url.startswith("sqlite"):
        made = built_once("peopled", lambda folder: _build(folder, _sqlite(folder / "home")))
    else:
        made = _peopled_beside(beside(url, _TEMPLATE))
        copy_database(beside(url, _TEMPLATE), url)
    shutil.copytree(made / "home", home, dirs_exist_ok=True)
    shutil.copytree(made / "in", folder, dirs_exist_ok=True)
    if url.startswith("sqlite") and url != _sqlite(home):
        shutil.move(home / "state.db", str(make_url(url).database))
    return create_workspace(Settings(home, url, threads=2))


@cache
def _peopled_beside(url: str) -> Path:
    """Build the workspace whose database on a server of PostgreSQL is copied."""
    copy_database(beside(url, "template1"), url)
    return built_once(f"peopled-{os.getpid()}", lambda folder: _build(folder, url))


def _build(made: Path, url: str) -> None:
    """Build the workspace that is copied, beside the folder of what it was given."""
    workspace = create_workspace(Settings(made / "home", url, threads=2))
    fill(workspace, made / "in")
    workspace.store.close()


def _sqlite(home: Path) -> str:
    return f"sqlite:///{home / 'state.db'}"


def fill(workspace: Workspace, folder: Path) -> None:
    """Register the model and ingest what the person stands in."""
    with workspace.store.begin() as conn:
        models.register(
            conn, model_id="loans", spec_text=erasing_contract(), actor="ada", at=workspace.clock()
        )
        # Shipped: seven years, which would stand against erasing decisions of last year.
        rule = StoredRule("decision_record", None, 3650, "our own", workspace.clock(), "ada")
        retention.put(conn, rule)
    folder.mkdir(parents=True, exist_ok=True)
    for number, (count, start) in enumerate(((120, 0), (80, 120), (100, 200))):
        path = write_parquet(folder / f"p{number}.parquet", personal_rows(count, start))
        ingest.ingest_files(workspace, "loans", [path], actor=ADMIN)
    known = write_parquet(folder / "o.parquet", outcome_rows(range(0, 300, 5)))
    ingest.ingest_files(workspace, "loans", [known], stream="outcomes", actor=ADMIN)
    decided = write_parquet(folder / "d.parquet", decision_rows(range(0, 260, 1)))
    ingest.ingest_files(workspace, "loans", [decided], stream="decisions", actor=ADMIN)
    refused = refused_csv(folder / "refused.csv")
    ingest.ingest_files(workspace, "loans", [refused], actor=ADMIN)


def refused_csv(path: Path, last: int = 403) -> Path:
    """Write a log of which some rows are refused, two of them the person's."""
    rows = [_whose(a_row(number), number) for number in range(400, last + 1)]
    for row in rows:
        row["address"] = row["address"].replace(",", "")
    rows[1] |= {"customer": PERSON, "address": SECRET, "score": "much"}
    rows[2] |= {"score": "little"}
    written = write_csv(path, rows)
    with written.open("a", encoding="utf-8") as file:
        file.write(f"L000500,{PERSON},{SECRET}\n")
    return written


def erase(
    workspace: Workspace, actors: Mapping[str, Actor], reference: str = PERSON, **more: Any
) -> tuple[str, Mapping[str, Any]]:
    """Ask for an erasure, approve it and carry it out; return its id and report."""
    asked = erasure.propose_erasure(
        workspace, reference, basis="PDPO s.26, request 12", actor=actors["connie"], **more
    )
    approvals.approve(workspace, asked.id, actor=actors["lydia"])
    return asked.object_id, run_erasure(workspace, asked.object_id, actor=actors["lydia"])
