"""A running app with its worker on a free port, and readers of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from core.domain.identity import Role
from core.services.identity import users
from core.store.identity import users as stored_users
from tests.e2e.driver import Reader
from tests.e2e.review_desk import Queue
from tests.outbound.watch import Watch
from tests.support.app_process import running_app
from tests.support.browsing import Windows, cookies_by_role, opening
from tests.support.furnished import furnish
from tests.support.harbour import OWNER_LOGIN, Harbour, build_harbour
from tests.support.review_pages import put_cases

CASES = 14


@dataclass(frozen=True)
class Served:
    """The app as it runs: its address, the password of each role's person, and its watches."""

    url: str
    harbour: Harbour
    log_ins: dict[Role, tuple[str, str]]
    watch: Watch


def pytest_itemcollected(item: pytest.Item) -> None:
    item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("served") / "home"
    harbour = build_harbour(home)
    owner = users.actor_of_os_login(harbour.workspace, OWNER_LOGIN)
    people = users.make_demo_users(harbour.workspace, actor=owner)
    log_ins = {person.role: (person.username, person.password) for person in people}
    furnish(harbour)
    watch = Watch(tmp_path_factory.mktemp("watch"))
    with running_app(home, before=watch.before, environment=watch.environment) as app:
        yield Served(app.url, harbour, log_ins, watch)
    harbour.workspace.store.close()
    assert watch.attempts() == []  # of all that the tests of this folder did


@pytest.fixture
def new_reader(
    request: pytest.FixtureRequest, windows: Windows, served: Served
) -> Iterator[Callable[..., Reader]]:
    """Open a browser of its own, with any option of ``Browser.new_context``."""
    with opening(windows, served.url, request.node) as open_reader:
        yield open_reader


@pytest.fixture(scope="session")
def cookies(served: Served) -> Callable[[Role], Any]:
    """Return the cookies of somebody of a role who has signed in."""
    return cookies_by_role(served.harbour.workspace, served.log_ins, served.url)


@pytest.fixture
def visit(
    new_reader: Callable[..., Reader], cookies: Callable[[Role], Any]
) -> Callable[..., Reader]:
    """Open a browser in which somebody of a role is signed in."""

    def open_as(role: Role, **options: Any) -> Reader:
        return new_reader(cookies=cookies(role), **options)

    return open_as


@pytest.fixture(scope="session")
def queue(served: Served) -> Queue:
    """Put cases about the newest loans into the queue."""
    workspace = served.harbour.workspace
    assert put_cases(workspace, served.harbour, CASES) == CASES
    with workspace.store.read() as conn:
        known = {each.username: each.actor("cli") for each in stored_users.list_users(conn)}
    return Queue(workspace, {role: known[name] for role, (name, _) in served.log_ins.items()})
