"""Sessions: shared by processes, ended by time or by hand, over at the next step."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from core.config import Settings
from core.domain.identity import Actor, Permission, Role
from core.errors import DiskFull, Forbidden, InvalidInput, NotFound, SignedOut, StepUpNeeded
from core.services import access
from core.services.identity import sessions, sign_in_settings, users
from core.services.identity.sign_in_settings import SignInSettings
from core.services.workspace import Workspace
from core.store import Store, open_store
from core.store.audit import trail as audit
from core.store.identity import sessions as stored_sessions
from core.store.identity import users as stored
from core.store.tables import session, session_ticket
from tests.support.fakes import FakeClock, FakeIds


@pytest.fixture
def shared(store: Store, tmp_path: Path, clock: FakeClock, new_id: FakeIds) -> Workspace:
    """A workspace on each of the two databases, with wai and eve."""
    workspace = Workspace(Settings(tmp_path / "home", "unused", threads=2), store, clock, new_id)
    owner = Actor("u-owner", "owner", frozenset({Role.admin}), origin="cli")
    for name in ("wai", "eve"):
        users.add_user(workspace, name, actor=owner, roles=[Role.business], os_login=name)
    return workspace


def begin(workspace: Workspace, name: str = "wai") -> tuple[str, str]:
    with workspace.store.begin() as conn:
        user = stored.find_by_username(conn, name)
        assert user is not None
        return sessions.begin(
            workspace, conn, user, method="password", source="203.0.113.9", agent="tests"
        )


def actor_of(workspace: Workspace, session_id: str) -> Actor:
    actor = sessions.resume(workspace, session_id)
    assert actor is not None
    return actor


def ended(workspace: Workspace) -> list[object]:
    with workspace.store.read() as conn:
        found = audit.list_newest(conn, kind="session.ended")
    return [each.body["reason"] for each in reversed(found)]


def test_a_ticket_opens_a_session_once_and_for_thirty_seconds(
    shared: Workspace, clock: FakeClock
) -> None:
    session_id, ticket = begin(shared)
    value = sessions.redeem(shared, ticket)
    assert value is not None
    actor = sessions.from_cookie(shared, value)
    assert actor is not None
    assert actor.session_id == session_id
    assert sessions.redeem(shared, ticket) is None
    _, late = begin(shared)
    clock.advance(seconds=31)
    assert sessions.redeem(shared, late) is None
    assert sessions.from_cookie(shared, "") is None


def test_neither_cookie_nor_ticket_can_be_read_from_the_database(shared: Workspace) -> None:
    _, ticket = begin(shared)
    _, kept = begin(shared)
    value = sessions.redeem(shared, ticket)
    with shared.store.read() as conn:
        rows = [*conn.execute(select(session)), *conn.execute(select(session_ticket))]
    text = repr([tuple(row) for row in rows])
    assert value not in (None, "")
    assert str(value) not in text
    assert kept not in text


def test_a_new_cookie_takes_the_place_of_the_one_before(shared: Workspace) -> None:
    """Fixation: whatever value a browser brought along opens nothing after a sign-in."""
    session_id, ticket = begin(shared)
    first = sessions.redeem(shared, ticket) or ""
    with shared.store.begin() as conn:
        again = sessions.new_ticket(conn, session_id, shared.clock())
    second = sessions.redeem(shared, again) or ""
    assert first != second
    assert sessions.from_cookie(shared, first) is None
    assert sessions.from_cookie(shared, second) is not None


def test_another_process_knows_the_session_and_its_end(
    shared: Workspace, store_url: str, clock: FakeClock
) -> None:
    other = Workspace(shared.settings, open_store(store_url), clock)
    session_id, _ = begin(shared)
    actor = actor_of(other, session_id)
    access.require(actor, Permission.overview_view)
    sessions.end(shared, session_id)
    assert sessions.resume(other, session_id) is None
    # The actor of a button that was drawn before the end.
    with pytest.raises(SignedOut):
        access.require(actor, Permission.overview_view)
    other.store.close()


def test_an_unused_session_ends_and_a_used_one_lasts_eight_hours(
    shared: Workspace, clock: FakeClock
) -> None:
    idle, used = begin(shared)[0], begin(shared)[0]
    start = clock()
    while clock() < start + timedelta(hours=8) - timedelta(minutes=29):
        clock.advance(minutes=29)
        assert sessions.resume(shared, used) is not None
    assert sessions.resume(shared, idle) is None
    clock.advance(minutes=29)
    assert sessions.resume(shared, used) is None
    assert ended(shared) == ["idle", "expired"]


def test_a_page_that_looks_for_news_does_not_keep_a_session_alive(
    shared: Workspace, clock: FakeClock
) -> None:
    session_id, _ = begin(shared)
    actor = actor_of(shared, session_id)
    for _ in range(30):
        clock.advance(minutes=1)
        access.require(actor, Permission.overview_view)
        assert sessions.resume(shared, session_id, used=False) is not None
    clock.advance(minutes=1)
    with pytest.raises(SignedOut):
        access.require(actor, Permission.overview_view)


def test_settings_count_at_once(shared: Workspace, admin: Actor, clock: FakeClock) -> None:
    session_id, _ = begin(shared)
    rules = SignInSettings(5, 2, 3, frozenset({Role.business}))
    sign_in_settings.change_settings(shared, rules, actor=admin)
    assert sign_in_settings.sign_in_settings(shared, actor=admin) == rules
    assert sessions.cookie_lifetime(shared) == timedelta(hours=2)
    assert access.step_up_minutes(shared) == 3
    actor = actor_of(shared, session_id)
    assert actor.duty == "second_factor"
    access.require(actor, Permission.account_manage)
    with pytest.raises(Forbidden):
        access.require(actor, Permission.overview_view)
    clock.advance(minutes=6)
    assert sessions.resume(shared, session_id) is None
    for wrong in (SignInSettings(1), SignInSettings(5, 100), SignInSettings(5, 2, 0)):
        with pytest.raises(InvalidInput, match="is not between"):
            sign_in_settings.change_settings(shared, wrong, actor=admin)


def test_a_disabled_user_is_out_at_the_next_step(shared: Workspace) -> None:
    session_id, _ = begin(shared)
    actor = actor_of(shared, session_id)
    with shared.store.begin() as conn:
        stored.set_disabled(conn, actor.user_id, True)
    with pytest.raises(SignedOut):
        access.require(actor, Permission.overview_view)
    assert sessions.resume(shared, session_id) is None
    assert ended(shared) == ["disabled"]


def test_everybody_ends_their_own_sessions_and_administrators_anybodys(
    shared: Workspace, admin: Actor
) -> None:
    mine, other, theirs = begin(shared)[0], begin(shared)[0], begin(shared, "eve")[0]
    wai, eve = actor_of(shared, mine), actor_of(shared, theirs)
    with pytest.raises(Forbidden):
        sessions.revoke(shared, theirs, actor=wai)
    with pytest.raises(Forbidden):
        sessions.end_everywhere(shared, eve.user_id, actor=wai)
    with pytest.raises(Forbidden):
        sessions.list_sessions(shared, actor=wai)
    with pytest.raises(NotFound):
        sessions.revoke(shared, "nothing", actor=wai)
    own = sessions.list_sessions(shared, actor=wai, user_id=wai.user_id)
    assert {(each.session.id, each.is_own) for each in own} == {(mine, True), (other, False)}
    sessions.revoke(shared, other, actor=wai)
    assert sessions.resume(shared, other) is None
    assert sessions.end_everywhere(shared, wai.user_id, actor=wai) == 1
    assert sessions.resume(shared, mine) is None
    assert [each.username for each in sessions.list_sessions(shared, actor=admin)] == ["eve"]
    sessions.revoke(shared, theirs, actor=admin)
    assert sessions.list_sessions(shared, actor=admin) == ()
    assert ended(shared) == ["revoked", "everywhere", "revoked"]


def test_ending_somebody_elses_session_asks_who_it_is_and_ending_ones_own_does_not(
    shared: Workspace, admin: Actor, clock: FakeClock
) -> None:
    mine, theirs = begin(shared)[0], begin(shared, "eve")[0]
    wai, eve = actor_of(shared, mine), actor_of(shared, theirs)
    web = replace(admin, origin="web", authenticated_at=clock())
    clock.advance(minutes=11)
    with pytest.raises(StepUpNeeded):
        sessions.revoke(shared, theirs, actor=web)
    with pytest.raises(StepUpNeeded):
        sessions.end_everywhere(shared, eve.user_id, actor=web)
    assert sessions.resume(shared, theirs) is not None
    assert sessions.end_everywhere(shared, wai.user_id, actor=wai, keep=mine) == 0
    sessions.revoke(shared, mine, actor=wai)
    assert sessions.end_everywhere(shared, eve.user_id, actor=replace(web, origin="cli")) == 1


def test_ending_by_the_cookie_and_ending_twice(shared: Workspace) -> None:
    _, ticket = begin(shared)
    value = sessions.redeem(shared, ticket) or ""
    for _ in range(2):
        sessions.end_by_cookie(shared, value)
    sessions.end_by_cookie(shared, "")
    sessions.end(shared, "nothing")
    assert sessions.from_cookie(shared, value) is None
    assert ended(shared) == ["signed_out"]


def test_a_ticket_of_an_ended_session_opens_nothing(shared: Workspace) -> None:
    session_id, ticket = begin(shared)
    sessions.end(shared, session_id)
    assert sessions.redeem(shared, ticket) is None
    assert sessions.redeem(shared, "never made") is None


def test_a_full_disk_does_not_keep_people_from_reading(
    shared: Workspace, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id, _ = begin(shared)
    clock.advance(minutes=2)

    def full(*_: object, **__: object) -> None:
        raise DiskFull("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(stored_sessions, "touch", full)
        assert sessions.resume(shared, session_id) is not None
