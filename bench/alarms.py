"""``python -m bench.alarms``: how often alarms are false, and how often true ones are missed.

Models whose truth is known are generated again and again (:mod:`bench.alarm_worlds`): a reference
of 300 days and months of 30, 50 rows a day. Months without a change give the rate of false alarms
of each rule (:mod:`bench.alarm_rules`); months with one give its power. Power is compared at a
matched rate: each peer's limit is moved to where it raises as many false alarms as ours does.
"""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bench.alarm_rules import Evidently, Harbourlight, NannyML
from bench.alarm_worlds import NONE, SHIFTS, WORLDS, sample
from core.metrics.alarms.watched import RATE
from core.metrics.arrays import Floats
from core.metrics.intervals import wilson

OURS = "harbourlight"
ANY_SIZE = "harbourlight without minimum effects"
STATED = "stated rate"
RULES = (OURS, ANY_SIZE, "nannyml", "evidently")
LIMITS = {
    OURS: Harbourlight.limit,
    ANY_SIZE: Harbourlight.limit,
    "nannyml": NannyML.limit,
    "evidently": Evidently.limit,
}
Numbers = Mapping[str, Mapping[str, Floats]]
"""Shift → rule → the rule's number of each month."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is generated: days of the reference and of a month, rows a day, and how often."""

    references: int
    months: int
    shifted: int
    days: int = 300
    month: int = 30
    rows: int = 50
    draws: int = 999


def main(argv: Sequence[str] | None = None) -> int:
    """Run the bench and print a table for each world."""
    parser = argparse.ArgumentParser(prog="python -m bench.alarms", description=__doc__)
    parser.add_argument("--references", type=int, default=200)
    parser.add_argument("--months", type=int, default=8, help="months a reference without a change")
    parser.add_argument("--shifted", type=int, default=4, help="months a reference of each change")
    parser.add_argument("--world", choices=WORLDS, action="append", help="one of them only")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="prove that it runs, measure nothing")
    options = parser.parse_args(argv)
    size = (
        Size(references=2, months=2, shifted=1, days=60, month=15, rows=20, draws=99)
        if options.quick
        else Size(options.references, options.months, options.shifted)
    )
    for world in options.world or WORLDS:
        started = time.perf_counter()
        numbers = measured(world, size, options.seed)
        print(table(world, size, numbers, time.perf_counter() - started), flush=True)
    return 0


def measured(world: str, size: Size, seed: int) -> Numbers:
    """Return every rule's number for every month."""
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for place in range(size.references):
        random = np.random.default_rng([seed, WORLDS.index(world), place])
        reference = sample(random, world, size.days, size.rows)
        ours = Harbourlight(reference, size.days, size.month, size.draws, place)
        peers: dict[str, NannyML | Evidently] = {
            "nannyml": NannyML(reference), "evidently": Evidently(reference),
        }  # fmt: skip
        for shift in (NONE, *SHIFTS):
            for _ in range(size.shifted if shift.name != NONE.name else size.months):
                month = sample(random, world, size.month, size.rows, shift)
                large, any_size = ours.numbers(month)
                numbers = {name: rule.number(month) for name, rule in peers.items()}
                numbers |= {OURS: large, ANY_SIZE: any_size, STATED: ours.stated_rate}
                for name, number in numbers.items():
                    found[shift.name][name].append(number)
        if place % 20 == 19:
            print(f"{world}: {place + 1} of {size.references}", file=sys.stderr, flush=True)
    return {
        shift: {rule: np.asarray(values) for rule, values in rules_.items()}
        for shift, rules_ in found.items()
    }


def matched_limit(null: Floats, rate: float) -> float:
    """Return the limit from which on a rule raises at most this rate of false alarms."""
    ordered = np.sort(null)[::-1]
    allowed = int(rate * null.size + 1e-9)
    return float(np.nextafter(ordered[allowed], np.inf)) if allowed < null.size else -np.inf


def table(world: str, size: Size, numbers: Numbers, seconds: float) -> str:
    """Return the measured rates as Markdown."""
    null = numbers[NONE.name]
    shipped = {rule: float(np.mean(null[rule] >= LIMITS[rule])) for rule in RULES}
    limits = {rule: matched_limit(null[rule], shipped[OURS]) for rule in RULES}
    limits |= {OURS: LIMITS[OURS], ANY_SIZE: LIMITS[ANY_SIZE]}
    months = size.references * size.months
    band = wilson(round(shipped[OURS] * months), months)
    lines = [
        f"### {world}",
        "",
        f"{months:,} months without a change on {size.references} references of {size.days} days, "
        f"{size.rows * size.month:,} rows a month; rate asked for {RATE:.1%}, stated "
        f"{np.mean(null[STATED]):.2%} on average, measured {shipped[OURS]:.2%} "
        f"(95 %: {float(band.low):.2%} to {float(band.high):.2%}); {seconds:.0f} s.",
        "",
        "| | Harbourlight | without minimum effects | nannyml | Evidently |",
        "|---|---|---|---|---|",
        "| months with an alarm, nothing changed, as shipped | "
        + " | ".join(f"{shipped[rule]:.1%}" for rule in RULES) + " |",
        "| limit at the rate of ours (shipped: 3 sd; 0.1) | – | – | "
        f"{limits['nannyml']:.2f} sd | {limits['evidently'] / 10:.3f} |",
    ]  # fmt: skip
    for shift in SHIFTS:
        power = [np.mean(numbers[shift.name][rule] >= limits[rule]) for rule in RULES]
        lines.append(f"| {shift.name} | " + " | ".join(f"{part:.0%}" for part in power) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
