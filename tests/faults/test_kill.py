"""SIGKILL after any step of an ingest leaves the whole batch or nothing, and a repeat completes it.

A real process kills itself at the step; what it had written stays, as after a power cut of the
process. The steps are counted by an ingest that is left alone.
"""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.services import doctor
from core.services.workspace import Workspace
from core.store import batches, manifest
from core.store.audit import trail as audit
from tests.core.ingest.lake import stored, take
from tests.faults.work import ingest_paths, open_site, run_killed
from tests.support.builders import ADMIN, a_log, a_row, a_workspace, outcome_rows, write_parquet

LATER = timedelta(days=2)


class Scene:
    """A workspace with a predecessor in the lake, copied for every kill."""

    def __init__(self, folder: Path, stream: str) -> None:
        self.folder = folder
        self.stream = stream
        self.template = folder / "template"
        site = a_workspace(self.template)
        take(site, write_parquet(folder / "before.parquet", a_log(20)))
        known = write_parquet(folder / "known.parquet", outcome_rows(range(60), 40))
        if stream == "predictions":
            take(site, known, stream="outcomes")
            rows = [*a_log(60, 10), a_row(80, score="x")]
            rows = [{**row, "score": str(row["score"])} for row in rows]
            self.file = write_parquet(folder / "log.parquet", rows)
        else:
            self.file = known
        site.store.close()

    def copy(self, name: str) -> Workspace:
        home = self.folder / name
        shutil.copytree(self.template, home)
        return open_site(home, f"sqlite:///{home / 'state.db'}")

    def steps(self) -> list[str]:
        names: list[str] = []
        site = self.copy("counted")
        ingest_paths(site, [self.file], self.stream, names.append)
        self.expected = contents(site)
        site.store.close()
        return names


def contents(site: Workspace) -> Any:
    """Return everything that readers see of the data."""
    predictions = stored(site, "SELECT prediction_id, score, _row FROM {rows} ORDER BY 1")
    outcomes = stored(site, "SELECT prediction_id, o_loss FROM {rows} ORDER BY 1, 2", "outcomes")
    resolved = stored(
        site, "SELECT prediction_id, label, observed_at::VARCHAR FROM {rows} ORDER BY 1", "resolved"
    )
    return predictions, outcomes, resolved


def state(site: Workspace) -> tuple[int, int, int]:
    with site.store.read() as conn:
        published = batches.count_by_state(conn)["published"]
        return manifest.generation(conn, "loans"), published, audit.size(conn)


def check_kill(scene: Scene, number: int, name: str) -> None:
    site = scene.copy(f"killed-{number}")
    before, before_state = contents(site), state(site)
    site.store.close()
    home = site.settings.home
    assert run_killed(home, site.settings.state_url, scene.file, scene.stream, number)
    site = open_site(home, site.settings.state_url)
    # Only after the commit is the batch there, and then the whole of it.
    was_published = name == "committed"
    assert contents(site) == (scene.expected if was_published else before)
    assert (state(site) != before_state) == was_published
    assert not doctor.examine(site, actor=ADMIN).at("error")
    take(site, scene.file, stream=scene.stream)
    assert contents(site) == scene.expected
    check_tidy(site)
    site.store.close()
    shutil.rmtree(home)


def check_tidy(site: Workspace) -> None:
    """Two days later doctor removes what the dead batch left, and finds nothing more."""
    later = Workspace(site.settings, site.store, lambda: site.clock() + LATER)
    doctor.examine(later, actor=ADMIN)
    after = Workspace(site.settings, site.store, lambda: site.clock() + 2 * LATER)
    doctor.examine(after, actor=ADMIN, repair=True)
    report = doctor.examine(after, actor=ADMIN)
    assert not report.at("error", "warning"), report.at("error", "warning")


def _one_of_each(names: list[str]) -> list[int]:
    """Return the place of the first and of the last step of each name."""
    firsts = {name: place for place, name in reversed(list(enumerate(names)))}
    lasts = {name: place for place, name in enumerate(names)}
    return sorted({*firsts.values(), *lasts.values()})


@pytest.mark.parametrize("stream", ["predictions", "outcomes"])
def test_a_kill_leaves_the_whole_batch_or_nothing(tmp_path: Path, stream: str) -> None:
    _kill_at(Scene(tmp_path, stream), lambda names: _one_of_each(names)[::2])


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("stream", ["predictions", "outcomes"])
def test_a_kill_at_every_single_step(tmp_path: Path, stream: str) -> None:
    _kill_at(Scene(tmp_path, stream), lambda names: list(range(len(names))))


def _kill_at(scene: Scene, choose: Callable[[list[str]], list[int]]) -> None:
    names = scene.steps()
    assert {"opened", "staged", "checked", "before-commit", "in-transaction"} <= set(names)
    assert names[-1] == "committed"
    places = choose(names)
    for place in sorted({*places, len(names) - 1}):
        check_kill(scene, place, names[place])
