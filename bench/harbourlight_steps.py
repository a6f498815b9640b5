"""Harbourlight's rows: its commands as whole processes, and its parts inside one."""

import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.contract import MODEL, SLICED_MODEL, contract_document, write_contract
from bench.dataset import SEGMENT_COLUMNS
from bench.figures import Figure, Scope
from bench.measure import ChildFailed, ChildRun, Usage
from bench.runner import Runner, inside_usages, last_document

LABELS = {
    "ingest": "harbourlight ingest (ingest and profile)",
    "drift_month": "harbourlight drift --by month --json",
    "report": "log file to drift report (the two above)",
    "ingest_sliced": "harbourlight ingest, two 50-value segments",
    "profile": "profile pass, no slices, warm",
    "profile_sliced": "profile pass, two 50-value segments, warm",
    "question_first": "a year of days × all features, first in a process",
    "question_later": "a year of days × all features, later",
}


def harbourlight_figures(runner: Runner) -> list[Figure]:
    """Time Harbourlight in fresh workspaces, without slices and with two segments."""
    with runner.scratch() as folder:
        home = folder / "home"
        figures = _log_to_report(runner, home)
        figures += _inside(runner, home, MODEL, "profile", ("profile",))
        figures += _inside(runner, home, MODEL, "question", ("question_first", "question_later"))
        shutil.rmtree(home, ignore_errors=True)
        figures += _sliced_ingest(runner, home)
        figures += _inside(runner, home, SLICED_MODEL, "profile", ("profile_sliced",))
    return figures


def _log_to_report(runner: Runner, home: Path) -> list[Figure]:
    ingests: list[Usage] = []
    drifts: list[Usage] = []
    detail: Mapping[str, object] = {}
    keys = ("ingest", "drift_month", "report")
    try:
        for number in range(runner.repeats):
            runner.tell(f"Harbourlight: log file to drift report, run {number + 1} …")
            shutil.rmtree(home, ignore_errors=True)
            ingests.append(_ingest(runner, home, MODEL, ()).usage)
            detail = _sizes(home)
            command = ["drift", MODEL, "--by", "month", "--json"]
            report = _harbourlight(runner, home, command)
            if not last_document(report.output)["rows"]:
                raise ChildFailed("the drift report has no rows")
            drifts.append(report.usage)
    except ChildFailed as error:
        return [_missing(runner, key, Scope.process, str(error)) for key in keys]
    reports = [ingest + drift for ingest, drift in zip(ingests, drifts, strict=True)]
    rows = runner.dataset.rows
    return [
        Figure(key, LABELS[key], Scope.process, rows, tuple(usages), detail=facts)
        for key, usages, facts in zip(
            keys, (ingests, drifts, reports), (detail, {}, {}), strict=True
        )
    ]


def _sliced_ingest(runner: Runner, home: Path) -> list[Figure]:
    key = "ingest_sliced"
    runner.tell("Harbourlight: ingest with two 50-value segments …")
    try:
        usage = _ingest(runner, home, SLICED_MODEL, SEGMENT_COLUMNS).usage
    except ChildFailed as error:
        return [_missing(runner, key, Scope.process, str(error))]
    rows = runner.dataset.rows
    return [Figure(key, LABELS[key], Scope.process, rows, (usage,), detail=_sizes(home))]


def _inside(
    runner: Runner, home: Path, model: str, step: str, keys: tuple[str, ...]
) -> list[Figure]:
    """Run a step inside one process; its first run is the first of two keys, or left out."""
    runner.tell(f"Harbourlight: {LABELS[keys[-1]]} …")
    try:
        child, document = runner.inside(step, runner.repeats + 1, model, env=_environment(home))
    except ChildFailed as error:
        return [_missing(runner, key, Scope.inside, str(error)) for key in keys]
    usages = inside_usages(child, document["runs"])
    parts = [usages[1:]] if len(keys) == 1 else [usages[:1], usages[1:]]
    rows = runner.dataset.rows if step == "profile" else 0
    return [
        Figure(key, LABELS[key], Scope.inside, rows, part, detail=document["answer"])
        for key, part in zip(keys, parts, strict=True)
    ]


def _ingest(runner: Runner, home: Path, model: str, segments: tuple[str, ...]) -> ChildRun:
    """Make a workspace with a registered model, untimed, and ingest the log into it."""
    spec = home.parent / "model.yaml"
    write_contract(spec, contract_document(model, runner.dataset, segments))
    _harbourlight(runner, home, ["init"])
    _harbourlight(runner, home, ["model", "register", str(spec)])
    files = [str(file) for file in runner.dataset.files]
    child = _harbourlight(runner, home, ["ingest", model, "--json", *files])
    stored = last_document(child.output)["stored"]
    if stored != runner.dataset.rows:
        raise ChildFailed(f"{stored} of {runner.dataset.rows} rows were stored")
    return child


def _harbourlight(runner: Runner, home: Path, arguments: Sequence[str]) -> ChildRun:
    return runner.run([sys.executable, "-m", "core.cli.main", *arguments], _environment(home))


def _environment(home: Path) -> dict[str, str]:
    # An empty address means the workspace's own SQLite file, whatever the caller's shell says.
    return {"HARBOURLIGHT_HOME": str(home), "HARBOURLIGHT_STATE_URL": ""}


def _sizes(home: Path) -> dict[str, object]:
    """Return the bytes of the profile files and of all other lake files."""
    profile, data = 0, 0
    for path in (home / "lake").rglob("*.parquet"):
        if "profile" in path.relative_to(home).parts:
            profile += path.stat().st_size
        else:
            data += path.stat().st_size
    return {"profile_bytes": profile, "data_bytes": data}


def _missing(runner: Runner, key: str, scope: Scope, reason: str) -> Figure:
    return Figure(key, LABELS[key], scope, runner.dataset.rows, missing=reason)
