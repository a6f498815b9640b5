"""``python -m bench.load``: let signed-in sessions act on the real app, and print how it answers.

Ends with 1 if a run failed or the 95th percentile of reruns is above the target.
"""

import argparse
import asyncio
import os
import resource
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from json import dumps
from pathlib import Path
from time import perf_counter

from bench.load import scene
from bench.load.costs import Cost, cost_table, costs_of
from bench.load.figures import (
    TARGET_MS,
    Machine,
    Memory,
    document,
    everything,
    minute_table,
    notes,
    page_table,
    table,
    times_of,
)
from bench.load.people import MINUTE_S, Days, Log, Plan, Record, act
from bench.load.reconcile import Reconciled, lines, reconcile
from bench.load.reviewers import ReviewRecord, review
from core.bootstrap import open_workspace
from core.cli.serve import usual_processes
from core.config import Settings
from tests.support.app_process import running_app


def main(argv: Sequence[str] | None = None) -> int:
    """Run the load and return the exit code."""
    options = options_of(argv)
    with ExitStack() as stack:
        home = options.home or Path(stack.enter_context(tempfile.TemporaryDirectory())) / "home"
        _tell(f"Making the demo workspace and {options.sessions} people …")
        people = scene.make_workspace(home, options.sessions, reviewing=options.reviewers)
        onlookers, logs = scene.add_onlookers(home), scene.logs_of(home)
        wanted = ["--processes", str(options.processes)]
        app = stack.enter_context(running_app(home, *wanted, log=options.log))
        server = scene.server_processes(app.process.pid)
        _tell(f"The app is at {app.url}, processes {server}; signing in …")
        door = scene.Door(home, app.url)
        who = [(person, door.cookies(person)) for person in people]
        others = [door.cookies(person) for person in onlookers]
        _tell("Acting …")
        since = datetime.now(UTC)
        crowd = _Crowd(who, others if options.reviewers else (), logs)
        record, memory, machine, minutes = asyncio.run(_load(app.url, crowd, server, options))
        checked = _reconciled(home, people, record, since)
        _tell("What each page costs …" if options.each else "")
        costs = asyncio.run(
            costs_of(
                app.url,
                others if options.each else (),
                server,
                logs,
                times=options.each,
                seed=options.seed,
                failures=record.failures,
            )
        )
        door.close()
        # Before the app is stopped: a busy machine may take long over that, or fail in it.
        _print(options, record, memory, machine, minutes, checked, costs)
        if options.json:
            told = document(record, memory, machine, checked, costs)
            options.json.write_text(dumps(told), "utf-8")
    found = times_of(everything(record))
    is_sound = checked is None or checked.is_sound
    is_fast = found is not None and found.p95 <= options.target
    return int(not (is_fast and is_sound) or bool(record.failures))


def _print(
    options: argparse.Namespace,
    record: Record,
    memory: Memory,
    machine: Machine,
    minutes: Sequence[float],
    checked: Reconciled | None,
    costs: Sequence[Cost],
) -> None:
    asked = {
        Days.own: "days of their own",
        Days.offered: "what the page offers",
        Days.first: "what a page shows first",
    }[options.days]
    head = f"{options.sessions} sessions, each acting every {options.period:g} s, {asked}"
    print(f"\n{head}, measured for {options.seconds:g} s\n\n{table(record)}\n")
    if len(minutes) > 2:
        print(f"By minute since the first came, {asked}\n\n{minute_table(record, minutes)}\n")
    print(f"By page, {asked}\n\n{page_table(record)}\n")
    if costs:
        print(f"One session, {options.each} times each, nobody else\n\n{cost_table(costs)}\n")
    print("\n".join(notes(record, memory, machine)))
    if checked is not None:
        print("\n".join(lines(checked)))


