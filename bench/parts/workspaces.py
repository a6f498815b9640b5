"""Workspaces that several parts look at, made once and kept in the bench's folder."""

from pathlib import Path

from bench.contract import write_contract
from bench.dataset import SEED
from bench.lending import MODEL, files_of, lending_contract
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
    """Return a workspace with one model, so many decisions and what became of each."""
    home = bench.cache / f"lending-{rows}"
    done = home / "ingested"
    if done.exists():
        return home
    dataset, folder = prepare_dataset(rows, SEED, bench.cache, lambda line: print(line, flush=True))
    spec, lent = bench.cache / f"lending-{rows}.yaml", bench.cache / f"lent-{rows}"
    write_contract(spec, lending_contract(dataset))
    bench.python("-m", "bench.lending", folder, lent)
    made = files_of(dataset, lent)
    for words in (
        ["init"],
        ["model", "register", str(spec)],
        ["ingest", MODEL, *map(str, made.predictions)],
        ["ingest", MODEL, *map(str, made.outcomes), "--outcomes"],
        ["check", MODEL],
    ):
        bench.harbourlight(home, *words)
    done.touch()
    return home
