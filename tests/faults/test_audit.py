"""Racing writers never fork the tree; SIGKILL between any two statements leaves it verifiable."""

import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.services.audit import anchors as audit_anchors
from core.services.audit import verify as audit_verify
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from tests.faults.audit_work import (
    ENTRIES,
    SIGNER,
    append,
    append_and_sign,
    be_killed,
    steps,
    write_on,
)
from tests.support.builders import a_workspace
from tests.support.processes import WRITERS

TURNS = 20


@pytest.fixture
def site(tmp_path: Path, store_url: str) -> Iterator[Workspace]:
    opened = a_workspace(tmp_path / "home", state_url=store_url)
    yield opened
    opened.store.close()


def check(site: Workspace) -> int:
    """Verify the trail against every checkpoint that reached the anchor file."""
    anchored, _ = audit_anchors.anchored(site)
    found = audit_verify.verify(site, actor=SIGNER, against=anchored)
    assert found.passed, [str(each) for each in found.problems]
    return found.size


@pytest.mark.parametrize("writers", [2, 4])
def test_racing_writers_never_fork_the_tree(site: Workspace, writers: int) -> None:
    line = WRITERS.Barrier(writers)
    home, url = site.settings.home, site.settings.state_url
    site.keys  # noqa: B018  # made once, before the race
    processes = [
        WRITERS.Process(target=write_on, args=(home, url, line, f"p-{number}", TURNS))
        for number in range(writers)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=240)
        assert process.exitcode == 0
        process.close()
    assert check(site) == writers * TURNS
    anchored, damaged = audit_anchors.anchored(site)
    assert damaged == 0
    assert len(anchored) == writers * (TURNS // 10)
    with site.store.read() as conn:
        entries = audit.read(conn)
    for number in range(writers):
        turns = [each.body["turn"] for each in entries if each.actor == f"p-{number}"]
        assert turns == list(range(TURNS))


def _count_steps(site: Workspace) -> int:
    seen: list[None] = []
    steps(site, lambda: seen.append(None))
    append_and_sign(site)
    return len(seen)


def _kill_at(site: Workspace, place: int) -> bool:
    """Kill a writer at a statement; return whether it got that far. A longer trail takes others."""
    before = check(site)
    arguments = (site.settings.home, site.settings.state_url, place)
    process = WRITERS.Process(target=be_killed, args=arguments)
    process.start()
    process.join(timeout=120)
    assert process.exitcode in {0, -signal.SIGKILL}
    killed = process.exitcode != 0
    process.close()
    after = check(site)
    assert before <= after <= before + ENTRIES
    assert append(site, "p-2", place) == after + 1  # no lock is left, and no gap
    return killed


def test_a_kill_at_some_statements(site: Workspace) -> None:
    count = _count_steps(site)
    assert count > 8 * ENTRIES
    places = [0, *random.Random(5).sample(range(1, count - 8), 3), count - 8]
    assert all(_kill_at(site, place) for place in places)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_kill_at_every_statement(site: Workspace) -> None:
    killed = [_kill_at(site, place) for place in range(_count_steps(site))]
    assert sum(killed) > 8 * ENTRIES
