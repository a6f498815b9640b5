"""Nothing of the product reaches for another machine: not the app, its worker, the demo, a command.

Everything runs under two watches: Python's audit events, which also refuse, and strace, which sees
what libraries in C do (where it is not installed, the test says so and keeps the first watch). The
app that all tests of this folder are about runs under both, too: what any of them does, reports of
the worker among it, reaches nobody, and tests/e2e/test_every_page.py opens every page of it. The
demo is for `make check`.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from app.nav import ENTRIES
from core.bootstrap import open_workspace
from core.config import PROJECT_ROOT, Settings
from core.domain.identity import Role
from core.services.identity import users
from core.services.identity.users import DemoUser
from tests.e2e.conftest import Served
from tests.e2e.driver import Reader
from tests.outbound import kernel
from tests.outbound.sitecustomize import is_here
from tests.outbound.watch import Watch, reaches_nobody
from tests.support.app_process import running_app
from tests.support.browsing import sign_in

KEYS = {entry.title: entry.key for entry in ENTRIES}
ACCOUNT = "My account"
CASE = "Case"
ROLES = (Role.compliance_lead, Role.admin, Role.data_scientist)  # who together have every page


@dataclass(frozen=True)
class Watched:
    """The demo as it runs under both watches."""

    url: str
    watch: Watch
    people: dict[Role, DemoUser]


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    home, watch = tmp_path_factory.mktemp("demo") / "home", Watch(tmp_path_factory.mktemp("logs"))
    with running_app(
        home, "--demo", before=watch.before, environment=watch.environment, start_s=240
    ) as app:
        workspace = open_workspace(Settings(home, f"sqlite:///{home / 'state.db'}"))
        people = {person.role: person for person in users.demo_users(workspace)}
        workspace.store.close()
        yield Watched(app.url, watch, people)
    told = "both watches" if watch.before else "Python's audit events; strace is not installed"
    sys.stdout.write(f"outbound: {told}\n")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_demo_its_app_and_its_worker_reach_nobody(browser: Browser, watched: Watched) -> None:
    """Every page once, by the first who has it, and a report."""
    opened: set[str] = set()
    for role in ROLES:
        assert _walk_the_demo(browser, watched, role, opened) == {urlsplit(watched.url).netloc}
    assert opened == set(KEYS)
    reaches_nobody(watched.watch)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("role", Role)
def test_pages_in_every_role_s_eyes_reach_nobody(
    browser: Browser, watched: Watched, role: Role
) -> None:
    assert _walk_the_demo(browser, watched, role, set()) == {urlsplit(watched.url).netloc}
    reaches_nobody(watched.watch)


def hosts(reader: Reader) -> set[str]:
    """Return the hosts that the browser asked."""
    return {urlsplit(address).netloc for address in reader.requests if "://" in address}


def _walk(reader: Reader, opened: set[str]) -> None:
    """Open the pages of the menu that nobody opened yet, and add them to what was opened."""
    titles = reader.menu()
    assert len(titles) >= 4
    for title in titles:
        if title not in opened | {"Overview"}:
            reader.follow(KEYS[title])
            expect(reader.heading()).to_have_text(title)
    if ACCOUNT not in opened:  # of everybody, and not in the menu
        reader.go(KEYS[ACCOUNT], ACCOUNT)
    opened.update({*titles, ACCOUNT})


def _walk_the_demo(browser: Browser, watched: Watched, role: Role, opened: set[str]) -> set[str]:
    """Open the pages of a role that nobody has, and order what it may; return the hosts asked."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    reader = Reader(context, context.new_page(), watched.url).listen()
    person = watched.people[role]
    sign_in(reader, (person.username, person.password))
    reader.choose_language("English")
    expect(reader.heading()).to_have_text("Overview", timeout=120_000)  # the first of a new app
    _walk(reader, opened)
    if role is Role.compliance_lead:
        reader.go(f"{KEYS[CASE]}?case=1")  # led to from the queue
        expect(reader.heading()).to_contain_text("R-000001")
        opened.add(CASE)
        _order_a_report(reader)
    context.close()
    return hosts(reader)


def _order_a_report(reader: Reader) -> None:
    """Let the worker call Evidently, which can send usage figures home."""
    reader.go("drift?model=sba-loan-default", "Drift")
    reader.do(reader.key("drift_report").get_by_role("button").click)
    expect(reader.page.locator("a.hl-export").first).to_be_visible(timeout=240_000)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("command", [("doctor",), ("model", "list"), ("user", "list")])
def test_commands_reach_nobody(served: Served, tmp_path: Path, command: tuple[str, ...]) -> None:
    watch, home = Watch(tmp_path), served.harbour.workspace.settings.home
    done = _run(
        [*watch.before, sys.executable, "-m", "core.cli.main", *command],
        {**watch.environment, "HARBOURLIGHT_HOME": str(home)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert watch.attempts() == []


ATTEMPTS = {
    "connection": "import socket; socket.create_connection(('192.0.2.1', 443), 1)",
    "look-up": "import urllib.request; urllib.request.urlopen('http://harbourlight.example')",
    "datagram": "import socket; s = socket.socket(type=socket.SOCK_DGRAM); "
    "s.sendto(b'x', ('192.0.2.1', 53))",
    "child": "import subprocess, sys; subprocess.run([sys.executable, '-c', "
    "\"import socket; socket.gethostbyname('harbourlight.example')\"], check=True)",
}


@pytest.mark.parametrize("name", ATTEMPTS)
def test_the_first_watch_refuses_and_records(tmp_path: Path, name: str) -> None:
    watch = Watch(tmp_path)
    done = _run([sys.executable, "-c", ATTEMPTS[name]], watch.environment)
    assert done.returncode != 0
    assert len(watch.attempts()) == 1


def test_the_second_watch_sees_what_the_first_does_not() -> None:
    seen = "\n".join(
        (
            '1 connect(3, {sa_family=AF_UNIX, sun_path="/run/x"}, 11) = 0',
            '1 connect(3, {sa_family=AF_INET, sin_port=htons(8501), sin_addr=inet_addr("127.0.0.1")'
            "}, 16) = 0",
            '2 connect(3, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.53")'
            "}, 16) = 0",
            "3 connect(4, {sa_family=AF_INET6, sin6_port=htons(443), sin6_flowinfo=htonl(0), "
            'inet_pton(AF_INET6, "2001:db8::1", &sin6_addr), sin6_scope_id=0}, 28) = -1',
            '4 sendto(5, ""..., 9, 0, {sa_family=AF_INET, sin_port=htons(9), '
            'sin_addr=inet_addr("192.0.2.7")}, 16) = 9',
            '5 sendto(6, ""..., 120, 0, NULL, 0) = 120',
        )
    )
    assert [line[0] for line in kernel.attempts(seen)] == ["2", "3", "4"]


def test_the_second_watch_is_set_where_it_can_be(tmp_path: Path) -> None:
    watch = Watch(tmp_path)
    code = "import socket; socket.socket(type=socket.SOCK_DGRAM).connect(('192.0.2.1', 9))"
    _run([*watch.before, sys.executable, "-c", code], {})
    assert len(watch.attempts()) == (1 if watch.before else 0)


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True),
        ("127.8.0.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("localhost", True),
        (None, True),
        (b"localhost", True),
        ("10.0.0.1", False),
        ("192.168.1.1", False),
        ("::ffff:8.8.8.8", False),
        ("localhost.example", False),
        ("fe80::1%eth0", False),
    ],
)
def test_what_is_this_machine(host: object, here: bool) -> None:
    assert is_here(host) is here


def _run(command: list[str], variables: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command,
        cwd=PROJECT_ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
