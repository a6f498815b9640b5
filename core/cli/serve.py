"""Start the app and its worker, and stop both together."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

from core.config import PROJECT_ROOT, load_settings
from core.errors import Conflict, StorageError

_START_S = 60
_RESTART_S = 2.0
_EVERY = frozenset({"0.0.0.0", "::"})  # noqa: S104  # compared with, not bound to
_WORKER = ("-m", "core.cli.main", "worker")


def serve(*, address: str, port: int, on_ready: Callable[[str], None]) -> int:
    """Run app and worker until one ends or a signal comes; return the exit code.

    Parameters
    ----------
    address, port : str, int
        Where the app listens.
    on_ready : callable
        Called once with the app's URL when it answers.

    Raises
    ------
    Conflict
        If the port is taken.
    StorageError
        If the app does not answer within a minute.
    """
    _refuse_taken_port(address, port)
    app = _start(
        [
            *("-m", "streamlit", "run", str(PROJECT_ROOT / "app" / "asgi.py")),
            *("--server.address", address, "--server.port", str(port)),
            *("--server.headless", "true"),
            *("--logger.level", "error"),
        ],
        hosts=[] if address in _EVERY else [address],
    )
    children = [app, _start(_WORKER)]
    stopping = _stop_on_signal(children)
    try:
        # Every address of the machine is asked for by the one that is always there.
        url = f"http://{'127.0.0.1' if address in _EVERY else address}:{port}"
        _wait_until_healthy(url, app)
        on_ready(url)
        return _run(children, stopping)
    finally:
        _stop(children)


def _start(arguments: Sequence[str], *, hosts: Sequence[str] = ()) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "DO_NOT_TRACK": "1", "PYTHONUNBUFFERED": "1"}
    # The address it listens at by choice is a name that the app answers to.
    named = [*filter(None, [os.environ.get("HARBOURLIGHT_HOSTS")]), *hosts]
    environment["HARBOURLIGHT_HOSTS"] = ",".join(named)
    # uvicorn reads this before it loads the app, and believes the machine itself without it.
    environment["FORWARDED_ALLOW_IPS"] = ",".join(load_settings().trusted_proxies)
    # .streamlit/ is read from the working directory.
    return subprocess.Popen(  # noqa: S603  # our own interpreter and modules
        [sys.executable, *arguments],
        cwd=Path(PROJECT_ROOT),
        env=environment,
        stdout=subprocess.DEVNULL if "streamlit" in arguments else None,
    )


def _refuse_taken_port(address: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise Conflict(
                "Port {port} on {address} is taken: {reason}.",
                remedy="Stop what listens there, or choose another with --port.",
                port=port,
                address=address,
                reason=error.strerror or str(error),
            ) from error


def _wait_until_healthy(url: str, app: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and app.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as answer:  # noqa: S310
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise StorageError(
        "The app did not answer at {url} within {seconds} s.",
        remedy="Its own message is above.",
        url=url,
        seconds=_START_S,
    )


def _run(children: "list[subprocess.Popen[bytes]]", stopping: threading.Event) -> int:
    """Wait until the app ends; a worker that ends before is started again."""
    while True:
        code = children[0].poll()
        if code is not None:
            return max(code, 0)
        if children[1].poll() is not None and not stopping.is_set():
            time.sleep(_RESTART_S)
            children[1] = _start(_WORKER)
        time.sleep(0.3)


def _stop_on_signal(children: "list[subprocess.Popen[bytes]]") -> threading.Event:
    """End the children when we are told to end; return an event that says so."""
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()
        for child in children:
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    return stopping


def _stop(children: Sequence["subprocess.Popen[bytes]"]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    for child in children:
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
