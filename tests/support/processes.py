"""Work that tests hand to real processes: racing writers, and one that is killed.

Each function opens the store itself, as a process of the product does.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import timedelta
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from sqlalchemy import inspect

from core.config import Settings
from core.errors import Conflict, Locked
from core.services.identity.attempts import hear
from core.services.workspace import Workspace
from core.store import Store, jobs, manifest, open_store, settings
from core.store.alerts import alarms, checks
from core.store.alerts import threads as alerts
from core.store.audit import trail as audit
from tests.support.fakes import START

# One process imports everything once; each writer is forked from it before it opens anything.
WRITERS = multiprocessing.get_context("forkserver")
WRITERS.set_forkserver_preload(
    [
        "pytest",
        "tests.faults.history",
        "tests.faults.audit_work",
        "tests.support.erasing",
        "tests.support.reviewing",
    ]
)
_START_LINE: dict[str, Barrier] = {}
_OPEN: list[Store] = []


class Racers:
    """Processes that start a piece of work at the same moment; started once, used often."""

    def __init__(self, count: int) -> None:
        barrier = WRITERS.Barrier(count)
        self.count = count
        self._pool = ProcessPoolExecutor(
            count, mp_context=WRITERS, initializer=_line_up, initargs=(barrier,)
        )

    def run(self, work: str, arguments: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Run one function of this module in every process; the answers come in order."""
        assert len(arguments) == self.count
        # Each process waits at the barrier, so none takes two of the pieces.
        futures = [self._pool.submit(_start, work, each) for each in arguments]
        return [future.result(timeout=120) for future in futures]

    def close(self) -> None:
        """Stop the processes."""
        self._pool.shutdown()


def run_until_killed(work: str, *arguments: Any) -> None:
    """Run one function of this module in a process that must end by SIGKILL."""
    killed(_WORK[work], *arguments, within=60)


def killed(work: Callable[..., None], *arguments: Any, within: float = 120) -> None:
    """Run a function in a process that must end by SIGKILL."""
    process = WRITERS.Process(target=work, args=arguments)
    process.start()
    process.join(timeout=within)
    assert process.exitcode == -signal.SIGKILL, process.exitcode
    process.close()


def die_at(name: str, *, after: int = 0) -> Callable[[str], None]:
    """Return what kills its process when it is told of a step, after so many of that name."""
    left = after

    def at(step: str) -> None:
        nonlocal left
        if step == name:
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1

    return at


def opened_again(home: Path, *, threads: int = 2) -> Workspace:
    """Open a workspace of files as a process of the product does."""
    url = f"sqlite:///{home / 'state.db'}"
    return Workspace(Settings(home, url, threads=threads), open_store(url))


def _line_up(barrier: Barrier) -> None:
    _START_LINE["barrier"] = barrier


def _start(work: str, arguments: tuple[Any, ...]) -> Any:
    _START_LINE["barrier"].wait(timeout=60)
    return _WORK[work](*arguments)


def _store(url: str) -> Store:
    """Open a store that is closed when this process opens another, or ends."""
    for opened in _OPEN:
        opened.close()
    _OPEN[:] = [open_store(url)]
    return _OPEN[0]


def _open_and_count_tables(url: str) -> int:
    store = _store(url)
    with store.read() as conn:
        return len(inspect(conn).get_table_names())


def _import_ingest() -> None:
    """Make a process ready for ``ingest``, which then starts at the same moment as the others."""
    from tests.faults import work

    assert work


def _ingest(home: Path, url: str, stream: str, paths: Sequence[Path]) -> None:
    from tests.faults.work import ingest_paths, open_site

    site = open_site(home, url)
    ingest_paths(site, paths, stream, lambda _: None)
    site.store.close()


def _increment(url: str, times: int) -> None:
    store = _store(url)
    for _ in range(times):
        with store.begin() as conn:
            count = settings.get(conn, "count", lock=True)
            assert isinstance(count, int)
            settings.put(conn, "count", count + 1)


def _append_audit(url: str, writer: int, times: int) -> list[int]:
    store = _store(url)
    sequences = []
    for turn in range(times):
        with store.begin() as conn:
            sequences.append(_append(conn, f"writer-{writer}", turn))
    return sequences


def _append(conn: Any, actor: str, turn: int) -> int:
    return audit.append(
        conn,
        at=START,
        actor=actor,
        role="admin",
        kind="test.done",
        objects={"model": "m"},
        body={"turn": turn},
    )


def _claim_all(url: str, owner: str) -> list[str]:
    store = _store(url)
    mine: list[str] = []
    while True:
        with store.begin() as conn:
            job = jobs.claim(conn, owner=owner, at=START, lease=timedelta(minutes=1))
        if job is None:
            return mine
        mine.append(job.id)


