"""The hostile workspace, served by the real app, and browsers that look at it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog

from core.domain.identity import Role
from tests.app_process import running_app
from tests.browsing import sign_in, signing_in_once, windows
from tests.e2e.driver import Reader
from tests.security.hostile import Hostile, a_hostile_workspace


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
        page = self.reader.page
        page.on("dialog", self._note)
        page.on("websocket", lambda socket: socket.on("framereceived", self._keep))
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
                    /^\\s*javascript:/i.test(a.value) || /evil\\.invalid/.test(a.value)))
                .map(e => e.outerHTML.slice(0, 200))"""
        )
        assert planted == []


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("security") / "home"
    hostile = a_hostile_workspace(home)
    with running_app(home, "harbourmaster") as app:
        yield Site(app.url, hostile)
    hostile.workspace.store.close()


@pytest.fixture
def new_tab(
    request: pytest.FixtureRequest, browser: Browser, site: Site
) -> Iterator[Callable[..., Watched]]:
    """Open a tab of a browser of its own."""
    with windows(browser, request.node) as open_window:

        def open_tab(**options: Any) -> Watched:
            context = open_window(**options)
            return Watched(Reader(context, context.new_page(), site.url).listen()).watch()

        yield open_tab


@pytest.fixture(scope="session")
def signed_in_states(browser: Browser, site: Site) -> Callable[[Role], Any]:
    return signing_in_once(browser, site.url, site.hostile.log_ins)


@pytest.fixture
def visit(
    new_tab: Callable[..., Watched], signed_in_states: Callable[[Role], Any]
) -> Callable[..., Watched]:
    """Open a tab in which somebody of a role is signed in."""

    def open_as(role: Role, **options: Any) -> Watched:
        return new_tab(storage_state=signed_in_states(role), **options)

    return open_as


@pytest.fixture
def signed_in_anew(new_tab: Callable[..., Watched], site: Site) -> Callable[[Role], Watched]:
    """Open a tab with a session of its own, for tests that end it."""

    def open_as(role: Role) -> Watched:
        tab = new_tab()
        sign_in(tab.reader, site.hostile.log_ins[role])
        return tab

    return open_as
