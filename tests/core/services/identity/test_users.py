"""Making users, log-ins of the machine, and the demo people."""

import stat

import pytest

from core.auth.passwords import verify_password
from core.domain.identity import Actor, Role
from core.errors import Conflict, Forbidden, InvalidInput, NotFound
from core.services.identity import users
from core.services.workspace import Workspace
from core.store.identity import users as user_rows


def test_the_first_log_in_of_a_new_workspace_becomes_administrator(workspace: Workspace) -> None:
    first = users.actor_of_os_login(workspace, "wing")
    assert first.roles == {Role.admin}
    assert users.actor_of_os_login(workspace, "wing").user_id == first.user_id
    with pytest.raises(Forbidden, match="os:ming"):
        users.actor_of_os_login(workspace, "ming")


def test_an_added_user_has_a_password_for_one_sign_in(workspace: Workspace, admin: Actor) -> None:
    user, password = users.add_user(workspace, "Wai", actor=admin, roles=[Role.compliance])
    assert password is not None
    with workspace.store.read() as conn:
        kept = user_rows.get(conn, user.id)
    assert kept.must_change_password
    assert verify_password(password, kept.password_hash)
    assert users.actor_for(workspace, user.id).username == "wai"


def test_a_disabled_user_is_no_actor(workspace: Workspace, admin: Actor) -> None:
    user, _ = users.add_user(workspace, "wai", actor=admin, roles=[Role.business])
    with workspace.store.begin() as conn:
        user_rows.set_disabled(conn, user.id, True)
    with pytest.raises(Forbidden, match="disabled"):
        users.actor_for(workspace, user.id)
    with pytest.raises(NotFound):
        users.actor_for(workspace, "gone")


def test_a_name_is_taken_once_and_only_managers_add(
    workspace: Workspace, admin: Actor, business: Actor
) -> None:
    users.add_user(workspace, "wai", actor=admin, roles=[Role.business])
    with pytest.raises(Conflict):
        users.add_user(workspace, "WAI", actor=admin, roles=[Role.business])
    with pytest.raises(InvalidInput, match="needs a name"):
        users.add_user(workspace, " ", actor=admin, roles=[Role.business])
    with pytest.raises(Forbidden):
        users.add_user(workspace, "eve", actor=business, roles=[Role.admin])
    with pytest.raises(Forbidden):
        users.list_users(workspace, actor=business)
    assert [user.username for user in users.list_users(workspace, actor=admin)] == ["wai"]


def test_demo_people_have_one_role_each_and_passwords_only_the_owner_reads(
    workspace: Workspace, admin: Actor
) -> None:
    assert users.demo_users(workspace) == ()
    made = users.make_demo_users(workspace, actor=admin)
    assert {user.role for user in made} == set(Role)
    assert users.demo_users(workspace) == made
    assert len({user.password for user in made}) == len(made)
    file = workspace.settings.home / "demo-log-ins.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with workspace.store.read() as conn:
        first = user_rows.find_by_username(conn, made[0].username)
    assert first is not None
    assert first.roles == {made[0].role}
    assert verify_password(made[0].password, first.password_hash)
    assert not first.must_change_password
