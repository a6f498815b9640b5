"""What every step of a run shares: the log, the folders, how often, and how children start."""

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.dataset import Dataset, folder_name, read_dataset
from bench.measure import ChildFailed, ChildRun, Usage, run_child

PROJECT_ROOT = Path(__file__).resolve().parents[1]
_TIMEOUT_S = 3600.0


@dataclass(frozen=True, slots=True)
class Runner:
    """One run of the bench.

    Parameters
    ----------
    dataset : Dataset
        The generated log.
    folder : Path
        Where the log lies.
    cache : Path
        Folder for everything that is kept between runs.
    repeats : int
        Runs of each of Harbourlight's own steps and of the plain aggregate.
    tell : callable
        Called with a line before each step.
    """

    dataset: Dataset
    folder: Path
    cache: Path
    repeats: int
    tell: Callable[[str], None]

    def run(self, command: Sequence[str], env: Mapping[str, str] | None = None) -> ChildRun:
        """Run a command from the project's root; raises ``ChildFailed``."""
        return run_child(command, env=env or {}, folder=PROJECT_ROOT, timeout_s=_TIMEOUT_S)

    def inside(
        self, step: str, repeats: int, *arguments: str, env: Mapping[str, str] | None = None
    ) -> tuple[ChildRun, dict[str, Any]]:
        """Run a step of ``bench.inside`` and return the child and the document it printed."""
        child = self.run(
            [
                *(sys.executable, "-m", "bench.inside"),
                *(step, str(self.folder), str(repeats), *arguments),
            ],
            env,
        )
        return child, last_document(child.output)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Make a folder that is gone afterwards, whatever happens."""
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=self.cache))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def last_document(output: str) -> dict[str, Any]:
    """Return the JSON document on the last line of a child's output.

    Raises
    ------
    ChildFailed
        If there is none.
    """
    lines = output.strip().splitlines()
    try:
        document = json.loads(lines[-1])
    except (IndexError, ValueError) as error:
        raise ChildFailed("it printed no JSON document") from error
    if not isinstance(document, dict):
        raise ChildFailed("it printed no JSON document")
    return document


def inside_usages(child: ChildRun, runs: Sequence[Mapping[str, float]]) -> tuple[Usage, ...]:
    """Return the runs that a child timed itself, each with the child's peak memory."""
    return tuple(Usage(run["wall_s"], run["cpu_s"], child.usage.peak_bytes) for run in runs)


def prepare_dataset(
    rows: int, seed: int, cache: Path, tell: Callable[[str], None]
) -> tuple[Dataset, Path]:
    """Return the log and its folder; a child writes it if it is not there yet.

    Raises
    ------
    ChildFailed
        If it cannot be written.
    """
    folder = cache / folder_name(rows, seed)
    dataset = read_dataset(folder)
    if dataset is None:
        tell(f"Generating {rows:,} rows …")
        shutil.rmtree(folder, ignore_errors=True)
        run_child(
            [sys.executable, "-m", "bench.dataset", str(rows), str(seed), str(folder)],
            env={},
            folder=PROJECT_ROOT,
            timeout_s=_TIMEOUT_S,
        )
        dataset = read_dataset(folder)
    if dataset is None:
        raise ChildFailed(f"no log was written to {folder}")
    return dataset, folder
