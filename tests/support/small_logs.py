"""Small logs under contracts of their own, for what the test workspace's loans do not show."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from core.domain.identity import Actor
from core.services import ingest
from core.services.identity import users
from core.services.performance import Estimates, Performance, estimates_beside, performance
from core.services.questions import Question
from core.services.registry import models as registry
from core.services.workspace import Workspace
from tests.support.harbour import LOANS, OWNER_LOGIN, ZONE, build_empty_harbour

CONTRACT: dict[str, Any] = {
    "name": LOANS["name"],
    "task": "binary_classification",
    "owner": "x",
    "purpose": "x",
    "timezone": ZONE,
    "currency": "HKD",
    "log": {"prediction_id": "id", "time": "at", "version": "v", "score": "s"},
    "features": [{"name": "f", "type": "numeric"}],
    "outcome": {
        "columns": [{"name": "y", "type": "label", "positive": 1}],
        "time": "seen",
        "matures_after": "1 months",
    },
    "reference": {"from": "2024-01-01", "to": "2024-02-29"},
    "performance_reference": {"from": "2024-01-01", "to": "2024-02-29"},
}


@dataclass(frozen=True)
class SmallLogs:
    """A workspace whose models are made by the tests."""

    workspace: Workspace
    actor: Actor
    folder: Path

    def add(self, model: str, rows: pd.DataFrame, **contract: Any) -> None:
        """Register a model and ingest its log, with the outcomes that are known in column ``y``."""
        spec = self.folder / f"{model}.yaml"
        document = {"id": model, **CONTRACT, **contract}
        spec.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
        registry.register_model(self.workspace, spec, actor=self.actor)
        known = rows[rows["y"].notna()][["id", "y", "at"]].rename(columns={"at": "seen"})
        known = known.assign(seen=known["seen"] + pd.Timedelta(days=10))
        for stream, table in (("predictions", rows.drop(columns="y")), ("outcomes", known)):
            path = self.folder / f"{model}-{stream}.parquet"
            table.to_parquet(path)
            ingest.ingest_files(self.workspace, model, [path], stream=stream, actor=self.actor)

    def ask(self, model: str, **question: Any) -> tuple[Performance, Estimates]:
        asked = Question(model, **{"by": "month", **question})
        found = performance(self.workspace, asked, actor=self.actor)
        return found, estimates_beside(self.workspace, found)


def build_small_logs(folder: Path) -> SmallLogs:
    """Build a workspace without models."""
    workspace = build_empty_harbour(folder / "home")
    return SmallLogs(workspace, users.actor_of_os_login(workspace, OWNER_LOGIN), folder)


def half_a_year(seed: int = 3, minutes: int = 60) -> pd.DataFrame:
    """Return predictions of January to June, with scores that keep their word."""
    at = pd.date_range("2024-01-01", "2024-06-30 23:59", freq=f"{minutes}min", tz=ZONE)
    random = np.random.default_rng(seed)
    f = random.normal(size=at.size)
    score = 1 / (1 + np.exp(1.5 - f))
    return pd.DataFrame(
        {
            "id": [f"P{place:06d}" for place in range(at.size)],
            "at": at.tz_convert("UTC").as_unit("us"),
            "month": at.month,
            "v": "1",
            "s": score,
            "f": f,
            "y": (random.random(at.size) < score).astype(float),
        }
    )
