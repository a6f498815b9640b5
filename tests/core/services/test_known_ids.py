"""What a process remembers of ids follows the lake: ingests, compactions and erasures."""

from pathlib import Path

import pytest

from core.services import ingest, maintenance
from core.services.serving import releases
from core.services.workspace import Workspace
from core.store import manifest
from tests.support.builders import ADMIN, write_parquet
from tests.support.erasing import PERSON_ROWS, a_peopled_workspace, erase, people, personal_rows


@pytest.fixture
def site(tmp_path: Path) -> Workspace:
    return a_peopled_workspace(tmp_path / "home", tmp_path)


def told(site: Workspace, number: int) -> str:
    return releases.read_release(site, "loans", f"L{number:06d}").reason


def in_force(site: Workspace) -> set[str]:
    with site.store.read() as conn:
        newest = manifest.generation(conn, "loans")
        files = manifest.files_at(conn, "loans", newest, kinds=["data"], streams=["predictions"])
    return set(site.lake_paths(files))


def test_what_was_unknown_is_known_after_its_ingest(site: Workspace, tmp_path: Path) -> None:
    assert told(site, 900) == "unknown"
    more = write_parquet(tmp_path / "more.parquet", personal_rows(10, 900))
    ingest.ingest_files(site, "loans", [more], actor=ADMIN)
    assert told(site, 900) != "unknown"
    assert told(site, 910) == "unknown"
    assert site.id_filters.known_files("loans") == in_force(site)


def test_ids_stay_known_after_compaction(site: Workspace, tmp_path: Path) -> None:
    more = write_parquet(tmp_path / "more.parquet", personal_rows(10, 900))
    ingest.ingest_files(site, "loans", [more], actor=ADMIN)
    assert told(site, -1) == "unknown"
    before = site.id_filters.known_files("loans")
    maintenance.compact(site, actor=ADMIN)
    for number in (0, 77, 905):
        assert told(site, number) != "unknown"
    assert told(site, -1) == "unknown"
    assert site.id_filters.known_files("loans") == in_force(site) != before


def test_an_erased_prediction_is_unknown_and_forgotten(site: Workspace) -> None:
    mine, other = PERSON_ROWS[0], PERSON_ROWS[0] + 1
    assert told(site, mine) != "unknown"
    assert told(site, -1) == "unknown"
    before = site.id_filters.known_files("loans")
    erase(site, people(site))
    assert told(site, mine) == "unknown"
    assert told(site, other) != "unknown"
    assert told(site, -1) == "unknown"
    now = site.id_filters.known_files("loans")
    assert now == in_force(site)
    assert not {Path(path) for path in before - now} & set(site.settings.lake_dir.rglob("*"))
