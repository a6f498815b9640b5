"""Workspaces whose models have no cut-off: car prices, and three kinds of cards.

January holds the first chunk of nannyml's analysis and February the sixth, whose inputs have
changed; both are labelled. March has the first rows of the first chunk again, without outcomes.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from core.config import Settings
from core.domain.identity import Actor
from core.services import ingest
from core.services.identity import users
from core.services.registry import models as registry
from core.services.workspace import Workspace
from tests.support.harbour import OWNER_LOGIN, build_empty_harbour

FIXTURES = Path(__file__).parents[1] / "fixtures"
FEATURES = {
    "car_age": "numeric",
    "km_driven": "numeric",
    "price_new": "numeric",
    "accident_count": "numeric",
    "door_count": "numeric",
    "fuel": "categorical",
    "transmission": "categorical",
}
CLASSES = ("prepaid_card", "highstreet_card", "upmarket_card")
MARCH = 1_500
REFERENCE = 4_000
_SAME: Mapping[str, Any] = {
    "owner": "Pricing",
    "timezone": "Asia/Hong_Kong",
    "reference": {"from": "2024-01-01", "to": "2024-01-31"},
    "performance_reference": {"dataset": "holdout.parquet"},
    "outcome": {
        "columns": [{"name": "y_true", "type": "label"}],
        "time": "observed_at",
        "matures_after": "20 days",
    },
}
PRICES: Mapping[str, Any] = {
    **_SAME,
    "id": "prices",
    "name": "Car prices",
    "task": "regression",
    "purpose": "Says what a used car will fetch.",
    "log": {"prediction_id": "id", "time": "time", "score": "y_pred"},
    "features": [{"name": name, "type": kind} for name, kind in FEATURES.items()],
    "segments": ["fuel"],
}
CARDS: Mapping[str, Any] = {
    **_SAME,
    "id": "cards",
    "name": "Cards",
    "task": "multiclass_classification",
    "purpose": "Says which card to offer.",
    "log": {
        "prediction_id": "id",
        "time": "time",
        "prediction": "y_pred",
        "scores": {name: f"y_pred_proba_{name}" for name in CLASSES},
    },
    "features": [{"name": "month", "type": "numeric"}],
}


LIKELIEST: Mapping[str, Any] = {
    **CARDS,
    "id": "likeliest",
    "log": {name: each for name, each in CARDS["log"].items() if name != "prediction"},
}
_FOLDERS = {"prices": "car_price", "cards": "prepaid_card", "likeliest": "prepaid_card"}


def holdout(model: str) -> pd.DataFrame:
    """Return the labelled reference of a model."""
    path = FIXTURES / _FOLDERS[model] / "reference.parquet"
    return pd.read_parquet(path).head(REFERENCE).assign(month=0)


def logged(model: str) -> pd.DataFrame:
    """Return the log of a model, with the outcomes as ``y_true``; March has none."""
    rows = pd.read_parquet(FIXTURES / _FOLDERS[model] / "analysis.parquet")
    if model == "prices":
        january, february = (rows[rows["chunk"] == chunk] for chunk in (0, 5))
    else:
        january, february = rows.iloc[:6_000], rows.iloc[30_000:36_000]
    months = (january, february, january.head(MARCH))
    parts = []
    for number, part in enumerate(months):
        start = pd.Timestamp(f"2024-{number + 1:02d}-01", tz="Asia/Hong_Kong").tz_convert("UTC")
        minutes = np.linspace(0, 28 * 24 * 60, len(part), endpoint=False).astype(int)
        parts.append(
            part.assign(
                id=[f"{number}-{place:05d}" for place in range(len(part))],
                time=start + pd.to_timedelta(minutes, unit="m"),
                month=number,
            )
        )
    whole = pd.concat(parts, ignore_index=True)
    whole["time"] = whole["time"].astype("datetime64[us, UTC]")
    return whole


def build_estimating(home: Path, contract: Mapping[str, Any]) -> tuple[Workspace, Actor]:
    """Build a workspace with one of the models."""
    workspace = build_empty_harbour(home)
    owner = users.actor_of_os_login(workspace, OWNER_LOGIN)
    add(workspace, owner, contract)
    return workspace, owner


def add(workspace: Workspace, owner: Actor, contract: Mapping[str, Any]) -> None:
    """Register a model, and ingest its log and its outcomes."""
    register(workspace, owner, contract)
    inbox, rows = _inbox(workspace.settings), logged(contract["id"])
    rows.drop(columns="y_true").to_parquet(inbox / "log.parquet")
    known = rows[rows["month"] < 2]
    pd.DataFrame(
        {
            "id": known["id"],
            "observed_at": known["time"] + pd.Timedelta(days=10),
            "y_true": known["y_true"],
        }
    ).to_parquet(inbox / "outcomes.parquet")
    for stream, name in (("predictions", "log.parquet"), ("outcomes", "outcomes.parquet")):
        ingest.ingest_files(workspace, contract["id"], [inbox / name], stream=stream, actor=owner)


def register(workspace: Workspace, owner: Actor, contract: Mapping[str, Any]) -> None:
    """Register a model, or another revision of its contract, with its labelled data set."""
    inbox = _inbox(workspace.settings)
    holdout(contract["id"]).to_parquet(inbox / "holdout.parquet")
    spec = inbox / "model.yaml"
    spec.write_text(yaml.safe_dump(dict(contract), sort_keys=False), encoding="utf-8")
    registry.register_model(workspace, spec, actor=owner)


def _inbox(settings: Settings) -> Path:
    folder = settings.home.parent / f"{settings.home.name}-inbox"
    folder.mkdir(exist_ok=True)
    return folder
