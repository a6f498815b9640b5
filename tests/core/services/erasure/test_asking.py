"""A person who was erased stands nowhere any more; what stays is proof, and no way back."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from core.domain.identity import Actor
from core.domain.windows import Window
from core.errors import Conflict, Forbidden, InvalidInput
from core.lake.paths import parquet_relation
from core.lake.profiles.columns import ProfileKind
from core.lake.profiles.write import write_profile
from core.lake.window_rows import window_relation
from core.metrics.binning import BinSet
from core.services import doctor, ingest, maintenance
from core.services.approvals import four_eyes as approvals
from core.services.erasure import asking as erasure
from core.services.erasure.run import erase_job, run_erasure, run_waiting
from core.services.questions import parsed_contract
from core.services.retention import holds
from core.services.retention import rules as retention
from core.services.workspace import Workspace
from core.store import jobs, manifest, models, references
from core.store.audit import subjects
from core.store.audit import trail as audit
from core.store.retention import erasures, tombstones
from core.store.retention.text_search import find
from tests.support.builders import ADMIN, VIEWER, write_parquet
from tests.support.erasing import (
    PERSON,
    PERSON_ROWS,
    SECRET,
    a_peopled_workspace,
    decision_rows,
    erase,
    people,
    personal_rows,
    refused_csv,
)

FORMS = (PERSON, SECRET, json.dumps(PERSON)[1:-1], json.dumps(SECRET)[1:-1], "7654321.25")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Workspace]:
    opened = a_peopled_workspace(tmp_path / "home", tmp_path / "in")
    yield opened
    opened.store.close()


@pytest.fixture
def actors(site: Workspace) -> dict[str, Actor]:
    return people(site)


def hits(home: Path) -> list[tuple[str, str]]:
    """Return where a trace of the person stands: in the files' bytes, and in decoded Parquet."""
    found = []
    for path in sorted(home.rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        found += [(path.name, form) for form in FORMS if form.encode("utf-8") in data]
        if path.suffix == ".parquet":
            text = repr(pq.read_table(path).to_pylist())
            found += [(path.name, form) for form in FORMS if form in text]
    return found


def counts(site: Workspace, kind: str) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Return the profile's counts of a kind, and of the reference, cell by cell."""
    with site.store.read() as conn:
        files = manifest.files_at(conn, "loans", manifest.generation(conn, "loans"))
    paths = [
        str(site.settings.lake_dir / file.path)
        for file in files
        if kind in {file.kind, file.profile_kind}
    ]
    with duckdb.connect() as connection:
        rows = connection.execute(
            "SELECT version, day, slice, slice_value, feature, bin, sum(n)::BIGINT, min(low),"
            f" max(high), round(sum(total), 6) FROM read_parquet({paths}) GROUP BY ALL"
        ).fetchall()
    return {row[:6]: row[6:] for row in rows}


def test_nothing_of_the_person_is_left_in_any_file(
    site: Workspace, actors: dict[str, Actor], tmp_path: Path
) -> None:
    report_file = site.settings.exports_dir / "evidently-loans-j1.html"
    report_file.write_text(f"<td>{SECRET}</td>", encoding="utf-8")
    other = site.settings.exports_dir / "evidently-other-j2.html"
    with site.store.begin() as conn:
        models_text = (Path("data/demo/acs-employment/model.yaml")).read_text(encoding="utf-8")

        models.register(conn, model_id="other", spec_text=models_text, actor="ada", at=site.clock())
        jobs.enqueue(
            conn, job_id="j9", kind="x", payload={"who": PERSON}, actor="ada", at=site.clock()
        )
        jobs.claim(conn, owner="w", at=site.clock(), lease=timedelta(minutes=1), kinds=("x",))
        jobs.finish(conn, "j9", owner="w", result={"of": [PERSON]}, at=site.clock())
    other.write_text("kept", encoding="utf-8")
    uploaded = site.settings.home / "uploads" / "old" / "log.csv"
    uploaded.parent.mkdir(parents=True)
    uploaded.write_text(PERSON, encoding="utf-8")
    orphan = site.settings.lake_dir / "loans" / "predictions" / "month=2025-01" / "lost-00.parquet"
    write_parquet(orphan, [{"subject": PERSON, "prediction_id": "L000005"}])
    assert {form for _, form in hits(site.settings.home)} >= {PERSON, SECRET}
    erasure_id, report = erase(site, actors)
    assert hits(site.settings.home) == []
    assert not report_file.exists()
    assert not uploaded.exists()
    assert not orphan.exists()
    assert other.read_text(encoding="utf-8") == "kept"
    assert report["phase"] == "done"
    loans = report["models"]["loans"]
    # The person's rows of the log: 5, 77, 130, 250; every fifth has an outcome, all a decision.
    assert loans["rows"] == {
        "predictions": 4, "decisions": 4, "outcomes": 3, "resolved": 3, "releases": 0,
    }  # fmt: skip
    assert loans["refused"] == 2
    assert report["texts_mended"] == {"job": 1}
    assert report["texts_left"] == {}
    assert report["database"]["database"] == "sqlite"
    assert report["database"]["log_cut"]
    assert report["files_left"] == 0
    assert not doctor.examine(site, actor=ADMIN).at("error", "warning")
    with site.store.read() as conn:
        assert erasures.get(conn, erasure_id).sealed is None


def test_profiles_are_as_if_the_person_had_never_been_logged(
    site: Workspace, actors: dict[str, Actor], tmp_path: Path
) -> None:
    with site.store.read() as conn:
        bins = references.live(conn, "loans")
    erase(site, actors)
    with site.store.read() as conn:
        after = references.live(conn, "loans")
    assert bins is not None
    assert after is not None
    assert after.bins_json == bins.bins_json  # frozen
    assert after.rows < bins.rows
    for kind in ("operations", "features", "reference"):
        found = counts(site, kind)
        expected = recounted(site, kind, tmp_path)
        assert found == expected, kind


def recounted(site: Workspace, kind: str, folder: Path) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Count the rows that are left in one pass, by the product's own profile of all of them."""

    with site.store.read() as conn:
        live = references.live(conn, "loans")
        contract = parsed_contract(models.get(conn, "loans").spec_text)
        files = manifest.files_at(
            conn, "loans", manifest.generation(conn, "loans"), kinds=["data"],
            streams=["predictions"],
        )  # fmt: skip
    assert live is not None
    paths = site.lake_paths(files)
    relation = (
        window_relation(paths, Window(live.window_from, live.window_to))
        if kind == "reference"
        else parquet_relation(paths)
    )
    target = folder / f"{kind}.parquet"
    profile: ProfileKind = "operations" if kind == "operations" else "features"
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        write_profile(
            connection, relation, contract, BinSet.from_json(live.bins_json), profile, target
        )
        rows = connection.execute(
            "SELECT version, day, slice, slice_value, feature, bin, sum(n)::BIGINT, min(low),"
            f" max(high), round(sum(total), 6) FROM read_parquet('{target}') GROUP BY ALL"
        ).fetchall()
    return {row[:6]: row[6:] for row in rows}


def test_it_works_as_well_on_compacted_files(site: Workspace, actors: dict[str, Actor]) -> None:
    maintenance.compact(site, actor=ADMIN)
    _, report = erase(site, actors)
    assert report["models"]["loans"]["rows"]["predictions"] == 4
    assert hits(site.settings.home) == []  # replaced files that waited for an hour included
    assert not doctor.examine(site, actor=ADMIN).at("error", "warning")


def test_a_file_sent_again_does_not_bring_the_person_back(
    site: Workspace, actors: dict[str, Actor], tmp_path: Path
) -> None:
    erase(site, actors)
    again = write_parquet(tmp_path / "again.parquet", personal_rows(310))
    done = ingest.ingest_files(site, "loans", [again], actor=ADMIN)
    assert (done.read, done.quarantined) == (310, len(PERSON_ROWS))
    assert (done.skipped, done.stored) == (296, 10)
    decided = write_parquet(tmp_path / "d2.parquet", decision_rows(range(262)))
    done = ingest.ingest_files(site, "loans", [decided], stream="decisions", actor=ADMIN)
    assert (done.quarantined, done.stored) == (4, 2)
    refused = refused_csv(tmp_path / "r2.csv", last=404)
    done = ingest.ingest_files(site, "loans", [refused], actor=ADMIN)
    assert (done.quarantined, done.skipped, done.stored) == (3, 2, 1)
    assert hits(site.settings.home) == []
    rows = ingest.quarantine_rows(site, "loans", actor=ADMIN).frame
    emptied = rows[rows["raw"] == "{}"]
    # Two emptied at the erasure, two of the same lines sent again, four predictions and decisions.
    assert len(emptied) == 2 + 2 + 4 + 4
    assert set(emptied["reason"]) == {
        "The row is about somebody who was erased; its values are not kept."
    }


def test_an_erasure_takes_two_people(site: Workspace, actors: dict[str, Actor]) -> None:
    lead = actors["lydia"]
    asked = erasure.propose_erasure(site, PERSON, basis="request 1", actor=lead)
    with pytest.raises(Forbidden):
        approvals.approve(site, asked.id, actor=lead)
    with pytest.raises(Conflict):
        erasure.propose_erasure(site, PERSON, basis="request 2", actor=lead)
    with pytest.raises(Conflict):
        run_erasure(site, asked.object_id, actor=lead)
    approvals.withdraw(site, asked.id, actor=lead)
    again = erasure.propose_erasure(site, PERSON, basis="request 3", actor=lead)
    states = [each.state for each in erasure.list_erasures(site, actor=lead)]
    assert sorted(states) == ["closed", "proposed"]
    assert erasure.get_erasure(site, again.object_id, actor=lead).sealed is None
    with site.store.read() as conn:
        assert erasures.get(conn, asked.object_id).sealed is None
        assert erasures.get(conn, again.object_id).sealed is not None


def test_the_reference_is_kept_sealed_only(site: Workspace, actors: dict[str, Actor]) -> None:
    erasure.propose_erasure(site, PERSON, basis="request 1", actor=actors["connie"])
    with site.store.read() as conn:
        assert find(conn, PERSON) == {}
    for text in (site.settings.home / "state.db").read_bytes(), *wal(site):
        assert PERSON.encode() not in text


def wal(site: Workspace) -> list[bytes]:
    return [path.read_bytes() for path in site.settings.home.glob("state.db-*")]


def test_who_may_not_ask_is_refused(site: Workspace) -> None:
    with pytest.raises(Forbidden):
        erasure.preview(site, PERSON, actor=VIEWER)
    with pytest.raises(Forbidden):
        erasure.propose_erasure(site, PERSON, basis="x", actor=VIEWER)
    with pytest.raises(Forbidden):
        erasure.list_erasures(site, actor=VIEWER)


def test_a_basis_is_short_and_names_nobody(site: Workspace, actors: dict[str, Actor]) -> None:
    for basis in ("", f"asked by {PERSON}", "x" * 301):
        with pytest.raises(InvalidInput):
            erasure.propose_erasure(site, PERSON, basis=basis, actor=actors["connie"])
    with pytest.raises(InvalidInput):
        erasure.propose_erasure(site, " ", basis="request", actor=actors["connie"])


@pytest.mark.parametrize(
    "named",
    [{"subject": PERSON}, {"model": "loans"}, {"record_class": "decision_record"},
     {"model": "loans", "record_class": "personal_data"}],
)  # fmt: skip
def test_a_hold_stands_in_the_way_until_it_is_lifted(
    site: Workspace, actors: dict[str, Actor], named: dict[str, str]
) -> None:
    lead = actors["lydia"]
    hold = holds.place_hold(site, actor=lead, reason="case 7", **named)
    with pytest.raises(Conflict, match=hold.id):
        erasure.propose_erasure(site, PERSON, basis="request 1", actor=actors["connie"])
    holds.lift_hold(site, hold.id, actor=lead, reason="closed")
    erase(site, actors)
    assert hits(site.settings.home) == []


def test_a_hold_placed_after_the_approval_stops_the_work(
    site: Workspace, actors: dict[str, Actor]
) -> None:
    asked = erasure.propose_erasure(site, PERSON, basis="request 1", actor=actors["connie"])
    approvals.approve(site, asked.id, actor=actors["lydia"])
    hold = holds.place_hold(site, actor=actors["lydia"], reason="case 8", model="loans")
    with pytest.raises(Conflict, match=hold.id):
        run_erasure(site, asked.object_id, actor=actors["lydia"])
    assert {form for _, form in hits(site.settings.home)} >= {PERSON, SECRET}
    assert not doctor.examine(site, actor=ADMIN).at("error", "warning")
    holds.lift_hold(site, hold.id, actor=actors["lydia"], reason="closed")
    assert run_waiting(site, actor=actors["lydia"]) == 1
    assert hits(site.settings.home) == []


def test_a_minimum_stands_in_the_way_and_says_until_when(
    site: Workspace, actors: dict[str, Actor]
) -> None:
    retention.set_rule(
        site, "decision_record", minimum_days=7 * 365, maximum_days=None, basis="policy 4",
        actor=actors["lydia"],
    )  # fmt: skip
    with pytest.raises(Conflict, match="2032-03-"):
        erasure.propose_erasure(site, PERSON, basis="request 1", actor=actors["connie"])
    found = erasure.preview(site, PERSON, actor=actors["connie"])
    assert [each.kind for each in found.obstacles] == ["minimum"]


def test_the_trail_proves_the_erasure_and_names_nobody(
    site: Workspace, actors: dict[str, Actor]
) -> None:
    subject_id = site.keys.subject_id(PERSON)
    with site.store.begin() as conn:
        subjects.key_of(conn, subject_id, at=site.clock())
        subjects.keep_payload(conn, 1, subject_id, SECRET.encode())
    erase(site, actors)
    with site.store.read() as conn:
        (erased,) = audit.list_newest(conn, kind="subject.erased")
        (completed,) = audit.list_newest(conn, kind="erasure.completed")
        assert subjects.find_key(conn, subject_id) is None
        assert tombstones.is_erased(conn, subject_id)
    assert erased.objects["subject"] == subject_id
    assert erased.body["basis"] == "PDPO s.26, request 12"
    assert (erased.body["payloads"], erased.body["key_destroyed"]) == (1, True)
    assert completed.sequence > erased.sequence
    assert PERSON.encode() not in erased.canonical + completed.canonical
    assert hits(site.settings.home) == []


def test_one_model_alone(site: Workspace, actors: dict[str, Actor]) -> None:
    subject_id = site.keys.subject_id(PERSON)
    with site.store.begin() as conn:
        subjects.key_of(conn, subject_id, at=site.clock())
    _, report = erase(site, actors, model="loans")
    assert list(report["models"]) == ["loans"]
    with site.store.read() as conn:
        assert subjects.find_key(conn, subject_id) is not None  # other models may need it
        assert tombstones.is_erased(conn, subject_id, "loans")
        assert not tombstones.is_erased(conn, subject_id)


def test_the_worker_does_what_was_approved_once(site: Workspace, actors: dict[str, Actor]) -> None:
    asked = erasure.propose_erasure(site, PERSON, basis="request 1", actor=actors["connie"])
    approved = approvals.approve(site, asked.id, actor=actors["lydia"])
    assert approved.result is not None
    with site.store.read() as conn:
        job = jobs.get(conn, str(approved.result["job"]))
    assert PERSON not in repr(job)
    erase_job(site, job, lambda _share, _note: None)
    erase_job(site, job, lambda _share, _note: None)
    assert erasure.tombstone_counts(site, actor=actors["lydia"]) == (1, 4)
    with site.store.read() as conn:
        assert len(audit.list_newest(conn, kind="subject.erased")) == 1
    written = json.loads((site.settings.home / "tombstones.json").read_text(encoding="utf-8"))
    assert len(written["subjects"]) == 1
    assert len(written["predictions"]) == 4


def test_somebody_unknown_is_buried_all_the_same(site: Workspace, actors: dict[str, Actor]) -> None:
    before = counts(site, "features")
    _, report = erase(site, actors, "NOBODY-1")
    assert report["models"]["loans"]["files"] == 0
    assert counts(site, "features") == before
    assert erasure.tombstone_counts(site, actor=actors["lydia"]) == (1, 0)


def test_an_ingest_under_way_looks_again(
    site: Workspace, actors: dict[str, Actor], tmp_path: Path
) -> None:
    again = {**personal_rows(1, 5)[0], "loan_id": "L000999"}
    late = write_parquet(tmp_path / "late.parquet", [*personal_rows(10, 600), again])
    done: list[str] = []

    def between(step: str) -> None:
        if step == "before-commit" and not done:
            done.append(step)
            erase(site, actors)

    summary = ingest.ingest_files(site, "loans", [late], actor=ADMIN, step=between)
    assert (summary.stored, summary.quarantined) == (10, 1)
    assert hits(site.settings.home) == []
    assert not doctor.examine(site, actor=ADMIN).at("error", "warning")
