"""Both watches over a process and its children: what to run it under, and what they saw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.outbound import kernel
from tests.outbound.sitecustomize import LOG_VARIABLE

GUARD = Path(kernel.__file__).parent


@dataclass(frozen=True)
class Watch:
    """What the first watch refuses and the second sees is written into a folder."""

    logs: Path

    @property
    def before(self) -> Sequence[str]:
        """What to put before a command; empty without strace."""
        return kernel.command(self.logs / "kernel")

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that set the first watch over a process and its children."""
        return {"PYTHONPATH": str(GUARD), LOG_VARIABLE: str(self.logs / "python")}

    def attempts(self) -> list[str]:
        """Return every attempt to reach another machine so far."""
        python = self.logs / "python"
        found = python.read_text("utf-8").splitlines() if python.exists() else []
        return found + kernel.attempts(self.calls())

    def calls(self) -> str:
        """Return what the kernel saw; nothing without strace."""
        seen = self.logs / "kernel"
        return seen.read_text("utf-8", "replace") if seen.exists() else ""


def reaches_nobody(watch: Watch) -> None:
    """Expect that neither watch saw anything, and that the second looked."""
    assert watch.attempts() == []
    assert "connect(" in watch.calls() or not watch.before
