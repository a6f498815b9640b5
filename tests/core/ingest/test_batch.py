import json
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest

from core.errors import MissingColumn
from core.ingest import reasons
from core.ingest.batch import BatchResult, InputFile, Request, ingest_batch
from core.lake.files import sha256_of
from core.services.workspace import Workspace
from core.store import batches, manifest
from core.store.audit import trail as audit
from tests.support.builders import (
    ADMIN,
    a_contract,
    a_log,
    a_row,
    a_workspace,
    contract_text,
    write_csv,
    write_parquet,
)


@pytest.fixture
def site(tmp_path: Path) -> Workspace:
    return a_workspace(tmp_path / "home")


def take(site: Workspace, *paths: Path, stream: Any = "predictions", **changes: Any) -> BatchResult:
    files = tuple(InputFile(path, sha256_of(path), path.stat().st_size) for path in paths)
    return ingest_batch(site, Request(a_contract(**changes), stream, files, ADMIN))


def stored(site: Workspace, sql: str, stream: str = "predictions") -> list[tuple[Any, ...]]:
    with site.store.read() as conn:
        generation = manifest.generation(conn, "loans")
        kinds = ["quarantine"] if stream == "quarantine" else ["data"]
        files = manifest.files_at(conn, "loans", generation, kinds=kinds)
    paths = [
        str(site.settings.lake_dir / file.path)
        for file in files
        if stream in {file.stream, "quarantine"}
    ]
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return connection.execute(sql.format(rows=f"read_parquet({paths})")).fetchall()


def refused(site: Workspace) -> dict[int, tuple[str, str, Any]]:
    rows = stored(
        site, 'SELECT line, "column", reason, params FROM {rows} ORDER BY line', "quarantine"
    )
    return {line: (column, reason, json.loads(params)) for line, column, reason, params in rows}


def test_rows_are_stored_by_month_and_sorted_by_time(site: Workspace, tmp_path: Path) -> None:
    result = take(site, write_parquet(tmp_path / "log.parquet", a_log(500)[::-1]))
    assert result.counts == batches.BatchCounts(read=500, stored=500)
    # 500 rows at three-hour steps from 1 January reach into March (8 a day).
    assert stored(site, "SELECT count(*) FROM {rows}") == [(500,)]
    with site.store.read() as conn:
        files = manifest.files_at(conn, "loans", 1, kinds=["data"])
        entry = audit.list_newest(conn)[0]
    assert [file.month for file in files] == ["2025-01", "2025-02", "2025-03"]
    # January in Hong Kong ends at 16:00 UTC: rows 0 … 244.
    assert [file.rows for file in files] == [245, 224, 31]
    with duckdb.connect() as connection:
        for file in files:
            path = site.settings.lake_dir / file.path
            assert sha256_of(path) == file.sha256
            times = connection.execute(f"SELECT epoch_us(time) FROM '{path}'").fetchall()
            assert times == sorted(times)
    assert entry.kind == "batch.published"
    assert entry.body["rows_stored"] == 500


def test_csv_and_parquet_store_the_same_values(site: Workspace, tmp_path: Path) -> None:
    take(site, write_parquet(tmp_path / "log.parquet", a_log(300)))
    again = take(site, write_csv(tmp_path / "log.csv", a_log(300)))
    assert again.state == "skipped"
    assert again.counts == batches.BatchCounts(read=300, skipped=300)


def test_each_fault_has_its_reason(site: Workspace, tmp_path: Path) -> None:
    faults: list[tuple[dict[str, Any], str, str]] = [
        ({"score": "x1"}, "score", reasons.NOT_A_NUMBER),
        ({"score": "inf"}, "score", reasons.INFINITE),
        ({"score": "1e400"}, "score", reasons.INFINITE),
        ({"amount": "1 000"}, "amount", reasons.NOT_A_NUMBER),
        ({"amount": "1_000"}, "amount", reasons.NOT_A_NUMBER),
        ({"approved_at": "21/11/2025"}, "approved_at", reasons.NOT_A_TIMESTAMP),
        ({"approved_at": "2025-02-30"}, "approved_at", reasons.NOT_A_TIMESTAMP),
        ({"approved_at": "infinity"}, "approved_at", reasons.NOT_A_TIMESTAMP),
        ({"approved_at": "0001-01-01"}, "approved_at", reasons.NOT_A_TIMESTAMP),
        ({"approved_at": "2025-01-01 10:00 Mars"}, "approved_at", reasons.NOT_A_TIMESTAMP),
        ({"approved_at": "2925-01-01"}, "approved_at", reasons.IN_THE_FUTURE),
        ({"approved_at": ""}, "approved_at", reasons.MISSING),
        ({"loan_id": " "}, "loan_id", reasons.MISSING),
        ({"term": "1.5"}, "term", reasons.NOT_A_WHOLE_NUMBER),
        ({"opened": "2025-13-01"}, "opened", reasons.NOT_A_DATE),
    ]
    rows = [a_row(number, **change) for number, (change, _, _) in enumerate(faults)]
    result = take(site, write_csv(tmp_path / "log.csv", [*rows, a_row(99, score="nan")]))
    found = refused(site)
    assert result.counts == batches.BatchCounts(len(faults) + 1, 1, 0, len(faults))
    assert [found[line][:2] for line in sorted(found)] == [fault[1:] for fault in faults]
    assert found[2][2] == {"column": "score", "value": "x1"}
    # NaN is a value that profiles count on its own.
    assert stored(site, "SELECT isnan(score) FROM {rows}") == [(True,)]


