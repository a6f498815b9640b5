"""Alerts sent to a mail server and a web server on this machine, which begin with the test."""

import json
import socketserver
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from pathlib import Path

import pytest

from core.domain.windows import Chunk
from core.errors import Conflict, Forbidden, StepUpNeeded
from core.services.alerts import channels
from core.services.alerts.delivery import deliver_due, order_due_deliveries
from core.services.checks import NewAlarm
from core.services.jobs.retries import PAUSES
from core.services.jobs.tasks import HANDLERS
from core.services.jobs.worker import run_one
from core.services.workspace import Workspace
from core.store import jobs
from core.store.alerts import deliveries
from core.store.audit import trail as audit
from tests.support.builders import ADMIN, FIRST, VIEWER
from tests.support.checking import Told, a_fed_workspace, check_on
from tests.support.fakes import FakeClock
from tests.support.receiving import Receiver, served

ILL = NewAlarm(
    "drift",
    "act",
    Chunk(0, "2025-01", FIRST, FIRST.replace(month=2)),
    method="psi",
    column="industry",
    effect=0.4,
    threshold=0.25,
)


class Mailbox(socketserver.ThreadingTCPServer):
    """A mail server that takes every message."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Letters)
        self.got: list[bytes] = []


class Letters(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server = self.server
        assert isinstance(server, Mailbox)
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line.strip().upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = []
                while (said := self.rfile.readline()) != b".\r\n":
                    lines.append(said)
                server.got.append(b"".join(lines))
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 fine\r\n")
            if word == b"QUIT":
                return


@pytest.fixture
def web() -> Iterator[Receiver]:
    with served(Receiver()) as made:
        yield made


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with served(Mailbox()) as made:
        yield made


@pytest.fixture
def site(tmp_path: Path, clock: FakeClock) -> Iterator[Workspace]:
    opened = replace(a_fed_workspace(tmp_path / "home"), clock=clock)
    yield opened
    opened.store.close()


def add(site: Workspace, server: Receiver | Mailbox, **given: str) -> None:
    port = server.server_address[1]
    url = f"json://127.0.0.1:{port}/s3cret"
    if isinstance(server, Mailbox):
        url = f"mailto://127.0.0.1:{port}?from=us@example.com&to=desk@example.com"
    channels.add_channel(site, "Desk", url, actor=ADMIN, **given)


def messages(web: Receiver) -> list[dict[str, object]]:
    return [json.loads(each.body) for each in web.got]


def work(site: Workspace) -> None:
    while run_one(site, HANDLERS, owner="w"):
        pass


def test_nothing_is_sent_until_somebody_says_where(site: Workspace) -> None:
    check_on(site, "2025-01-20", Told([ILL]))
    with site.store.read() as conn:
        assert jobs.list_jobs(conn, kinds=["alerts.deliver"]) == ()
    assert not order_due_deliveries(site)


def test_an_alert_is_posted_once_by_the_worker(site: Workspace, web: Receiver) -> None:
    add(site, web)
    check_on(site, "2025-01-20", Told([ILL]))
    assert web.got == []  # whoever checks does not wait for a server
    work(site)
    work(site)
    (got,) = messages(web)
    assert got["title"] == "Act: Loans: industry has drifted"
    assert "Opened by a check" in str(got["message"])
    check_on(site, "2025-01-21", Told([ILL]))  # goes on: no news
    check_on(site, "2025-01-22", Told())
    work(site)
    assert ["Closed by a check" in str(each["message"]) for each in messages(web)] == [False, True]
    (state,) = channels.list_channels(site, actor=ADMIN)
    assert (state.shown, state.sent, state.waiting) == ("json://127.0.0.1", 2, 0)


def test_an_alert_is_mailed_in_the_language_of_the_channel(
    site: Workspace, mailbox: Mailbox
) -> None:
    add(site, mailbox, language="zh-HK", severity="watch")
    check_on(site, "2025-01-20", Told([replace(ILL, severity="watch")]))
    work(site)
    (letter,) = mailbox.got
    read = message_from_bytes(letter)
    assert "貸款" in str(make_header(decode_header(read["Subject"])))
    assert read["To"] == "desk@example.com"


def test_what_is_less_serious_than_asked_for_is_not_sent(site: Workspace, web: Receiver) -> None:
    add(site, web)
    check_on(site, "2025-01-20", Told([replace(ILL, severity="watch")]))
    work(site)
    assert web.got == []


@pytest.mark.parametrize("answer", [302, 500])
def test_a_refusal_is_tried_again_with_longer_pauses_and_given_up(
    site: Workspace, web: Receiver, clock: FakeClock, answer: int
) -> None:
    web.answer = answer
    add(site, web)
    check_on(site, "2025-01-20", Told([ILL]))
    work(site)
    for number, pause in enumerate(PAUSES, start=1):
        assert len(web.got) == number  # no redirect is followed
        clock.advance(seconds=pause.total_seconds() - 1)
        assert not order_due_deliveries(site)
        clock.advance(seconds=1)
        assert order_due_deliveries(site)
        work(site)
    (state,) = channels.list_channels(site, actor=ADMIN)
    assert (state.given_up, state.last_error) == (1, f"HTTP {answer}")
    clock.advance(days=9)
    assert not order_due_deliveries(site)
    assert len(web.got) == len(PAUSES) + 1


def test_a_server_that_comes_back_gets_the_message(
    site: Workspace, web: Receiver, clock: FakeClock
) -> None:
    web.answer = 503
    add(site, web)
    check_on(site, "2025-01-20", Told([ILL]))
    work(site)
    web.answer = 204
    clock.advance(minutes=1)
    order_due_deliveries(site)
    work(site)
    (state,) = channels.list_channels(site, actor=ADMIN)
    assert (state.sent, state.last_error) == (1, "")


def test_a_worker_that_dies_while_sending_loses_nothing(
    site: Workspace, web: Receiver, clock: FakeClock
) -> None:
    add(site, web)
    check_on(site, "2025-01-20", Told([ILL]))

    class Killed(BaseException):
        pass

    def die(*_: str) -> str:
        raise Killed

    with pytest.raises(Killed):
        deliver_due(site, send=die)
    assert deliver_due(site) == {"sent": 0, "queued": 0, "given_up": 0}  # taken, for a minute
    clock.advance(minutes=1)
    assert deliver_due(site)["sent"] == 1


def test_addresses_are_sealed_and_never_told(site: Workspace, web: Receiver) -> None:
    add(site, web)
    with site.store.read() as conn:
        (channel,) = deliveries.channels(conn)
        (entry,) = audit.list_newest(conn, kind="alert.channel_added")
    assert b"s3cret" not in channel.sealed_address
    assert "s3cret" not in str(entry.body)
    assert "s3cret" not in str(channels.list_channels(site, actor=ADMIN))
    assert b"s3cret" not in b"".join(
        path.read_bytes() for path in site.settings.home.glob("state.db*")
    )
    with pytest.raises(Conflict):
        add(site, web)
    channels.remove_channel(site, "Desk", actor=ADMIN)
    assert channels.list_channels(site, actor=ADMIN) == ()


def test_only_an_administrator_says_where_alerts_go(site: Workspace, web: Receiver) -> None:
    with pytest.raises(Forbidden):
        channels.add_channel(site, "x", "json://localhost/", actor=VIEWER)
    browser = replace(ADMIN, origin="web", authenticated_at=site.clock() - timedelta(days=1))
    with pytest.raises(StepUpNeeded):
        channels.add_channel(site, "x", "json://localhost/", actor=browser)
