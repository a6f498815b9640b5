"""When a decision took effect lies in the past, like all that a log tells."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from core.bootstrap import open_workspace
from core.ingest import reasons
from core.services import ingest
from core.services.ingest.summary import IngestSummary
from core.services.workspace import Workspace
from core.store import manifest
from tests.support.builders import (
    ADMIN,
    a_row,
    a_workspace,
    contract_document,
    contract_text,
    write_csv,
    write_parquet,
)
from tests.support.fakes import FakeClock

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def site(tmp_path: Path) -> Workspace:
    log = {**contract_document()["log"], "released_at": "paid_at"}
    made = a_workspace(tmp_path / "home", contract=contract_text(log=log))
    made.store.close()
    return open_workspace(made.settings, clock=FakeClock(NOW))


def refused(site: Workspace) -> list[tuple[int, str, str, Any]]:
    with site.store.read() as conn:
        generation = manifest.generation(conn, "loans")
        files = manifest.files_at(conn, "loans", generation, kinds=["quarantine"])
    paths = list(site.lake_paths(files))
    with duckdb.connect() as connection:
        rows = connection.execute(
            f'SELECT line, "column", reason, params FROM read_parquet({paths}) ORDER BY line'
        ).fetchall()
    return [(line, column, reason, json.loads(params)) for line, column, reason, params in rows]


def take(site: Workspace, path: Path, stream: str = "predictions") -> IngestSummary:
    return ingest.ingest_files(site, "loans", [path], stream=stream, actor=ADMIN)


@pytest.mark.parametrize("write", [write_parquet, write_csv])
def test_a_release_in_the_future_is_refused_with_its_row_and_column(
    site: Workspace, tmp_path: Path, write: Any
) -> None:
    # A day ahead is let pass, as for every instant: clocks and zones differ.
    times = [NOW - DAY, NOW + DAY, NOW + DAY + timedelta(seconds=1), None]
    rows = [a_row(number, paid_at=at) for number, at in enumerate(times)]
    done = take(site, write(tmp_path / f"log.{'csv' if write is write_csv else 'parquet'}", rows))
    assert (done.stored, done.quarantined) == (3, 1)
    ((line, column, reason, params),) = refused(site)
    assert (column, reason) == ("paid_at", reasons.IN_THE_FUTURE)
    assert line == (4 if write is write_csv else 3)  # a CSV has a header above its rows
    assert params["column"] == "paid_at"
    assert params["value"].startswith("2026-11-21")


def test_so_is_one_that_the_decisions_stream_tells(site: Workspace, tmp_path: Path) -> None:
    rows = [
        {"loan_id": f"L{n:06d}", "time": at.isoformat(), "kind": "released", "decision": "approve"}
        for n, at in enumerate([NOW, NOW + 2 * DAY])
    ]
    done = take(site, write_csv(tmp_path / "released.csv", rows), "decisions")
    assert (done.stored, done.quarantined) == (1, 1)
    ((line, column, reason, _),) = refused(site)
    assert (line, column, reason) == (3, "time", reasons.IN_THE_FUTURE)
