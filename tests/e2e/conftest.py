"""A running app with its worker on a free port, a browser, and evidence of what failed."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from core.config import PROJECT_ROOT
from core.domain.identity import Role
from core.services import users
from tests.app_process import running_app
from tests.browser import find_browser
from tests.e2e.driver import Reader
from tests.harbour import OWNER_LOGIN, Harbour, build_harbour

RESULTS = PROJECT_ROOT / "test-results"
_FAILED = pytest.StashKey[bool]()
# A machine shared with other work is slow at times; a slow page is not a wrong one.
expect.set_options(timeout=30_000)


@dataclass(frozen=True)
class Served:
    """The app as it runs: its address, and the password of each role's person."""

    url: str
    harbour: Harbour
    log_ins: dict[Role, tuple[str, str]]


def pytest_itemcollected(item: pytest.Item) -> None:
    item.add_marker(pytest.mark.e2e)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Any:
    report = yield
    if report.when == "call":
        item.stash[_FAILED] = report.failed
    return report


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("served") / "home"
    harbour = build_harbour(home)
    owner = users.actor_of_os_login(harbour.workspace, OWNER_LOGIN)
    people = users.make_demo_users(harbour.workspace, actor=owner)
    log_ins = {person.role: (person.username, person.password) for person in people}
    with running_app(home, OWNER_LOGIN) as app:
        yield Served(app.url, harbour, log_ins)
    harbour.workspace.store.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = find_browser()
    assert found is not None, "No browser: run 'python -m tests.browser'."
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=str(found), args=["--no-sandbox", "--disable-gpu"]
        )
        yield started
        started.close()


@pytest.fixture
def new_reader(
    request: pytest.FixtureRequest, browser: Browser, served: Served
) -> Iterator[Callable[..., Reader]]:
    """Open a browser of its own, with any option of ``Browser.new_context``."""
    contexts: list[BrowserContext] = []

    def open_reader(**options: Any) -> Reader:
        given = {
            "viewport": {"width": 1280, "height": 900},
            "locale": "en-GB",
            "timezone_id": "Asia/Hong_Kong",
            "color_scheme": "light",
            **options,
        }
        context = browser.new_context(**given)
        context.tracing.start(snapshots=True)  # a screencast would slow every page down
        context.set_default_timeout(15_000)
        contexts.append(context)
        reader = Reader(context, context.new_page(), served.url)
        reader.listen()
        return reader

    yield open_reader
    for number, context in enumerate(contexts):
        if request.node.stash.get(_FAILED, True):
            _keep_evidence(context, f"{re.sub(r'[^a-z0-9]+', '-', request.node.name)}-{number}")
        else:
            context.tracing.stop()
        context.close()


@pytest.fixture(scope="session")
def cookies(browser: Browser, served: Served) -> Callable[[Role], Any]:
    """Return the browser state of somebody who has signed in; each role signs in once."""
    states: dict[Role, Any] = {}

    def signed_in(role: Role) -> Any:
        if role not in states:
            context = browser.new_context(locale="en-GB")
            reader = Reader(context, context.new_page(), served.url)
            reader.go("overview")
            with reader.page.expect_response("**/auth/session"):
                reader.sign_in(*served.log_ins[role])
            states[role] = context.storage_state()
            context.close()
        return states[role]

    return signed_in


@pytest.fixture
def visit(
    new_reader: Callable[..., Reader], cookies: Callable[[Role], Any]
) -> Callable[..., Reader]:
    """Open a browser in which somebody of a role is signed in."""

    def open_as(role: Role, **options: Any) -> Reader:
        return new_reader(storage_state=cookies(role), **options)

    return open_as


def _keep_evidence(context: BrowserContext, name: str) -> None:
    RESULTS.mkdir(exist_ok=True)
    for page in context.pages:
        page.screenshot(path=RESULTS / f"{name}.png", full_page=True)
    context.tracing.stop(path=RESULTS / f"{name}.zip")
