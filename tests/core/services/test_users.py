"""Signing in, log-ins of the machine, and the demo people."""

import stat

import pytest

from core.domain.identity import Actor, Role
from core.errors import Conflict, Forbidden, NotFound
from core.services import users
from core.services.workspace import Workspace
from core.store import audit
from core.store import users as user_rows


def test_the_first_log_in_of_a_new_workspace_becomes_administrator(workspace: Workspace) -> None:
    first = users.actor_of_os_login(workspace, "wing")
    assert first.roles == {Role.admin}
    assert users.actor_of_os_login(workspace, "wing").user_id == first.user_id
    with pytest.raises(Forbidden, match="os:ming"):
        users.actor_of_os_login(workspace, "ming")


def test_an_added_user_signs_in_with_the_password_that_was_made(
    workspace: Workspace, admin: Actor
) -> None:
    user, password = users.add_user(workspace, "Wai", actor=admin, roles=[Role.compliance])
    assert password is not None
    actor = users.authenticate(workspace, "wai", password)
    assert actor.user_id == user.id
    assert actor.roles == {Role.compliance}
    assert users.actor_for(workspace, user.id).username == "wai"


@pytest.mark.parametrize("name", ["wai", "nobody"])
def test_a_refusal_does_not_say_which_part_was_wrong(
    workspace: Workspace, admin: Actor, name: str
) -> None:
    user, _ = users.add_user(workspace, "wai", actor=admin, roles=[Role.business])
    with pytest.raises(Forbidden) as refused:
        users.authenticate(workspace, name, "not the password")
    assert refused.value.template == "User name and password do not belong together."
    with workspace.store.read() as conn:
        newest = audit.list_newest(conn)[0]
    assert newest.kind == "session.refused"
    assert newest.actor == (user.pseudonym if name == "wai" else "unknown")


def test_a_disabled_user_neither_signs_in_nor_stays(workspace: Workspace, admin: Actor) -> None:
    user, password = users.add_user(workspace, "wai", actor=admin, roles=[Role.business])
    with workspace.store.begin() as conn:
        user_rows.set_disabled(conn, user.id, True)
    with pytest.raises(Forbidden):
        users.authenticate(workspace, "wai", password or "")
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
    assert users.authenticate(workspace, made[0].username, made[0].password).roles == {made[0].role}
