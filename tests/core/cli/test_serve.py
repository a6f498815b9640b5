"""The product in two processes on one port: tabs, files, sign-out, and a process that dies."""

import asyncio
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from bench.load import scene
from bench.load.connection import RunFailed, Tab
from core.cli import serve
from core.cli.serve import usual_processes
from core.domain.identity import Actor, Role
from core.errors import StorageError
from core.services.identity import sessions, users
from core.services.workspace import Workspace
from tests.support.app_process import AppProcess, running_app
from tests.support.coroutines import run
from tests.support.harbour import OWNER_LOGIN, add_people, build_empty_harbour

pytestmark = [
    pytest.mark.xdist_group("two-processes"),
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux deals connections out"),
]
TABS = 8
FILES_A_TAB = 6


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    made = build_empty_harbour(tmp_path_factory.mktemp("two") / "home")
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def person(workspace: Workspace) -> Actor:
    return add_people(workspace)[Role.data_scientist]


@pytest.fixture(scope="module")
def app(workspace: Workspace, person: Actor) -> Iterator[AppProcess]:
    del person  # is there before the app starts
    with running_app(workspace.settings.home, "--processes", "2") as running:
        yield running
        children = scene.server_processes(running.process.pid)
    assert not [child for child in children if Path(f"/proc/{child}").exists()]


@pytest.fixture
def cookies(workspace: Workspace, person: Actor, app: AppProcess) -> dict[str, str]:
    """Return the cookies of a browser in which somebody has signed in."""
    door = scene.Door(workspace.settings.home, app.url)
    try:
        return door.cookies(person.user_id)
    finally:
        door.close()


def ask(app: AppProcess, method: str, path: str, body: bytes = b"", **headers: str) -> int:
    """Ask over a connection of its own, which the kernel deals to either process."""
    connection = http.client.HTTPConnection(urlsplit(app.url).netloc, timeout=60)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def upload(app: AppProcess, cookies: dict[str, str], tab: str, number: int) -> int:
    body = b"\r\n".join(
        (
            b"--edge",
            b'Content-Disposition: form-data; name="file"; filename="log.csv"',
            b"Content-Type: text/csv",
            b"",
            b"a,b\n" * 20_000,
            b"--edge--",
            b"",
        )
    )
    return ask(
        app,
        "PUT",
        f"/_stcore/upload_file/{tab}/file-{number}",
        body,
        Origin=app.url,
        Cookie="; ".join(f"{name}={value}" for name, value in cookies.items()),
        **{
            "X-Xsrftoken": cookies["_streamlit_xsrf"],
            "Content-Type": "multipart/form-data; boundary=edge",
        },
    )


async def opened(app: AppProcess, cookies: dict[str, str]) -> Tab:
    tab = Tab(app.url, cookies)
    await tab.open()
    await tab.rerun()
    return tab


def test_a_file_reaches_its_tab_over_any_connection(
    app: AppProcess, cookies: dict[str, str]
) -> None:
    async def in_tabs() -> list[int]:
        tabs = [await opened(app, cookies) for _ in range(TABS)]
        done = [
            await asyncio.to_thread(upload, app, cookies, tab.session_id, number)
            for tab in tabs
            for number in range(FILES_A_TAB)
        ]
        for tab in tabs:
            await tab.close()
        return done

    # Half of 48 connections reach the other process: that all go right by chance has odds of 2^-48.
    assert run(in_tabs()) == [204] * (TABS * FILES_A_TAB)
    assert upload(app, cookies, "0" * 36, 0) == 400  # nobody's tab


def test_a_session_that_is_ended_is_ended_in_every_process(
    workspace: Workspace, person: Actor, app: AppProcess, cookies: dict[str, str]
) -> None:
    async def before_and_after() -> list[str]:
        tabs = [await opened(app, cookies) for _ in range(TABS)]
        owner = users.actor_of_os_login(workspace, OWNER_LOGIN)
        await asyncio.to_thread(sessions.end_everywhere, workspace, person.user_id, actor=owner)
        said = []
        for tab in tabs:
            with pytest.raises(RunFailed) as failed:
                await tab.rerun()
            said.append(str(failed.value))
            await tab.close()
        return said

    assert run(before_and_after()) == ["signed out"] * TABS


