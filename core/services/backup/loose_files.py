"""Files of the workspace beside lake and models: attachments of cases, frozen data of requests.

Their rows stand in the state database; this tells which files there should be, and which are.
"""

import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from core.lake.files import sha256_of
from core.store.review import erasing, files

ATTACHMENTS = "attachments"
SNAPSHOTS = "requests"
_OWN = re.compile(
    rf"{ATTACHMENTS}/\d{{6,}}/[0-9a-f]{{32}}\.bin|{SNAPSHOTS}/\d{{6,}}-[0-9a-f]{{32}}\.sealed"
)


@dataclass(frozen=True, slots=True)
class LooseFile:
    """A file that there should be.

    Parameters
    ----------
    path : str
        Below the workspace's folder.
    sha256 : str, optional
        Hash of its bytes; of sealed data only that of what was sealed is known.
    """

    path: str
    sha256: str | None


def own_path(home: Path, path: str) -> Path | None:
    """Return where a file lies; ``None`` if the path leads anywhere else, or to a link.

    Paths come from the state database, which may have been tampered with.
    """
    if _OWN.fullmatch(path) is None or (home / path).is_symlink():
        return None
    return home / path


def expected_files(conn: Connection) -> tuple[LooseFile, ...]:
    """Return every file that a row names."""
    return (
        *(LooseFile(f"{ATTACHMENTS}/{each.path}", each.sha256) for each in files.every_file(conn)),
        *(LooseFile(f"{SNAPSHOTS}/{each}", None) for each in erasing.snapshot_paths(conn)),
    )


def damage_of(home: Path, file: LooseFile, *, with_hash: bool) -> str | None:
    """Return what is wrong with a file, ``missing`` or ``content``; ``None`` if nothing is."""
    path = home / file.path
    if not path.is_file():
        return "missing"
    if with_hash and file.sha256 is not None and sha256_of(path) != file.sha256:
        return "content"
    return None


def files_there(home: Path) -> Iterator[str]:
    """Yield the paths of all files in both folders, below the workspace's."""
    for name in (ATTACHMENTS, SNAPSHOTS):
        folder = home / name
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            if path.is_file():
                yield path.relative_to(home).as_posix()


def remove_loose_files(home: Path, paths: Collection[str]) -> int:
    """Remove files of reviews and requests that no row names any more; return how many."""
    removed = 0
    for path in paths:
        own = own_path(home, path)
        if own is None:
            continue
        removed += own.exists()
        own.unlink(missing_ok=True)
        folder = own.parent
        if folder.parent != home and folder.is_dir() and not os.listdir(folder):
            folder.rmdir()
    return removed
