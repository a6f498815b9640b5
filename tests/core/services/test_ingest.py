import json
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from core.domain.identity import Actor, Role
from core.errors import Conflict, DiskFull, Forbidden, InvalidInput, MissingColumn, NotFound
from core.ingest import reasons
from core.services import ingest
from core.services.ingest import IngestSummary
from core.services.workspace import Workspace
from core.store import models, watches
from core.store.audit import trail as audit
from tests.support.builders import (
    ADMIN,
    VIEWER,
    a_log,
    a_row,
    a_workspace,
    contract_text,
    outcome_rows,
    write_csv,
    write_parquet,
)
from tests.support.stored import audit_kinds

SETTLE = timedelta(milliseconds=50)


@pytest.fixture
def site(tmp_path: Path) -> Workspace:
    return a_workspace(tmp_path / "home")


def test_a_summary_adds_up_over_batches_and_files(site: Workspace, tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", a_log(30))
    write_csv(tmp_path / "b.csv", [*a_log(20, 20), a_row(99, score="x")])
    shares: list[float] = []
    summary = ingest.ingest_files(
        site,
        "loans",
        [str(tmp_path / "*.csv")],
        actor=ADMIN,
        progress=lambda share, _: shares.append(share),
    )
    assert summary == IngestSummary(
        "loans", "predictions", 2, batches=summary.batches, read=51, stored=40, skipped=10,
        quarantined=1,
    )  # fmt: skip
    assert len(summary.batches) == 1
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert summary.rows_per_second > 0
    assert summary.to_dict()["stored"] == 40


def test_known_content_is_skipped_at_once(site: Workspace, tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "a.parquet", a_log(10))
    ingest.ingest_files(site, "loans", [path], actor=ADMIN)
    (tmp_path / "copy.parquet").write_bytes(path.read_bytes())
    again = ingest.ingest_files(site, "loans", [path, tmp_path / "copy.parquet"], actor=ADMIN)
    assert (again.files, again.files_known, again.batches) == (2, 2, ())
    as_other_stream = write_parquet(tmp_path / "o.parquet", outcome_rows(range(12)))
    summary = ingest.ingest_files(site, "loans", [as_other_stream], stream="outcomes", actor=ADMIN)
    assert (summary.resolved, summary.waiting) == (10, 2)
    assert ingest.waiting_outcomes(site, "loans", actor=ADMIN) == 2


def test_a_batch_that_fails_is_told_by_its_kind_of_error(site: Workspace, tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "CHAN Tai Man.parquet", a_log(40))

    def full(step: str) -> None:
        if step == "staged":
            raise DiskFull("{path} is full.", path=str(path))

    with pytest.raises(DiskFull):
        ingest.ingest_files(site, "loans", [path], actor=ADMIN, step=full)
    with site.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="batch.failed")
    (view,) = ingest.batches(site, "loans", actor=ADMIN)
    assert dict(entry.objects) == {"model": "loans", "batch": view.batch.id}
    assert dict(entry.body) == {"stream": "predictions", "error": "DiskFull"}
    assert b"CHAN" not in entry.canonical


