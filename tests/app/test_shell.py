"""The whole shell without a browser: sign-in, menu, languages, errors, filters."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import nav, session, shell
from app.filters import PARAMETERS, ModelChoice, SliceChoice
from core.auth import totp
from core.domain.identity import Actor, Role
from core.i18n import translator
from core.services.identity import accounts, people, sessions, users
from core.services.identity.sign_in_settings import SignInSettings, change_settings
from core.services.workspace import Workspace
from core.store.identity import users as stored
from tests.support.builders import a_workspace, open_session

MAIN = Path(shell.__file__).with_name("main.py")
PASSWORD = "a long enough phrase"

PAGE = """
import streamlit as st
from app.components import footer, page_header, sentence
from app.context import page_context

ctx = page_context()
page_header(ctx, ctx.t("Drift"))
sentence(ctx, f"{ctx.filters.model} {ctx.filters.slice_value} {ctx.filters.first}")
footer(ctx)
"""
FAILING = """
from core.errors import Forbidden, NothingYet
from app.context import page_context
ctx = page_context()
raise {error}
"""


@pytest.fixture
def workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one_scan: None
) -> Iterator[Workspace]:
    made = a_workspace(tmp_path / "home")
    admin = users.actor_of_os_login(made, "ada")
    for name, role in (("maya", Role.data_scientist), ("tom", Role.business)):
        users.add_user(made, name, actor=admin, roles=[role], password=PASSWORD)
    choice = ModelChoice(
        "loans",
        "Loans *of* <b>",
        ("1", "2"),
        (SliceChoice("state", ("CA", "NY")),),
        datetime(2006, 1, 1, tzinfo=UTC),
        datetime(2010, 12, 31, tzinfo=UTC),
    )
    pages = tmp_path / "screens"
    pages.mkdir()
    for entry in nav.ENTRIES:
        (pages / f"{entry.key}.py").write_text(PAGE)
    monkeypatch.setattr(nav, "PAGES_FOLDER", pages)
    monkeypatch.setattr(session, "workspace", lambda: made)
    monkeypatch.setattr(shell, "model_choices", lambda *_: (choice,))
    yield made
    made.store.close()


def start(**parameters: str) -> AppTest:
    test = AppTest.from_file(str(MAIN), default_timeout=30)
    for name, value in parameters.items():
        test.query_params[name] = value
    return test.run()


def sign_in(test: AppTest, name: str = "maya", password: str = PASSWORD) -> AppTest:
    fields = [each for each in test.text_input if each.key not in PARAMETERS]
    fields[0].input(name)
    fields[1].input(password)
    return test.button[0].click().run()


def texts(test: AppTest) -> str:
    assert not test.exception
    return "\n".join(each.proto.body for each in test.get("html"))


@pytest.mark.usefixtures("workspace")
@pytest.mark.parametrize(
    ("lang", "tagline"),
    [
        ("en", "See what your models decide."),
        ("zh-HK", "看清模型的每個決定。"),
        ("zh-CN", "看清模型的每个决定。"),
    ],
)
def test_the_sign_in_page_in_each_language(lang: str, tagline: str) -> None:
    assert tagline in texts(start(lang=lang))


@pytest.mark.usefixtures("workspace")
def test_the_right_password_opens_the_first_page() -> None:
    test = sign_in(start())
    assert "<h1>Drift</h1>" in texts(test)
    assert "loans None 2006-01-01" in texts(test)


@pytest.mark.usefixtures("workspace")
@pytest.mark.parametrize(("name", "password"), [("maya", "wrong"), ("nobody", PASSWORD)])
def test_a_wrong_one_is_refused_without_saying_which(name: str, password: str) -> None:
    test = sign_in(start(lang="zh-HK"), name, password)
    assert "用戶名稱與密碼不符。" in texts(test)
    assert "<h1>Drift</h1>" not in texts(test)


@pytest.mark.usefixtures("workspace")
def test_signing_out_returns_to_the_sign_in_page() -> None:
    test = sign_in(start())
    test.button(key="hl_sign_out").click().run()
    assert "See what your models decide." in texts(test)


def test_a_disabled_user_is_out_at_the_next_step(workspace: Workspace) -> None:
    test = sign_in(start())
    with workspace.store.begin() as conn:
        person = stored.find_by_username(conn, "maya")
        assert person is not None
        stored.set_disabled(conn, person.id, True)
    assert "See what your models decide." in texts(test.run())


@pytest.mark.usefixtures("workspace")
def test_filters_come_from_the_address_and_are_checked() -> None:
    test = sign_in(start(slice="state", value="NY", range="custom", **{"from": "2008-01-01"}))
    assert "loans NY 2008-01-01" in texts(test)
    test = sign_in(start(slice="state", value="<b>", model="other"))
    assert "loans None 2006-01-01" in texts(test)


@pytest.mark.usefixtures("workspace")
def test_a_model_that_nobody_has_is_said_to_be_unknown() -> None:
    shown = texts(sign_in(start(model="<b>other")))
    assert "There is no model &lt;b&gt;other that you may see" in shown
    assert "The figures below are those of Loans *of* &lt;b&gt;." in shown
    assert "There is no model" not in texts(sign_in(start(model="loans")))


@pytest.mark.usefixtures("workspace")
def test_names_are_shown_as_they_are() -> None:
    test = sign_in(start())
    radio = test.radio(key="hl_choose_model")
    assert radio.options == [r"Loans \*of\* \<b\>"]


@pytest.mark.usefixtures("workspace")
@pytest.mark.parametrize(
    ("error", "shown"),
    [
        ("Forbidden('no')", "You cannot open this page"),
        ("NothingYet('Nothing {x}.', remedy='Do {x}.', x='here')", "Nothing here."),
        ("ValueError('secret detail')", "This page could not be shown"),
    ],
)
def test_errors_become_states(error: str, shown: str) -> None:
    (nav.PAGES_FOLDER / "overview.py").write_text(FAILING.format(error=error))
    test = sign_in(start())
    assert shown in texts(test)
    assert "secret detail" not in texts(test)


@pytest.mark.usefixtures("workspace")
def test_a_page_that_is_not_open_to_the_role_runs_the_forbidden_state(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.nav.st.Page", lambda page, **_: page)
    actor = person(session.workspace(), "tom")
    pages = nav.streamlit_pages(translator("en"), actor, forbidden_page)
    closed = {key for key, page in pages.items() if page is forbidden_page}
    # tests/app/test_nav.py says which pages a role opens.
    opened = {entry.key for entry in nav.visible_entries(actor)}
    assert {"drift", "audit_trail", "people"} <= closed
    assert closed == {entry.key for entry in nav.ENTRIES} - opened


def person(workspace: Workspace, name: str) -> Actor:
    """Return a user of the workspace as who acts."""
    with workspace.store.read() as conn:
        found = stored.find_by_username(conn, name)
    assert found is not None
    return found.actor("web")


def forbidden_page() -> None:
    """Stand for the forbidden state."""


@pytest.mark.usefixtures("workspace")
def test_a_role_without_pages_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nav, "visible_entries", lambda *_: ())
    assert "You cannot open this page" in texts(sign_in(start(), "tom"))


@pytest.mark.usefixtures("workspace")
def test_a_control_writes_the_address() -> None:
    test = sign_in(start(range="30d"))
    assert "loans None 2010-12-02" in texts(test)
    test.segmented_control(key="hl_choose_range").set_value("12m").run()
    assert test.session_state["range"] == "12m"
    assert "loans None 2010-01-01" in texts(test)


def test_a_demo_workspace_lets_visitors_in(workspace: Workspace) -> None:
    demo = users.make_demo_users(workspace, actor=users.actor_of_os_login(workspace, "ada"))
    test = start()
    assert "This is a demo workspace" in texts(test)
    assert "<h1>Drift</h1>" in texts(test.button(key=f"hl_demo_{demo[1].username}").click().run())


def test_without_a_workspace_the_reader_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HARBOURLIGHT_HOME", str(tmp_path / "nowhere"))
    session.workspace.cache_clear()
    assert "There is no workspace at" in texts(start())


def test_the_language_of_the_account_counts_unless_the_address_names_one(
    workspace: Workspace,
) -> None:
    with workspace.store.begin() as conn:
        found = stored.find_by_username(conn, "maya")
        assert found is not None
        stored.set_language(conn, found.id, "zh-HK")
    test = sign_in(start())
    assert test.button(key="hl_sign_out").label == "登出"
    test = sign_in(start(lang="en"))
    assert test.button(key="hl_sign_out").label == "Sign out"


@pytest.mark.usefixtures("workspace")
def test_a_locked_name_is_told_how_long_and_nothing_else() -> None:
    for name in ("maya", "nobody"):
        test = start()
        for _ in range(5):
            test = sign_in(test, name, "not the password")
        test = sign_in(test, name)
        assert re.search(r"Too many attempts failed\. Try again in \d+ seconds\.", texts(test))
        assert "<h1>Drift</h1>" not in texts(test)


def test_a_second_factor_is_asked_for(workspace: Workspace) -> None:
    person_id = person(workspace, "maya").user_id
    actor = sessions.resume(workspace, open_session(workspace, person_id))
    assert actor is not None
    new = accounts.begin_second_factor(workspace, actor=actor)
    earlier = datetime.now(UTC) - timedelta(seconds=30)
    codes = accounts.confirm_second_factor(
        workspace, totp.code_at(new.secret, earlier), actor=actor
    )
    test = sign_in(start())
    assert "Your password is right. One more step." in texts(test)
    test.text_input(key="hl_code").input("000000")
    test = press(test, "Continue")
    assert "The code does not count." in texts(test)
    test = test.button(key="hl_give_up").click().run()
    test = sign_in(test)
    test.text_input(key="hl_code").input(codes[0])
    test = press(test, "Continue")
    assert "<h1>Drift</h1>" in texts(test)


def press(test: AppTest, label: str) -> AppTest:
    """Press the button of a label."""
    return next(each for each in test.button if each.label == label).click().run()


def test_a_one_time_password_leads_to_a_new_one(workspace: Workspace) -> None:
    owner = users.actor_of_os_login(workspace, "ada")
    made = people.reset_password(workspace, person(workspace, "maya").user_id, actor=owner)
    test = sign_in(start(), password=made)
    assert "<h1>Set your own password</h1>" in texts(test)
    assert "<h1>Drift</h1>" not in texts(test)
    test.text_input(key="account_new").input("too short")
    test.text_input(key="account_again").input("too short")
    test = press(test, "Change the password")
    assert "The password is too short." in texts(test)
    test.text_input(key="account_new").input("eight ferries home")
    test.text_input(key="account_again").input("eight ferries home")
    test = press(test, "Change the password")
    assert "<h1>Drift</h1>" in texts(test)


def test_a_role_may_need_a_second_factor_first(workspace: Workspace) -> None:
    owner = users.actor_of_os_login(workspace, "ada")
    rules = SignInSettings(second_factor_roles=frozenset({Role.data_scientist}))
    change_settings(workspace, rules, actor=owner)
    test = sign_in(start())
    assert "<h1>Set up your second factor</h1>" in texts(test)
    test = test.button(key="account_add_factor").click().run()
    secret = test.session_state["_hl_new_factor"].secret
    test.text_input(key="account_code").input(totp.code_at(secret, datetime.now(UTC)))
    test = press(test, "Continue")
    # The recovery codes are shown before anything else.
    assert "<h1>Drift</h1>" not in texts(test)
    assert len(test.code[0].value.split()) == totp.RECOVERY_CODES
    test = test.button(key="account_codes_kept").click().run()
    assert "<h1>Drift</h1>" in texts(test)


def test_a_session_that_was_ended_elsewhere_is_over_at_the_next_step(workspace: Workspace) -> None:
    test = sign_in(start())
    owner = users.actor_of_os_login(workspace, "ada")
    sessions.end_everywhere(workspace, person(workspace, "maya").user_id, actor=owner)
    assert "See what your models decide." in texts(test.run())


def test_every_page_of_a_demo_workspace_says_so(workspace: Workspace) -> None:
    said = "Demo workspace: log-ins are printed in the open"
    assert said not in texts(start())
    demo = users.make_demo_users(workspace, actor=users.actor_of_os_login(workspace, "ada"))
    test = start()
    assert said in texts(test)
    assert said in texts(test.button(key=f"hl_demo_{demo[0].username}").click().run())
