"""A copy of the committed tree in which modules are changed, one after the other, and tested."""

import io
import os
import subprocess
import sys
import tarfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from bench.mutation_tests import Judges

_LEAST_S = 60.0  # a run of tests takes this long before it counts as one that never ends
_TIMES = 8.0  # … and so many times as long as without the change
_MOST_S = 900.0


class Outcome(StrEnum):
    """What became of a mutant.

    ``mirror``: a test noticed that mirrors the module. ``around``: another one did. ``endless``:
    the tests came to no end. ``unfit``: its tests fail without the change too.
    """

    mirror = "mirror"
    around = "around"
    endless = "endless"
    survived = "survived"
    unfit = "unfit"


@dataclass(frozen=True)
class Tree:
    """A tree of its own, of which one module at a time is changed.

    Parameters
    ----------
    root : Path
        Where it lies.
    """

    root: Path
    _sound: dict[tuple[str, ...], float | None] = field(default_factory=dict)

    def judge(self, file: str, source: str, tests: Judges) -> Outcome:
        """Change a module, let its tests run, and put the module back."""
        found = [self._by_mirror(file, source, tests.mirror)]
        if found[0] in {Outcome.unfit, Outcome.survived}:
            found.append(self._by_those_around(file, source, tests.around))
        told = [each for each in found if each is not Outcome.unfit]
        return told[-1] if told else Outcome.unfit

    def _by_mirror(self, file: str, source: str, files: tuple[str, ...]) -> Outcome:
        usual = self._usual(files) if files else None
        if usual is None:
            return Outcome.unfit
        limit = min(max(_LEAST_S, _TIMES * usual), _MOST_S)
        passed = self._changed(file, source, files, limit)
        if passed is None:
            return Outcome.endless
        return Outcome.survived if passed else Outcome.mirror

    def _by_those_around(self, file: str, source: str, files: tuple[str, ...]) -> Outcome:
        """Judge by many tests: without the change they run only if they fail with it."""
        if not files:
            return Outcome.unfit
        passed = self._changed(file, source, files, _MOST_S)
        if passed:
            return Outcome.survived
        if self._usual(files) is None:
            return Outcome.unfit
        return Outcome.endless if passed is None else Outcome.around

    def _changed(self, file: str, source: str, files: Sequence[str], limit_s: float) -> bool | None:
        path = self.root / file
        kept = path.read_bytes()
        path.write_text(source, encoding="utf-8")
        try:
            return self._passes(files, limit_s)
        finally:
            path.write_bytes(kept)

    def _usual(self, files: tuple[str, ...]) -> float | None:
        """Return the seconds that some tests take with nothing changed; None if they fail."""
        if files not in self._sound:
            began = time.monotonic()
            passed = self._passes(files, _MOST_S)
            self._sound[files] = time.monotonic() - began if passed else None
        return self._sound[files]

    def _passes(self, files: Sequence[str], limit_s: float) -> bool | None:
        """Return whether tests pass; None if they came to no end."""
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
        command += ["-m", "not slow and not e2e", "-k", "not postgresql", *files]
        environment = {
            **os.environ,
            "PYTHONPATH": str(self.root),
            "PYTHONDONTWRITEBYTECODE": "1",  # what is compiled is told from the text by its hash
        }
        try:
            done = subprocess.run(
                command,
                cwd=self.root,
                env=environment,
                capture_output=True,
                timeout=limit_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return None
        return done.returncode == 0


def copy_of_the_tree(project: Path, root: Path) -> Tree:
    """Lay out the committed tree anew, compiled so that a changed module is read again."""
    packed = subprocess.run(
        ["git", "archive", "--format=tar", "HEAD"], cwd=project, capture_output=True, check=True
    )
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as files:
        files.extractall(root, filter="data")
    command = [sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "checked-hash"]
    subprocess.run([*command, "core", "tests"], cwd=root, check=True)
    return Tree(root)
