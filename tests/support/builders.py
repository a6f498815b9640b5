"""Contracts, logs and workspaces that tests of every layer build on."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from core.bootstrap import create_workspace
from core.config import Settings
from core.contract import ModelContract, contract_from_text
from core.domain.identity import Actor, Role
from core.services.identity import sessions
from core.services.workspace import Workspace
from core.store import models
from core.store.identity import users

FIRST = datetime(2025, 1, 1, 2, 0, tzinfo=UTC)
ADMIN = Actor("u1", "ada", frozenset({Role.admin}), origin="cli")
VIEWER = Actor("u2", "bo", frozenset({Role.business}))

CONTRACT = """
id: loans
name: {en: Loans, zh-HK: 貸款, zh-CN: 贷款}
task: binary_classification
owner: Credit risk
purpose: Scores loans before approval.
log:
  prediction_id: loan_id
  time: approved_at
  version: model_version
  score: score
  decision: decision
  latency_ms: latency_ms
  status: status
  amount: amount
columns: [{name: branch, type: text}, {name: term, type: integer}, {name: opened, type: date}]
features:
  - {name: loan amount, type: numeric}
  - {name: industry, type: categorical}
outcome:
  columns:
    - {name: charged_off, type: label, positive: 1}
    - {name: loss, type: amount, currency: HKD}
  time: observed_at
  matures_after: 3 months
segments: [industry]
protected: [sex]
reference: {from: 2025-01-01, to: 2025-01-20}
"""
_CONTRACT = yaml.safe_load(CONTRACT)


def contract_document(**changes: Any) -> dict[str, Any]:
    """Return the loans contract as a document, some fields changed; ``None`` takes one out."""
    fields = {**deepcopy(_CONTRACT), **changes}
    return {name: value for name, value in fields.items() if value is not None}


def contract_text(**changes: Any) -> str:
    """Return the loans contract as YAML, some fields changed."""
    document = contract_document(**changes)
    return yaml.dump(document, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False)


def a_contract(**changes: Any) -> ModelContract:
    """Return the loans contract, some fields changed."""
    return contract_from_text(contract_text(**changes))


def a_row(number: int, **changes: Any) -> dict[str, Any]:
    """Return row ``number`` of a log: one prediction every three hours from 2025-01-01."""
    row = {
        "loan_id": f"L{number:06d}",
        "approved_at": FIRST + timedelta(hours=3 * number),
        "model_version": "1" if number % 5 else "2",
        "score": (number * 37 % 101) / 101,
        "decision": "approve" if number % 4 else "decline",
        "latency_ms": 5.0 + number % 40,
        "status": "ok" if number % 50 else "error",
        "amount": 1000.0 * (1 + number % 9),
        "branch": ("Central", "旺角", "Sha Tin")[number % 3],
        "term": 12 * (1 + number % 4),
        "opened": (FIRST - timedelta(days=number % 400)).date(),
        "loan amount": float(1000 + number * 7919 % 50_000),
        "industry": ("retail", "food", "transport", "IT")[number % 4],
        "sex": ("f", "m")[number % 2],
    }
    return {**row, **changes}


def a_log(count: int, start: int = 0) -> list[dict[str, Any]]:
    """Return ``count`` rows of the log, from row ``start`` on."""
    return [a_row(number) for number in range(start, start + count)]


def outcome_rows(numbers: Sequence[int], after_days: int = 60) -> list[dict[str, Any]]:
    """Return the outcomes of the log's rows of these numbers; every seventh loan is lost."""
    return [
        {
            "loan_id": f"L{number:06d}",
            "observed_at": FIRST + timedelta(hours=3 * number, days=after_days),
            "charged_off": int(number % 7 == 0),
            "loss": 250.0 if number % 7 == 0 else 0.0,
        }
        for number in numbers
    ]


def write_parquet(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """Write rows to a Parquet file and return its path."""
    pq.write_table(pa.Table.from_pylist([dict(row) for row in rows]), path)
    return path


def write_csv(
    path: Path,
    rows: Sequence[Mapping[str, Any]],
    *,
    encoding: str = "utf-8",
    separator: str = ",",
    newline: str = "\n",
) -> Path:
    """Write rows to a file of separated values, unquoted, and return its path."""
    lines = [separator.join(rows[0])]
    lines += [separator.join(_text(value) for value in row.values()) for row in rows]
    path.write_bytes((newline.join(lines) + newline).encode(encoding))
    return path


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else str(value)


def settings_of(home: Path, state_url: str | None = None) -> Settings:
    """Return the settings of a test's workspace, which is on SQLite unless told."""
    return Settings(home, state_url or f"sqlite:///{home / 'state.db'}", threads=2)


def a_workspace(
    home: Path, *, state_url: str | None = None, contract: str | None = None
) -> Workspace:
    """Return a new workspace in a folder, with one model registered in it."""
    workspace = create_workspace(settings_of(home, state_url))
    text = contract or contract_text()
    with workspace.store.begin() as conn:
        models.register(
            conn,
            model_id=contract_from_text(text).id,
            spec_text=text,
            actor="ada",
            at=workspace.clock(),
        )
    return workspace


def open_session(workspace: Workspace, user_id: str) -> str:
    """Begin a session of a user as a browser's sign-in does; return its id."""
    with workspace.store.begin() as conn:
        user = users.get(conn, user_id)
        session_id, _ = sessions.begin(
            workspace, conn, user, method="password", source="127.0.0.1", agent="tests"
        )
    return session_id
