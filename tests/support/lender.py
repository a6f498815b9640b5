"""The test workspace's loans once more, with a policy, values and labelled rows to learn from."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from core.domain.identity import Actor
from core.services import ingest
from core.services.identity import users
from core.services.performance import Estimates, Performance, estimates_beside, performance
from core.services.questions import Question
from core.services.registry import models as registry
from core.services.workspace import Workspace
from tests.support.harbour import (
    LOANS,
    OWNER_LOGIN,
    ZONE,
    build_empty_harbour,
    loan_log,
    loan_outcomes,
)
from tests.support.templates import built_once

CUT_OFF = 0.1
VALUES = {"true_positive": 0, "false_positive": -50, "false_negative": -400, "true_negative": 30}
PERIOD = {"from": "2024-01-01", "to": "2024-03-31"}
MODELS: dict[str, Any] = {
    "loans": {"performance_reference": PERIOD},
    "registered": {"performance_reference": {"dataset": "holdout.parquet"}},
    "unlabelled": {"performance_reference": {"dataset": "features.parquet"}},
    "premature": {"performance_reference": {"from": "2024-12-01", "to": "2024-12-31"}},
    "plain": {},
}


@dataclass(frozen=True)
class Lender:
    """The workspace, who asks, and its labelled rows."""

    workspace: Workspace
    actor: Actor
    rows: pd.DataFrame

    def ask(self, model: str = "loans", **question: str) -> tuple[Performance, Estimates]:
        asked = Question(model, **{"by": "month", **question})
        found = performance(self.workspace, asked, actor=self.actor)
        return found, estimates_beside(self.workspace, found)


def labelled_loans() -> pd.DataFrame:
    """Return every loan with its label, if one is known, and its month by the local clock."""
    rows = loan_log().merge(loan_outcomes()[["loan_id", "defaulted"]], how="left")
    return rows.assign(month=rows["scored_at"].dt.tz_convert(ZONE).dt.month)


def build_lender(folder: Path) -> Lender:
    """Return one log under five contracts: a copy of what is built once for all tests."""
    home = folder / "home"
    shutil.copytree(built_once("lender", _build) / "home", home)
    workspace = build_empty_harbour(home)
    return Lender(workspace, users.actor_of_os_login(workspace, OWNER_LOGIN), labelled_loans())


def _build(folder: Path) -> None:
    """Build one log under five contracts that differ in what estimates are learned from."""
    workspace = build_empty_harbour(folder / "home")
    actor, rows = users.actor_of_os_login(workspace, OWNER_LOGIN), labelled_loans()
    holdout = rows[rows["month"] <= 6]
    holdout.drop(columns=["likely", "month"]).to_parquet(folder / "holdout.parquet")
    holdout.drop(columns=["defaulted"]).to_parquet(folder / "features.parquet")
    rows.drop(columns=["likely", "defaulted", "month"]).to_parquet(folder / "log.parquet")
    loan_outcomes().to_parquet(folder / "outcomes.parquet")
    policy = [{"version": "p1", "from": "2024-01-01", "rule": f"score >= {CUT_OFF} -> decline"}]
    for name, changes in MODELS.items():
        document = {**LOANS, "id": name, "name": {"en": name}, "policy": policy, **changes}
        document["confusion_values"] = VALUES
        spec = folder / f"{name}.yaml"
        spec.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
        registry.register_model(workspace, spec, actor=actor)
        _put(workspace, name, folder, actor)
    workspace.store.close()


def _put(workspace: Workspace, model: str, folder: Path, actor: Actor) -> None:
    """Ingest a folder's log and its outcomes."""
    for stream in ("log", "outcomes"):
        kind = "predictions" if stream == "log" else stream
        path = folder / f"{stream}.parquet"
        ingest.ingest_files(workspace, model, [path], stream=kind, actor=actor)
