"""Models of the demo in workspaces of their own, whole logs: their answers are known."""

from pathlib import Path

from core.services import ingest
from core.services.workspace import Workspace
from data.build.common import DEMO
from tests.support.builders import ADMIN, a_workspace

LOANAPP, EMPLOYMENT = "loanapp-fair-lending", "acs-employment"


def demo_model(home: Path, model: str) -> Workspace:
    """Return a workspace with one model of the demo, all its streams ingested."""
    folder = DEMO / model
    workspace = a_workspace(home, contract=(folder / "model.yaml").read_text(encoding="utf-8"))
    for stream in ("predictions", "decisions", "outcomes"):
        file = folder / f"{stream}.parquet"
        if file.is_file():
            ingest.ingest_files(workspace, model, [file], stream=stream, actor=ADMIN)
    return workspace
