"""A throw-away virtual environment for each peer, made on demand and kept by its pins."""

import hashlib
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PEERS_FOLDER = Path(__file__).parent / "peers"
_INSTALL_TIMEOUT_S = 1800
_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Peer:
    """A library that Harbourlight is compared with.

    Parameters
    ----------
    name : str
        As given to ``--peers``; ``<name>.txt`` holds its pins.
    label : str
        What its row of the table says.
    script : str
        Its runner.
    folder : Path
        Where both lie.
    """

    name: str
    label: str
    script: str
    folder: Path = PEERS_FOLDER

    @property
    def requirements(self) -> Path:
        """The file of its pins."""
        return self.folder / f"{self.name}.txt"

    @property
    def runner(self) -> Path:
        """Its stand-alone script."""
        return self.folder / self.script


PEERS = (
    Peer(
        "evidently", "Evidently: DataDriftPreset, reference against the rest", "evidently_drift.py"
    ),
    Peer("nannyml", "nannyml: daily univariate Jensen-Shannon", "nannyml_daily.py"),
    Peer("whylogs", "whylogs: one profile of the whole log", "whylogs_profile.py"),
)


class NotInstalled(Exception):
    """An environment that could not be made; the text says why."""


def folder_of(peer: Peer, cache: Path) -> Path:
    """Return where a peer's environment is kept: another one for other pins or another Python."""
    pins = peer.requirements.read_bytes() + sys.version.encode()
    return cache / "peers" / f"{peer.name}-{hashlib.sha256(pins).hexdigest()[:12]}"


def python_of(peer: Peer, cache: Path) -> Path:
    """Return the Python of a peer's environment, and make the environment if it is missing.

    Raises
    ------
    NotInstalled
        If it cannot be made, for example without a network.
    """
    folder = folder_of(peer, cache)
    python = folder / "bin" / "python"
    if not (folder / ".made").is_file():
        shutil.rmtree(folder, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(folder)], peer)
        install = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
        _run([*install, "--requirement", str(peer.requirements)], peer)
        (folder / ".made").touch()
    return python


def _run(command: list[str], peer: Peer) -> None:
    try:
        run = subprocess.run(
            command, capture_output=True, text=True, timeout=_INSTALL_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalled(f"{peer.name} could not be installed: {error}") from error
    if run.returncode != 0:
        lines = [line for line in run.stderr.splitlines() if line.startswith("ERROR")]
        reason = (lines or run.stderr.splitlines() or ["no reason given"])[-1]
        raise NotInstalled(f"{peer.name} could not be installed: {reason[:_SHOWN]}")
