"""Changing the key that signs: each key counts for its span only, and both sign the change."""

import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.domain.identity import Actor, Role
from core.errors import Forbidden, InvalidInput, StepUpNeeded, StorageError
from core.proof.checkpoint import Checkpoint, cosign, sign_checkpoint
from core.proof.keyring import keyring
from core.proof.note import NoteSigner
from core.services.audit import checkpoints as audit_checkpoints
from core.services.audit import keys as audit_keys
from core.services.audit import verify as audit_verify
from core.services.audit.export import Selection, write_export
from core.services.audit.keys import Rotation
from core.services.audit.verify import Verification
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.audit import tree as audit_tree
from core.store.audit.canonical import instant_text
from tests.core.services.audit.test_verify import fill, tamper
from tests.docs.test_verify import VERIFY, lines_of, reseal
from tests.support.builders import ADMIN, VIEWER, a_workspace
from tests.support.processes import killed, opened_again

AUDITOR = Actor("u9", "iris", frozenset({Role.auditor}), origin="cli", pseudonym="p-9")
LEAD = Actor("u8", "lead", frozenset({Role.compliance_lead}), origin="cli")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Workspace]:
    opened = a_workspace(tmp_path / "home")
    fill(opened, 5)
    yield opened
    opened.store.close()


def rotate(site: Workspace) -> Rotation:
    return audit_keys.rotate_key(site, actor=ADMIN, reason="once a year")


def make(site: Workspace) -> Checkpoint:
    return audit_checkpoints.make_checkpoint(site, actor=AUDITOR, reason="command")


def verify(site: Workspace, *against: Checkpoint, **more: object) -> Verification:
    return audit_verify.verify(site, actor=AUDITOR, against=against, **more)  # type: ignore[arg-type]


def old_signer(site: Workspace) -> NoteSigner:
    """Keep the private half that a rotation destroys, as a thief would have."""
    with site.store.read() as conn:
        return audit_keys.signer_within(site, conn)


def forged(site: Workspace, signer: NoteSigner, size: int) -> Checkpoint:
    with site.store.read() as conn:
        root = audit_tree.root(conn, size)
    return sign_checkpoint(signer, size=size, root=root, at=instant_text(site.clock()))


def test_a_change_of_keys_is_an_entry_and_a_checkpoint_of_both(site: Workspace) -> None:
    before = make(site)
    done = rotate(site)
    fill(site, 2)
    after = make(site)
    assert done.checkpoint.size == 6
    assert done.old.name == done.new.name == before.origin == after.origin
    for checkpoint, old, new in (
        (before, True, False),
        (done.checkpoint, True, True),
        (after, False, True),
    ):
        assert checkpoint.signed_by(done.old) is old
        assert checkpoint.signed_by(done.new) is new
    with site.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="audit.key_rotated")
    assert entry.body == {
        "old": done.old.text(), "new": done.new.text(), "reason": "once a year"
    }  # fmt: skip
    keys = audit_keys.keys_of(site, actor=AUDITOR)
    assert [(each.verifier, each.first, each.last) for each in keys.spans] == [
        (done.old, 0, 6),
        (done.new, 6, None),
    ]
    for key in (None, done.old, done.new):
        assert verify(site, before, done.checkpoint, after, key=key).passed


def test_the_old_key_counts_no_more_behind_its_span(site: Workspace) -> None:
    thief = old_signer(site)
    done = rotate(site)
    fill(site, 2)
    late = forged(site, thief, 8)
    assert late.signed_by(done.old)
    found = verify(site, late)
    assert not found.passed
    assert "checkpoint of 8 entries is not signed by" in str(found.problems[0])
    for alone in (thief, NoteSigner(thief.name, _current(site))):
        assert not verify(site, forged(site, alone, 6)).passed
    both = cosign(forged(site, thief, 6), NoteSigner(thief.name, _current(site)))
    assert verify(site, both).passed
    early = forged(site, NoteSigner(thief.name, _current(site)), 5)
    assert not verify(site, early).passed


def _current(site: Workspace) -> Ed25519PrivateKey:
    raw = (site.settings.keys_dir / "checkpoint.key").read_bytes()
    return Ed25519PrivateKey.from_private_bytes(raw)


