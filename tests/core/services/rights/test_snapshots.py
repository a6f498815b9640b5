"""Frozen data: as at receipt, canonical and hashed, sealed, and never frozen twice."""

import json
import stat
from datetime import timedelta
from hashlib import sha256

import pytest

from core.errors import Conflict, StorageError
from core.services import ingest
from core.services.rights import snapshots
from core.services.rights.snapshots import FOLDER, read_snapshot
from core.store.audit import trail as audit
from core.store.audit.canonical import canonical_bytes
from core.store.rights import requests
from tests.support.builders import ADMIN, a_row, outcome_rows, write_parquet
from tests.support.desk import Desk
from tests.support.erasing import PERSON, PERSON_ROWS, SECRET

# The person's rows of the log: 5, 77, 130, 250; every fifth has an outcome, all a decision.
HELD = {"loans: predictions": 4, "loans: decisions": 4, "loans: outcomes": 3}


def record(desk: Desk, number: int) -> requests.RequestRecord:
    with desk.workspace.store.read() as conn:
        return requests.get(conn, number)


def test_what_was_held_is_frozen_and_hashed(desk: Desk) -> None:
    made = desk.ask("access")
    found = snapshots.freeze(desk.workspace, made.id, actor=desk["connie"])
    assert found.rows == HELD
    document = read_snapshot(desk.workspace, record(desk, made.id))
    assert sha256(canonical_bytes(document)).hexdigest() == found.sha256
    rows = document["models"][0]["streams"]["predictions"]
    assert [row["prediction_id"] for row in rows] == [f"L{n:06d}" for n in PERSON_ROWS]
    assert {row["subject"] for row in rows} == {PERSON}
    assert {row["c_address"] for row in rows} == {SECRET}
    with desk.workspace.store.read() as conn:
        entry = audit.list_newest(conn, kind="rights.snapshot", limit=1)[0]
    assert entry.body["sha256"] == found.sha256
    assert SECRET.encode() not in entry.canonical


def test_the_file_is_sealed_and_for_nobody_else(desk: Desk) -> None:
    made = desk.ask("access")
    snapshots.freeze(desk.workspace, made.id, actor=desk["connie"])
    path = desk.workspace.settings.home / FOLDER / str(record(desk, made.id).snapshot_path)
    content = path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not [each for each in (PERSON, SECRET) if each.encode() in content]
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(StorageError):
        read_snapshot(desk.workspace, record(desk, made.id))
    other = desk.workspace.keys.seal("request-snapshot", json.dumps({"models": []}).encode())
    path.write_bytes(other)  # sealed by us, and not what was frozen
    with pytest.raises(StorageError):
        read_snapshot(desk.workspace, record(desk, made.id))


def test_rows_that_came_after_the_receipt_are_not_in_it(desk: Desk) -> None:
    """A request received, then four rows, a decision's outcome and a revision: none is in it."""
    made = desk.ask("access")
    rows = [{**a_row(n), "customer": PERSON, "address": "later"} for n in range(600, 604)]
    path = write_parquet(desk.folder / "later.parquet", rows)
    desk.clock.now += timedelta(hours=1)
    ingest.ingest_files(desk.workspace, "loans", [path], actor=ADMIN)
    late = write_parquet(desk.folder / "late.parquet", outcome_rows([77], after_days=80))
    ingest.ingest_files(desk.workspace, "loans", [late], stream="outcomes", actor=ADMIN)
    found = snapshots.freeze(desk.workspace, made.id, actor=desk["connie"])
    assert found.rows == HELD
    assert found.as_at < found.taken_at
    second = desk.ask("access")
    more = snapshots.freeze(desk.workspace, second.id, actor=desk["connie"])
    assert more.rows == {
        "loans: predictions": 8, "loans: decisions": 4, "loans: outcomes": 4,
    }  # fmt: skip
    assert more.sha256 != found.sha256


def test_what_reached_us_before_everything_holds_nothing(desk: Desk) -> None:
    made = desk.ask("access", received_at=desk.clock.now - timedelta(days=30))
    found = snapshots.freeze(desk.workspace, made.id, actor=desk["connie"])
    assert set(found.rows.values()) == {0}


def test_it_is_frozen_once_and_for_open_requests(desk: Desk) -> None:
    made = desk.ask("access")
    snapshots.freeze(desk.workspace, made.id, actor=desk["connie"])
    with pytest.raises(Conflict):
        snapshots.freeze(desk.workspace, made.id, actor=desk["connie"])
    assert len(list((desk.workspace.settings.home / FOLDER).iterdir())) == 1


def test_the_same_rows_have_the_same_hash(desk: Desk) -> None:
    """But for the day of receipt, which is part of what is frozen."""
    first, second = (desk.ask("access") for _ in range(2))
    hashes = {
        snapshots.freeze(desk.workspace, each.id, actor=desk["connie"]).sha256
        for each in (first, second)
    }
    assert len(hashes) == 1
