"""The file that checkpoints are appended to: who may read it, torn lines, full and other disks."""

import os
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from core.domain.identity import Actor, Role
from core.errors import Forbidden, InvalidInput
from core.proof.checkpoint import Checkpoint
from core.services.audit import anchors as audit_anchors
from core.services.audit import checkpoints as audit_checkpoints
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from tests.core.services.audit.test_verify import fill
from tests.support.builders import ADMIN, VIEWER, a_workspace
from tests.support.fakes import START, FakeClock

AUDITOR = Actor("u9", "iris", frozenset({Role.auditor}), origin="cli", pseudonym="p-9")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Workspace]:
    made = a_workspace(tmp_path / "home")
    opened = Workspace(made.settings, made.store, FakeClock())
    fill(opened, 2, personal=False)
    yield opened
    opened.store.close()


def make(site: Workspace) -> Checkpoint:
    return audit_checkpoints.make_checkpoint(site, actor=AUDITOR, reason="command")


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_anchor_file_is_for_its_owner_alone(site: Workspace) -> None:
    made = make(site)
    path = audit_anchors.anchor_path(site)
    assert path == site.settings.home / "anchors" / "checkpoints.log"
    assert (mode_of(path), mode_of(path.parent)) == (0o600, 0o700)
    fill(site, 1, personal=False)
    later = make(site)
    assert audit_anchors.anchored(site) == ((made, later), 0)
    assert path.read_text("utf-8").count("\n") == 2  # no blank line between them


def test_a_torn_line_is_closed_before_the_next_one(site: Workspace) -> None:
    path = audit_anchors.anchor_path(site)
    path.parent.mkdir()
    path.write_text('{"size": 1')
    made = make(site)
    assert path.read_text("utf-8").split("\n")[0] == '{"size": 1'
    assert audit_anchors.anchored(site) == ((made,), 1)


@pytest.mark.parametrize("text", [None, "", " \n"])
def test_without_a_file_or_a_line_nothing_is_anchored(site: Workspace, text: str | None) -> None:
    path = audit_anchors.anchor_path(site)
    if text is not None:
        path.parent.mkdir()
        path.write_text(text)
    assert audit_anchors.anchored(site) == ((), 0)


def test_a_disk_that_takes_half_a_line_is_a_failure(
    site: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda where, line: write(where, line[: len(line) // 2]))
    (kept,) = audit_anchors.anchor(site, make(site), actor=AUDITOR)
    assert (kept.kind, kept.state, kept.detail) == ("path", "failed", "the disk is full")
    assert audit_anchors.failing(site)[0].detail == "the disk is full"
    monkeypatch.undo()
    (kept,) = audit_anchors.anchor(site, make(site), actor=AUDITOR)
    assert (kept.state, kept.detail, kept.receipt) == ("done", "", None)
    assert audit_anchors.failing(site) == ()


def test_a_copy_on_another_disk_is_one_outside(
    site: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make(site)
    status = audit_anchors.anchor_status(site, actor=AUDITOR)
    assert (status.same_disk, status.last_external_at) == (True, None)
    assert (status.last_at, status.last_size) == (site.clock(), made.size)
    monkeypatch.setattr(audit_anchors, "on_disk_of", lambda _home, _path: False)
    status = audit_anchors.anchor_status(site, actor=AUDITOR)
    assert (status.same_disk, status.last_external_at) == (False, START)


def test_before_the_first_copy_there_is_no_last_one(site: Workspace) -> None:
    status = audit_anchors.anchor_status(site, actor=AUDITOR)
    assert (status.last_at, status.last_size, status.last_external_at) == (None, None, None)
    assert (status.failure, status.webhook, status.authority, status.mail) == ("", "", "", "")
    with pytest.raises(Forbidden):
        audit_anchors.anchor_status(site, actor=VIEWER)


def test_the_disk_is_that_of_the_nearest_folder_there_is(tmp_path: Path) -> None:
    assert audit_anchors.on_disk_of(tmp_path, tmp_path / "none" / "yet" / "file.log")
    assert not audit_anchors.on_disk_of(tmp_path, Path("/proc/none/file.log"))


def test_who_chooses_the_file_is_noted_with_what_it_was(site: Workspace, tmp_path: Path) -> None:
    first, second = tmp_path / "new" / "first.log", tmp_path / "second.log"
    audit_anchors.set_anchor_path(site, first, actor=ADMIN)
    assert first.read_bytes() == b""
    audit_anchors.set_anchor_path(site, second, actor=ADMIN)
    with site.store.read() as conn:
        later, before = audit.list_newest(conn, kind="audit.anchor_changed")
    assert before.body == {"before": "", "after": str(first)}
    assert later.body == {"before": str(first), "after": str(second)}
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInput, match="cannot be appended to"):
        audit_anchors.set_anchor_path(site, tmp_path / "file" / "x.log", actor=ADMIN)
    assert audit_anchors.anchor_path(site) == second


def test_a_place_no_longer_in_use_fails_no_more(site: Workspace, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    audit_anchors.set_anchor_path(site, wrong, actor=ADMIN)
    wrong.unlink()
    wrong.mkdir()
    make(site)
    assert [each.target for each in audit_anchors.failing(site)] == [str(wrong)]
    audit_anchors.set_anchor_path(site, tmp_path / "right.log", actor=ADMIN)
    assert audit_anchors.failing(site) == ()
    later = Workspace(site.settings, site.store, lambda: START + timedelta(hours=2))
    assert audit_anchors.anchor_status(later, actor=AUDITOR).failure == ""
