"""Workspaces that several parts look at, made once and kept in the bench's folder."""

from pathlib import Path

from bench.contract import MODEL, contract_document, write_contract
from bench.dataset import SEED
from bench.parts.part import Bench
from bench.runner import prepare_dataset
from core.bootstrap import create_workspace
from core.cli.context import os_login
from core.config import Settings
from core.services.demo import build as demo
from core.services.identity import users


def settings_of(home: Path) -> Settings:
    """Return the settings of a workspace with its own SQLite file."""
    return Settings(home, f"sqlite:///{home / 'state.db'}")


def demo_home(bench: Bench) -> Path:
    """Return the demo's workspace."""
    home = bench.cache / "demo"
    workspace = create_workspace(settings_of(home))
    try:
        owner = users.actor_of_os_login(workspace, os_login())
        demo.build_demo(workspace, actor=owner, progress=lambda _share, _note: None)
    finally:
        workspace.store.close()
    return home


def large_home(bench: Bench, rows: int) -> Path:
    """Return a workspace with one model and a log of so many rows."""
    home = bench.cache / f"home-{rows}"
    done = home / "ingested"
    if done.exists():
        return home
    dataset, _ = prepare_dataset(rows, SEED, bench.cache, lambda line: print(line, flush=True))
    spec = bench.cache / f"model-{rows}.yaml"
    write_contract(spec, contract_document(MODEL, dataset, ()))
    for words in (
        ["init"],
        ["model", "register", str(spec)],
        ["ingest", MODEL, *map(str, dataset.files)],
    ):
        bench.harbourlight(home, *words)
    done.touch()
    return home
