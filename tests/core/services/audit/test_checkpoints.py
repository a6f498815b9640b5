"""When the schedule signs, to the minute, and what is kept of a checkpoint."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from core.domain.identity import Actor, Role
from core.errors import Forbidden, StepUpNeeded
from core.services.audit import anchors as audit_anchors
from core.services.audit import checkpoints as audit_checkpoints
from core.services.jobs.worker import WORKER
from core.services.workspace import Workspace
from core.store.audit import checkpoints
from core.store.audit import trail as audit
from core.store.audit.checkpoints import Anchor
from tests.core.services.audit.test_verify import fill
from tests.support.builders import ADMIN, VIEWER, a_workspace
from tests.support.fakes import START, FakeClock

AUDITOR = Actor("u9", "iris", frozenset({Role.auditor}), origin="cli", pseudonym="p-9")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Workspace]:
    made = a_workspace(tmp_path / "home")
    opened = Workspace(made.settings, made.store, FakeClock())
    fill(opened, 3, personal=False)
    yield opened
    opened.store.close()


def after(site: Workspace, **amount: float) -> Workspace:
    return Workspace(site.settings, site.store, lambda: START + timedelta(**amount))


def due(site: Workspace, **amount: float) -> int | None:
    """Return the size of the checkpoint that the schedule makes then."""
    made = audit_checkpoints.make_due_checkpoint(after(site, **amount), actor=WORKER)
    return None if made is None else made.size


def test_a_checkpoint_is_kept_as_it_was_signed(site: Workspace) -> None:
    made = audit_checkpoints.make_checkpoint(site, actor=AUDITOR, reason="command")
    assert (made.size, made.at) == (3, START)
    with site.store.read() as conn:
        (kept,) = checkpoints.list_checkpoints(conn)
    assert (kept.size, kept.root, kept.at) == (3, made.root, made.at)
    assert (kept.reason, kept.note) == ("command", made.note)
    later = after(site, hours=9)
    assert audit_checkpoints.make_checkpoint(later, actor=AUDITOR, reason="export") == made
    with site.store.read() as conn:
        assert checkpoints.count(conn) == 1


def test_nothing_is_due_of_a_trail_without_entries(tmp_path: Path) -> None:
    opened = a_workspace(tmp_path / "empty")
    assert due(opened) is None
    fill(opened, 1, personal=False)
    assert due(opened) == 1
    opened.store.close()


def test_the_schedule_is_kept_to_the_minute(site: Workspace) -> None:
    assert due(site) == 3
    fill(site, 1, personal=False)
    assert due(site, minutes=59, seconds=59.999) is None
    assert due(site, minutes=60) == 4
    assert due(site, hours=9) is None


@pytest.mark.parametrize(("given", "minutes"), [(5, 5), (1, 1), (0, 1), (-7, 1)])
def test_a_schedule_is_a_minute_at_least_and_noted(
    site: Workspace, given: int, minutes: int
) -> None:
    audit_checkpoints.set_schedule(site, given, actor=ADMIN)
    with site.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="audit.schedule_changed")
    assert entry.body == {"before": 60, "after": minutes}
    first = due(site)
    fill(site, 1, personal=False)
    assert due(site, minutes=minutes, seconds=-0.001) is None
    assert due(site, minutes=minutes) == (first or 0) + 1


def test_a_failed_copy_is_tried_again_once_a_period(site: Workspace) -> None:
    assert due(site) == 3
    target = str(audit_anchors.anchor_path(site))
    with site.store.begin() as conn:
        failed = Anchor(3, "path", target, "failed", "the disk is full", START)
        checkpoints.note_anchor(conn, failed)
    assert due(site, minutes=59, seconds=59.999) is None
    assert due(site, minutes=60) == 3
    assert audit_anchors.failing(site) == ()


def test_it_takes_a_permission_and_for_the_schedule_a_fresh_step_up(site: Workspace) -> None:
    with pytest.raises(Forbidden):
        audit_checkpoints.make_checkpoint(site, actor=VIEWER, reason="command")
    with pytest.raises(Forbidden):
        audit_checkpoints.make_due_checkpoint(site, actor=VIEWER)
    with pytest.raises(Forbidden):
        audit_checkpoints.set_schedule(site, 5, actor=AUDITOR)
    web = Actor("u1", "ada", ADMIN.roles, origin="web")
    with pytest.raises(StepUpNeeded):
        audit_checkpoints.set_schedule(site, 5, actor=web)
    with site.store.read() as conn:
        assert (audit.size(conn), checkpoints.count(conn)) == (3, 0)
