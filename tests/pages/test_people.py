"""People and access, and one's own account: what stands there and what the buttons do."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.identity import Actor, Role
from core.errors import Forbidden
from core.services.identity import people, sessions, sign_in, users
from core.services.workspace import Workspace
from core.store.identity import users as stored
from tests.pages.conftest import Open
from tests.pages.reading import html_of, sentences
from tests.support.builders import open_session
from tests.support.harbour import OWNER_LOGIN, add_people, build_empty_harbour

PASSWORD = "seven ferries to Lamma"


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = build_empty_harbour(tmp_path / "home")
    yield made
    made.store.close()


@pytest.fixture
def owner(workspace: Workspace) -> Actor:
    return users.actor_of_os_login(workspace, OWNER_LOGIN)


@pytest.fixture
def everybody(workspace: Workspace) -> dict[Role, Actor]:
    return add_people(workspace)


def stored_user(workspace: Workspace, user_id: str) -> stored.User:
    with workspace.store.read() as conn:
        return stored.get(conn, user_id)


def choose(test: AppTest, workspace: Workspace, owner: Actor, user_id: str) -> AppTest:
    names = [each.user.id for each in people.list_people(workspace, actor=owner)]
    rows = {"rows": [names.index(user_id)], "columns": [], "cells": []}
    test.session_state["people_list"] = {"selection": rows}
    return test.run()


def press(test: AppTest, label: str) -> AppTest:
    return next(each for each in test.button if each.label == label).click().run()


def test_an_administrator_helps_somebody_back_in(
    open_page: Open, workspace: Workspace, owner: Actor, everybody: dict[Role, Actor]
) -> None:
    business = everybody[Role.business].user_id
    session_id = open_session(workspace, business)
    for _ in range(6):
        with pytest.raises(Forbidden):
            sign_in.sign_in(workspace, "business", "wrong", source="203.0.113.9", agent="tests")
    test = open_page(workspace, everybody[Role.admin], "people", lang="en")
    assert "One is locked out after failed attempts." in sentences(test)[0]
    test = choose(test, workspace, owner, business)
    assert "Locked after failed attempts, until " in html_of(test)
    test = test.button(key="people_unlock").click().run()
    assert "locked out" not in sentences(test)[0]
    test = test.button(key="people_reset").click().run()
    assert "Password of business for one sign-in" in html_of(test)
    password = next(each.value for each in test.code if "-" not in each.value)
    assert sessions.resume(workspace, session_id) is None
    signed = sign_in.sign_in(workspace, "business", password, source="203.0.113.9", agent="tests")
    assert signed.must_change_password
    test = test.button(key="people_password_kept").click().run()
    assert password not in html_of(test)
    test = test.button(key="people_disable").click().run()
    assert stored_user(workspace, business).disabled
    test = test.button(key="people_enable").click().run()
    assert not stored_user(workspace, business).disabled


def test_roles_and_scope_are_saved(
    open_page: Open, workspace: Workspace, owner: Actor, everybody: dict[Role, Actor]
) -> None:
    business = everybody[Role.business].user_id
    test = open_page(workspace, everybody[Role.admin], "people", lang="en")
    test = choose(test, workspace, owner, business)
    key = f"people_access_{business}"
    test.multiselect(key=f"{key}_roles").set_value([Role.auditor])
    test.text_input(key=f"{key}_models").input("loans, tenants")
    test = press(test, "Save roles and scope")
    user = stored_user(workspace, business)
    assert user.roles == {Role.auditor}
    assert user.models == frozenset({"loans", "tenants"})
    assert user.jurisdictions is None


def test_nobody_is_offered_their_own_roles(
    open_page: Open, workspace: Workspace, owner: Actor, everybody: dict[Role, Actor]
) -> None:
    admin = everybody[Role.admin]
    test = open_page(workspace, admin, "people", lang="en")
    test = choose(test, workspace, owner, admin.user_id)
    assert "Nobody changes their own roles." in html_of(test)
    labels = {each.label for each in test.button}
    assert not labels & {"Save roles and scope", "Disable", "Reset the password"}


def test_an_examiner_reads_and_changes_nothing(
    open_page: Open, workspace: Workspace, everybody: dict[Role, Actor]
) -> None:
    open_session(workspace, everybody[Role.business].user_id)
    test = open_page(workspace, everybody[Role.auditor], "people", lang="en")
    assert "Only administrators change people." in html_of(test)
    assert "A session ends after 30 minutes unused" in html_of(test)
    assert not any("· – ·" in each.value for each in test.markdown)  # a browser nobody knows
    labels = {each.label for each in test.button}
    assert not labels & {
        "End the session",
        "Disable",
        "Enable",
        "Add the person",
        "Save the rules",
        "Assign",
    }


def test_the_rules_are_saved_and_limits_told(
    open_page: Open, workspace: Workspace, everybody: dict[Role, Actor]
) -> None:
    test = open_page(workspace, everybody[Role.admin], "people", lang="en")
    test.number_input(key="rules_idle").set_value(15)
    test = press(test, "Save the rules")
    session_id = open_session(workspace, everybody[Role.business].user_id)
    assert sessions.resume(workspace, session_id) is not None
    from core.services.identity.sign_in_settings import sign_in_settings

    rules = sign_in_settings(workspace, actor=everybody[Role.admin])
    assert rules.session_idle_minutes == 15


def test_the_own_account_changes_password_and_ends_sessions(
    open_page: Open, workspace: Workspace, owner: Actor
) -> None:
    user, _ = users.add_user(
        workspace, "wai", actor=owner, roles=[Role.business], password=PASSWORD
    )
    other = open_session(workspace, user.id)
    test = open_page(workspace, users.actor_for(workspace, user.id), "account", lang="en")
    assert "You are signed in with 2 browsers." in sentences(test)[0]
    test = test.button(key=f"session_end_{other}").click().run()
    assert sessions.resume(workspace, other) is None
    for current, new, again, said in (
        (PASSWORD, "eight ferries home", "nine", "The two new passwords differ."),
        ("wrong", "eight ferries home", "eight ferries home", "current password is not right"),
        (PASSWORD, "password1234", "password1234", "The password is easy to guess."),
        (PASSWORD, PASSWORD, PASSWORD, "This password was used before."),
    ):
        test.text_input(key="account_current").input(current)
        test.text_input(key="account_new").input(new)
        test.text_input(key="account_again").input(again)
        test = press(test, "Change the password")
        assert re.search(said, html_of(test)), said
    test.text_input(key="account_current").input(PASSWORD)
    test.text_input(key="account_new").input("eight ferries home")
    test.text_input(key="account_again").input("eight ferries home")
    test = press(test, "Change the password")
    assert sign_in.sign_in(
        workspace, "wai", "eight ferries home", source="203.0.113.9", agent="tests"
    ).session_id
    test.selectbox(key="account_language").set_value("zh-HK").run()
    assert stored_user(workspace, user.id).language == "zh-HK"
