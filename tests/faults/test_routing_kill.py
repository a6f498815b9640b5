"""Routing killed at any of its steps, and two workers at once: every case is made, and once."""

import shutil
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from core.config import Settings
from core.lake.routing.rows import CHUNK_ROWS
from core.services.audit import verify as audit_verify
from core.services.routing.run import route_model
from core.services.workspace import Workspace
from core.store import open_store
from tests.support.builders import ADMIN
from tests.support.processes import WRITERS, die_at, killed
from tests.support.routed import (
    LARGE,
    MODEL,
    a_reviewed_workspace,
    cases_of,
    fill,
    large_ones,
    sound,
)

COUNT = 2 * CHUNK_ROWS + 500
STEPS = ("before-chunk", "in-transaction", "committed")


def _open(home: Path, url: str) -> Workspace:
    return Workspace(Settings(home, url, threads=1), open_store(url))


def _die(home: Path, url: str, name: str, number: int) -> None:
    route_model(_open(home, url), MODEL, step=die_at(name, after=number))


def _race(home: Path, url: str, line: Barrier) -> None:
    workspace = _open(home, url)
    line.wait(timeout=60)
    route_model(workspace, MODEL)
    workspace.store.close()


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with one batch of three chunks that is not routed; copied for each test."""
    folder = tmp_path_factory.mktemp("logged")
    site = a_reviewed_workspace(folder / "home", rules=[LARGE])
    fill(site, folder / "log.parquet", COUNT)
    site.store.close()
    return folder / "home"


def _copied(template: Path, home: Path) -> str:
    shutil.copytree(template, home)
    return f"sqlite:///{home / 'state.db'}"


def _whole(site: Workspace) -> None:
    assert {each.prediction_id for each in cases_of(site)} == large_ones(COUNT)
    sound(site)
    assert audit_verify.verify(site, actor=ADMIN).passed


@pytest.mark.parametrize(
    ("step", "number"),
    [
        ("in-transaction", 0),
        *(
            pytest.param(step, number, marks=pytest.mark.slow)
            for step in STEPS
            for number in (0, 1)
            if (step, number) != ("in-transaction", 0)
        ),
    ],
)
def test_a_repeat_completes_what_was_killed(
    logged: Path, tmp_path: Path, step: str, number: int
) -> None:
    home = tmp_path / "home"
    url = _copied(logged, home)
    killed(_die, home, url, step, number)
    site = _open(home, url)
    try:
        part = len(cases_of(site))
        assert part < len(large_ones(COUNT))
        assert (part > 0) == (step == "committed" or number > 0)
        assert route_model(site, MODEL).cases == len(large_ones(COUNT)) - part
        assert route_model(site, MODEL).cases == 0
        _whole(site)
    finally:
        site.store.close()


def _run_two(home: Path, url: str) -> None:
    line = WRITERS.Barrier(2)
    both = [WRITERS.Process(target=_race, args=(home, url, line)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join(timeout=120)
        assert process.exitcode == 0
        process.close()


def test_two_workers_at_once_make_each_case_once(tmp_path: Path, store_url: str) -> None:
    home = tmp_path / "home"
    site = a_reviewed_workspace(home, rules=[LARGE], state_url=store_url)
    fill(site, tmp_path / "log.parquet", COUNT)
    _run_two(home, store_url)
    _whole(site)
    site.store.close()
