"""Administration of people: what ends sessions, what asks again, and who stays administrator."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from core.config import Settings
from core.domain.identity import Actor, Role
from core.errors import Conflict, Forbidden, NotFound, StepUpNeeded
from core.services.identity import people, sessions, users
from core.services.identity.sign_in_settings import SignInSettings, change_settings
from core.services.workspace import Workspace
from core.store import Store
from core.store.audit import trail as audit
from core.store.identity import users as stored
from tests.support.builders import open_session
from tests.support.fakes import FakeClock, FakeIds


def add(workspace: Workspace, admin: Actor, name: str, *roles: Role) -> stored.User:
    return users.add_user(workspace, name, actor=admin, roles=roles, os_login=name)[0]


@pytest.fixture
def wai(workspace: Workspace, admin: Actor) -> stored.User:
    return add(workspace, admin, "wai", Role.business)


def last_kind(workspace: Workspace) -> str:
    with workspace.store.read() as conn:
        return audit.list_newest(conn, limit=1)[0].kind


CHANGES: dict[str, Callable[[Workspace, str, Actor], object]] = {
    "user.roles_changed": lambda w, u, a: people.set_roles(w, u, [Role.auditor], actor=a),
    "user.scope_changed": lambda w, u, a: people.set_scope(
        w, u, actor=a, models=["loans"], jurisdictions=None
    ),
    "user.disabled": lambda w, u, a: people.disable(w, u, actor=a),
    "password.reset": lambda w, u, a: people.reset_password(w, u, actor=a),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_a_change_ends_the_persons_sessions(
    workspace: Workspace, admin: Actor, wai: stored.User, kind: str
) -> None:
    session_id = open_session(workspace, wai.id)
    CHANGES[kind](workspace, wai.id, admin)
    assert sessions.resume(workspace, session_id) is None
    with workspace.store.read() as conn:
        entry = audit.list_newest(conn, limit=1)[0]
    assert entry.kind == kind
    assert entry.body["ended_sessions"] == 1
    assert entry.objects == {"user": wai.id}


@pytest.mark.parametrize("kind", CHANGES)
def test_in_the_browser_a_change_asks_for_the_password_again(
    workspace: Workspace, admin: Actor, wai: stored.User, clock: FakeClock, kind: str
) -> None:
    web = replace(admin, origin="web", authenticated_at=clock())
    clock.advance(minutes=11)
    with pytest.raises(StepUpNeeded):
        CHANGES[kind](workspace, wai.id, web)
    with pytest.raises(StepUpNeeded):
        users.add_user(workspace, "eve", actor=web, roles=[Role.business])
    with pytest.raises(StepUpNeeded):
        change_settings(workspace, SignInSettings(), actor=web)
    with pytest.raises(Forbidden):
        CHANGES[kind](workspace, wai.id, replace(admin, roles=frozenset({Role.auditor})))


def test_nobody_changes_their_own_roles_or_scope(
    workspace: Workspace, admin: Actor, wai: stored.User
) -> None:
    for origin in ("cli", "web"):
        own = replace(admin, user_id=wai.id, origin=origin, authenticated_at=workspace.clock())
        with pytest.raises(Forbidden, match="own roles"):
            people.set_roles(workspace, wai.id, [Role.admin], actor=own)
        with pytest.raises(Forbidden, match="own scope"):
            people.set_scope(workspace, wai.id, actor=own, models=None, jurisdictions=None)


def test_the_last_active_administrator_stays(
    workspace: Workspace, admin: Actor, wai: stored.User
) -> None:
    ada = add(workspace, admin, "ada", Role.admin)
    bob = add(workspace, admin, "bob", Role.admin, Role.business)
    people.set_roles(workspace, bob.id, [Role.business], actor=admin)
    with pytest.raises(Conflict, match="last active administrator"):
        people.disable(workspace, ada.id, actor=admin)
    with pytest.raises(Conflict, match="last active administrator"):
        people.set_roles(workspace, ada.id, [Role.auditor], actor=admin)
    people.set_roles(workspace, wai.id, [Role.admin], actor=admin)
    people.disable(workspace, ada.id, actor=admin)
    with pytest.raises(Conflict):
        people.disable(workspace, wai.id, actor=admin)
    people.enable(workspace, ada.id, actor=admin)
    assert last_kind(workspace) == "user.enabled"
    people.disable(workspace, wai.id, actor=admin)


def test_two_who_disable_each_other_at_once_leave_one(
    store: Store, tmp_path: Path, clock: FakeClock, new_id: FakeIds, admin: Actor
) -> None:
    workspace = Workspace(Settings(tmp_path / "home", "unused"), store, clock, new_id)
    ids = [add(workspace, admin, name, Role.admin).id for name in ("ada", "bob")]

    def disable(user_id: str) -> bool:
        try:
            people.disable(workspace, user_id, actor=admin)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(disable, ids)) == [False, True]


def test_a_scope_is_set_and_lifted(workspace: Workspace, admin: Actor, wai: stored.User) -> None:
    people.set_scope(workspace, wai.id, actor=admin, models=["loans"], jurisdictions=["HK"])
    found = people.find_person(workspace, "wai", actor=admin)
    assert (found.models, found.jurisdictions) == (frozenset({"loans"}), frozenset({"HK"}))
    people.set_scope(workspace, wai.id, actor=admin, models=None, jurisdictions=None)
    assert people.find_person(workspace, "wai", actor=admin).models is None


def test_people_are_listed_for_who_may_see_them(
    workspace: Workspace, admin: Actor, business: Actor, wai: stored.User
) -> None:
    (person,) = people.list_people(workspace, actor=admin)
    assert (person.user, person.has_second_factor, person.locked_until) == (wai, False, None)
    locks = people.list_locks(workspace, actor=admin)
    assert (locks.sources, locks.unknown_names) == ((), 0)
    assert not people.unlock_source(workspace, "203.0.113.9", actor=admin)
    for step in (people.list_people, people.list_locks):
        with pytest.raises(Forbidden):
            step(workspace, actor=business)
    with pytest.raises(NotFound):
        people.find_person(workspace, "nobody", actor=admin)


def test_an_identity_stands_for_one_person(
    workspace: Workspace, admin: Actor, wai: stored.User
) -> None:
    eve = add(workspace, admin, "eve", Role.business)
    given = {"issuer": "https://id.example", "subject": "00u1"}
    people.set_identity(workspace, wai.id, actor=admin, **given)
    with pytest.raises(Conflict, match="wai"):
        people.set_identity(workspace, eve.id, actor=admin, **given)
    people.set_identity(workspace, wai.id, actor=admin, issuer=None, subject=None)
    people.set_identity(workspace, eve.id, actor=admin, **given)
