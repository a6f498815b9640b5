"""Which files are meant, and which of them go into one batch."""

import glob
from collections.abc import Iterable, Iterator
from pathlib import Path

from core.errors import InvalidInput
from core.ingest.batch import InputFile
from core.ingest.readers.formats import SUFFIXES

BATCH_BYTES = 256 * 1024**2
BATCH_FILES = 1000


def find_files(paths: Iterable[str | Path]) -> tuple[Path, ...]:
    """Return the files that paths, folders and patterns name: sorted in each, none twice.

    Raises
    ------
    InvalidInput
        If one of them names no file.
    """
    found: dict[Path, None] = {}
    for path in paths:
        files = _files_of(Path(path))
        if not files:
            raise InvalidInput("No file matches {path}.", remedy="Check the path.", path=str(path))
        found |= dict.fromkeys(file.resolve() for file in files)
    return tuple(found)


def _files_of(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if path.is_dir():
        return sorted(
            file for file in path.iterdir() if file.is_file() and file.suffix.lower() in SUFFIXES
        )
    matches = (Path(name) for name in glob.glob(str(path), recursive=True))
    return sorted(file for file in matches if file.is_file())


def groups(files: Iterable[InputFile]) -> Iterator[tuple[InputFile, ...]]:
    """Yield batches: consecutive files up to 256 MB and 1000 files; a larger file alone."""
    group: list[InputFile] = []
    size = 0
    for file in files:
        if group and (size + file.bytes > BATCH_BYTES or len(group) == BATCH_FILES):
            yield tuple(group)
            group, size = [], 0
        group.append(file)
        size += file.bytes
    if group:
        yield tuple(group)
