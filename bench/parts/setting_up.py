"""How long it takes from a fresh clone to a page that answers, and to tests that have run."""

import os
import re
import signal
import statistics
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.findings import Found, Table
from bench.measure import ChildFailed
from bench.parts.part import Bench, Part
from bench.runner import PROJECT_ROOT

_ADDRESS = "http://127.0.0.1:8501"  # of `make run`
_LATEST_S = 1800.0
_TEST_S = 3 * 3600.0


def measure_setup(_bench: Bench) -> Found:
    """Clone, `make run` until the page answers, and install what `make test` needs beside."""
    if _answers():
        raise ChildFailed(f"something answers at {_ADDRESS} already: stop it first")
    with _clone() as folder:
        began = time.monotonic()
        process = subprocess.Popen(
            ["make", "run"],
            cwd=folder,
            env=_environment(folder),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            installed, answered = _watch(process, folder / ".venv" / ".runtime", began)
        finally:
            with suppress(ProcessLookupError):  # it ended by itself
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=60)
        began = time.monotonic()
        _make(folder, ".venv/.dev")
        tools = time.monotonic() - began
    rows = (
        ("make run: environment and packages", _minutes(installed)),
        ("make run: the demo's workspace, and the page answers", _minutes(answered - installed)),
        ("make run, altogether", _minutes(answered)),
        ("make test: its tools, beside the packages", _minutes(tools)),
    )
    return Found(
        (Table(("on a fresh clone", "takes"), rows),),
        {"run_s": answered, "tools_s": tools},
        ("pip's own cache was as it was: with an empty one the packages come over the network.",),
    )


def measure_make_test(_bench: Bench) -> Found:
    """Clone, and `make test` to its end."""
    with _clone() as folder:
        began = time.monotonic()
        _make(folder, ".venv/.dev")
        installed = time.monotonic() - began
        output = _make(folder, "test")
        took = time.monotonic() - began
    passed = re.findall(r"(\d+) passed.* in ([\d.]+)s", output)
    if not passed:
        raise ChildFailed(f"make test printed no count: {output[-300:]}")
    count, seconds = passed[-1]
    rows = (
        ("make test: environment, packages and tools", _minutes(installed)),
        ("make test: checks of the text, types and layers beside the tests", _minutes(took)),
        (f"of it the {int(count):,} tests", _minutes(float(seconds))),
    )
    return Found(
        (Table(("on a fresh clone", "takes"), rows),),
        {"make_test_s": took, "tests_s": float(seconds), "passed": int(count)},
    )


def measure_start(bench: Bench) -> Found:
    """Start the app on the demo's workspace again and again, until it answers."""
    from bench.load.scene import resident_mb, server_processes
    from bench.parts.workspaces import demo_home
    from core.cli.serve import usual_processes
    from tests.support.app_process import running_app

    home = demo_home(bench)
    times: dict[int, list[float]] = {}
    memory: dict[int, float] = {}
    for processes in sorted({1, usual_processes()}):
        for _ in range(bench.size(7, 1)):
            began = time.monotonic()
            with running_app(home, "--processes", str(processes)) as app:
                times.setdefault(processes, []).append(time.monotonic() - began)
                with urllib.request.urlopen(app.url, timeout=30) as page:  # noqa: S310  # our own
                    page.read()
                memory[processes] = resident_mb(server_processes(app.process.pid))
    rows = tuple(
        (
            f"{processes}",
            f"{statistics.median(found):.2f} s",
            f"{max(found):.2f} s",
            f"{memory[processes]:,.0f} MB",
        )
        for processes, found in times.items()
    )
    head = ("processes of the app", "answers after, median", "longest", "memory then")
    return Found((Table(head, rows),), {"start_s": statistics.median(times[max(times)])})


def _make(folder: Path, target: str) -> str:
    done = subprocess.run(
        ["make", target],
        cwd=folder,
        env=_environment(folder),
        capture_output=True,
        text=True,
        timeout=_TEST_S,
        check=False,
    )
    if done.returncode != 0:
        raise ChildFailed(f"make {target} ended with {done.returncode}: {done.stdout[-400:]}")
    return done.stdout


def _environment(folder: Path) -> Mapping[str, str]:
    """Return what somebody has who has just cloned: no environment and no workspace of ours."""
    ours = str(PROJECT_ROOT / ".venv" / "bin")
    path = os.pathsep.join(each for each in os.environ["PATH"].split(os.pathsep) if each != ours)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("HARBOURLIGHT_", "VIRTUAL_ENV", "MAKE"))
    }
    return {**kept, "PATH": path, "HARBOURLIGHT_HOME": str(folder / "home")}


@contextmanager
def _clone() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="fresh-clone-") as scratch:
        folder = Path(scratch) / "harbourlight"
        command = ["git", "clone", "--quiet", "--no-hardlinks", str(PROJECT_ROOT), str(folder)]
        subprocess.run(command, check=True)
        yield folder


def _watch(process: "subprocess.Popen[bytes]", mark: Path, began: float) -> tuple[float, float]:
    """Return after how many seconds packages were installed, and the page answered."""
    installed = 0.0
    while time.monotonic() - began < _LATEST_S:
        if not installed and mark.exists():
            installed = time.monotonic() - began
        if installed and _answers():
            return installed, time.monotonic() - began
        if process.poll() is not None:
            raise ChildFailed(f"make run ended with {process.returncode}")
        time.sleep(0.1)
    raise ChildFailed(f"make run did not answer within {_LATEST_S:.0f} s")


def _answers() -> bool:
    try:
        with urllib.request.urlopen(_ADDRESS, timeout=5) as answer:  # our own
            return bool(answer.status == 200)
    except OSError:
        return False


def _minutes(seconds: float) -> str:
    return f"{int(seconds // 60)}:{seconds % 60:04.1f} min" if seconds >= 60 else f"{seconds:.1f} s"


SETUP = Part(
    "setup",
    "From a fresh clone to the first page",
    "The first of the README's two commands in a new clone, without an environment, until the "
    "first page answers; and what the second one installs beside.",
    4,
    measure_setup,
)
MAKE_TEST = Part(
    "make-test",
    "From a fresh clone to tests that have run",
    "The second of the README's two commands in a new clone, without an environment.",
    22,
    measure_make_test,
)
START = Part(
    "start",
    "Start-up",
    "`harbourlight serve` on the demo's workspace, from the command to the first answer of every "
    "process.",
    3,
    measure_start,
)
