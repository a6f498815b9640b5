import os
import shutil
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from core.config import Settings
from core.errors import Forbidden
from core.services import doctor, ingest, maintenance
from core.services.workspace import Workspace
from core.store import batches, jobs, manifest, open_store
from core.store.audit import trail as audit
from tests.core.ingest.lake import stored, take
from tests.support.builders import ADMIN, VIEWER, a_log, a_workspace, outcome_rows, write_parquet

PROFILE = (
    "SELECT version, day, slice, slice_value, feature, bin, sum(n)::BIGINT, round(sum(total), 6),"
    " min(low), max(high) FROM read_parquet({}) GROUP BY ALL ORDER BY ALL"
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a workspace that was fed in five batches; each test has a copy."""
    folder = tmp_path_factory.mktemp("built")
    opened = a_workspace(folder / "home")
    for number in range(4):
        path = write_parquet(folder / f"{number}.parquet", a_log(60, 60 * number))
        ingest.ingest_files(opened, "loans", [path], actor=ADMIN)
    known = write_parquet(folder / "o.parquet", outcome_rows(range(40)))
    ingest.ingest_files(opened, "loans", [known], stream="outcomes", actor=ADMIN)
    opened.store.close()
    return folder / "home"


@pytest.fixture
def site(built: Path, tmp_path: Path) -> Workspace:
    home = shutil.copytree(built, tmp_path / "home")
    url = f"sqlite:///{home / 'state.db'}"
    return Workspace(Settings(home, url, threads=2), open_store(url))


def later(site: Workspace, **amount: float) -> Workspace:
    return Workspace(site.settings, site.store, lambda: site.clock() + timedelta(**amount))


def profile(site: Workspace, kind: str) -> list[tuple[object, ...]]:
    with site.store.read() as conn:
        generation = manifest.generation(conn, "loans")
        files = manifest.files_at(conn, "loans", generation, kinds=["profile"], profile_kind=kind)
    paths = [str(site.settings.lake_dir / file.path) for file in files]
    with duckdb.connect() as connection:
        return connection.execute(PROFILE.format(paths)).fetchall()


def test_compaction_changes_the_files_and_nothing_else(site: Workspace) -> None:
    rows = "SELECT * EXCLUDE (time, released_at), epoch_us(time) FROM {rows} ORDER BY prediction_id"
    before = stored(site, rows), profile(site, "operations"), profile(site, "features")
    assert all(before)
    (done,) = maintenance.compact(site, actor=ADMIN)
    assert done.merged > done.made > 0
    assert done.overtaken == done.removed == 0
    assert (stored(site, rows), profile(site, "operations"), profile(site, "features")) == before
    with site.store.read() as conn:
        files = manifest.files_at(conn, "loans", manifest.generation(conn, "loans"))
    months = [(file.stream, file.month) for file in files if file.kind == "data"]
    assert len(months) == len(set(months))
    assert not doctor.examine(site, actor=ADMIN).at("error", "warning")
    assert maintenance.compact(site, actor=ADMIN)[0].merged == 0


def test_rows_stay_known_after_compaction(site: Workspace, tmp_path: Path) -> None:
    maintenance.compact(site, actor=ADMIN)
    again = take(site, write_parquet(tmp_path / "again.parquet", a_log(100, 30)))
    assert (again.counts.skipped, again.state) == (100, "skipped")
    late = take(site, write_parquet(tmp_path / "p.parquet", outcome_rows(range(50))),
                stream="outcomes")  # fmt: skip
    assert (late.counts.skipped, late.resolved) == (40, 10)


def test_replaced_files_are_kept_for_an_hour(site: Workspace) -> None:
    with site.store.read() as conn:
        old = manifest.files_at(conn, "loans", manifest.generation(conn, "loans"), kinds=["data"])
    maintenance.compact(site, actor=ADMIN)
    assert all((site.settings.lake_dir / file.path).is_file() for file in old)
    (done,) = maintenance.compact(later(site, hours=2), actor=ADMIN)
    assert done.removed > 0
    left = [file for file in old if (site.settings.lake_dir / file.path).is_file()]
    with site.store.read() as conn:
        live = manifest.files_at(conn, "loans", manifest.generation(conn, "loans"))
    assert {file.id for file in left} <= {file.id for file in live}
    assert not doctor.examine(site, actor=ADMIN).at("error", "warning")


def test_compaction_gives_way_to_an_ingest(site: Workspace, tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "new.parquet", a_log(10, 1000))
    done: list[object] = []

    def step(name: str) -> None:
        if name == "merged" and not done:
            done.append(take(site, path))

    (compacted,) = maintenance.compact(site, actor=ADMIN, step=step)
    assert compacted.made > 0
    assert stored(site, "SELECT count(*) FROM {rows}") == [(250,)]


def test_of_two_compactions_one_wins(site: Workspace) -> None:
    nested: list[maintenance.Compaction] = []

    def step(name: str) -> None:
        if name == "merged" and not nested:
            nested.extend(maintenance.compact(site, actor=ADMIN))

    (outer,) = maintenance.compact(site, actor=ADMIN, step=step)
    assert nested[0].made > 0
    assert outer.overtaken > 0
    assert stored(site, "SELECT count(*) FROM {rows}") == [(240,)]
    assert not doctor.examine(site, actor=ADMIN).at("error", "warning")


def test_a_compaction_can_be_ordered(site: Workspace) -> None:
    with site.store.begin() as conn:
        ticket = jobs.enqueue(
            conn,
            job_id="j1",
            kind=maintenance.COMPACT_JOB,
            payload={},
            actor="ada",
            at=site.clock(),
            model_id="loans",
        )
        job = jobs.get(conn, ticket.id)
    result = maintenance.compact_job(site, job, lambda _share, _note: None)
    assert result["models"]


def test_doctor_names_what_is_wrong(site: Workspace) -> None:
    with site.store.read() as conn:
        files = manifest.files_at(conn, "loans", manifest.generation(conn, "loans"), kinds=["data"])
    lake = site.settings.lake_dir
    missing, short, changed = (lake / file.path for file in files[:3])
    missing.unlink()
    short.write_bytes(short.read_bytes()[:-1])
    data = bytearray(changed.read_bytes())
    data[10] ^= 1
    changed.write_bytes(bytes(data))
    (lake / "loans" / "stranger.parquet").write_bytes(b"x")
    report = doctor.examine(site, actor=ADMIN)
    assert not report.healthy
    assert {finding.subject: finding.text for finding in report.at("error")} == {
        files[0].path: "The file is missing.",
        files[1].path: "The file has another size than the manifest says.",
        files[2].path: "The file's content is not what was published.",
    }
    assert [finding.subject for finding in report.at("warning")] == ["loans/stranger.parquet"]
    quick = doctor.examine(site, actor=ADMIN, with_hashes=False)
    assert len(quick.at("error")) == 2
    assert {"check", "level", "subject", "finding"} == set(report.findings[0].as_row())


def test_doctor_removes_only_what_expired_a_day_ago(site: Workspace) -> None:
    with site.store.begin() as conn:
        batches.open_batch(
            conn, batch_id="b-dead", model_id="loans", stream="predictions", actor="ada",
            at=site.clock() - timedelta(hours=1),
        )  # fmt: skip
    lake = site.settings.lake_dir / "loans"
    dead = lake / "predictions" / "month=2025-01" / "b-dead-00.parquet"
    stranger = lake / "stranger.parquet"
    unfinished = lake / "profile" / "operations" / ".compaction-1.parquet.part"
    for path in (dead, stranger, unfinished):
        path.write_bytes(b"x")
    os.utime(unfinished, (0, 0))
    first = doctor.examine(site, actor=ADMIN, repair=True)
    assert {finding.subject for finding in first.at("warning")} >= {
        "b-dead",
        "loans/stranger.parquet",
    }
    assert dead.is_file()
    assert not unfinished.exists()
    with site.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="batch.expired")
    assert dict(entry.objects) == {"model": "loans", "batch": "b-dead"}
    doctor.examine(later(site, hours=23), actor=ADMIN, repair=True)
    assert dead.is_file()
    doctor.examine(later(site, hours=25), actor=ADMIN, repair=True)
    assert not dead.exists()
    assert stranger.is_file()


def test_doctor_tells_of_failed_and_abandoned_jobs(site: Workspace) -> None:
    with site.store.begin() as conn:
        for name in ("j1", "j2"):
            jobs.enqueue(conn, job_id=name, kind=name, payload={}, actor="ada", at=site.clock())
            jobs.claim(conn, owner="w", at=site.clock(), lease=timedelta(seconds=1), kinds=[name])
        jobs.fail(conn, "j1", owner="w", error="broken", at=site.clock(), retry_after=None)
    report = doctor.examine(later(site, minutes=1), actor=ADMIN)
    texts = {finding.subject: finding.text for finding in report.at("warning")}
    assert texts["j1"] == "The job failed: broken"
    assert "no sign of life" in texts["j2"]
    assert report.healthy


def test_maintenance_needs_its_permission(site: Workspace) -> None:
    with pytest.raises(Forbidden):
        maintenance.compact(site, actor=VIEWER)
    with pytest.raises(Forbidden):
        doctor.examine(site, actor=VIEWER)
