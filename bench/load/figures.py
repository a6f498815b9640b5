"""The figures of a load, and how they are printed."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from bench.load.costs import Cost
from bench.load.people import ACTIONS, MINUTE_S, Record
from bench.load.reconcile import Reconciled

TARGET_MS = 500.0
_MINUTE_RULE = "|--:|--:|--:|--:|--:|"


@dataclass(frozen=True, slots=True)
class Times:
    """How long a kind of run took, in milliseconds."""

    count: int
    p50: float
    p95: float
    longest: float


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident memory of the server in MB: before anybody came, after the warm-up, at the end."""

    start: float
    warm: float
    end: float

    @property
    def growth(self) -> float:
        """Growth from the warm-up to the end, as a share."""
        return self.end / self.warm - 1 if self.warm else math.nan


@dataclass(frozen=True, slots=True)
class Machine:
    """What else there is to know of a run.

    Parameters
    ----------
    cores : int
        Cores of the machine.
    load_before, load_after : float
        Load average of the last minute.
    server_cpu_s, client_cpu_s : float
        What server and load generator used while it was measured.
    measured_s : float
        For how long it was measured.
    """

    cores: int
    load_before: float
    load_after: float
    server_cpu_s: float
    client_cpu_s: float
    measured_s: float


def times_of(seconds: Sequence[float]) -> Times | None:
    """Return the figures of some runs; ``None`` without any."""
    if not seconds:
        return None
    ordered = sorted(seconds)
    return Times(
        len(ordered),
        percentile(ordered, 0.50) * 1000,
        percentile(ordered, 0.95) * 1000,
        ordered[-1] * 1000,
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest value that at least ``share`` of the ordered values do not exceed."""
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]


def everything(record: Record) -> list[float]:
    """Return the times of all reruns that were measured."""
    return [seconds for runs in record.reruns.values() for seconds in runs]


def document(
    record: Record,
    memory: Memory,
    machine: Machine,
    checked: Reconciled | None,
    costs: Sequence[Cost],
) -> dict[str, Any]:
    """Return everything that was found, for a file."""
    return {
        "record": {
            **asdict(record),
            "filters": sorted(record.filters),
            "visits": dict(record.visits),  # asdict() counts a counter's pairs
        },
        "memory": asdict(memory),
        "machine": asdict(machine),
        "pages": {
            page or "home": asdict(found)
            for page, seconds in sorted(record.pages.items())
            if (found := times_of(seconds)) is not None
        },
        "reconciled": None if checked is None else asdict(checked),
        "costs": [asdict(each) for each in costs],
    }


def page_table(record: Record) -> str:
    """Return the figures page by page as a table in Markdown, the commonest first."""
    lines = ["| page | reruns | p50 ms | p95 ms |", "|---|--:|--:|--:|"]
    for page, seconds in sorted(record.pages.items(), key=lambda each: (-len(each[1]), each[0])):
        found = times_of(seconds)
        if found is not None:
            lines.append(
                f"| {page or 'home'} | {found.count} | {found.p50:,.0f} | {found.p95:,.0f} |"
            )
    return "\n".join(lines)


def minute_table(record: Record, cpu: Sequence[float]) -> str:
    """Return the figures minute by minute as a table in Markdown, the warm-up too.

    Parameters
    ----------
    record : Record
        What was seen.
    cpu : sequence of float
        CPU seconds of the server at the end of each whole minute, the first entry at the start.
    """
    lines = ["| minute | reruns a second | p50 ms | p95 ms | CPU ms a rerun |", _MINUTE_RULE]
    for minute, (before, after) in enumerate(pairwise(cpu)):
        found = times_of(record.minutes.get(minute, ()))
        if found is not None:
            each = (after - before) * 1000 / found.count
            times = f"{found.p50:,.0f} | {found.p95:,.0f} | {each:,.0f}"
            lines.append(f"| {minute + 1} | {found.count / MINUTE_S:.1f} | {times} |")
    return "\n".join(lines)


def table(record: Record) -> str:
    """Return the figures as a table in Markdown."""
    rows: Mapping[str, Sequence[float]] = {
        "first load": record.first_loads,
        "rerun": everything(record),
        **{f"– {action}": record.reruns.get(action, ()) for action in _actions(record)},
    }
    lines = ["| run | count | p50 ms | p95 ms | max ms |", "|---|--:|--:|--:|--:|"]
    for name, seconds in rows.items():
        times = times_of(seconds)
        if times is None:
            lines.append(f"| {name} | 0 | – | – | – |")
        else:
            figures = f"{times.p50:,.0f} | {times.p95:,.0f} | {times.longest:,.0f}"
            lines.append(f"| {name} | {times.count:,} | {figures} |")
    return "\n".join(lines)


def _actions(record: Record) -> Sequence[str]:
    return (*ACTIONS, *(each for each in record.reruns if each not in ACTIONS))


def notes(record: Record, memory: Memory, machine: Machine) -> list[str]:
    """Return what is told below the table."""
    runs = everything(record)
    found = times_of(runs)
    lines = [
        f"failures: {len(record.failures)}; actions left out while waiting for an answer: "
        f"{record.skipped}; timed runs of fragments: {record.fragment_runs}",
        f"server memory: {memory.start:,.0f} MB before, {memory.warm:,.0f} MB after the warm-up, "
        f"{memory.end:,.0f} MB at the end ({memory.growth:+.1%})",
        f"server CPU: {machine.server_cpu_s / machine.measured_s:.2f} of a core, "
        f"{machine.server_cpu_s * 1000 / max(len(runs), 1):.0f} ms a rerun; load generator: "
        f"{machine.client_cpu_s / machine.measured_s:.2f} of a core",
        f"reruns: {len(runs) / machine.measured_s:.1f} a second, of {len(record.pages)} pages with "
        f"{len(record.filters)} different filters",
        f"machine: {machine.cores} cores, load {machine.load_before:.2f} before, "
        f"{machine.load_after:.2f} after",
    ]
    verdict = "not measured" if found is None else ("met" if found.p95 <= TARGET_MS else "missed")
    lines.append(f"target: rerun p95 of at most {TARGET_MS:g} ms: {verdict}")
    commonest = Counter(failure[:160] for failure in record.failures).most_common(5)
    return lines + [f"  {count} × {what}" for what, count in commonest]
