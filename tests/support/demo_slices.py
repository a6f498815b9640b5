"""Small parts of the demo's logs, with the demo's own models: changed as a test likes."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import skops.io

from core.config import PROJECT_ROOT
from core.domain.identity import Actor
from core.services import ingest
from core.services.registry import models as registry
from core.services.registry.artefacts import TRUSTED_TYPES
from core.services.workspace import Workspace

DEMO = PROJECT_ROOT / "data" / "demo"
SBA, LOANAPP = "sba-loan-default", "loanapp-fair-lending"


def sba_log(every: int = 60, until: str = "2006-09-01") -> pd.DataFrame:
    """Return every n-th loan from 2006-01 on: the reference ends in June."""
    log = pd.read_parquet(DEMO / SBA / "predictions.parquet")
    return (
        log[log["approved_at"] < pd.Timestamp(until, tz="UTC")].iloc[::every].reset_index(drop=True)
    )


def loanapp_log() -> pd.DataFrame:
    """Return all applications."""
    return pd.read_parquet(DEMO / LOANAPP / "predictions.parquet")


def fitted(model: str, file: str = "model.skops") -> Any:
    """Return a demo's pipeline, loaded without any code of ours."""
    return skops.io.load(DEMO / model / file, trusted=sorted(TRUSTED_TYPES))


def direct_scores(pipeline: Any, log: pd.DataFrame) -> Any:
    """Return scikit-learn's own probabilities for rows as their file has them."""
    return pipeline.predict_proba(log[list(pipeline.feature_names_in_)])[:, 1]


def a_folder(folder: Path, model: str, changes: Mapping[str, str] | None = None) -> Path:
    """Copy a demo's contract and files into a folder, some texts of the contract changed."""
    target = folder / model
    target.mkdir(parents=True, exist_ok=True)
    for file in (DEMO / model).iterdir():
        if file.suffix in {".skops", ".yaml"} or file.stem.split("-")[0] in {"training", "holdout"}:
            shutil.copyfile(file, target / file.name)
    text = (target / "model.yaml").read_text(encoding="utf-8")
    for old, new in (changes or {}).items():
        assert old in text
        text = text.replace(old, new)
    (target / "model.yaml").write_text(text, encoding="utf-8")
    return target


def put(
    workspace: Workspace,
    folder: Path,
    model: str,
    log: pd.DataFrame,
    *,
    actor: Actor,
    decisions: pd.DataFrame | None = None,
    changes: Mapping[str, str] | None = None,
) -> None:
    """Register a demo's model, and ingest a log and what was decided."""
    spec = a_folder(folder, model, changes) / "model.yaml"
    registry.register_model(workspace, spec, actor=actor)
    for stream, frame in (("predictions", log), ("decisions", decisions)):
        if frame is not None:
            path = folder / f"{model}-{stream}.parquet"
            frame.to_parquet(path)
            ingest.ingest_files(workspace, model, [path], stream=stream, actor=actor)


def decisions_of(log: pd.DataFrame, kind: str, decision: str) -> pd.DataFrame:
    """Return one decision about each row of a log, a minute after its prediction."""
    return pd.DataFrame(
        {
            "prediction_id": log["loan_id"],
            "time": log["approved_at"] + pd.Timedelta(minutes=1),
            "kind": kind,
            "decision": decision,
            "decided_by": "somebody",
        }
    )