def test_a_key_that_never_signed_is_told(site: Workspace) -> None:
    rotate(site)
    stranger = NoteSigner(old_signer(site).name, Ed25519PrivateKey.generate()).verifier
    found = verify(site, key=stranger)
    assert [str(each) for each in found.problems] == [
        f"The key {stranger.key_hash.hex()} never signed this trail."
    ]


def test_a_change_that_the_old_key_did_not_sign_is_found(site: Workspace) -> None:
    make(site)
    signer = old_signer(site)
    fresh = NoteSigner(signer.name, Ed25519PrivateKey.generate())
    with site.store.begin() as conn:
        size = audit.append(
            conn, at=site.clock(), actor="p", role="admin", kind="audit.key_rotated", objects={},
            body={"old": signer.verifier.text(), "new": fresh.verifier.text()},
        )  # fmt: skip
    found = verify(site)
    assert found.first_bad == size
    assert "both keys signed" in str(found.problems[0])
    with pytest.raises(StorageError, match="not in the folder of keys"):
        make(site)
    with site.store.begin() as conn:
        audit.append(
            conn, at=site.clock(), actor="p", role="admin", kind="audit.key_rotated", objects={},
            body={"old": signer.verifier.text(), "new": fresh.verifier.text()},
        )  # fmt: skip
    assert "does not follow" in str(verify(site).problems[-1])


def test_hiding_a_change_is_found(site: Workspace) -> None:
    rotate(site)
    tamper(site, "UPDATE audit_entry SET kind = 'x' WHERE kind = 'audit.key_rotated'")
    assert not verify(site).passed


def test_processes_that_run_on_find_the_new_key(site: Workspace) -> None:
    other = Workspace(site.settings, site.store)
    assert other.keys.checkpoint_key is not None  # read before the change
    done = rotate(site)
    fill(site, 1)
    assert make(other).signed_by(done.new)
    rotate(other)
    fill(site, 1)
    assert make(site).signed_by(audit_keys.keys_of(site, actor=AUDITOR).current)
    assert [path.name for path in sorted(site.settings.keys_dir.iterdir())] == [
        "checkpoint.key",
        "workspace.key",
    ]
    assert verify(site).passed


def _die(home: Path, where: str) -> None:
    def stop(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(audit_keys, where, stop)
    rotate(opened_again(home))


@pytest.mark.parametrize(
    ("where", "changed"), [("write_next_key", False), ("put_in_use", True), ("cosign", False)]
)
def test_killed_on_the_way_one_key_is_in_use_and_there(
    site: Workspace, where: str, changed: bool
) -> None:
    before = make(site)
    site.store.close()
    killed(_die, site.settings.home, where)
    again = opened_again(site.settings.home)
    try:
        keys = audit_keys.keys_of(again, actor=AUDITOR)
        assert bool(keys.changes) is changed
        fill(again, 1)
        assert make(again).signed_by(keys.current)
        assert verify(again, before).passed
        rotate(again)
        assert verify(again, before).passed
        assert len(list(again.settings.keys_dir.iterdir())) == 2
    finally:
        again.store.close()


def test_it_takes_a_permission_a_step_up_and_a_reason(site: Workspace) -> None:
    for actor in (VIEWER, AUDITOR, LEAD):
        with pytest.raises(Forbidden):
            audit_keys.rotate_key(site, actor=actor, reason="x")
    then = site.clock() - timedelta(hours=1)
    stale = Actor("u1", "anna", frozenset({Role.admin}), origin="web", authenticated_at=then)
    with pytest.raises(StepUpNeeded):
        audit_keys.rotate_key(site, actor=stale, reason="x")
    with pytest.raises(InvalidInput):
        audit_keys.rotate_key(site, actor=ADMIN, reason=" ")
    assert audit_keys.keys_of(site, actor=AUDITOR).changes == ()


def test_the_key_of_a_trail_that_was_tampered_with_is_not_changed(site: Workspace) -> None:
    make(site)
    tamper(site, "DELETE FROM audit_node WHERE level = 2")
    with pytest.raises(StorageError, match="no longer extends"):
        rotate(site)
    assert audit_keys.keys_of(site, actor=AUDITOR).changes == ()
    assert [path.name for path in sorted(site.settings.keys_dir.iterdir())] == [
        *("checkpoint.key", "workspace.key")
    ]


def test_a_log_is_named_after_its_first_key_and_a_reason_has_an_end(site: Workspace) -> None:
    key = audit_keys.keys_of(site, actor=AUDITOR).current
    assert key.name == f"harbourlight/{sha256(key.public_key).hexdigest()[:16]}"
    audit_keys.rotate_key(site, actor=ADMIN, reason=f"  {'long ' * 100} ")
    with site.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind=audit_keys.ROTATED)
    assert entry.body["reason"] == "long " * 60


