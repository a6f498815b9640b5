"""Many people at once, and how fast the queue of reviews hands out cases."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.findings import Found, Table
from bench.load.figures import percentile
from bench.parts.markdown import tables_in
from bench.parts.part import Bench, Part

_SECONDS = 1000.0
_RAMP_S = 10
# Of each kind of question: minutes before the one that is measured, and what it is called.
_QUESTIONS = {
    "first": (4, "what a page shows first"),
    "offered": (9, "what the page offers"),
    "own": (4, "days of their own"),
}


def measure_load(bench: Bench) -> Found:
    """Let 200 sessions act, each every ten seconds, by each kind of question that they may ask."""
    with tempfile.TemporaryDirectory() as scratch:
        size = ["--sessions", bench.size(200, 4), "--home", Path(scratch) / "home"]
        found = {
            days: _acting(bench, "--days", days, *size, *_after(bench, minutes))
            for days, (minutes, _) in _QUESTIONS.items()
        }
    values = {
        f"{days}_{key}": value for days, each in found.items() for key, value in each.values.items()
    }
    notes = [
        f"{_QUESTIONS[days][1]}: {note}" for days, each in found.items() for note in each.notes
    ]
    return Found(
        tuple(table for each in found.values() for table in each.tables), values, tuple(notes)
    )


def _after(bench: Bench, minutes: int) -> tuple[object, ...]:
    """Return how long to wait after everybody came, so that the next minute is measured."""
    return () if bench.is_small else ("--warm-up", 60 * minutes - _RAMP_S)


def measure_reviewers(bench: Bench) -> Found:
    """Let 30 reviewers work on the queue, and count afterwards."""
    return _acting(bench, "--reviewers", "--sessions", bench.size(30, 3))


def _acting(bench: Bench, *options: object) -> Found:
    quick = ["--seconds", 5, "--period", 2] if bench.is_small else []
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "load.json"
        given = ["-m", "bench.load", *options, *quick, "--json", report]
        child = bench.python(*given, codes=(0, 1))  # 1 if the target is missed
        told = json.loads(report.read_text(encoding="utf-8"))
    return found_in(child.output, told)


def found_in(output: str, told: Mapping[str, Any]) -> Found:
    """Return what one load found.

    Parameters
    ----------
    output : str
        What it printed.
    told : mapping
        What it wrote with ``--json``.
    """
    times = sorted(each for runs in told["record"]["reruns"].values() for each in runs)
    machine, memory = told["machine"], told["memory"]
    values = {
        "p50_ms": percentile(times, 0.5) * _SECONDS,
        "p95_ms": percentile(times, 0.95) * _SECONDS,
        "cpu_ms": machine["server_cpu_s"] * _SECONDS / len(times),
        "failures": len(told["record"]["failures"]),
        "memory_mb": memory["end"],
    }
    lines = output.strip().splitlines()
    # Beneath the last table stand the sentences; the machine has its own place on the page.
    last = max(place for place, line in enumerate(lines) if line.startswith("|"))
    notes = [line.strip() for line in lines[last + 1 :] if line.strip()]
    return Found(
        tables_in(output),
        values,
        tuple(each for each in notes if not each.startswith(("machine", "target"))),
    )


def measure_queue(bench: Bench) -> Found:
    """Claim and decide cases of a long queue on both databases."""
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "queue.json"
        size = ["--cases", bench.size(100_000, 200), "--turns", bench.size(300, 3)]
        bench.python("-m", "bench.review_queue", *size, "--json", report)
        told = json.loads(report.read_text(encoding="utf-8"))
    rows = tuple(
        (
            what,
            name,
            f"{found['p50']:.1f} ms",
            f"{found['p95']:.1f} ms",
            f"{1000 / found['p50']:,.0f}",
        )
        for name, figures in told.items()
        for what, found in figures.items()
    )
    values = {
        f"{name}_turns_s": 1000 / figures["claim next and propose"]["p50"]
        for name, figures in told.items()
    }
    head = ("what", "database", "p50", "p95", "a second, by one")
    return Found((Table(head, rows),), values)


LOAD = Part(
    "sessions",
    "Two hundred sessions",
    "Signed-in sessions on the running app, each acting every ten seconds, on every page ([what "
    "they do](load.md#what-it-does)): who look at what a page shows first of a model, in the "
    "fifth minute; who also turn period, version and slice to anything that a page offers, in the "
    "tenth; and who each ask for days of their own, in the fifth. Each time the app has just been "
    "started and nothing has been asked; the minutes before are told too. The load generator runs "
    "on the same cores.",
    23,
    measure_load,
)
REVIEWERS = Part(
    "reviewers",
    "Thirty reviewers",
    "The same with reviewers, who claim, decide and check, and four onlookers; afterwards every "
    "verdict is looked for in the store and in the trail ([how](load.md#reviewers)).",
    4,
    measure_reviewers,
)
QUEUE = Part(
    "queue",
    "The queue of reviews",
    "100,000 cases wait; the most urgent is claimed and a verdict handed in, two transactions "
    "with step and audit entry each. Beside it the least that any queue must do on that "
    "database: read a row by its key and update it, in a transaction of its own.",
    5,
    measure_queue,
)
