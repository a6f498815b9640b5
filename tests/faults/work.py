"""What the processes of the fault tests do; each opens the workspace itself."""

import os
import signal
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from core.config import Settings
from core.contract import contract_from_text
from core.domain.identity import Actor, Role
from core.ingest.batch import InputFile, Request, ingest_batch
from core.lake.files import sha256_of
from core.services.workspace import Workspace
from core.store import models, open_store
from tests.support.processes import WRITERS

WRITER = Actor("u1", "ada", frozenset({Role.admin}), origin="cli")


def open_site(home: Path, state_url: str) -> Workspace:
    """Open the workspace of a test."""
    return Workspace(Settings(home, state_url, threads=2), open_store(state_url))


def ingest_paths(
    site: Workspace, paths: Sequence[Path], stream: Any, step: Callable[[str], None]
) -> None:
    """Ingest each path as a batch of its own."""
    with site.store.read() as conn:
        contract = contract_from_text(models.get(conn, "loans").spec_text)
    for path in paths:
        file = InputFile(path, sha256_of(path), path.stat().st_size)
        ingest_batch(site, Request(contract, stream, (file,), WRITER), step=step)


class DieAt:
    """Kills its own process when step number ``number`` is done, by whichever thread."""

    def __init__(self, number: int) -> None:
        self.left = number
        self._one_at_a_time = threading.Lock()

    def __call__(self, _name: str) -> None:
        with self._one_at_a_time:
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            self.left -= 1


def ingest_and_die(home: Path, state_url: str, path: Path, stream: str, number: int) -> None:
    """Ingest a file, and be killed at a step."""
    ingest_paths(open_site(home, state_url), [path], stream, DieAt(number))


def run_killed(home: Path, state_url: str, path: Path, stream: str, number: int) -> bool:
    """Run :func:`ingest_and_die`; return whether it was killed, rather than done before."""
    process = WRITERS.Process(target=ingest_and_die, args=(home, state_url, path, stream, number))
    process.start()
    process.join(timeout=120)
    code = process.exitcode
    process.close()
    if code not in {0, -signal.SIGKILL}:
        raise AssertionError(f"the writer ended with {code}")
    return code != 0
