"""A small log of loans with decisions of people and outcomes, and KPIs of every kind on it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from core.services import ingest
from core.services.workspace import Workspace
from tests.support.builders import (
    ADMIN,
    FIRST,
    a_log,
    a_workspace,
    contract_document,
    contract_text,
    outcome_rows,
    write_parquet,
)

ROWS = 1040  # 130 days, eight a day, from 2025-01-01 to 2025-05-10
LABELLED = 700  # outcomes after 60 days: known to the end of May
KPIS: list[dict[str, Any]] = [
    {"id": "approval_rate", "name": "Approval rate", "definition": "share(approved)",
     "unit": "share", "direction": "higher_is_better",
     "targets": [{"value": 0.7, "set_on": "2024-12-01", "set_by": "Board"},
                 {"value": 0.9, "set_on": "2025-03-01", "set_by": "Board"}]},
    {"id": "exposure", "name": "Exposure", "definition": "sum(amount where approved)",
     "unit": "money", "direction": "higher_is_better",
     "target": {"value": 1000, "set_on": "2024-12-01", "set_by": "Board"}},
    {"id": "loss_rate", "name": "Loss rate", "unit": "share", "direction": "lower_is_better",
     "definition": "sum(loss where approved) / sum(amount where approved)", "maturity": "outcome",
     "watch": 0.005, "act": 0.5},
    {"id": "losses", "name": "Losses", "definition": "sum(loss)", "unit": "HKD",
     "maturity": "outcome"},
    {"id": "middle", "name": "Middle amount", "definition": "median(amount where approved)",
     "unit": "money"},
    {"id": "spread", "name": "Spread", "definition": "maximum(score) - minimum(score)"},
    {"id": "branches", "name": "Branches", "definition": "distinct(branch)", "unit": "count"},
    {"id": "old", "name": "Old enough", "definition": "count()", "unit": "count",
     "maturity": "30 days"},
    {"id": "reviewed", "name": "Reviewed", "definition": "share(overridden where reviewed)",
     "unit": "share"},
]  # fmt: skip


def text_of(**changes: Any) -> str:
    given: dict[str, Any] = {
        "kpis": KPIS,
        "definitions": {"approved": 'final_decision = "approve"'},
        "log": {**contract_document()["log"], "jurisdiction": "region"},
        "columns": [
            {"name": "branch", "type": "text", "personal": True},
            {"name": "term", "type": "integer"},
        ],
        "segments": ["industry", "branch", "sex"],
        **changes,
    }
    return contract_text(**given)


def log_rows() -> list[dict[str, Any]]:
    return [{**row, "region": "HK" if n % 4 else "CN"} for n, row in enumerate(a_log(ROWS))]


def decision_rows() -> list[dict[str, Any]]:
    """Return people's decisions on every tenth prediction, half of them otherwise than logged."""
    return [
        {
            "loan_id": f"L{number:06d}",
            "decided_at": FIRST + timedelta(hours=3 * number, days=1),
            "kind": "human",
            "decision": "approve" if number % 20 else "decline",
        }
        for number in range(0, ROWS, 10)
    ]


def built(home: Path, **changes: Any) -> Workspace:
    workspace = a_workspace(home / "home", contract=text_of(**changes))
    streams: dict[str, list[dict[str, Any]]] = {
        "predictions": log_rows(),
        "decisions": decision_rows(),
        "outcomes": outcome_rows(range(LABELLED)),
    }
    for stream, rows in streams.items():
        path = write_parquet(home / f"{stream}.parquet", rows)
        ingest.ingest_files(workspace, "loans", [path], stream=stream, actor=ADMIN)
    return workspace