def test_keys_that_do_not_follow_each_other_are_no_ring(site: Workspace) -> None:
    first, second, third = (
        NoteSigner("log", Ed25519PrivateKey.generate()).verifier for _ in range(3)
    )
    assert keyring(third, [(4, first, second), (9, second, third)]).of(9) == (second, third)
    other = NoteSigner("other", Ed25519PrivateKey.generate()).verifier
    for wrong in (
        [(4, first, second), (9, first, third)],
        [(4, first, second), (4, second, third)],
        [(4, first, first)],
        [(4, first, other)],
    ):
        with pytest.raises(InvalidInput, match="does not follow"):
            keyring(first, wrong)


Forge = Callable[[Path], None]


def _records(change: Callable[[list[dict[str, object]]], None]) -> Forge:
    def forge(folder: Path) -> None:
        path = folder / "keys.jsonl"
        records = [json.loads(line) for line in path.read_text().splitlines()]
        change(records)
        path.write_text("".join(f"{json.dumps(each)}\n" for each in records))

    return forge


def _drop_file(folder: Path) -> None:
    (folder / "keys.jsonl").unlink()


def _longer(records: list[dict[str, object]]) -> None:
    records[0]["last"] = records[1]["first"] = 8


def _drop_checkpoint(folder: Path) -> None:
    for name, word in (("checkpoints.jsonl", b'"size": 6,'), ("consistency.jsonl", b'first":6,')):
        lines_of(folder, name, lambda lines, word=word: [x for x in lines if word not in x])  # type: ignore[misc]


def test_an_export_is_checked_across_the_change(
    site: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = make(site)
    thief = old_signer(site)
    done = rotate(site)
    fill(site, 2)
    after = make(site)
    write_export(site, tmp_path / "all", actor=LEAD)
    write_export(site, tmp_path / "some", actor=LEAD, selection=Selection(kind="test.done"))
    kept = [VERIFY.Checkpoint(each.note) for each in (before, done.checkpoint, after)]
    late = VERIFY.Checkpoint(forged(site, thief, 8).note)
    stranger = NoteSigner(thief.name, Ed25519PrivateKey.generate()).verifier.text()
    for name in ("all", "some"):
        for text in (None, done.old.text(), done.new.text()):
            report = VERIFY.verify(tmp_path / name, VERIFY.Key(text) if text else None, kept)
            assert report.problems == []
        wrong = VERIFY.verify(tmp_path / name, None, [late])
        assert any(done.new.key_hash.hex() in each for each in wrong.problems)
        report = VERIFY.verify(tmp_path / name, VERIFY.Key(stranger))
        assert any("never signed this log" in each for each in report.problems)
        forgeries: list[Forge] = [
            _drop_file,
            _drop_checkpoint,
            _records(_longer),
            _records(lambda records: records.__delitem__(0)),
            _records(lambda records: records[1].update(key=stranger)),
            _records(lambda records: records.reverse()),
        ]
        for number, forge in enumerate(forgeries):
            folder = tmp_path / f"{name}-{number}"
            shutil.copytree(tmp_path / name, folder)
            forge(folder)
            reseal(folder)
            assert VERIFY.verify(folder).problems, number
    assert VERIFY.main([str(tmp_path / "all")]) == 0
    assert f"the key changed from {done.old.key_hash.hex()} to" in capsys.readouterr().out
