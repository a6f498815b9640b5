"""How often alarms are false or missed, and estimates right, where the truth is known."""

import re

from bench.findings import Found, Table
from bench.measure import ChildFailed
from bench.parts.markdown import tables_in
from bench.parts.part import Bench, Part

_AS_PUBLISHED = ("--seed", "21", "--references", "80", "--shifted", "3")  # of docs/alarms.md
_RATE = re.compile(r"measured ([\d.]+)% \(95 %: ([\d.]+)% to ([\d.]+)%\)")


def measure_alarms(bench: Bench) -> Found:
    """Let ours and the peers' rules judge months whose truth is known."""
    options = ["--quick"] if bench.is_small else _AS_PUBLISHED
    output = bench.python("-m", "bench.alarms", *options).output
    worlds = re.split(r"^### ", output, flags=re.M)[1:]
    rates = [_RATE.search(world) for world in worlds]
    if not worlds or None in rates:
        raise ChildFailed("bench.alarms told no rate")
    tables, notes = [], []
    for world in worlds:
        name, _, text = world.partition("\n")
        tables += [Table(("", *each.head[1:]), each.rows, name) for each in tables_in(text)]
        notes.append(f"{name}: {' '.join(text.strip().splitlines()[0].split())}")
    worst = max(float(rate[1]) for rate in rates if rate)
    return Found(tuple(tables), {"false_alarms": worst / 100}, tuple(notes))


def measure_estimates(bench: Bench) -> Found:
    """Hold estimated performance against what came."""
    return Found(tables_in(bench.python("-m", "bench.estimation").output))


ALARMS = Part(
    "alarms",
    "False alarms and power",
    "Months with and without a change, generated from worlds whose truth is known; power at the "
    "rate of false alarms that ours has, to which each peer's limit is moved ([how](alarms.md)).",
    30,
    measure_alarms,
)
ESTIMATES = Part(
    "estimates",
    "Estimated performance",
    "How often the figure that came lay in the band that was told before, on nannyml's data and "
    "on simulated shifts; errors beside nannyml's own ([what each table "
    "says](estimation.md#measured)).",
    6,
    measure_estimates,
)
