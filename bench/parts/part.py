"""What a part of the bench is, and how it runs the programs that measure."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.findings import Found
from bench.measure import ChildRun, run_child
from bench.runner import PROJECT_ROOT

_TIMEOUT_S = 3 * 3600.0


@dataclass(frozen=True, slots=True)
class Bench:
    """Where and how large parts are measured.

    Parameters
    ----------
    cache : Path
        Folder for logs, environments of peers and workspaces that are made once.
    is_small : bool
        Only prove that a part runs: sizes too small to say anything.
    """

    cache: Path
    is_small: bool = False

    def size(self, whole: int, small: int) -> int:
        """Return one of two sizes."""
        return small if self.is_small else whole

    def python(
        self,
        *arguments: object,
        codes: Sequence[int] = (0,),
        env: Mapping[str, str] | None = None,
    ) -> ChildRun:
        """Run a module or script by this interpreter from the project's root.

        Parameters
        ----------
        *arguments : object
            Its words.
        codes : sequence of int
            The exit codes that are well.
        env : mapping, optional
            Variables added to this process's own.

        Raises
        ------
        ChildFailed
            If it ends with another code than those given.
        """
        words = [str(each) for each in arguments]
        command = [sys.executable, *words]
        return run_child(
            command, env=env or {}, folder=PROJECT_ROOT, timeout_s=_TIMEOUT_S, codes=codes
        )

    def harbourlight(self, home: Path, *arguments: str) -> ChildRun:
        """Run a command of the product on a workspace; raises ``ChildFailed``."""
        command = [sys.executable, "-m", "core.cli.main", *arguments]
        # An empty address means the workspace's own SQLite file, whatever the shell says.
        env = {"HARBOURLIGHT_HOME": str(home), "HARBOURLIGHT_STATE_URL": ""}
        return run_child(command, env=env, folder=PROJECT_ROOT, timeout_s=_TIMEOUT_S)


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the page of figures.

    Parameters
    ----------
    name : str
        As given to ``python -m bench``; also the name of its result.
    title, about : str
        Heading, and what is measured in a sentence or two.
    minutes : float
        About how long it takes on two quiet cores.
    measure : callable
        Measures it.
    """

    name: str
    title: str
    about: str
    minutes: float
    measure: Callable[[Bench], Found]

    @property
    def is_long(self) -> bool:
        """Whether it runs only when asked for by name, or with all."""
        return self.minutes > 6

    @property
    def command(self) -> str:
        """What measures it."""
        return f"python -m bench {self.name}"
