"""What a part of the bench found, with when, where and how it was measured, kept as JSON."""

import json
import os
import platform
import resource
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.runner import PROJECT_ROOT

RESULTS = PROJECT_ROOT / "bench" / "results"
_BUSY_CORES = 0.25  # more than this by others, and a part was not measured on a quiet machine
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Table:
    """Figures as they are shown, a row each, a peer's beside ours.

    Parameters
    ----------
    head : tuple of str
        Names of the columns; the first names the row.
    rows : tuple of tuple of str
        The cells.
    title : str
        What it shows, if a part has several.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a part found.

    Parameters
    ----------
    tables : tuple of Table
        For readers.
    values : mapping
        By key, the numbers that targets are held against.
    notes : tuple of str
        What has to be known beside the tables, a sentence each.
    """

    tables: tuple[Table, ...]
    values: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What a part found, and when, where and how.

    Parameters
    ----------
    part, command : str
        Its name, and what measures it again.
    at : str
        When it began, in UTC.
    seconds : float
        How long it took.
    commit : str
        What was measured; it ends in ``+`` if files differed from it.
    machine : mapping
        Cores, memory, Python and system.
    load_before : float
        Load average of the minute before it.
    others : float
        Cores that other work used meanwhile, on average.
    found : Found
        What it found.
    """

    part: str
    command: str
    at: str
    seconds: float
    commit: str
    machine: Mapping[str, object]
    load_before: float
    others: float
    found: Found

    @property
    def is_quiet(self) -> bool:
        """Whether next to nothing else ran on the machine."""
        return self.others <= _BUSY_CORES


def measured(part: str, command: str, measure: Callable[[], Found]) -> Result:
    """Measure a part and return what it found with its circumstances."""
    at, commit = datetime.now(UTC).isoformat(timespec="seconds"), _commit()
    load, began = os.getloadavg()[0], time.monotonic()
    busy, own = _busy_seconds(), _own_seconds()
    found = measure()
    seconds = time.monotonic() - began
    others = (_busy_seconds() - busy - (_own_seconds() - own)) / seconds
    return Result(
        part,
        command,
        at,
        round(seconds, 1),
        commit,
        machine(),
        round(load, 2),
        round(max(others, 0.0), 2),
        found,
    )


def machine() -> dict[str, object]:
    """Return what the page says of the machine."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 1e9),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def keep(result: Result, folder: Path = RESULTS) -> None:
    """Write a part's result; it takes the place of the one before."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(result), indent=1, ensure_ascii=False)
    (folder / f"{result.part}.json").write_text(f"{text}\n", encoding="utf-8")


def kept(part: str, folder: Path = RESULTS) -> Result | None:
    """Return the last result of a part; None if it was never measured."""
    path = folder / f"{part}.json"
    return _result(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None


def _result(document: dict[str, Any]) -> Result:
    told = document.pop("found")
    tables = tuple(
        Table(tuple(each["head"]), tuple(map(tuple, each["rows"])), each["title"])
        for each in told["tables"]
    )
    return Result(**document, found=Found(tables, told["values"], tuple(told["notes"])))


def _commit() -> str:
    """Return the short name of what is checked out, with a mark if files differ from it."""
    return _git("rev-parse", "--short", "HEAD") + (
        "+" if _git("status", "--porcelain", "--untracked-files=no", "--", *_MEASURED) else ""
    )


_MEASURED: Sequence[str] = ("app", "core", "pages", "tests", "bench/*.py")


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def _busy_seconds() -> float:
    """Return the seconds that all processors have worked since the machine started."""
    fields = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    user, nice, system, _, _, irq, softirq, *_ = map(int, fields)
    return (user + nice + system + irq + softirq) / _TICKS


def _own_seconds() -> float:
    """Return the seconds of processor that this process and its ended children have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)
