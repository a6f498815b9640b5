"""Signing in at a provider on this machine: who is mapped comes in, once for each return."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import expect

from core.domain.identity import Actor, Role
from core.services.identity import people, sessions, users
from core.services.workspace import Workspace
from tests.e2e.driver import Reader
from tests.e2e.provider import CLIENT, Provider, Running
from tests.support.app_process import running_app
from tests.support.browsing import Windows, opening
from tests.support.harbour import OWNER_LOGIN, build_empty_harbour


@dataclass(frozen=True)
class Offered:
    """An app that offers single sign-on, its workspace, and the provider."""

    url: str
    workspace: Workspace
    owner: Actor
    provider: Provider


@pytest.fixture(scope="module")
def offered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Offered]:
    folder = tmp_path_factory.mktemp("sso")
    workspace = build_empty_harbour(folder / "home")
    owner = users.actor_of_os_login(workspace, OWNER_LOGIN)
    running = Running()
    try:
        own_home = {"HOME": str(folder)}
        with running_app(folder / "home", "--processes", "1", environment=own_home) as app:
            url = app.url.replace("127.0.0.1", "localhost")
            _write_secrets(folder, url, running.provider)  # read when the first page is drawn
            yield Offered(url, workspace, owner, running.provider)
    finally:
        running.stop()
        workspace.store.close()


def _write_secrets(folder: Path, url: str, provider: Provider) -> None:
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit" / "secrets.toml").write_text(
        f"""
[auth]
redirect_uri = "{url}/oauth2callback"
cookie_secret = "made for this test and thrown away with it"
client_id = "{CLIENT}"
client_secret = "known to the provider"
server_metadata_url = "{provider.issuer}/.well-known/openid-configuration"
""",
        encoding="utf-8",
    )


@pytest.fixture
def new_tab(
    request: pytest.FixtureRequest, windows: Windows, offered: Offered
) -> Iterator[Callable[[], Reader]]:
    with opening(windows, offered.url, request.node) as open_reader:
        yield open_reader


def come_back(reader: Reader) -> None:
    """Go to the provider and come back from it."""
    reader.go("account")
    # The address is ours before and after: what tells is the provider's answer coming in.
    with reader.page.expect_response(lambda each: "/oauth2callback" in each.url):
        reader.key("hl_single_sign_on").get_by_role("button").click()
    reader.page.wait_for_url(f"{reader.url}/**")
    reader.settle()


def come_in(reader: Reader) -> None:
    """Come back as somebody who is known, until the browser holds the session's cookie.

    The page stands before: it is drawn for who came, and asks for the cookie by itself.
    """
    with reader.page.expect_response(lambda each: each.url.endswith("/auth/session")) as answer:
        come_back(reader)
    assert answer.value.ok


def test_an_identity_that_is_mapped_to_nobody_opens_nothing(
    new_tab: Callable[[], Reader], offered: Offered
) -> None:
    offered.provider.subject = "stranger"
    reader = new_tab()
    come_back(reader)
    expect(reader.page.get_by_role("alert")).to_contain_text("belongs to no active user here")
    expect(reader.key("hl_signin")).to_be_visible()


def test_a_mapped_identity_comes_in_and_its_token_is_used_up(
    new_tab: Callable[[], Reader], offered: Offered
) -> None:
    workspace, owner = offered.workspace, offered.owner
    user, _ = users.add_user(
        workspace, "wai", actor=owner, roles=[Role.business], os_login="wai-login"
    )
    issuer = offered.provider.issuer
    people.set_identity(workspace, user.id, actor=owner, issuer=issuer, subject="00u1")
    offered.provider.subject = "00u1"
    reader = new_tab()
    come_in(reader)
    reader.go("account", "My account")
    (view,) = sessions.list_sessions(workspace, actor=owner)
    assert (view.username, view.session.method) == ("wai", "oidc")
    # The session is ended by an administrator; the browser still holds the provider's answer.
    sessions.end_everywhere(workspace, user.id, actor=owner)
    reader.go("account")
    expect(reader.key("hl_signin")).to_be_visible()
    assert sessions.list_sessions(workspace, actor=owner) == ()
    reader.page.wait_for_timeout(1100)  # tokens are dated to the second
    come_in(reader)
    reader.go("account", "My account")
    # Signing out here drops the provider's answer, too.
    reader.sign_out()
    reader.go("account")
    expect(reader.key("hl_signin")).to_be_visible()
    assert sessions.list_sessions(workspace, actor=owner) == ()
    names = {each["name"] for each in reader.context.cookies()}
    assert "_streamlit_user" not in names
