"""Whose address counts behind a reverse proxy: the one it tells, if the settings name the proxy.

Browsers of real people stand behind forwarders that tell an address of their own choice. The app
believes 127.0.0.2 only.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from core.domain.identity import Actor, Role
from core.services.identity import sign_in, users
from core.services.workspace import Workspace
from core.store.identity import sign_ins
from tests.e2e.driver import Reader
from tests.support.app_process import running_app
from tests.support.browsing import Windows, opening
from tests.support.browsing import sign_in as enter
from tests.support.forwarder import Forwarder
from tests.support.harbour import OWNER_LOGIN, build_empty_harbour

NAMED, STRANGER = "127.0.0.2", "127.0.0.3"
LOG_IN = ("wai", "seven ferries to Lamma")
Behind = Callable[..., Reader]


@dataclass(frozen=True)
class House:
    """The app that believes one proxy, and its workspace."""

    url: str
    workspace: Workspace
    owner: Actor


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("proxy") / "home"
    workspace = build_empty_harbour(home)
    owner = users.actor_of_os_login(workspace, OWNER_LOGIN)
    name, password = LOG_IN
    users.add_user(workspace, name, actor=owner, roles=[Role.business], password=password)
    trusted = {"HARBOURLIGHT_TRUSTED_PROXIES": NAMED}
    with running_app(home, "--processes", "1", environment=trusted) as app:
        yield House(app.url, workspace, owner)
    workspace.store.close()


@pytest.fixture
def behind(house: House, windows: Windows, request: pytest.FixtureRequest) -> Iterator[Behind]:
    """Open a browser behind a forwarder: ``behind(proxy, said=address)``."""
    with ExitStack() as stack:

        def open_reader(proxy: str, *, said: str) -> Reader:
            forwarder = Forwarder(house.url, own=proxy, said=said)
            stack.callback(forwarder.close)
            return stack.enter_context(opening(windows, forwarder.url, request.node))()

        yield open_reader


@contextmanager
def locked(workspace: Workspace, source: str) -> Iterator[None]:
    """Leave an address locked, as after thirty failures."""
    now = workspace.clock()
    with workspace.store.begin() as conn:
        counter = sign_ins.lock_counter(conn, "source", source, at=now)
        until = now + timedelta(minutes=9)
        sign_ins.put_counter(conn, replace(counter, failures=30, locked_until=until))
    yield
    with workspace.store.begin() as conn:
        sign_ins.lift(conn, "source", source)


def newest(house: House) -> tuple[str, str]:
    """Return source and outcome of the newest attempt, as the log-in history has them."""
    attempt = sign_in.history(house.workspace, actor=house.owner)[0].attempt
    return attempt.source, attempt.outcome


def expect_too_many(reader: Reader) -> None:
    expect(reader.page.get_by_role("alert")).to_contain_text("Too many attempts failed.")


def test_the_address_that_a_named_proxy_tells_counts(house: House, behind: Behind) -> None:
    with locked(house.workspace, "198.51.100.7"):
        reader = behind(NAMED, said="198.51.100.7")
        reader.go("overview")
        reader.sign_in(*LOG_IN)
        expect_too_many(reader)
        assert newest(house) == ("198.51.100.7", "locked")
        enter(behind(NAMED, said="198.51.100.8"), LOG_IN)
        assert newest(house) == ("198.51.100.8", "accepted")


def test_of_several_the_one_that_the_named_proxy_saw_counts(house: House, behind: Behind) -> None:
    """A client may begin the list itself; only what the named proxy added is its own word."""
    enter(behind(NAMED, said="198.51.100.7, 203.0.113.5"), LOG_IN)
    assert newest(house) == ("203.0.113.5", "accepted")


def test_what_a_stranger_tells_is_not_believed(house: House, behind: Behind) -> None:
    """Neither gets it anybody else locked out, nor itself out of its own lock."""
    with locked(house.workspace, "198.51.100.7"):
        enter(behind(STRANGER, said="198.51.100.7"), LOG_IN)
        assert newest(house) == (STRANGER, "accepted")
    with locked(house.workspace, STRANGER):
        reader = behind(STRANGER, said="198.51.100.9")
        reader.go("overview")
        reader.sign_in(*LOG_IN)
        expect_too_many(reader)
        assert newest(house) == (STRANGER, "locked")


def test_the_machine_itself_is_a_stranger_too(house: House, behind: Behind) -> None:
    """Which uvicorn would believe by default."""
    reader = behind("127.0.0.1", said="198.51.100.7")
    reader.go("overview")
    reader.sign_in("wai", "not the password")
    expect(reader.page.get_by_role("alert")).to_be_visible()
    assert newest(house)[0] == "127.0.0.1"
    assert newest(house)[1] != "accepted"