def options_of(argv: Sequence[str] | None) -> argparse.Namespace:
    """Return the options; exits with 2 if one is wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--sessions", type=int, default=200, help="signed-in sessions (200)")
    parser.add_argument("--period", type=float, default=10, help="seconds between actions (10)")
    parser.add_argument("--seconds", type=float, default=60, help="how long to measure (60)")
    parser.add_argument("--warm-up", type=float, help="seconds before that (two periods)")
    parser.add_argument("--ramp", type=float, help="all connect within so many seconds (a period)")
    parser.add_argument(
        "--processes", type=int, default=usual_processes(), help="of the app (a core each)"
    )
    parser.add_argument(
        "--reviewers",
        action="store_true",
        help="the sessions are reviewers who claim, decide and check; afterwards it is counted "
        "whether every verdict is in the store and in the audit trail",
    )
    parser.add_argument(
        "--each",
        type=int,
        default=0,
        metavar="N",
        help="afterwards one session opens every page N times, and N times with a question that "
        "nobody asked: the CPU time of a rerun of each page (0: not)",
    )
    parser.add_argument(
        "--days",
        type=Days,
        choices=list(Days),
        default=Days.own,
        help="what periods people ask for: any two days (own), what the page's control offers, or "
        "what a page shows first",
    )
    parser.add_argument("--seed", type=int, default=20_26, help="seed of who does what")
    parser.add_argument("--home", type=Path, help="a demo workspace to use, made if missing")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures here too")
    parser.add_argument("--log", type=Path, metavar="FILE", help="keep what the server says here")
    parser.add_argument(
        "--target", type=float, default=TARGET_MS, help=f"p95 in ms for exit code 0 ({TARGET_MS:g})"
    )
    options = parser.parse_args(argv)
    if min(options.sessions, options.period, options.seconds) <= 0 or options.each < 0:
        parser.error("give numbers above 0")
    options.warm_up = 2 * options.period if options.warm_up is None else options.warm_up
    options.ramp = options.period if options.ramp is None else options.ramp
    if options.home is not None:
        options.home = options.home.resolve()
    return options


@dataclass(frozen=True)
class _Crowd:
    """Who acts: people with their cookies, onlookers beside reviewers, and what they ask for."""

    who: Sequence[tuple[str, dict[str, str]]]
    onlookers: Sequence[dict[str, str]]
    logs: Sequence[Log]


async def _load(
    url: str,
    crowd: "_Crowd",
    server: Sequence[int],
    options: argparse.Namespace,
) -> tuple[Record, Memory, Machine, Sequence[float]]:
    """Let everybody act; read the server's memory and time at the borders of the measurement.

    The last is its CPU time minute by minute.
    """
    reviewed = ReviewRecord() if options.reviewers else None
    record: Record = reviewed or Record()
    before = os.getloadavg()[0]
    start_mb, now = scene.resident_mb(server), perf_counter()
    measure_from = now + options.ramp + options.warm_up
    stop_at = measure_from + options.seconds
    plan = Plan(options.period, options.ramp, measure_from, stop_at, crowd.logs, options.days, now)
    minutes: list[float] = []
    clock = asyncio.create_task(_read_each_minute(server, minutes))
    acting = [
        asyncio.create_task(
            act(url, each, plan, options.seed + number, record)
            if reviewed is None
            else review(url, person, each, plan, options.seed + number, reviewed)
        )
        for number, (person, each) in enumerate(crowd.who)
    ]
    acting += [
        asyncio.create_task(act(url, each, plan, options.seed - 1 - number, record))
        for number, each in enumerate(crowd.onlookers)
    ]
    await asyncio.sleep(plan.measure_from - perf_counter())
    warm_mb, cpu, own = scene.resident_mb(server), scene.cpu_seconds(server), _own_cpu()
    await asyncio.sleep(plan.stop_at - perf_counter())
    used, own = scene.cpu_seconds(server) - cpu, _own_cpu() - own
    end_mb = scene.resident_mb(server)
    clock.cancel()
    if perf_counter() - now >= MINUTE_S * len(minutes):  # a last whole minute is over just now
        minutes.append(scene.cpu_seconds(server))
    await asyncio.gather(*acting)
    machine = Machine(os.cpu_count() or 1, before, os.getloadavg()[0], used, own, options.seconds)
    return record, Memory(start_mb, warm_mb, end_mb), machine, minutes


async def _read_each_minute(server: Sequence[int], found: list[float]) -> None:
    start = perf_counter()
    while True:
        found.append(scene.cpu_seconds(server))
        await asyncio.sleep(start + MINUTE_S * len(found) - perf_counter())


def _reconciled(
    home: Path, people: Sequence[str], record: Record, since: datetime
) -> Reconciled | None:
    """Return whether what reviewers handed in is there; ``None`` if nobody reviewed."""
    if not isinstance(record, ReviewRecord):
        return None
    workspace = open_workspace(Settings(home, f"sqlite:///{home / 'state.db'}"))
    try:
        return reconcile(workspace, people, record.handed, since=since)
    finally:
        workspace.store.close()


def _own_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