def test_infinite_and_empty_values_of_parquet_are_refused(site: Workspace, tmp_path: Path) -> None:
    rows = [a_row(0, score=float("inf")), a_row(1, loan_id=None), a_row(2), a_row(3, score=None)]
    result = take(site, write_parquet(tmp_path / "log.parquet", rows))
    assert result.counts == batches.BatchCounts(4, 2, 0, 2)
    assert [entry[1] for entry in refused(site).values()] == [reasons.INFINITE, reasons.MISSING]


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2025-06-01", "2025-05-31 16:00:00+00"),
        ("2025-06-01 09:30", "2025-06-01 01:30:00+00"),
        ("2025-06-01T09:30:00.25", "2025-06-01 01:30:00.25+00"),
        ("2025-06-01T09:30:00Z", "2025-06-01 09:30:00+00"),
        ("2025-06-01 09:30:00+0200", "2025-06-01 07:30:00+00"),
        ("2025-06-01T09:30:00-05:00", "2025-06-01 14:30:00+00"),
    ],
)
def test_timestamps_with_and_without_zone(
    site: Workspace, tmp_path: Path, text: str, utc: str
) -> None:
    take(site, write_csv(tmp_path / "log.csv", [a_row(0, approved_at=text)]))
    assert stored(site, "SELECT CAST(time AS VARCHAR) FROM {rows}") == [(utc,)]


def test_a_zoneless_parquet_time_is_local(site: Workspace, tmp_path: Path) -> None:
    row = a_row(0)
    local = (row["approved_at"] + timedelta(hours=8)).replace(tzinfo=None)
    take(site, write_parquet(tmp_path / "a.parquet", [row]))
    again = take(site, write_parquet(tmp_path / "b.parquet", [{**row, "approved_at": local}]))
    assert again.state == "skipped"


def test_a_missing_column_refuses_the_file(site: Workspace, tmp_path: Path) -> None:
    rows = [{name: value for name, value in a_row(0).items() if name != "score"}]
    with pytest.raises(MissingColumn) as caught:
        take(site, write_csv(tmp_path / "log.csv", rows))
    assert caught.value.params["columns"] == "score"
    assert "loan_id" in str(caught.value)
    with site.store.read() as conn:
        (failed,) = batches.list_batches(conn)
        assert (failed.state, failed.rows_stored) == ("failed", 0)
        assert manifest.files_at(conn, "loans", manifest.generation(conn, "loans")) == ()
    kept = [path for path in site.settings.lake_dir.rglob("*") if path.is_file()]
    assert kept == []


def test_undeclared_and_absent_columns_are_told(site: Workspace, tmp_path: Path) -> None:
    row = {name: value for name, value in a_row(0).items() if name != "branch"}
    result = take(site, write_csv(tmp_path / "log.csv", [{**row, "extra'; --": "x", "b": "y"}]))
    assert result.undeclared == ("extra'; --", "b")
    assert result.absent == ("branch",)
    assert stored(site, "SELECT c_branch FROM {rows}") == [(None,)]


def test_repeats_are_skipped_and_contradictions_refused(site: Workspace, tmp_path: Path) -> None:
    rows = [a_row(0), a_row(1), a_row(0), a_row(1, amount=5.0)]
    first = take(site, write_csv(tmp_path / "a.csv", rows))
    assert first.counts == batches.BatchCounts(4, 2, 1, 1)
    assert refused(site)[5][1:] == (
        reasons.OTHER_CONTENT,
        {"column": "loan_id", "value": "L000001"},
    )
    second = take(site, write_csv(tmp_path / "b.csv", [a_row(0), a_row(1, amount=7.0), a_row(2)]))
    assert second.counts == batches.BatchCounts(3, 1, 1, 1)
    assert stored(site, "SELECT amount FROM {rows} WHERE prediction_id = 'L000001'") == [(2000.0,)]