def test_a_process_that_dies_is_started_again(app: AppProcess) -> None:
    before = scene.server_processes(app.process.pid)
    assert len(before) == 2
    os.kill(before[0], signal.SIGKILL)
    # A connection dealt to the dead process waits for its successor; no one is refused.
    assert [ask(app, "GET", "/healthz") for _ in range(12)] == [200] * 12
    deadline = time.monotonic() + 60
    while len(after := scene.server_processes(app.process.pid)) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert before[1] in after
    assert before[0] not in after


def test_one_process_a_core_up_to_four(monkeypatch: pytest.MonkeyPatch) -> None:
    for cores, expected in ((None, 1), (1, 1), (2, 2), (4, 4), (64, 4)):
        monkeypatch.setattr("os.cpu_count", lambda cores=cores: cores)
        assert usual_processes() == expected
    monkeypatch.setattr("sys.platform", "darwin")
    assert usual_processes() == 1


class Clock:
    """Time that passes only while somebody waits."""

    def __init__(self, stops_after: float = 9_999) -> None:
        self.now, self.stops_after = 0.0, stops_after

    def monotonic(self) -> float:
        return self.now

    def is_set(self) -> bool:
        return self.now > self.stops_after

    def wait(self, seconds: float) -> bool:
        self.now += 10 if seconds else 0
        return self.is_set()


def starting(monkeypatch: pytest.MonkeyPatch, clock: Clock, answers_at: float) -> None:
    """Wait for one process of the app, which answers from an instant on and ends after an hour."""
    monkeypatch.setattr(serve, "time", clock)
    monkeypatch.setattr(serve, "answers", lambda _: clock.now >= answers_at)
    process = SimpleNamespace(poll=lambda: 1 if clock.now > 3_600 else None)
    door, child = SimpleNamespace(path=Path("door")), SimpleNamespace(process=process)
    serve._wait_until_all_answer([door], [child], "http://127.0.0.1:8501", clock)  # type: ignore[list-item, arg-type]


def test_a_slow_start_is_waited_for_and_said_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    starting(monkeypatch, clock, answers_at=300)
    assert clock.now == 300
    assert caplog.messages == ["the app is still starting: this machine is busy or slow"]


def test_whoever_does_not_answer_in_ten_minutes_or_ends_before_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(StorageError, match="within ten minutes"):
        starting(monkeypatch, Clock(), answers_at=9_000)
    monkeypatch.setattr(serve, "_START_S", 9_000.0)
    with pytest.raises(StorageError, match="ended before it answered"):
        starting(monkeypatch, Clock(), answers_at=9_000)


def test_nobody_waits_for_an_app_that_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(stops_after=25)
    starting(monkeypatch, clock, answers_at=9_000)
    assert clock.now == 30


class Busy:
    """A process that does not end when it is told to, and takes some seconds by a given clock."""

    def __init__(self, seconds: list[float], ends_after: float) -> None:
        self.seconds, self.ends_after, self.told = seconds, ends_after, list[str]()

    def terminate(self) -> None:
        self.told.append("terminate")

    def kill(self) -> None:
        self.told.append("kill")

    def wait(self, timeout: float | None = None) -> None:
        if timeout is None or self.seconds[0] + timeout >= self.ends_after:
            return
        self.seconds[0] += timeout
        raise subprocess.TimeoutExpired("busy", timeout)


def test_all_that_do_not_end_are_killed_after_the_same_ten_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And not each after ten of its own, of which whoever stops the app would wait for the sum."""
    seconds = [100.0]
    monkeypatch.setattr(serve, "time", SimpleNamespace(monotonic=lambda: seconds[0]))
    processes = [Busy(seconds, ends_after) for ends_after in (900, 900, 104, 900)]
    serve._stop([SimpleNamespace(process=each) for each in processes])  # type: ignore[misc]
    assert seconds == [110.0]
    assert [each.told[-1] for each in processes] == ["kill", "kill", "terminate", "kill"]


def test_figures_take_one_thread_unless_somebody_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    told = serve._environment("127.0.0.1", 2)
    assert (told["OPENBLAS_NUM_THREADS"], told["OMP_NUM_THREADS"]) == ("1", "3")
