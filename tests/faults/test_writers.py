"""Two and four writer processes at once lose nothing and store nothing twice, on both databases."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.services import doctor
from core.services.workspace import Workspace
from core.store import batches, manifest
from tests.core.ingest.lake import stored
from tests.support.builders import ADMIN, a_log, a_workspace, outcome_rows, write_parquet
from tests.support.processes import Racers
from tests.support.stored import audit_kinds

FILES = 3
ROWS = 60


@pytest.fixture
def site(tmp_path: Path, store_url: str) -> Iterator[Workspace]:
    opened = a_workspace(tmp_path / "home", state_url=store_url)
    yield opened
    opened.store.close()


Race = Callable[[list[tuple[str, list[Path]]]], None]


@pytest.fixture
def race(site: Workspace, racers: Racers) -> Race:
    """Ingest in four processes from the same moment on; those without a task have no files."""

    def run(work: list[tuple[str, list[Path]]]) -> None:
        tasks = [*work, *[("predictions", [])] * (racers.count - len(work))]
        racers.run("import_ingest", [()] * racers.count)
        place = (site.settings.home, site.settings.state_url)
        racers.run("ingest", [(*place, stream, paths) for stream, paths in tasks])

    return run


def _logs(folder: Path, writer: int, overlap: int) -> list[Path]:
    """Return a writer's files; the last ``overlap`` rows of each are the next writer's first."""
    folder.mkdir(exist_ok=True)
    starts = [(file * 4 + writer) * (ROWS - overlap) for file in range(FILES)]
    return [
        write_parquet(folder / f"{writer}-{number}.parquet", a_log(ROWS, start))
        for number, start in enumerate(starts)
    ]


def _check(site: Workspace, expected: set[str]) -> None:
    ids = [row[0] for row in stored(site, "SELECT prediction_id FROM {rows}")]
    assert not [name for name, count in Counter(ids).items() if count > 1]
    assert set(ids) == expected
    with site.store.read() as conn:
        states = batches.count_by_state(conn)
        ended = batches.list_batches(conn, limit=None)
        generation = manifest.generation(conn, "loans")
        kinds = audit_kinds(conn)
    assert states["failed"] == states["writing"] == states["expired"] == 0
    assert generation == states["published"] == kinds["batch.published"]
    assert sum(batch.rows_stored for batch in ended if batch.stream == "predictions") == len(ids)
    assert not doctor.examine(site, actor=ADMIN).at("error", "warning")


@pytest.mark.parametrize("writers", [2, 4])
def test_concurrent_writers_with_overlapping_ids(
    tmp_path: Path, site: Workspace, race: Race, writers: int
) -> None:
    work = [
        ("predictions", _logs(tmp_path / "in", writer, overlap=20)) for writer in range(writers)
    ]
    race(work)
    starts = [(f * 4 + w) * (ROWS - 20) for f in range(FILES) for w in range(writers)]
    _check(site, {f"L{start + row:06d}" for start in starts for row in range(ROWS)})


def test_the_same_file_from_four_writers_is_stored_once(
    tmp_path: Path, site: Workspace, race: Race
) -> None:
    path = write_parquet(tmp_path / "log.parquet", a_log(ROWS))
    race([("predictions", [path])] * 4)
    _check(site, {f"L{row:06d}" for row in range(ROWS)})


def test_outcomes_and_predictions_at_once_all_find_each_other(
    tmp_path: Path, site: Workspace, race: Race
) -> None:
    logs = [write_parquet(tmp_path / f"l{n}.parquet", a_log(20, 20 * n)) for n in range(4)]
    known = [
        write_parquet(tmp_path / f"o{n}.parquet", outcome_rows(range(20 * n, 20 * n + 20)))
        for n in range(4)
    ]
    work: list[tuple[str, list[Path]]] = [
        ("predictions", logs[:2]),
        ("outcomes", known[::-1][:2]),
        ("predictions", logs[2:]),
        ("outcomes", known[:2]),
    ]
    race(work)
    rows: list[Any] = stored(site, "SELECT prediction_id, revision FROM {rows}", "resolved")
    assert sorted(rows) == [(f"L{row:06d}", 0) for row in range(80)]
    _check(site, {f"L{row:06d}" for row in range(80)})
