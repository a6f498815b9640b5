"""Browsers on the running app: one Chromium for all tests, windows of their own, who is signed in.

The fixtures stand in tests/conftest.py and in the folders that have an app running.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from core.config import PROJECT_ROOT
from core.domain.identity import Role
from tests.browser import find_browser
from tests.e2e.driver import Reader

RESULTS = PROJECT_ROOT / "test-results"
FAILED = pytest.StashKey[bool]()
LogIns = Mapping[Role, tuple[str, str]]
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


@contextmanager
def windows(browser: Browser, test: pytest.Item) -> Iterator[Callable[..., BrowserContext]]:
    """Give what opens a browser of its own, with any option of ``Browser.new_context``.

    All are closed at the end; of a test that failed, a picture and a trace are kept.
    """
    contexts: list[BrowserContext] = []

    def open_window(**options: Any) -> BrowserContext:
        given = {
            "viewport": {"width": 1280, "height": 900},
            "locale": "en-GB",
            "timezone_id": "Asia/Hong_Kong",
            "color_scheme": "light",
            **options,
        }
        context = browser.new_context(**given)
        context.tracing.start(snapshots=True)  # a screencast would slow every page down
        context.set_default_timeout(30_000)
        contexts.append(context)
        return context

    yield open_window
    for number, context in enumerate(contexts):
        if test.stash.get(FAILED, True):
            _keep_evidence(context, f"{re.sub(r'[^a-z0-9]+', '-', test.name)}-{number}")
        else:
            context.tracing.stop()
        context.close()


def signing_in_once(browser: Browser, url: str, log_ins: LogIns) -> Callable[[Role], Any]:
    """Return what gives the browser state of a role's person; each signs in once."""
    states: dict[Role, Any] = {}

    def state_of(role: Role) -> Any:
        if role not in states:
            context = browser.new_context(locale="en-GB")
            sign_in(Reader(context, context.new_page(), url), log_ins[role])
            states[role] = context.storage_state()
            context.close()
        return states[role]

    return state_of


def sign_in(reader: Reader, log_in: tuple[str, str], path: str = "overview") -> Reader:
    """Sign in with a user name and a password, and wait until the browser has its cookie."""
    reader.go(path)
    with reader.page.expect_response("**/auth/session"):
        reader.sign_in(*log_in)
    return reader


def _keep_evidence(context: BrowserContext, name: str) -> None:
    RESULTS.mkdir(exist_ok=True)
    for page in context.pages:
        page.screenshot(path=RESULTS / f"{name}.png", full_page=True)
    context.tracing.stop(path=RESULTS / f"{name}.zip")
