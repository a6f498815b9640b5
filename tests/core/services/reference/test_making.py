"""The reference: when it is made, what it covers, and what else may happen meanwhile."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from core.domain.windows import Window, calendar_chunks
from core.errors import Conflict, Forbidden, NotFound, NothingYet
from core.lake.profiles.write import write_profile
from core.metrics.binning import BinSet
from core.services import ingest, maintenance
from core.services.questions import parsed_contract
from core.services.reference.making import (
    ensure_reference,
    rebuild_reference,
    reference_progress,
)
from core.services.workspace import Workspace
from core.store import manifest, models, references
from core.store.audit import trail as audit
from tests.support.builders import (
    ADMIN,
    FIRST,
    VIEWER,
    a_log,
    a_workspace,
    contract_text,
    write_parquet,
)
from tests.support.stored import reference_states

# One prediction every three hours from 2025-01-01 02:00 UTC; the reference ends on 20 January,
# 16:00 UTC in Hong Kong: row 157 is the first behind it.
BEHIND = 157


@pytest.fixture
def site(tmp_path: Path) -> Workspace:
    return a_workspace(tmp_path / "home")


def _ingest(site: Workspace, folder: Path, count: int, start: int = 0) -> None:
    path = write_parquet(folder / f"log-{start}-{count}.parquet", a_log(count, start))
    ingest.ingest_files(site, "loans", [path], actor=ADMIN)


def _files(site: Workspace, kind: str) -> tuple[manifest.ManifestFile, ...]:
    with site.store.read() as conn:
        return manifest.files_at(conn, "loans", manifest.generation(conn, "loans"), kinds=[kind])


def _features(site: Workspace) -> list[manifest.ManifestFile]:
    return [file for file in _files(site, "profile") if file.profile_kind == "features"]


def _live(site: Workspace) -> str | None:
    with site.store.read() as conn:
        return models.get(conn, "loans").live_bins_id


def _profiled_rows(site: Workspace) -> int:
    """Return the rows that the live profiles count, whichever files hold them."""
    with site.store.read() as conn:
        record = models.get(conn, "loans")
        live = references.live(conn, "loans")
        files = manifest.files_at(conn, "loans", record.lake_generation)
    assert live is not None
    contract = parsed_contract(record.spec_text)
    view = site.profiles.view(
        contract, record.lake_generation, files, BinSet.from_json(live.bins_json)
    )
    whole = Window.of_days(date(2024, 12, 1), date(2025, 12, 31), contract.timezone)
    counts = view.feature_counts(["@score"], calendar_chunks(whole, "all", contract.timezone))
    return int(counts["@score"].n.sum())


def test_before_the_window_has_passed(site: Workspace, tmp_path: Path) -> None:
    assert str(reference_progress(site, "loans", actor=VIEWER)) == "reference 0 of 20 days"
    assert ensure_reference(site, "loans", actor=ADMIN) is None
    _ingest(site, tmp_path, 43)  # 43 rows at eight a day: 1 to 6 January
    progress = reference_progress(site, "loans", actor=VIEWER)
    assert (progress.days, progress.needed, progress.complete) == (6, 20, False)
    _ingest(site, tmp_path, BEHIND - 43, 43)
    assert str(reference_progress(site, "loans", actor=VIEWER)) == "reference 20 of 20 days"
    assert _live(site) is None
    with pytest.raises(NothingYet, match="20 of 20 days"):
        rebuild_reference(site, "loans", actor=ADMIN)


def test_the_first_row_behind_the_window_makes_the_reference(
    site: Workspace, tmp_path: Path
) -> None:
    _ingest(site, tmp_path, BEHIND)
    _ingest(site, tmp_path, 1, BEHIND)
    with site.store.read() as conn:
        live = references.live(conn, "loans")
        entry = audit.list_newest(conn, kind="reference.live")[0]
    assert live is not None
    assert live.rows == BEHIND
    assert live.window_from == datetime(2024, 12, 31, 16, tzinfo=UTC)
    assert live.window_to == datetime(2025, 1, 20, 16, tzinfo=UTC)
    assert entry.objects == {"model": "loans", "reference": live.bins_id}
    assert entry.body["replaces"] is None
    assert str(reference_progress(site, "loans", actor=VIEWER)) == f"reference {live.bins_id}"
    assert [file.bins_id for file in _files(site, "reference")] == [live.bins_id]
    assert _profiled_rows(site) == BEHIND + 1
    # Batches from now on bring their own profile.
    _ingest(site, tmp_path, 30, BEHIND + 1)
    assert _profiled_rows(site) == BEHIND + 31
    assert len(_features(site)) == 2
    assert ensure_reference(site, "loans", actor=ADMIN) == live.bins_id


def test_a_log_that_begins_behind_the_window(site: Workspace, tmp_path: Path) -> None:
    _ingest(site, tmp_path, 20, BEHIND + 10)
    assert ensure_reference(site, "loans", actor=ADMIN) is None
    with pytest.raises(NothingYet, match="no predictions in its reference window"):
        rebuild_reference(site, "loans", actor=ADMIN)
    assert reference_progress(site, "loans", actor=VIEWER).days == 0


def test_files_around_the_window_without_rows_in_it(site: Workspace, tmp_path: Path) -> None:
    before = [{**row, "approved_at": FIRST - timedelta(days=9)} for row in a_log(1)]
    path = write_parquet(tmp_path / "around.parquet", [*before, *a_log(2, BEHIND)])
    ingest.ingest_files(site, "loans", [path], actor=ADMIN)
    assert ensure_reference(site, "loans", actor=ADMIN) is None


def test_a_rebuild_of_the_same_rows_changes_nothing(site: Workspace, tmp_path: Path) -> None:
    _ingest(site, tmp_path, 200)
    before = _live(site), _files(site, "profile"), _files(site, "reference")
    assert rebuild_reference(site, "loans", actor=ADMIN) == before[0]
    assert (_live(site), _files(site, "profile"), _files(site, "reference")) == before


def test_a_rebuild_after_a_change_keeps_the_old_bins(site: Workspace, tmp_path: Path) -> None:
    _ingest(site, tmp_path, 200)
    old = _live(site)
    with site.store.begin() as conn:
        models.register(
            conn,
            model_id="loans",
            spec_text=contract_text(reference={"from": "2025-01-03", "to": "2025-01-20"}),
            actor="ada",
            at=site.clock(),
        )
    new = rebuild_reference(site, "loans", actor=ADMIN)
    assert new == _live(site) != old
    assert {file.bins_id for file in _features(site)} == {new}
    assert [file.bins_id for file in _files(site, "reference")] == [new]
    assert _profiled_rows(site) == 200
    with site.store.read() as conn:
        assert reference_states(conn, "loans") == {new: "live", old: "retired"}
        assert audit.list_newest(conn, kind="reference.live")[0].body["replaces"] == old


class _Meanwhile:
    """Ids, before the first of which something else happens."""

    def __init__(self, site: Workspace, action: Callable[[], object]) -> None:
        self._new_id, self._action, self._armed = site.new_id, action, True

    def __call__(self) -> str:
        if self._armed:
            self._armed = False
            self._action()
        return self._new_id()


def _prepared(site: Workspace, folder: Path) -> None:
    """Store rows behind the window without the reference that an ingest would make."""
    with site.store.begin() as conn:
        late = {"from": "2025-01-01", "to": "2025-12-31"}
        models.register(
            conn,
            model_id="loans",
            spec_text=contract_text(reference=late),
            actor="a",
            at=site.clock(),
        )
    _ingest(site, folder, 100)
    _ingest(site, folder, 100, 100)
    with site.store.begin() as conn:
        models.register(
            conn, model_id="loans", spec_text=contract_text(), actor="a", at=site.clock()
        )


def test_a_batch_published_meanwhile_is_profiled_too(site: Workspace, tmp_path: Path) -> None:
    _prepared(site, tmp_path)

    def publish() -> None:
        with site.store.read() as conn:
            generation = manifest.generation(conn, "loans")
        data = _files(site, "data")[0]
        target = site.settings.lake_dir / "loans" / "copy.parquet"
        target.write_bytes((site.settings.lake_dir / data.path).read_bytes())
        copy = manifest.NewFile(
            "data", "loans/copy.parquet", "", 1, data.rows, stream="predictions",
            month=data.month, first_time=data.first_time, last_time=data.last_time,
        )  # fmt: skip
        with site.store.begin() as conn:
            manifest.publish(conn, "loans", generation, files=[copy], at=site.clock())

    live = ensure_reference(replace(site, new_id=_Meanwhile(site, publish)), "loans", actor=ADMIN)
    assert live == _live(site)
    assert _profiled_rows(site) == sum(file.rows for file in _files(site, "data"))
    assert len(_features(site)) == 2


def test_a_compaction_meanwhile_counts_no_row_twice(site: Workspace, tmp_path: Path) -> None:
    _prepared(site, tmp_path)
    busy = _Meanwhile(site, lambda: maintenance.compact(site, "loans", actor=ADMIN))
    live = ensure_reference(replace(site, new_id=busy), "loans", actor=ADMIN)
    assert live == _live(site)
    assert _profiled_rows(site) == 200
    kept = {file.path for file in [*_files(site, "profile"), *_files(site, "reference")]}
    lake = site.settings.lake_dir
    on_disk = {path.relative_to(lake).as_posix() for path in lake.rglob("*reference-*.parquet")}
    assert on_disk <= kept


def test_whoever_is_first_wins(site: Workspace, tmp_path: Path) -> None:
    _prepared(site, tmp_path)
    busy = _Meanwhile(site, lambda: ensure_reference(site, "loans", actor=ADMIN))
    assert ensure_reference(replace(site, new_id=busy), "loans", actor=ADMIN) == _live(site)
    assert _profiled_rows(site) == 200
    assert len(_features(site)) == 1


def test_a_failure_leaves_no_files_and_no_reference(
    site: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _prepared(site, tmp_path)

    def refuse(*_: object, **__: object) -> int:
        raise Conflict("{model} is busy.", model="loans")

    monkeypatch.setattr(manifest, "swap", refuse)
    with pytest.raises(Conflict, match="changed too often"):
        ensure_reference(site, "loans", actor=ADMIN)
    assert _live(site) is None
    assert not list(site.settings.lake_dir.rglob("*reference-*"))
    with site.store.read() as conn:
        assert list(reference_states(conn, "loans").values()) == ["retired"]
    monkeypatch.undo()
    assert ensure_reference(site, "loans", actor=ADMIN) == _live(site) is not None


def test_who_may(site: Workspace) -> None:
    outside = replace(ADMIN, models=frozenset({"other"}))
    with pytest.raises(Forbidden):
        ensure_reference(site, "loans", actor=VIEWER)
    with pytest.raises(Forbidden):
        rebuild_reference(site, "loans", actor=VIEWER)
    for service in (ensure_reference, rebuild_reference, reference_progress):
        with pytest.raises(NotFound):
            service(site, "loans", actor=outside)


def test_many_rows_are_profiled_in_two_files(
    site: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.services.reference.build._ROWS_FOR_ONE", 100)
    _ingest(site, tmp_path, 500)  # January to March
    # January has 245 rows; February and March go together.
    spans = sorted(
        (file.first_time, file.last_time)
        for file in _features(site)
        if file.first_time is not None and file.last_time is not None
    )
    assert len(spans) == 2
    assert spans[0] == (FIRST, FIRST + timedelta(hours=3 * 244))
    assert spans[1][0] == FIRST + timedelta(hours=3 * 245)
    assert _profiled_rows(site) == 500


def test_a_profile_that_cannot_be_written_leaves_no_other_behind(
    site: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.services.reference.build._ROWS_FOR_ONE", 100)
    calls = iter(range(9))

    def failing(*arguments: object) -> int:
        if next(calls) == 1:
            raise OSError("no")
        return write_profile(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("core.services.reference.build.write_profile", failing)
    with pytest.raises(OSError, match="no"):
        _ingest(site, tmp_path, 500)
    assert _live(site) is None
    left = [path for path in site.settings.lake_dir.rglob("reference-*") if path.is_file()]
    assert left == []
