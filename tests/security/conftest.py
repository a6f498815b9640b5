"""The hostile workspace, served by the real app, and browsers that look at it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Dialog

from core.domain.identity import Role
from tests.e2e.driver import Reader
from tests.security.hostile import Hostile, a_hostile_workspace
from tests.support.app_process import running_app
from tests.support.browsing import Windows, cookies_by_role, cookies_of, opening


@dataclass(frozen=True)
class Site:
    """The running app on the hostile workspace."""

    url: str
    hostile: Hostile


@dataclass
class Watched:
    """A browser tab, with what an attack that worked would leave behind."""

    reader: Reader
    dialogs: list[str] = field(default_factory=list)
    frames: list[str] = field(default_factory=list)

    def watch(self) -> "Watched":
        self.reader.hear("dialog", self._note)
        self.reader.hear("websocket", lambda socket: socket.on("framereceived", self._keep))
        return self

    def _note(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def _keep(self, data: str | bytes) -> None:
        self.frames.append(data if isinstance(data, str) else data.decode("utf-8", "replace"))

    def assert_unharmed(self) -> None:
        """Nothing ran, nothing asked, nobody else was called."""
        page = self.reader.page
        assert self.dialogs == []
        assert page.evaluate("window.__owned") is None
        strangers = [
            url
            for url in self.reader.requests
            if "://" in url and not url.replace("ws://", "http://").startswith(self.reader.url)
        ]
        assert strangers == []
        # The policy would have complained of anything that the page had tried to load or run.
        assert self.reader.errors == []
        planted = page.evaluate(
            """() => [...document.querySelectorAll('[src],[href],[srcset],[onerror],[onload]')]
                .filter(e => [...e.attributes].some(a => /^on/.test(a.name) ||
                    /^\\s*javascript:/i.test(a.value) || (/evil\\.invalid/.test(a.value) &&
                    !(a.name == 'href' && new URL(a.value, location).origin == location.origin))))
                .map(e => e.outerHTML.slice(0, 200))"""
        )
        assert planted == []


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("security") / "home"
    hostile = a_hostile_workspace(home)
    with running_app(home) as app:
        yield Site(app.url, hostile)
    hostile.workspace.store.close()


@pytest.fixture
def new_tab(
    request: pytest.FixtureRequest, windows: Windows, site: Site
) -> Iterator[Callable[..., Watched]]:
    """Open a tab of a browser of its own."""
    with opening(windows, site.url, request.node) as open_reader:
        yield lambda **options: Watched(open_reader(**options)).watch()


@pytest.fixture
def signed_in_anew(new_tab: Callable[..., Watched], site: Site) -> Callable[[Role], Watched]:
    """Open a tab with a session of its own, for tests that end it."""

    def open_as(role: Role) -> Watched:
        username = site.hostile.log_ins[role][0]
        return new_tab(cookies=cookies_of(site.hostile.workspace, username, site.url))

    return open_as


@pytest.fixture(scope="session")
def cookies(site: Site) -> Callable[[Role], Any]:
    """Return the cookies of somebody of a role who has signed in."""
    return cookies_by_role(site.hostile.workspace, site.hostile.log_ins, site.url)


@pytest.fixture
def visit(
    new_tab: Callable[..., Watched], cookies: Callable[[Role], Any]
) -> Callable[[Role], Watched]:
    """Open a tab in which somebody of a role is signed in."""

    def open_as(role: Role) -> Watched:
        return new_tab(cookies=cookies(role))

    return open_as
