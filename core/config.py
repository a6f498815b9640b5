"""Where the workspace is and how much of the machine a process may use."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import quote

from core.errors import InvalidInput

# A name, an address, or every name below one; never every name there is.
_HOST = re.compile(r"(\*\.)?[a-z0-9_]([a-z0-9_.:-]*[a-z0-9_])?")
PROJECT_ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one process; the environment variables are listed in docs/configuration.md.

    Parameters
    ----------
    home : Path
        The workspace folder.
    state_url : str
        SQLAlchemy address of the state database.
    app_memory_share, ingest_memory_share : float
        Share of the machine's memory that DuckDB may use in the app and in an ingest.
    threads : int
        Threads of each DuckDB connection.
    trusted_proxies : tuple of str
        Addresses or networks whose X-Forwarded headers are believed; none by default.
    hosts : tuple of str
        Names that the app answers to, beside those of the machine itself.
    serving_files : Path, optional
        Where the states of models are written for serving systems; ``<home>/serving`` by default.
    hook_commands : tuple of Path
        Programs, or folders of programs, that hooks may run; none by default.
    """

    home: Path
    state_url: str
    app_memory_share: float = 0.25
    ingest_memory_share: float = 0.40
    threads: int = 2
    trusted_proxies: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    serving_files: Path | None = None
    hook_commands: tuple[Path, ...] = ()

    @property
    def serving_dir(self) -> Path:
        """Folder of the files that serving systems read."""
        return self.serving_files or self.home / "serving"

    @property
    def lake_dir(self) -> Path:
        """Folder of the immutable Parquet files."""
        return self.home / "lake"

    @property
    def models_dir(self) -> Path:
        """Folder of registered artefacts and data sets, stored by hash."""
        return self.home / "models"

    @property
    def exports_dir(self) -> Path:
        """Folder of files made for download."""
        return self.home / "exports"

    @property
    def keys_dir(self) -> Path:
        """Folder of the workspace's own secrets; back it up apart from everything else."""
        return self.home / "keys"

    @property
    def scratch_dir(self) -> Path:
        """Folder of temporary files; safe to empty while no process runs."""
        return self.home / "scratch"


def load_settings(env: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from environment variables.

    Parameters
    ----------
    env : Mapping, optional
        Variables to read; the process's own by default.

    Raises
    ------
    InvalidInput
        If a variable does not hold what its name says.
    """
    env = os.environ if env is None else env
    home = Path(env.get("HARBOURLIGHT_HOME") or PROJECT_ROOT / "var").expanduser().resolve()
    return Settings(
        home=home,
        state_url=env.get("HARBOURLIGHT_STATE_URL") or f"sqlite:///{quote(str(home / 'state.db'))}",
        app_memory_share=_share(env, "HARBOURLIGHT_APP_MEMORY", 0.25),
        ingest_memory_share=_share(env, "HARBOURLIGHT_INGEST_MEMORY", 0.40),
        threads=_threads(env),
        trusted_proxies=_networks(env, "HARBOURLIGHT_TRUSTED_PROXIES"),
        hosts=_hosts(env, "HARBOURLIGHT_HOSTS"),
        serving_files=next(iter(_paths(env, "HARBOURLIGHT_SERVING_DIR")), None),
        hook_commands=_paths(env, "HARBOURLIGHT_HOOK_COMMANDS"),
    )


def _share(env: Mapping[str, str], name: str, default: float) -> float:
    text = env.get(name) or str(default)
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value <= 1:
        raise InvalidInput(
            "{name} is {text!r}.", remedy="Set it to a share between 0 and 1.", name=name, text=text
        )
    return value


def _networks(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    found = []
    for part in filter(None, (each.strip() for each in (env.get(name) or "").split(","))):
        try:
            found.append(str(ip_network(part, strict=False)))
        except ValueError as error:
            raise InvalidInput(
                "{name} is {text!r}.",
                remedy="Set it to addresses or networks, parted by commas.",
                name=name,
                text=part,
            ) from error
    return tuple(found)


def _hosts(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    found = [each.strip().lower() for each in (env.get(name) or "").split(",") if each.strip()]
    for text in found:
        if _HOST.fullmatch(text) is None:
            raise InvalidInput(
                "{name} is {text!r}.",
                remedy="Set it to names without ports, parted by commas.",
                name=name,
                text=text,
            )
    return tuple(found)


def _paths(env: Mapping[str, str], name: str) -> tuple[Path, ...]:
    found = tuple(Path(part) for part in (env.get(name) or "").split(os.pathsep) if part)
    for path in found:
        if not path.is_absolute():
            raise InvalidInput(
                "{name} is {text!r}.",
                remedy="Set it to paths that begin at the root, parted by {separator!r}.",
                name=name,
                text=str(path),
                separator=os.pathsep,
            )
    return found


def _threads(env: Mapping[str, str]) -> int:
    text = env.get("HARBOURLIGHT_THREADS") or str(min(os.cpu_count() or 2, 16))
    if not text.isdecimal() or int(text) < 1:
        raise InvalidInput(
            "{name} is {text!r}.",
            remedy="Set it to a whole number from 1.",
            name="HARBOURLIGHT_THREADS",
            text=text,
        )
    return int(text)
