"""Start the app and its worker, keep them running, and stop them together."""

import logging
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from core.cli.doors import Door, answers, open_doors
from core.config import PROJECT_ROOT, load_settings
from core.errors import StorageError

_LOG = logging.getLogger(__name__)
_SLOW_S = 60.0
_START_S = 600.0
_RESTART_S = 2.0
_STOP_S = 10.0
_MOST_PROCESSES = 4
_EVERY = frozenset({"0.0.0.0", "::"})  # noqa: S104  # compared with, not bound to


@dataclass
class _Child:
    """A process that is kept running: the worker, or one of the app's."""

    arguments: Sequence[str]
    environment: Mapping[str, str]
    sockets: tuple[int, ...] = ()
    process: "subprocess.Popen[bytes]" = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        # .streamlit/ is read from the working directory.
        self.process = subprocess.Popen(  # noqa: S603  # our own interpreter and modules
            [sys.executable, *self.arguments],
            cwd=Path(PROJECT_ROOT),
            env={**os.environ, **self.environment},  # a child has what its parent was told
            pass_fds=self.sockets,
        )


def usual_processes() -> int:
    """Return how many processes the app has unless told: one a core, at most four."""
    # Only Linux deals the connections to one port out among the sockets that listen there.
    return min(os.cpu_count() or 1, _MOST_PROCESSES) if sys.platform == "linux" else 1


def serve(
    *, address: str, port: int, processes: int | None = None, on_ready: Callable[[str], None]
) -> int:
    """Run app and worker until a signal comes; return the exit code.

    A process that ends by itself is started again after two seconds; the others go on meanwhile.

    Parameters
    ----------
    address, port : str, int
        Where the app listens.
    processes : int, optional
        How many processes the app has; :func:`usual_processes` by default.
    on_ready : callable
        Called once with the app's URL when every process of the app answers.

    Raises
    ------
    Conflict
        If the port is taken.
    StorageError
        If the app ends before it answers, or does not answer within ten minutes.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="harbourlight-")))
        wanted = usual_processes() if processes is None else processes
        doors = stack.enter_context(open_doors(address, port, wanted, folder))
        common = _environment(address, wanted)
        children: list[_Child] = []
        stack.callback(_stop, children)
        stopping = _stop_on_signal(children)
        children += [_app(door, doors, common) for door in doors]
        worker = ("-m", "core.cli.main", *_loudness(), "worker")
        children.append(_Child(worker, {"PYTHONUNBUFFERED": "1"}))
        # Every address of the machine is asked for by the one that is always there.
        url = f"http://{'127.0.0.1' if address in _EVERY else address}:{port}"
        _wait_until_all_answer(doors, children, url, stopping)
        if not stopping.is_set():
            on_ready(url)
        _keep_running(children, stopping)
    return 0


def _app(door: Door, doors: Sequence[Door], common: Mapping[str, str]) -> _Child:
    others = os.pathsep.join(str(each.path) for each in doors if each is not door)
    numbers = (door.public.fileno(), door.private.fileno())
    return _Child(
        ("-m", "app.server", *_loudness(), *map(str, numbers)),
        {**common, "HARBOURLIGHT_SIBLINGS": others},
        numbers,
    )


def _loudness() -> tuple[str, ...]:
    """Return the option with which the processes log as much as this one."""
    return ("--verbose",) if logging.getLogger().isEnabledFor(logging.INFO) else ()


def _environment(address: str, processes: int) -> dict[str, str]:
    """Return what every process of the app is told."""
    settings = load_settings()
    # The address it listens at by choice is a name that the app answers to.
    hosts = [] if address in _EVERY else [address]
    return {
        "DO_NOT_TRACK": "1",
        "PYTHONUNBUFFERED": "1",
        "HARBOURLIGHT_HOSTS": ",".join((*settings.hosts, *hosts)),
        # They share the memory that the app may use.
        "HARBOURLIGHT_APP_MEMORY": str(settings.app_memory_share / processes),
        # Many readers keep the cores busy: threads of one figure would only wait for each other.
        "OPENBLAS_NUM_THREADS": os.environ.get("OPENBLAS_NUM_THREADS", "1"),
        # Of trees likewise.
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1"),
        # uvicorn reads this before it loads the app, and believes the machine itself without it.
        "FORWARDED_ALLOW_IPS": ",".join(settings.trusted_proxies),
        # Cookies that one process has signed are read by another; nothing lives longer than they.
        "STREAMLIT_SERVER_COOKIE_SECRET": secrets.token_hex(32),
    }


def _wait_until_all_answer(
    doors: Sequence[Door], children: Sequence[_Child], url: str, stopping: threading.Event
) -> None:
    since, is_told = time.monotonic(), False
    waiting = list(doors)
    while waiting and not stopping.is_set():
        waiting = [door for door in waiting if not answers(door.path)]
        ended = any(child.process.poll() is not None for child in children[: len(doors)])
        took = time.monotonic() - since
        if waiting and (ended or took > _START_S) and not stopping.is_set():
            raise StorageError(
                "The app ended before it answered at {url}."
                if ended
                else "The app did not answer at {url} within ten minutes.",
                remedy="Its own message is above.",
                url=url,
            )
        if waiting and took > _SLOW_S and not is_told:
            is_told = True
            _LOG.warning("the app is still starting: this machine is busy or slow")
        stopping.wait(0.1 if waiting else 0)


def _keep_running(children: Sequence[_Child], stopping: threading.Event) -> None:
    while not stopping.wait(0.3):
        ended = [child for child in children if child.process.poll() is not None]
        if ended and not stopping.wait(_RESTART_S):
            for child in ended:
                child.start()


def _stop_on_signal(children: Sequence[_Child]) -> threading.Event:
    """End the children when we are told to end; return an event that says so."""
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()
        for child in children:
            child.process.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    return stopping


def _stop(children: Sequence[_Child]) -> None:
    """End the children; who is not gone within the time that all have together is killed."""
    for child in children:
        child.process.terminate()
    deadline = time.monotonic() + _STOP_S
    for child in children:
        try:
            child.process.wait(timeout=max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()
