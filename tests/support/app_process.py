"""The product as a user runs it, for tests: ``harbourlight serve`` on a free port."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.config import PROJECT_ROOT

_START_S = 180
_STATE_URL = "HARBOURLIGHT_STATE_URL"  # that of who runs the tests is not the workspace's own


@dataclass(frozen=True)
class AppProcess:
    """A running app with its worker."""

    url: str
    process: "subprocess.Popen[bytes]"


@contextmanager
def running_app(
    home: Path,
    *options: str,
    before: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    start_s: float = _START_S,
    log: Path | None = None,
) -> Iterator[AppProcess]:
    """Run the app on a workspace until the end of the block.

    Parameters
    ----------
    home : Path
        The workspace.
    *options : str
        Further options of ``harbourlight serve``.
    before : sequence of str
        A program to run it under.
    environment : mapping, optional
        Variables to add.
    start_s : float
        How long it may take to answer, in seconds.
    log : Path, optional
        Where to keep what it prints.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    variables = {
        **{name: value for name, value in os.environ.items() if name != _STATE_URL},
        "HARBOURLIGHT_HOME": str(home),
        "HARBOURLIGHT_PROCESSES": "1",  # one is enough unless a test is about several
        **(environment or {}),
    }
    own = [sys.executable, "-m", "core.cli.main", "serve", "--port", str(port), *options]
    with tempfile.TemporaryFile() if log is None else log.open("w+b") as output:
        process = subprocess.Popen(
            [*before, *own], cwd=PROJECT_ROOT, env=variables, stdout=output, stderr=output
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(f"{url}/healthz", process, start_s)
            yield AppProcess(url, process)
        except TimeoutError as error:
            output.seek(0)
            raise AssertionError(output.read().decode(errors="replace")) from error
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def _wait_for(url: str, process: "subprocess.Popen[bytes]", seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  # our own server
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(url)
