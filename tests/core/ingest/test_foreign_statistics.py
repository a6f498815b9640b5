"""Parquet whose column bounds leave NaN out, as PyArrow writes it.

DuckDB believes such bounds; what is stored and refused must not depend on them.
"""

import math
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from pyarrow import parquet

from core.ingest import reasons
from core.ingest.readers.statistics import statistics_ignored
from core.services.workspace import Workspace
from core.store import batches, manifest
from tests.core.ingest.lake import stored, take
from tests.support.builders import FIRST, a_row, a_workspace, contract_text, outcome_rows

NAN, INF = math.nan, math.inf


@pytest.fixture
def site(tmp_path: Path) -> Workspace:
    return a_workspace(tmp_path / "home")


def write(path: Path, rows: list[dict[str, Any]], **columns: list[Any]) -> Path:
    """Write rows, with columns of floats (NaN stays NaN) or instants in place of theirs."""
    table = pa.Table.from_pylist(rows)
    for name, values in columns.items():
        array = pa.array(values, from_pandas=False)
        name = name.replace("__", " ")
        if name in table.column_names:
            table = table.set_column(table.column_names.index(name), name, array)
        else:
            table = table.append_column(name, array)
    parquet.write_table(table, path)
    return path


def bounds(path: Path, column: str) -> tuple[Any, Any]:
    """Return what the file claims about a column."""
    with parquet.ParquetFile(path) as file:
        group = file.metadata.row_group(0)
        chunks = [group.column(index) for index in range(group.num_columns)]
        found = next(chunk for chunk in chunks if chunk.path_in_schema == column)
        return found.statistics.min, found.statistics.max


def refused(site: Workspace) -> dict[int, tuple[str, str]]:
    with site.store.read() as conn:
        files = manifest.files_at(
            conn, "loans", manifest.generation(conn, "loans"), kinds=["quarantine"]
        )
    found: dict[int, tuple[str, str]] = {}
    with duckdb.connect() as connection:
        for file in files:
            path = str(site.settings.lake_dir / file.path)
            rows = connection.execute(f"SELECT line, \"column\", reason FROM '{path}'").fetchall()
            found |= {line: (column, reason) for line, column, reason in rows}
    return found


def test_the_bounds_of_such_a_file_mislead_duckdb_until_they_are_ignored(tmp_path: Path) -> None:
    path = write(tmp_path / "x.parquet", [{"n": n} for n in range(3)], x=[1.0, NAN, 3.0])
    assert bounds(path, "x") == (1.0, 3.0)
    with duckdb.connect() as connection:
        above = f"SELECT count(*) FROM '{path}' WHERE x >= 5"
        # NaN is the greatest number in DuckDB. When this says 1, DuckDB looks by itself.
        assert connection.execute(above).fetchall() == [(0,)]
        with statistics_ignored(connection):
            assert connection.execute(above).fetchall() == [(1,)]
        kept = connection.execute("SELECT current_setting('disabled_optimizers')").fetchall()
        assert kept == [("",)]


@pytest.mark.parametrize("column", ["score", "amount", "latency_ms", "loan amount"])
def test_infinite_numbers_are_refused_and_nan_is_kept(
    site: Workspace, tmp_path: Path, column: str
) -> None:
    values = [1.0, NAN, INF, -INF, 4.0]
    rows = [a_row(number) for number in range(5)]
    path = write(tmp_path / "log.parquet", rows, **{column.replace(" ", "__"): values})
    result = take(site, path)
    assert result.counts == batches.BatchCounts(5, 3, 0, 2)
    assert refused(site) == {3: (column, reasons.INFINITE), 4: (column, reasons.INFINITE)}
    lake = "c_loan_amount" if column == "loan amount" else column
    kept = stored(site, f"SELECT {lake} FROM {{rows}} ORDER BY _row")
    assert [str(value) for (value,) in kept] == ["1.0", "nan", "4.0"]


@pytest.mark.parametrize("values", [[1.0, NAN, 3.0, None], [NAN, NAN, 1.0, None]])
def test_nan_between_numbers_is_found_where_bounds_deny_it(
    site: Workspace, tmp_path: Path, values: list[float | None]
) -> None:
    rows = [a_row(number) for number in range(4)]
    path = write(tmp_path / "log.parquet", rows, score=values, loan__amount=values)
    assert take(site, path).counts == batches.BatchCounts(4, 4)
    nan = sum(value is not None and math.isnan(value) for value in values)
    for lake in ("score", "c_loan_amount"):
        # The lake's own files tell the truth again: DuckDB wrote them.
        assert stored(
            site,
            f"SELECT count(*) FILTER (WHERE isnan({lake})), count(*) FILTER (WHERE {lake} >= 5),"
            f" count(*) FILTER (WHERE {lake} IS NULL), isnan(max({lake})) FROM {{rows}}",
        ) == [(nan, nan, 1, True)]


