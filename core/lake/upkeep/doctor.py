"""The lake's folder against what should be in it: missing, changed and unknown files."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.lake.files import sha256_of

Damage = Literal["missing", "size", "content"]


@dataclass(frozen=True, slots=True)
class Expected:
    """A file that should be there: its path relative to the lake, size and hash."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class DamagedFile:
    """A file that is not as it should be, and how: missing, of another size, changed."""

    path: str
    damage: Damage


def damaged_files(
    lake: Path, files: Iterable[Expected], *, with_hashes: bool = True
) -> tuple[DamagedFile, ...]:
    """Compare files with what the manifest says of them.

    Parameters
    ----------
    lake : Path
        The lake's folder.
    files : iterable of Expected
        What should be there.
    with_hashes : bool
        Also read every byte, which takes about a second a gigabyte.
    """
    found = ((file, _damage(lake / file.path, file, with_hashes)) for file in files)
    return tuple(DamagedFile(file.path, damage) for file, damage in found if damage)


def _damage(path: Path, file: Expected, with_hashes: bool) -> Damage | None:
    if not path.is_file():
        return "missing"
    if path.stat().st_size != file.bytes:
        return "size"
    return "content" if with_hashes and sha256_of(path) != file.sha256 else None


def unknown_files(lake: Path, known: Collection[str]) -> tuple[str, ...]:
    """Return the files of the lake that nobody knows, as paths relative to it."""
    present = (path for path in lake.rglob("*") if path.is_file())
    return tuple(sorted({path.relative_to(lake).as_posix() for path in present} - set(known)))


def writer_of(path: str, writers: Mapping[str, object]) -> str | None:
    """Return which of the writers (ids of batches) a file's name begins with."""
    name = path.rsplit("/", maxsplit=1)[-1].lstrip(".")
    return next(
        (writer for writer in writers if name.startswith((f"{writer}-", f"{writer}."))), None
    )
