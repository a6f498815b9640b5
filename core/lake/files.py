"""Writing a lake file so that a crash leaves all of it or none: write, fsync, rename, fsync."""

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.errors import DiskFull, StorageError

_FULL = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turn errors of the file system into ours.

    Raises
    ------
    DiskFull
        If no space (or quota) is left.
    StorageError
        For every other fault of the file system.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull(
                "No space is left on the disk of the workspace.",
                remedy="Free some space and repeat; nothing of this was published.",
            ) from error
        raise StorageError(
            "The workspace could not be written: {reason}.",
            remedy="Check the folder and its permissions.",
            reason=error.strerror or str(error),
        ) from error


@contextmanager
def finished_file(path: Path) -> Iterator[Path]:
    """Give a temporary path to write to, and put the complete file under its name at the end.

    Parameters
    ----------
    path : Path
        Where the file shall be; its folder is made.

    Yields
    ------
    Path
        Write here; removed again if the block fails.

    Raises
    ------
    DiskFull, StorageError
        As :func:`storage_errors`.
    """
    partial = path.with_name(f".{path.name}.part")
    with storage_errors():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield partial
            sync(partial)
            partial.replace(path)
            sync(path.parent)
        finally:
            with suppress(OSError):
                partial.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Wait until a file's bytes, or a folder's entries, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
