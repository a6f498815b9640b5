"""The demo as ``make run`` makes it, running for all walks, and browsers to walk in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.bootstrap import open_workspace
from core.domain.identity import Role
from core.services.identity import users
from core.services.workspace import Workspace
from tests.e2e.driver import Reader
from tests.support.app_process import running_app
from tests.support.browsing import FAILED, Windows, opening
from tests.support.builders import settings_of
from tests.walks.walk import Walk, is_written

_BUILD_S = 900  # the demo is built before the app answers
_WALK_S = 1800  # so much may a walk take with the building of the demo, on a busy machine


def pytest_itemcollected(item: pytest.Item) -> None:
    if item.get_closest_marker("slow"):
        item.add_marker(pytest.mark.timeout(_WALK_S))


@dataclass(frozen=True)
class Demo:
    """The running demo: address, folder, and user name and password of each role's person."""

    url: str
    home: Path
    workspace: Workspace
    log_ins: dict[Role, tuple[str, str]]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A fresh demo, served by the command that ``make run`` gives."""
    home = tmp_path_factory.mktemp("walks") / "home"
    with running_app(home, "--demo", start_s=_BUILD_S) as app:
        workspace = open_workspace(settings_of(home))
        people = users.demo_users(workspace)
        log_ins = {each.role: (each.username, each.password) for each in people}
        yield Demo(app.url, home, workspace, log_ins)
        workspace.store.close()


@pytest.fixture
def new_reader(
    request: pytest.FixtureRequest, windows: Windows, demo: Demo
) -> Iterator[Callable[..., Reader]]:
    """Open a browser of its own on the demo, with any option of ``Browser.new_context``."""
    with opening(windows, demo.url, request.node) as open_reader:
        yield open_reader


@pytest.fixture
def new_walk(request: pytest.FixtureRequest) -> Iterator[Callable[[str, str, str], Walk]]:
    """Begin a walk; its page is written at the end of the test if this run writes pages."""
    begun: list[Walk] = []

    def begin(name: str, title: str, wants: str) -> Walk:
        begun.append(Walk(name, title, wants))
        return begun[-1]

    yield begin
    if is_written() and not request.node.stash.get(FAILED, True):
        for each in begun:
            each.write()
