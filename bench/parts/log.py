"""From a log file to a drift report, beside a plain aggregate and the peers."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.figures import Clock, Figure, Scope, ratio
from bench.findings import Found, Table
from bench.measure import Usage
from bench.parts.part import Bench, Part
from bench.table import PLAIN, REPORT, missing_notes
from bench.targets import TARGETS

_HEAD = (
    *("what", "wall s", "CPU s", "peak MB", "rows a second"),
    *("× plain aggregate", "× ours, wall", "× ours, CPU"),
)


def measure_log(bench: Bench) -> Found:
    """Time everything on a million rows, the peers too."""
    peers = ["--peers", "none"] if bench.is_small else []
    return _timed(bench, bench.size(1_000_000, 20_000), *peers)


def measure_large(bench: Bench) -> Found:
    """Time our own steps on ten million rows."""
    return _timed(bench, bench.size(10_000_000, 20_000), "--peers", "none")


def _timed(bench: Bench, rows: int, *options: str) -> Found:
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "rates.json"
        given = ["--rows", rows, "--cache", bench.cache, "--json", report, *options]
        bench.python("-m", "bench.rates", *given)
        figures = [_figure(each) for each in json.loads(report.read_text("utf-8"))["figures"]]
    named = {each.key: each for each in figures}
    rows_ = tuple(_row(each, named) for each in figures if each.usage is not None)
    found = {target.key: target.measure(named, Clock.wall) for target in TARGETS}
    values = {key: value for key, value in found.items() if value is not None}
    return Found((Table(_HEAD, rows_),), values, tuple(missing_notes(figures)))


def _figure(told: Mapping[str, Any]) -> Figure:
    runs = tuple(Usage(**run) for run in told["runs"])
    return Figure(**{**told, "scope": Scope(told["scope"]), "runs": runs})


def _row(figure: Figure, named: Mapping[str, Figure]) -> tuple[str, ...]:
    usage = figure.usage
    assert usage is not None
    whole = named.get(REPORT) if figure.scope is Scope.process else None
    return (
        f"{figure.label}{', inside' if figure.scope is Scope.inside else ''}",
        f"{usage.wall_s:.3g}",
        f"{usage.cpu_s:.3g}",
        f"{usage.peak_bytes / 1e6:,.0f}",
        f"{figure.rows / usage.wall_s:,.0f}" if figure.rows else "–",
        _times(ratio(figure, named.get(PLAIN[figure.scope]))),
        *(_times(ratio(figure, whole, clock)) for clock in Clock),
    )


def _times(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}" if value < 10 else f"{value:.0f}"


_ABOUT = (
    "A generated log of 22 columns over a year ([what is in it](bench.md#the-log), [what each "
    "row times](bench.md#the-rows-of-the-table)): ingest, profile, drift, a later question; beside "
    "a plain DuckDB aggregate of the same files"
)
LOG = Part(
    "log",
    "Log file to drift report: a million rows, and the peers",
    f"{_ABOUT}, Evidently, nannyml and whylogs. Memory is the largest of a process.",
    8,
    measure_log,
)
LOG_LARGE = Part(
    "log-10m",
    "Log file to drift report: ten million rows",
    f"{_ABOUT}, without the peers.",
    9,
    measure_large,
)
