"""Performance, KPIs and reasons: how fast they are computed, beside plain SQL, DiCE and shap."""

import json
import tempfile
from pathlib import Path
from typing import Any

from bench.findings import Found, Table
from bench.parts.markdown import tables_in
from bench.parts.part import Bench, Part


def measure_labels(bench: Bench) -> Found:
    """Measure performance from ten million labelled rows."""
    return _beside_plain(bench, "bench.performance", bench.size(10_000_000, 50_000))


def measure_kpis(bench: Bench) -> Found:
    """Compute all KPIs of a bank from ten million decisions."""
    return _beside_plain(bench, "bench.kpis", bench.size(10_000_000, 50_000))


def _beside_plain(bench: Bench, module: str, rows: int) -> Found:
    told = _document(bench, "-m", module, "--rows", rows)
    plain = told["times"][0]
    lines = tuple(
        (
            each["what"],
            f"{each['wall_s']:.2f} s",
            f"{each['cpu_s']:.2f} s",
            f"{each['wall_s'] / plain['wall_s']:.2f}",
            f"{each['cpu_s'] / plain['cpu_s']:.2f}",
        )
        for each in told["times"]
    )
    head = ("what", "wall", "CPU", "× plain, wall", "× plain, CPU")
    values = {"ratio": told["times"][1]["wall_s"] / plain["wall_s"]}
    return Found((Table(head, lines, f"{rows:,} rows"),), values, tuple(told.get("notes", ())))


def measure_reasons(bench: Bench) -> Found:
    """Explain loans of the demo beside shap, and change declined ones beside DiCE."""
    told = _document(bench, "-m", "bench.attributions", "--rows", bench.size(2_000, 20))
    rows = tuple(
        (each["who"], f"{each['rows']:,}", f"{each['ms_a_row']:.2f} ms", f"{each['a_second']:,.0f}")
        for each in told["times"]
    )
    head = ("who", "loans", "CPU a loan", "loans a second of CPU")
    first = Table(head, rows, f"What each field adds, against {told['background']} rows")
    loans = ["--loans", bench.size(60, 2), "--limit", 3, "--cache", bench.cache]
    methods = ["--methods", "none"] if bench.is_small else []
    output = bench.python("-m", "bench.counterfactuals", *loans, *methods).output
    changes = [
        Table(each.head, each.rows, "What would have led to another result")
        for each in tables_in(output)
    ]
    ours, peer = (each["ms_a_row"] for each in told["times"])
    note = f"The largest difference between the two in any value was {told['apart']:.1g}."
    return Found((first, *changes), {"shap_ratio": peer / ours}, (note,))


def _document(bench: Bench, *arguments: object) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "found.json"
        bench.python(*arguments, "--json", report)
        return dict(json.loads(report.read_text(encoding="utf-8")))


LABELS = Part(
    "labels",
    "Performance from labelled rows",
    "Every figure of a year of outcomes by month, one in fifty revised, beside a plain DuckDB "
    "aggregate of the same files ([what is "
    "timed](bench.md#measuring-performance-on-many-labelled-rows)).",
    4,
    measure_labels,
)
KPIS = Part(
    "kpis",
    "KPIs",
    "All thirteen KPIs of the set `bank_credit` by month and ten values of a segment, beside a "
    "plain DuckDB aggregate of the same columns ([what is timed](bench.md#kpis)).",
    3,
    measure_kpis,
)
REASONS = Part(
    "reasons",
    "Reasons",
    "What each field adds to a loan's score beside shap's TreeExplainer, and what would have led "
    "to another result beside DiCE ([how](bench.md#what-would-have-led-to-another-result)); one "
    "thread.",
    7,
    measure_reasons,
)
