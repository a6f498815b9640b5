"""Each download has a checkpoint, and a file beside it that an outsider checks it with."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from core.domain.identity import Actor, Permission
from core.errors import NotFound, StorageError
from core.services.audit import anchors as audit_anchors
from core.services.audit import checkpoints as audit_checkpoints
from core.services.audit import verify as audit_verify
from core.services.audit.export_proofs import side_file
from core.services.exports import MadeExport, publish, remove_expired
from core.services.jobs.worker import WORKER
from core.services.workspace import Workspace
from core.store.audit import checkpoints
from core.store.audit import trail as audit
from tests.core.services.audit.test_verify import tamper
from tests.docs.test_verify import VERIFY
from tests.support.serving import Serving, a_serving_workspace


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Serving]:
    made = a_serving_workspace(tmp_path / "home", rows=8)
    yield made
    made.workspace.store.close()


@pytest.fixture
def scientist(world: Serving) -> Actor:
    """Somebody who may take files away and may not order checkpoints."""
    return world["data_scientist"]


def export(world: Serving, actor: Actor, content: bytes = b"a,b\n") -> MadeExport:
    return publish(
        world.workspace,
        content,
        actor=actor,
        permission=Permission.report_create,
        name="report.csv",
        media_type="text/csv",
    )


def test_each_download_is_covered_by_a_checkpoint_of_its_own(
    world: Serving, scientist: Actor
) -> None:
    first, second = export(world, scientist), export(world, scientist)
    with world.workspace.store.read() as conn:
        entries = audit.list_newest(conn, kind="export.made")
        kept = checkpoints.list_checkpoints(conn)
    assert [each.sequence for each in entries] == [second.checkpoint.size, first.checkpoint.size]
    assert [(each.size, each.note, each.reason) for each in kept[:2]] == [
        (each.checkpoint.size, each.checkpoint.note, "export") for each in (second, first)
    ]
    assert audit_verify.verify(world.workspace, actor=world["auditor"]).passed


def test_the_file_is_tied_to_the_trail_by_an_outsider(
    world: Serving, scientist: Actor, tmp_path: Path
) -> None:
    made = export(world, scientist)
    export(world, scientist, b"later")
    record, content = side_file(world.workspace, made.id, actor=scientist)
    assert record == made.record
    file, proof = tmp_path / "report.csv", tmp_path / "report.csv.proof.json"
    file.write_bytes(b"a,b\n")
    proof.write_bytes(content)
    assert json.loads(content)["checkpoint"] == made.checkpoint.note
    key = VERIFY.Key(audit_checkpoints.verifier_of(world.workspace).text())
    report = VERIFY.verify_file(file, proof, key, [VERIFY.Checkpoint(made.checkpoint.note)])
    assert (report.problems, report.cannot) == ([], ["whether what the file says is true"])
    assert VERIFY.main([str(file), "--proof", str(proof)]) == 0

    file.write_bytes(b"a,c\n")
    assert "the file is not the one" in VERIFY.verify_file(file, proof).problems[0]
    assert VERIFY.main([str(file), "--proof", str(proof)]) == 1


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("entry", "report.create", "report.delete"),
        ("entry", "export.made", "export.none"),
        ("checkpoint", "\ntime 2", "\ntime 3"),
        ("public_key", "+AT", "+AU"),
        ("format", "file", "life"),
    ],
)
def test_a_forged_proof_fails(
    world: Serving, scientist: Actor, tmp_path: Path, name: str, old: str, new: str
) -> None:
    made = export(world, scientist)
    document = json.loads(side_file(world.workspace, made.id, actor=scientist)[1])
    file, proof = tmp_path / "f", tmp_path / "p"
    file.write_bytes(b"a,b\n")
    if name == "public_key":
        document[name] = document[name][:-4] + "AAA="
    else:
        assert old in document[name]
        document[name] = document[name].replace(old, new)
    proof.write_text(json.dumps(document))
    assert VERIFY.verify_file(file, proof).problems
    proof.write_text("{")
    assert "cannot be read" in VERIFY.verify_file(file, proof).problems[0]


def test_a_kept_checkpoint_of_the_same_size_must_be_the_same(
    world: Serving, scientist: Actor, tmp_path: Path
) -> None:
    made = export(world, scientist)
    file, proof = tmp_path / "f", tmp_path / "p"
    file.write_bytes(b"a,b\n")
    proof.write_bytes(side_file(world.workspace, made.id, actor=scientist)[1])
    kept = VERIFY.Checkpoint(made.checkpoint.note)
    kept.root = bytes(32)
    assert "another one" in VERIFY.verify_file(file, proof, None, [kept]).problems[-1]
    kept.size -= 1
    assert "same trail" in VERIFY.verify_file(file, proof, None, [kept]).cannot[0]


def test_only_the_owner_gets_the_proof_and_not_for_ever(world: Serving, scientist: Actor) -> None:
    made = export(world, scientist)
    with pytest.raises(NotFound):
        side_file(world.workspace, made.id, actor=world["admin"])
    tamper(world.workspace, "DELETE FROM audit_checkpoint")
    with pytest.raises(NotFound, match="No checkpoint covers"):
        side_file(world.workspace, made.id, actor=scientist)
    later = world.workspace.clock() + timedelta(days=2)
    remove_expired(Workspace(world.workspace.settings, world.workspace.store, lambda: later))
    with pytest.raises(NotFound, match="no such file"):
        side_file(world.workspace, made.id, actor=scientist)


def test_no_file_leaves_a_trail_that_was_tampered_with(world: Serving, scientist: Actor) -> None:
    export(world, scientist)
    tamper(world.workspace, "UPDATE audit_node SET hash = zeroblob(32) WHERE level > 0")
    with pytest.raises(StorageError, match="no longer extends"):
        export(world, scientist)
    folder = world.workspace.settings.exports_dir
    assert len([each for each in folder.iterdir() if each.suffix == ".bin"]) == 1


def test_downloads_put_the_anchors_of_the_schedule_off_by_nothing(
    world: Serving, scientist: Actor
) -> None:
    workspace = world.workspace
    first = audit_checkpoints.make_due_checkpoint(workspace, actor=WORKER)
    assert first is not None
    later = workspace.clock() + timedelta(minutes=61)
    moved = Workspace(workspace.settings, workspace.store, lambda: later)
    made = publish(
        moved,
        b"x",
        actor=scientist,
        permission=Permission.report_create,
        name="x",
        media_type="text/plain",
    )
    due = audit_checkpoints.make_due_checkpoint(moved, actor=WORKER)
    assert due == made.checkpoint  # of the same size: the download's own is anchored
    assert audit_anchors.anchored(workspace)[0][-1] == made.checkpoint