def test_whole_numbers_are_the_same_category_from_every_source(
    site: Workspace, tmp_path: Path
) -> None:
    take(site, write_parquet(tmp_path / "a.parquet", [a_row(0, industry=3.0)]))
    again = take(site, write_csv(tmp_path / "b.csv", [a_row(0, industry="3")]))
    assert again.state == "skipped"


def test_a_column_that_the_contract_gained_is_null_in_old_rows(
    site: Workspace, tmp_path: Path
) -> None:
    take(site, write_csv(tmp_path / "a.csv", [a_row(0)]))
    features = [{"name": "loan amount", "type": "numeric"}, {"name": "new", "type": "numeric"}]
    changes = {"features": features, "segments": None}
    result = take(site, write_csv(tmp_path / "b.csv", [a_row(0), a_row(1, new="1")][1:]), **changes)
    assert result.counts.stored == 1
    again = take(site, write_csv(tmp_path / "c.csv", [a_row(0)]), **changes)
    assert again.state == "skipped"


def test_large_months_are_cut_into_files_by_time(
    site: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.ingest.output.ROWS_PER_FILE", 50)
    take(site, write_parquet(tmp_path / "log.parquet", a_log(240)))
    with site.store.read() as conn:
        files = manifest.files_at(conn, "loans", 1, kinds=["data"])
    assert len(files) == 5
    assert sum(file.rows for file in files) == 240
    ends = [(file.first_time, file.last_time) for file in files]
    assert all(one[1] < other[0] for one, other in pairwise(ends))  # type: ignore[operator]


def test_decisions(site: Workspace, tmp_path: Path) -> None:
    rows = [
        {
            "loan_id": f"L{number:06d}",
            "decided_at": f"2025-02-0{number + 1} 10:00",
            "kind": ("model", "policy", "human", "robot")[number],
            "decision": "approve",
            "decided_by": "ada",
        }
        for number in range(4)
    ]
    result = take(site, write_csv(tmp_path / "d.csv", rows), stream="decisions")
    assert result.counts == batches.BatchCounts(4, 3, 0, 1)
    assert refused(site)[5][1] == reasons.UNKNOWN_VALUE
    assert take(site, write_csv(tmp_path / "e.csv", rows[:3]), stream="decisions").state == (
        "skipped"
    )


def test_protected_text_and_typed_columns(site: Workspace, tmp_path: Path) -> None:
    take(site, write_csv(tmp_path / "a.csv", [a_row(0)]))
    assert stored(
        site, "SELECT c_branch, c_term, CAST(c_opened AS VARCHAR), c_sex FROM {rows}"
    ) == [("Central", 12, "2025-01-01", "f")]


def test_multiclass_scores(tmp_path: Path) -> None:
    text = contract_text(
        task="multiclass_classification",
        log={
            "prediction_id": "loan_id",
            "time": "approved_at",
            "scores": {"good": "p_good", "bad": "p_bad"},
        },
    )
    site = a_workspace(tmp_path / "home", contract=text)
    row = a_row(0, p_good=0.25, p_bad=0.75)
    changes: dict[str, Any] = {
        "task": "multiclass_classification",
        "log": {
            "prediction_id": "loan_id",
            "time": "approved_at",
            "scores": {"good": "p_good", "bad": "p_bad"},
        },
    }
    take(site, write_csv(tmp_path / "a.csv", [row]), **changes)
    assert stored(site, "SELECT score, score_0, score_1 FROM {rows}") == [(None, 0.25, 0.75)]


def test_rows_in_disorder_are_sorted_and_rows_in_order_stay(
    site: Workspace, tmp_path: Path
) -> None:
    # Twelve rows share an instant; the last file comes before all others.
    rows = [a_row(number, approved_at=a_row(number // 12)["approved_at"]) for number in range(60)]
    early = [a_row(99, approved_at=a_row(0)["approved_at"])]
    take(site, write_parquet(tmp_path / "a.parquet", rows), write_csv(tmp_path / "b.csv", early))
    times = stored(site, "SELECT epoch_us(time), _row FROM {rows}")
    assert times == sorted(times)
    assert len(times) == 61