def test_categories_given_as_floats(site: Workspace, tmp_path: Path) -> None:
    rows = [a_row(number) for number in range(4)]
    path = write(
        tmp_path / "log.parquet",
        rows,
        industry=[3.0, NAN, 2.5, None],
        branch=[1.0, NAN, INF, 7.0],
        sex=[0.0, 1.0, NAN, 1.0],
    )
    assert take(site, path).counts == batches.BatchCounts(4, 4)
    kept = stored(site, "SELECT c_industry, c_branch, c_sex FROM {rows} ORDER BY _row")
    assert kept == [("3", "1", "0"), (None, None, "1"), ("2.5", "inf", None), (None, "7", "1")]


def test_whole_numbers_given_as_floats(site: Workspace, tmp_path: Path) -> None:
    rows = [a_row(number) for number in range(4)]
    path = write(tmp_path / "log.parquet", rows, term=[1.0, NAN, INF, 2.5])
    result = take(site, path)
    assert result.counts == batches.BatchCounts(4, 1, 0, 3)
    assert refused(site) == dict.fromkeys((2, 3, 4), ("term", reasons.NOT_A_WHOLE_NUMBER))


def test_timestamps_at_both_ends(site: Workspace, tmp_path: Path) -> None:
    rows = [a_row(number) for number in range(4)]
    times: list[datetime | None] = [FIRST, FIRST + timedelta(days=400_000), None, datetime.min]
    path = tmp_path / "log.parquet"
    table = pa.Table.from_pylist(rows).drop_columns(["approved_at"])
    array = pa.array(times, pa.timestamp("us", "UTC"))
    parquet.write_table(table.append_column("approved_at", array), path)
    assert take(site, path).counts == batches.BatchCounts(4, 1, 0, 3)
    assert refused(site) == {
        2: ("approved_at", reasons.IN_THE_FUTURE),
        3: ("approved_at", reasons.MISSING),
        4: ("approved_at", reasons.NOT_A_TIMESTAMP),
    }


@pytest.mark.parametrize("row_group_size", [1, 1000])
def test_every_row_group_is_looked_at(site: Workspace, tmp_path: Path, row_group_size: int) -> None:
    rows = [a_row(number, score=INF if number == 7 else NAN) for number in range(10)]
    path = tmp_path / "log.parquet"
    parquet.write_table(pa.Table.from_pylist(rows), path, row_group_size=row_group_size)
    assert take(site, path).counts == batches.BatchCounts(10, 9, 0, 1)
    assert refused(site) == {8: ("score", reasons.INFINITE)}


def test_outcomes(site: Workspace, tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = outcome_rows(range(4))
    path = write(
        tmp_path / "out.parquet", rows, loss=[1.0, NAN, INF, 2.0], charged_off=[1.0, 0.0, 1.0, NAN]
    )
    result = take(site, path, stream="outcomes")
    assert result.counts == batches.BatchCounts(4, 3, 0, 1)
    assert refused(site) == {3: ("loss", reasons.INFINITE)}
    kept = stored(site, "SELECT o_charged_off, o_loss FROM {rows} ORDER BY _row", "outcomes")
    assert [tuple(map(str, row)) for row in kept] == [("1", "1.0"), ("0", "nan"), ("None", "2.0")]


def test_events_beside_outcomes(tmp_path: Path) -> None:
    event = {"name": "repayment", "time": "repaid_at", "amount": "repaid", "currency": "HKD"}
    site = a_workspace(tmp_path / "home", contract=contract_text(events=[event]))
    rows: list[dict[str, Any]] = [
        {"loan_id": "L1", "observed_at": FIRST, "charged_off": 1},
        {"loan_id": "L2", "repaid_at": FIRST},
        {"loan_id": "L3", "observed_at": FIRST, "charged_off": 0, "repaid_at": FIRST},
    ]
    names = ("loan_id", "observed_at", "charged_off", "repaid_at")
    whole = [{name: row.get(name) for name in names} for row in rows]
    path = write(tmp_path / "out.parquet", whole, loss=[1.0, NAN, 3.0], repaid=[NAN, 5.0, INF])
    result = take(site, path, stream="outcomes")
    kept = stored(
        site, "SELECT prediction_id, event, event_amount FROM {rows} ORDER BY 1, 2", "outcomes"
    )
    assert kept == [("L1", "", None), ("L2", "repayment", 5.0), ("L3", "", None)]
    # L2 is no outcome, though NaN stands under its loss; the repayment of L3 is infinite.
    assert result.counts == batches.BatchCounts(4, 3, 0, 1)
    assert refused(site) == {3: ("repaid", reasons.INFINITE)}


def test_decisions(site: Workspace, tmp_path: Path) -> None:
    rows = [
        {"loan_id": f"L{number}", "decided_at": FIRST + timedelta(days=number), "kind": "human"}
        for number in range(3)
    ]
    path = write(
        tmp_path / "d.parquet",
        rows,
        decision=[1.0, NAN, 0.0],
        decided_by=[7.0, 8.0, NAN],
        reason=[NAN, 2.5, 1.0],
    )
    result = take(site, path, stream="decisions")
    kept = stored(
        site, "SELECT decision, decided_by, reason FROM {rows} ORDER BY _row", "decisions"
    )
    assert result.counts == batches.BatchCounts(3, 2, 0, 1)
    assert refused(site) == {2: ("decision", reasons.MISSING)}
    assert kept == [("1", "7", None), ("0", None, "1")]