def test_a_wrong_file_does_not_stop_the_others(site: Workspace, tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", a_log(5))
    (tmp_path / "b.csv").write_text("x,y\n1,2\n")
    # The header is right; the quote that is never closed shows only when it is read.
    header = ",".join(a_row(0))
    (tmp_path / "c.csv").write_text(header + '\n"' + "x\n" * 100_000)
    summary = ingest.ingest_files(site, "loans", [tmp_path], actor=ADMIN)
    assert summary.stored == 5
    assert [file.name for file in summary.refused] == ["b.csv", "c.csv"]
    with pytest.raises(MissingColumn):
        ingest.ingest_files(site, "loans", [tmp_path / "b.csv"], actor=ADMIN)


def test_wrong_words_are_refused(site: Workspace, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", a_log(1))
    with pytest.raises(InvalidInput, match="stream"):
        ingest.ingest_files(site, "loans", [path], stream="resolved", actor=ADMIN)
    with pytest.raises(NotFound):
        ingest.ingest_files(site, "nothing", [path], actor=ADMIN)
    with pytest.raises(Forbidden):
        ingest.ingest_files(site, "loans", [path], actor=VIEWER)
    elsewhere = Actor("u3", "cy", frozenset({Role.data_scientist}), models=frozenset({"cards"}))
    with pytest.raises(NotFound):
        ingest.ingest_files(site, "loans", [path], actor=elsewhere)


def test_the_reference_is_made_when_its_window_has_passed(site: Workspace, tmp_path: Path) -> None:
    # The window ends on 20 January; 8 rows a day.
    for number, start in enumerate((0, 100)):
        path = write_parquet(tmp_path / f"{number}.parquet", a_log(100, start))
        ingest.ingest_files(site, "loans", [path], actor=ADMIN)
        with site.store.read() as conn:
            assert (models.get(conn, "loans").live_bins_id is not None) == bool(number)


def test_batches_and_quarantine_are_shown(site: Workspace, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [a_row(0), a_row(1, score="x"), a_row(2, score="y")])
    ingest.ingest_files(site, "loans", [path], actor=ADMIN)
    (view,) = ingest.batches(site, "loans", actor=ADMIN)
    assert view.batch.rows_quarantined == 2
    assert [(source.name, source.rows) for source in view.sources] == [("a.csv", 3)]
    handed_out = ingest.quarantine_rows(site, "loans", actor=ADMIN)
    assert handed_out.total == 2
    rows = handed_out.frame
    assert list(rows["line"]) == [3, 4]
    assert rows["params"][0] == {"column": "score", "value": "x"}
    raw = json.loads(rows["raw"][0])
    assert (raw["loan_id"], raw["score"]) == ("L000001", "x")
    # Protected, so it does not leave the quarantine.
    assert raw["sex"] == "•••"
    part = ingest.quarantine_rows(site, "loans", actor=ADMIN, limit=1)
    assert (len(part.frame), part.total) == (1, 2)
    assert ingest.quarantine_rows(site, "loans", actor=ADMIN, batch_id="other").frame.empty
    with site.store.read() as conn:
        trail = [entry for entry in audit.read(conn) if entry.kind == "quarantine.exported"]
    assert [dict(entry.objects) for entry in trail] == [{"model": "loans"}] * 3
    assert [dict(entry.body) for entry in trail] == [
        {"batch": None, "rows": 2, "total": 2},
        {"batch": None, "rows": 1, "total": 2},
        {"batch": "other", "rows": 0, "total": 0},
    ]
    counted = ingest.quarantine_reasons(site, "loans", actor=ADMIN)
    assert counted is not None
    assert counted[["column", "reason", "rows"]].to_numpy().tolist()[0] == [
        "score",
        reasons.NOT_A_NUMBER,
        2,
    ]
    for read in (ingest.batches, ingest.quarantine_rows, ingest.quarantine_reasons):
        with pytest.raises(Forbidden):
            read(site, "loans", actor=VIEWER)


def test_a_reader_of_one_jurisdiction_sees_its_rows_only(tmp_path: Path) -> None:
    log = {"prediction_id": "loan_id", "time": "approved_at", "jurisdiction": "branch"}
    site = a_workspace(tmp_path / "home", contract=contract_text(log=log))
    rows = [a_row(number, approved_at="never") for number in range(6)]
    path = write_csv(tmp_path / "a.csv", rows)
    ingest.ingest_files(site, "loans", [path], actor=ADMIN)
    limited = Actor(
        "u4", "di", frozenset({Role.data_scientist}), jurisdictions=frozenset({"Central"})
    )
    seen = ingest.quarantine_rows(site, "loans", actor=limited)
    assert list(seen.frame["line"]) == [2, 5]
    # The total is of the reader's own rows, not of the six.
    assert ingest.quarantine_rows(site, "loans", actor=limited, limit=1).total == 2
    # How many rows were refused elsewhere is not told.
    assert ingest.quarantine_reasons(site, "loans", actor=limited) is None


def test_a_reader_of_one_jurisdiction_is_told_no_counts_of_batches(
    site: Workspace, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "a.csv", [*a_log(5), a_row(9, score="x")])
    ingest.ingest_files(site, "loans", [path], actor=ADMIN)
    late = write_parquet(tmp_path / "o.parquet", outcome_rows([50]))
    ingest.ingest_files(site, "loans", [late], stream="outcomes", actor=ADMIN)
    limited = Actor("u4", "di", frozenset({Role.admin}), jurisdictions=frozenset({"HK"}))
    whole = ingest.batches(site, "loans", actor=ADMIN)
    part = ingest.batches(site, "loans", actor=limited)
    assert [view.counted for view in whole] == [True, True]
    assert whole[1].batch.rows_read == 6
    assert [view.counted for view in part] == [False, False]
    for full, narrow in zip(whole, part, strict=True):
        batch = narrow.batch
        counts = (batch.rows_read, batch.rows_stored, batch.rows_skipped, batch.rows_quarantined)
        assert counts == (0, 0, 0, 0)
        assert (batch.first_time, batch.last_time) == (None, None)
        assert [(s.bytes, s.rows) for s in narrow.sources] == [(0, 0)]
        assert (batch.id, batch.state, batch.actor) == (
            full.batch.id,
            full.batch.state,
            full.batch.actor,
        )
        assert [s.sha256 for s in narrow.sources] == [s.sha256 for s in full.sources]
    assert ingest.waiting_outcomes(site, "loans", actor=ADMIN) == 1
    assert ingest.waiting_outcomes(site, "loans", actor=limited) is None


def test_watched_folders(site: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.ingest.watch.SETTLE", SETTLE)
    folder = tmp_path / "drop"
    folder.mkdir()
    watch_id = ingest.add_watch(site, "loans", str(folder), actor=ADMIN)
    with pytest.raises(Conflict):
        ingest.add_watch(site, "loans", str(folder), actor=ADMIN)
    for wrong in ("relative", str(tmp_path / "none"), str(site.settings.lake_dir)):
        with pytest.raises(InvalidInput):
            ingest.add_watch(site, "loans", wrong, actor=ADMIN)
    write_csv(folder / "a.csv", a_log(4))
    time.sleep(2 * SETTLE.total_seconds())
    assert [summary.stored for summary in ingest.scan_watches(site, actor=ADMIN)] == [4]
    (folder / "b.csv").write_text("x,y\n")
    time.sleep(2 * SETTLE.total_seconds())
    ingest.scan_watches(site, actor=ADMIN)
    with site.store.read() as conn:
        kinds = audit_kinds(conn)
        assert watches.get(conn, watch_id).last_seen_at is not None
    assert kinds["watch.refused"] == 1
    assert [watch.id for watch in ingest.watches(site, actor=ADMIN)] == [watch_id]
    ingest.remove_watch(site, watch_id, actor=ADMIN)
    assert ingest.scan_watches(site, actor=ADMIN) == ()


def test_the_name_of_a_refused_file_stays_out_of_the_trail(
    site: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.ingest.watch.SETTLE", SETTLE)
    folder = tmp_path / "drop"
    folder.mkdir()
    watch_id = ingest.add_watch(site, "loans", str(folder), actor=ADMIN)
    person = "CHAN Tai Man Z123456(7)"
    (folder / f"{person}.csv").write_text("x,y\n1,2\n")
    time.sleep(2 * SETTLE.total_seconds())
    ingest.scan_watches(site, actor=ADMIN)
    write_csv(folder / "good.csv", a_log(4))
    time.sleep(2 * SETTLE.total_seconds())
    (folder / f"{person}.parquet").write_bytes(b"PAR1 nothing")
    time.sleep(2 * SETTLE.total_seconds())
    ingest.scan_watches(site, actor=ADMIN)
    with site.store.read() as conn:
        entries = list(reversed(audit.list_newest(conn, limit=99)))
    told = [entry for entry in entries if entry.kind == "watch.refused"]
    assert [(dict(e.objects), dict(e.body)) for e in told] == [
        (
            {"model": "loans", "watch": watch_id},
            {"files": files, "refused": 1, "first": place, "error": error},
        )
        for files, place, error in ((1, 1, "MissingColumn"), (2, 2, "UnreadableFile"))
    ]
    for entry in entries:
        assert b"CHAN" not in entry.canonical
        assert b"Z123456" not in entry.canonical
    # The page still says which: the table of batches can be erased from, the trail cannot.
    failed = [v.batch for v in ingest.batches(site, "loans", actor=ADMIN) if v.batch.message]
    assert [batch.state for batch in failed] == ["failed", "failed"]
    assert all(person in batch.message for batch in failed)


def test_a_folder_is_watched_until_told_to_stop(
    site: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.ingest.watch.SETTLE", SETTLE)
    write_csv(tmp_path / "a.csv", a_log(4))
    (tmp_path / "b.csv").write_text("x,y\n")
    time.sleep(2 * SETTLE.total_seconds())
    stop = threading.Event()
    seen: list[IngestSummary | InvalidInput] = []

    def report(result: IngestSummary | InvalidInput) -> None:
        seen.append(result)
        (tmp_path / "b.csv").write_text("x,z\n")
        if len(seen) == 2:
            stop.set()

    ingest.watch_folder(
        site,
        "loans",
        tmp_path,
        actor=ADMIN,
        stop=stop,
        pattern="*.csv",
        every_s=0.02,
        report=report,
    )
    assert isinstance(seen[0], IngestSummary)
    assert seen[0].stored == 4
    assert [file.name for file in seen[0].refused] == ["b.csv"]
    assert isinstance(seen[1], InvalidInput)
