"""Browsers on the running app: one Chromium for all tests, its windows, and who is signed in.

A window that a test has done with is emptied and used again: a new one would read, compile and
keep the app's scripts anew, which takes more than anything that the tests do in it.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from core.config import PROJECT_ROOT
from core.domain.identity import Role
from core.services.identity import sessions
from core.services.workspace import Workspace
from core.store.identity import users as stored
from tests.browser import find_browser
from tests.e2e.driver import Reader

COOKIE = "harbourlight_session"
RESULTS = PROJECT_ROOT / "test-results"
TRACE = "HARBOURLIGHT_TRACE"  # set, it keeps Playwright's trace of a test that fails; slow
FAILED = pytest.StashKey[bool]()
LogIns = Mapping[Role, tuple[str, str]]
FRESH = timedelta(minutes=3)  # of the ten that a proof counts for
WIDE: ViewportSize = {"width": 1280, "height": 900}
# A machine shared with other work is slow at times; a slow page is not a wrong one.
expect.set_options(timeout=30_000)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run the browser that :mod:`tests.browser` finds."""
    found = find_browser()
    assert found is not None, "No browser: run 'python -m tests.browser'."
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=str(found), args=["--no-sandbox", "--disable-gpu"]
        )
        yield started
        started.close()


class Windows:
    """Windows that share nothing with each other; those given back are handed out again, empty.

    Parameters
    ----------
    browser : Browser
        Opens them.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: list[Page] = []

    def take(self, url: str, cookies: Any = (), **options: Any) -> Reader:
        """Return a reader of an app in a window of its own.

        Parameters
        ----------
        url : str
            Where the app is.
        cookies : list
            What the browser has from before.
        **options
            ``viewport``, ``color_scheme``, or any option of ``Browser.new_context``; with others
            than the first two the window is a new one.
        """
        viewport = options.pop("viewport", WIDE)
        scheme = options.pop("color_scheme", "light")
        page = self._free.pop() if self._free and not options else self._new(**options)
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=scheme)
        if cookies:
            page.context.add_cookies(cookies)
        if os.environ.get(TRACE):
            page.context.tracing.start(snapshots=True)
        return Reader(page.context, page, url, is_new=bool(options)).listen()

    def give_back(self, reader: Reader, evidence: str | None) -> None:
        """Empty a window for the next; keep what it shows under a name if there is one."""
        if evidence is not None:
            _keep(reader, evidence)
        elif os.environ.get(TRACE):
            reader.context.tracing.stop()
        if evidence is not None or reader.is_new:
            reader.context.close()
            return
        reader.leave()
        for page in reader.context.pages:
            if page is not reader.page:
                page.close()
        # The app's own origin, so that the process with the compiled scripts stays.
        reader.page.goto(f"{reader.url}/healthz")
        reader.page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        reader.context.clear_cookies()
        self._free.append(reader.page)

    def _new(self, **options: Any) -> Page:
        given = {"locale": "en-GB", "timezone_id": "Asia/Hong_Kong", **options}
        context = self._browser.new_context(**given)
        context.set_default_timeout(30_000)
        return context.new_page()


@contextmanager
def opening(windows: Windows, url: str, test: pytest.Item) -> Iterator[Callable[..., Reader]]:
    """Give what opens windows for one test; see :meth:`Windows.take`."""
    readers: list[Reader] = []

    def open_reader(**options: Any) -> Reader:
        readers.append(windows.take(url, **options))
        return readers[-1]

    yield open_reader
    failed = test.stash.get(FAILED, True)
    for number, reader in enumerate(readers):
        name = f"{re.sub(r'[^a-z0-9]+', '-', test.name)}-{number}"
        windows.give_back(reader, name if failed else None)


def cookies_of(workspace: Workspace, username: str, url: str) -> list[Mapping[str, Any]]:
    """Begin a session as a sign-in does, without the form; return the browser's cookies."""
    with workspace.store.begin() as conn:
        user = stored.find_by_username(conn, username)
        assert user is not None, username
        _, ticket = sessions.begin(
            workspace, conn, user, method="password", source="127.0.0.1", agent="tests"
        )
    value = sessions.redeem(workspace, ticket)
    assert value is not None
    return [{"name": COOKIE, "value": value, "url": url, "httpOnly": True, "sameSite": "Strict"}]


def cookies_by_role(workspace: Workspace, log_ins: LogIns, url: str) -> Callable[[Role], Any]:
    """Return what gives the cookies of a role's person.

    It is one session until somebody ends it, or until steps that need a fresh one would ask again
    who it is.
    """
    known: dict[Role, Any] = {}

    def is_fresh(cookies: Any) -> bool:
        actor = sessions.from_cookie(workspace, cookies[0]["value"])
        proven = actor.authenticated_at if actor else None
        return proven is not None and workspace.clock() - proven < FRESH

    def of_role(role: Role) -> Any:
        if role not in known or not is_fresh(known[role]):
            known[role] = cookies_of(workspace, log_ins[role][0], url)
        return known[role]

    return of_role


def sign_in(reader: Reader, log_in: tuple[str, str], path: str = "overview") -> Reader:
    """Sign in with a user name and a password, and wait until the browser has its cookie."""
    reader.go(path)
    with reader.page.expect_response("**/auth/session"):
        reader.sign_in(*log_in)
    return reader


def _keep(reader: Reader, name: str) -> None:
    RESULTS.mkdir(exist_ok=True)
    for number, page in enumerate(reader.context.pages):
        page.screenshot(path=RESULTS / f"{name}-{number}.png", full_page=True)
    told = "\n".join([reader.page.url, *reader.errors])
    (RESULTS / f"{name}.txt").write_text(told, encoding="utf-8")
    if os.environ.get(TRACE):
        reader.context.tracing.stop(path=RESULTS / f"{name}.zip")