def _enqueue(url: str, job_id: str) -> tuple[str, bool]:
    store = _store(url)
    with store.begin() as conn:
        ticket = jobs.enqueue(
            conn, job_id=job_id, kind="k", payload={}, actor="t", at=START, dedupe_key="same"
        )
    return ticket.id, ticket.created


def _publish_once(url: str, writer: int) -> bool:
    """Publish on generation 0; return whether this writer won."""
    store = _store(url)
    try:
        with store.begin() as conn:
            manifest.publish(conn, "m", 0, files=[_file(f"w{writer}.parquet")], at=START)
    except Conflict:
        return False
    return True


def _publish_until_done(url: str, writer: int, times: int) -> int:
    """Publish ``times`` files, beginning again after each conflict; return the conflicts."""
    store = _store(url)
    conflicts = done = 0
    while done < times:
        with store.read() as conn:
            held = manifest.generation(conn, "m")
        try:
            with store.begin() as conn:
                file = _file(f"w{writer}-{done}.parquet")
                manifest.publish(conn, "m", held, files=[file], at=START)
                _append(conn, f"writer-{writer}", done)
        except Conflict:
            conflicts += 1
        else:
            done += 1
    return conflicts


def _file(path: str) -> manifest.NewFile:
    return manifest.NewFile("data", path, "0" * 64, bytes=1, rows=1, stream="predictions")


def _guess(home: str, url: str, writer: int, times: int) -> int:
    """Try wrong passwords for one name; return how many attempts were heard."""
    workspace = Workspace(Settings(Path(home), "unused"), _store(url), lambda: START)
    heard = 0
    for turn in range(times):
        try:
            hear(workspace, "wai", None, f"198.51.100.{writer}.{turn}")
        except Locked:
            continue
        heard += 1
    return heard


def _open_alert(url: str, alert_id: str) -> bool:
    from tests.support.monitoring import ALARM

    with _store(url).begin() as conn:
        cause = replace(ALARM, id="alarm-1-0", run_id="run-1")
        return alerts.open_alert(
            conn,
            alert_id=alert_id,
            severity="act",
            cause=cause,
            alarms=1,
            owner_id=None,
            at=START,
        )


def _keep_check(url: str, run_id: str) -> bool:
    from tests.support.monitoring import ALARM, MODEL, RESULT, RUN

    with _store(url).begin() as conn:
        checks.lock_model(conn, MODEL)
        kept = checks.put(conn, replace(RUN, id=run_id), [RESULT])
        if kept:
            alarms.put_all(conn, [replace(ALARM, id=f"alarm-{run_id}", run_id=run_id)])
        return kept


def _explain(url: str, name: str) -> int:
    from tests.support.kept_explanations import put_next

    return put_next(_store(url), name)


def _release_letter(url: str, name: str, code: str) -> bool:
    from tests.support.kept_explanations import released

    return released(_store(url), name, code)


def _review(url: str, home: Path, name: str) -> list[int]:
    from tests.support.reviewing import work_through

    return work_through(url, home, name)


def _make_claim_or_suspend(url: str, home: Path, part: int) -> None:
    from tests.support.reviewing import make_claim_or_suspend

    make_claim_or_suspend(url, home, part)


def _claim_and_die(url: str, home: Path, name: str, committed: bool) -> None:
    from tests.support.reviewing import claim_and_die

    claim_and_die(url, home, name, committed=committed)


def _die_before_commit(url: str) -> None:
    store = _store(url)
    with store.begin() as conn:
        _write_everything(conn)
        os.kill(os.getpid(), signal.SIGKILL)


def _die_after_commit(url: str) -> None:
    store = _store(url)
    with store.begin() as conn:
        _write_everything(conn)
    os.kill(os.getpid(), signal.SIGKILL)


def _write_everything(conn: Any) -> None:
    settings.put(conn, "half", True)
    manifest.publish(conn, "m", 0, files=[_file("killed.parquet")], at=START)
    _append(conn, "killed", 0)


_WORK: dict[str, Callable[..., Any]] = {
    "open_and_count_tables": _open_and_count_tables,
    "import_ingest": _import_ingest,
    "ingest": _ingest,
    "increment": _increment,
    "append_audit": _append_audit,
    "claim_all": _claim_all,
    "enqueue": _enqueue,
    "publish_once": _publish_once,
    "publish_until_done": _publish_until_done,
    "guess": _guess,
    "open_alert": _open_alert,
    "keep_check": _keep_check,
    "explain": _explain,
    "release_letter": _release_letter,
    "review": _review,
    "claim_and_die": _claim_and_die,
    "make_claim_or_suspend": _make_claim_or_suspend,
    "die_before_commit": _die_before_commit,
    "die_after_commit": _die_after_commit,
}
