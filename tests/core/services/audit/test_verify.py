"""Whatever is done to a trail is found; and what cannot be found is said."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.domain.identity import Actor, Role
from core.domain.merkle import Frontier, leaf_hash
from core.errors import Forbidden, LostLease, StorageError
from core.proof.checkpoint import Checkpoint
from core.proof.note import NoteVerifier
from core.services.audit import anchors as audit_anchors
from core.services.audit import checkpoints as audit_checkpoints
from core.services.audit import verify as audit_verify
from core.services.audit.verify import Verification
from core.services.jobs.worker import WORKER
from core.services.workspace import Workspace
from core.store import jobs, open_store
from core.store.audit import check, checkpoints, subjects
from core.store.audit import trail as audit
from core.store.audit.check import Problem
from core.store.audit.trail import PersonalPayload
from core.store.retention import tombstones
from tests.support.builders import ADMIN, VIEWER, a_workspace
from tests.support.fakes import START

AUDITOR = Actor("u9", "iris", frozenset({Role.auditor}), origin="cli", pseudonym="p-9")

FORGED = "CAST(replace(canonical, '\"number\":4', '\"number\":5') AS BLOB)"


def fill(site: Workspace, count: int, personal: bool = True) -> None:
    with site.store.begin() as conn:
        for number in range(count):
            subject = f"s{number % 3}" if personal and number % 4 == 1 else None
            audit.append(
                conn,
                at=site.clock(),
                actor=f"p-{number % 2}",
                role="admin",
                kind="test.done",
                objects={"model": "loans", "prediction": f"L{number}"},
                body={"number": number},
                personal=PersonalPayload(subject, {"name": f"N{number}"}) if subject else None,
            )


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Workspace]:
    opened = a_workspace(tmp_path / "home")
    fill(opened, 13)
    yield opened
    opened.store.close()


def checkpoint(site: Workspace) -> Checkpoint:
    return audit_checkpoints.make_checkpoint(site, actor=AUDITOR, reason="command")


def tamper(site: Workspace, *statements: str) -> None:
    """Do what somebody with the file can do: without triggers, without foreign keys."""
    site.store.close()
    with sqlite3.connect(site.settings.home / "state.db") as conn:
        names = conn.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in names:
            conn.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            conn.execute(statement)
    conn.close()


def rebuild_tree(site: Workspace) -> None:
    """Make everything fit again, as a careful forger would."""
    tamper(site)
    with sqlite3.connect(site.settings.home / "state.db") as conn:
        conn.execute("DELETE FROM audit_node")
        frontier = Frontier()
        rows = conn.execute("SELECT canonical FROM audit_entry ORDER BY sequence").fetchall()
        for (canonical,) in rows:
            for node in frontier.add(leaf_hash(canonical)):
                conn.execute("INSERT INTO audit_node VALUES (?, ?, ?)", node)
        conn.execute("UPDATE audit_head SET size = ?", (len(rows),))
    conn.close()


def verify(site: Workspace, *against: Checkpoint, key: NoteVerifier | None = None) -> Verification:
    return audit_verify.verify(site, actor=AUDITOR, against=against, key=key)


def test_an_honest_trail_passes_and_says_what_it_cannot_tell(site: Workspace) -> None:
    shares: list[float] = []
    found = audit_verify.verify(site, actor=AUDITOR, progress=shares.append)
    assert found.passed
    assert (found.size, found.opened, found.erased, found.against) == (13, 3, 0, 0)
    assert [each.template for each in found.cannot] == [
        audit_verify.NOT_LOGGED,
        audit_verify.NOT_TRUE,
        audit_verify.NOT_WITHOUT,
    ]
    kept = checkpoint(site)
    assert kept.root.hex() == found.root
    fill(site, 2)
    found = verify(site, kept)
    assert found.passed
    assert (found.checkpoints, found.anchored, found.against, found.covered) == (1, 1, 1, 13)
    assert str(found.cannot[-1]).startswith("What became of the entries behind 13")
    assert verify(site, kept, checkpoint(site)).cannot == found.cannot[:2]


def test_an_erased_person_leaves_a_trail_that_passes(site: Workspace) -> None:
    before = verify(site).root
    with site.store.begin() as conn:
        assert subjects.destroy(conn, "s1").payloads == 1
    found = verify(site)
    assert not found.passed  # nobody has written down an erasure
    assert "gone without an erasure" in str(found.problems[0])
    with site.store.begin() as conn:
        stone = tombstones.Tombstone("s1", tombstones.EVERY_MODEL, site.clock(), "e1")
        tombstones.bury(conn, [stone])
    found = verify(site)
    assert (found.passed, found.root, found.erased, found.opened) == (True, before, 1, 2)


@pytest.mark.parametrize(
    ("statement", "first_bad", "says"),
    [
        (
            f"UPDATE audit_entry SET canonical = {FORGED} WHERE sequence = 5",
            5,
            "not what was appended",
        ),
        ("UPDATE audit_entry SET canonical = x'00' WHERE sequence = 5", 5, "not the text"),
        ("UPDATE audit_entry SET canonical = 7 WHERE sequence = 5", 5, "not the text"),
        ("UPDATE audit_entry SET actor = 'p-7' WHERE sequence = 5", 5, "index beside"),
        ("UPDATE audit_entry SET kind = 'other.done' WHERE sequence = 5", 5, "index beside"),
        ("UPDATE audit_entry SET at = '2020-01-01 00:00:00.000000' WHERE sequence = 5", 5, "index"),
        ("UPDATE audit_entry SET at = 'never' WHERE sequence = 5", 5, "index beside"),
        ("UPDATE audit_entry SET model_id = 'm' WHERE sequence = 5", 5, "index beside"),
        ("UPDATE audit_entry SET jurisdiction = 'CN' WHERE sequence = 5", 5, "index beside"),
        ("UPDATE audit_entry SET sequence = 99 WHERE sequence = 5", 5, "is missing"),
        ("DELETE FROM audit_entry WHERE sequence = 5", 5, "is missing"),
        ("DELETE FROM audit_entry WHERE sequence = 13", 13, "belongs to no such entry"),
        ("DELETE FROM audit_object WHERE sequence = 5", 5, "objects beside"),
        ("UPDATE audit_object SET object_id = 'x' WHERE sequence = 5", 5, "objects beside"),
        ("INSERT INTO audit_object VALUES (5, 'batch', 'b')", 5, "objects beside"),
        ("INSERT INTO audit_object VALUES (77, 'batch', 'b')", 77, "belongs to no such entry"),
        ("UPDATE audit_node SET hash = x'00' WHERE level = 0 AND position = 4", 5, "not what was"),
        ("UPDATE audit_node SET hash = x'00' WHERE level = 1 AND position = 2", None, "Node 2"),
        ("UPDATE audit_node SET hash = 5 WHERE level = 2", None, "Node 0"),
        ("DELETE FROM audit_node WHERE level = 3", None, "Node 0 of level 3"),
        ("INSERT INTO audit_node VALUES (9, 0, x'00')", None, "tree has 24 nodes"),
        ("UPDATE audit_head SET size = 12", None, "says to have 12"),
        ("UPDATE audit_payload SET payload = x'7b7d' WHERE sequence = 2", 2, "one committed to"),
        ("UPDATE audit_payload SET subject_id = 's0' WHERE sequence = 2", 2, "one committed to"),
        ("UPDATE audit_payload SET sequence = 3 WHERE sequence = 2", 2, "without an erasure"),
        ("DELETE FROM audit_payload WHERE sequence = 2", 2, "without an erasure"),
        ("UPDATE subject_key SET key = x'00' WHERE subject_id = 's1'", 2, "one committed to"),
        ("DELETE FROM subject_key WHERE subject_id = 's1'", 2, "without an erasure"),
    ],
)
def test_what_does_not_fit_is_found_without_help(
    site: Workspace, statement: str, first_bad: int | None, says: str
) -> None:
    tamper(site, statement)
    found = verify(site)
    assert not found.passed
    assert found.first_bad == first_bad
    assert says in " ".join(str(each) for each in found.problems)


def test_a_trail_rewritten_so_that_it_fits_is_found_by_a_checkpoint_alone(site: Workspace) -> None:
    kept = checkpoint(site)
    tamper(
        site,
        f"UPDATE audit_entry SET canonical = {FORGED} WHERE sequence = 5",
        "DELETE FROM audit_checkpoint",
    )
    rebuild_tree(site)
    os.remove(audit_anchors.anchor_path(site))
    found = verify(site)
    assert found.passed
    assert audit_verify.NOT_WITHOUT in [each.template for each in found.cannot]
    found = verify(site, kept)
    assert not found.passed
    assert "not those that a checkpoint was made of" in str(found.problems[0])


def test_an_older_copy_is_found_by_a_checkpoint_and_by_the_anchor_file(site: Workspace) -> None:
    site.store.close()
    state = site.settings.home / "state.db"
    shutil.copy(state, state.with_name("older.db"))
    fill(site, 3)
    kept = checkpoint(site)
    site.store.close()
    for path in state.parent.glob("state.db*"):
        path.unlink()
    shutil.copy(state.with_name("older.db"), state)
    found = verify(site, kept)
    assert "The trail has 13 entries, and a checkpoint had 16." in map(str, found.problems)
    assert not verify(site).passed  # the anchor file was not put back with it
    fill(site, 9)  # it grows again past the checkpoint, but differently
    found = verify(site, kept)
    assert "first 16 entries are not those" in str(found.problems[0])


def test_checkpoints_of_other_keys_and_damage_are_told(site: Workspace) -> None:
    kept = checkpoint(site)
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    found = verify(site, kept, key=NoteVerifier(kept.origin, other))
    assert "not signed by the key" in str(found.problems[0])
    tamper(site, "UPDATE audit_checkpoint SET size = 12", "UPDATE audit_checkpoint SET note = ''")
    assert "The checkpoint of 12 entries cannot be read." in map(str, verify(site).problems)
    tamper(site, "DROP TABLE audit_object")
    assert "cannot be read to its end" in str(verify(site).problems[-1])


def test_a_checkpoint_that_cannot_be_read_keeps_no_other_from_being_compared(
    site: Workspace,
) -> None:
    checkpoint(site)
    fill(site, 1)
    newest = checkpoint(site).size
    tamper(site, f"UPDATE audit_checkpoint SET note = '' WHERE size = {newest}")
    found = verify(site)
    assert [str(each) for each in found.problems] == [
        f"The checkpoint of {newest} entries cannot be read."
    ]
    assert found.checkpoints == 1


def test_a_damaged_anchor_file_is_said_and_is_no_fault_of_the_trail(site: Workspace) -> None:
    checkpoint(site)
    with audit_anchors.anchor_path(site).open("a") as file:
        file.write('{"size": 1')
    found = verify(site)
    assert found.passed
    assert str(found.cannot[-1]) == "What the 1 damaged lines of the anchor file said."
    fill(site, 1)
    checkpoint(site)
    assert verify(site).anchored == 2


def test_as_json_the_first_fifty_problems_are_told_and_how_many_there_are(
    site: Workspace,
) -> None:
    problems = tuple(
        Problem("{sequence} of {name}", number, {"sequence": number, "name": START})
        for number in range(1, 61)
    )
    found = replace(verify(site), passed=False, problems=problems, first_bad=1, seconds=1.23456)
    told = audit_verify.as_json(found)
    assert isinstance(told["problems"], list)
    assert (told["problem_count"], len(told["problems"]), told["seconds"]) == (60, 50, 1.235)
    assert told["problems"][0] == {
        "template": "{sequence} of {name}",
        "params": {"sequence": 1, "name": str(START)},
        "sequence": 1,
        "text": f"1 of {START}",
    }
    told = audit_verify.as_json(verify(site))
    assert (told["passed"], told["first_bad"], told["problems"]) == (True, None, [])
    assert (told["size"], told["opened"], told["erased"], told["problem_count"]) == (13, 3, 0, 0)


def test_a_forked_trail_gets_no_signature(site: Workspace) -> None:
    checkpoint(site)
    tamper(site, f"UPDATE audit_entry SET canonical = {FORGED} WHERE sequence = 5")
    rebuild_tree(site)
    fill(site, 1)
    with pytest.raises(StorageError, match="no longer extends"):
        checkpoint(site)
    tamper(site, "DELETE FROM audit_node WHERE level = 3")
    with pytest.raises(StorageError, match="no longer extends"):
        checkpoint(site)


def test_the_worker_verifies_once_for_two_who_ask(site: Workspace) -> None:
    assert audit_verify.newest_verification(site, actor=AUDITOR) is None
    first = audit_verify.order_verification(site, actor=AUDITOR)
    assert audit_verify.order_verification(site, actor=WORKER).id == first.id
    with site.store.read() as conn:
        job = jobs.get(conn, first.id)
        assert audit.list_newest(conn)[0].kind == "audit.verification_ordered"
    told: list[float] = []
    result = audit_verify.verify_job(site, job, lambda share, _note: told.append(share))
    assert result["passed"] is True
    assert result["size"] == 14
    with pytest.raises(Forbidden):
        audit_verify.order_verification(site, actor=VIEWER)


def test_a_worker_that_lost_the_job_says_nothing_of_the_trail(
    site: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    audit_verify.order_verification(site, actor=AUDITOR)
    job = audit_verify.newest_verification(site, actor=AUDITOR)
    assert job is not None
    monkeypatch.setattr(check, "CHUNK", 4)

    def say(error: Exception) -> Callable[[float, str], None]:
        def tell(_share: float, _note: str) -> None:
            raise error

        return tell

    with pytest.raises(LostLease):
        audit_verify.verify_job(site, job, say(LostLease("another has it")))
    # A database that is busy while the share is told is no fault of the trail.
    assert audit_verify.verify_job(site, job, say(StorageError("busy")))["passed"] is True
    assert f"the progress of job {job.id} was not told: busy" in caplog.text


def test_of_a_trail_that_cannot_be_read_the_reason_is_told_in_short(
    site: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StorageError("x" * 500)

    monkeypatch.setattr(audit_verify, "walk", fail)
    (problem,) = verify(site).problems
    assert str(problem) == f"The trail cannot be read to its end: {'x' * 200}"


@pytest.fixture
def turn(site: Workspace) -> Callable[[timedelta], Workspace]:
    def later(by: timedelta) -> Workspace:
        return Workspace(site.settings, site.store, lambda: site.clock() + by)

    return later


def test_the_schedule_signs_a_trail_that_grew_and_anchors_again_what_failed(
    site: Workspace, turn: Callable[[timedelta], Workspace], tmp_path: Path
) -> None:
    hour = timedelta(hours=1, seconds=1)
    due = audit_checkpoints.make_due_checkpoint
    first = due(site, actor=WORKER)
    assert first is not None
    assert first.size == 13
    fill(site, 1)
    assert due(site, actor=WORKER) is None  # too soon
    second = due(turn(hour), actor=WORKER)
    assert second is not None
    assert due(turn(3 * hour), actor=WORKER) is None  # nothing new
    assert checkpoint(turn(3 * hour)).note == second.note
    audit_checkpoints.set_schedule(site, 5, actor=ADMIN)
    assert due(turn(hour + timedelta(minutes=6)), actor=WORKER) is not None

    folder = tmp_path / "elsewhere"
    folder.mkdir()
    status = audit_anchors.set_anchor_path(site, folder, actor=ADMIN)
    assert status.path == str(folder / "checkpoints.log")
    assert status.same_disk
    shutil.rmtree(folder)
    folder.write_text("a file in the way")
    checkpoint(site)
    assert audit_anchors.anchor_status(site, actor=AUDITOR).failure
    folder.unlink()
    assert due(turn(2 * hour), actor=WORKER) is not None
    status = audit_anchors.anchor_status(site, actor=AUDITOR)
    assert (status.failure, status.last_external_at) == ("", None)
    assert audit_anchors.anchored(site)[0][-1].size == status.last_size
    with site.store.read() as conn:
        assert [each.reason for each in checkpoints.list_checkpoints(conn)][-2:] == [
            "schedule",
            "schedule",
        ]


def test_another_process_signs_with_the_same_key(site: Workspace) -> None:
    made = checkpoint(site)
    again = Workspace(site.settings, open_store(site.settings.state_url))
    assert made.signed_by(audit_checkpoints.verifier_of(again))
    again.store.close()
