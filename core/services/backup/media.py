"""Where a backup lies: a folder, or one tar file; both are read and written file by file."""

import hashlib
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from core.errors import InvalidInput, StorageError, UnreadableFile
from core.i18n import N_
from core.lake.files import storage_errors, sync

_BLOCK = 1 << 20


class Sink(Protocol):
    """Takes the files of a backup."""

    def add(self, source: Path, name: str) -> None:
        """Take a copy of a file under a name."""


class _FolderSink:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, source: Path, name: str) -> None:
        target = self._folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        sync(target)


class _TarSink:
    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar

    def add(self, source: Path, name: str) -> None:
        self._tar.add(source, name, recursive=False)


@contextmanager
def backup_sink(target: Path) -> Iterator[Sink]:
    """Yield what takes the files; the backup stands under its name only when it is complete.

    Parameters
    ----------
    target : Path
        A folder that does not exist, or a file whose name ends in ``.tar``.

    Raises
    ------
    InvalidInput
        If something is there already.
    """
    if target.exists():
        raise InvalidInput(
            N_("{path} exists already."),
            remedy=N_("Give each backup a name of its own."),
            path=str(target),
        )
    partial = target.with_name(f".{target.name}.part")
    with storage_errors():
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            if target.suffix == ".tar":
                partial.unlink(missing_ok=True)
                with partial.open("xb") as file, tarfile.open(fileobj=file, mode="w") as tar:
                    partial.chmod(0o600)
                    yield _TarSink(tar)
            else:
                shutil.rmtree(partial, ignore_errors=True)
                partial.mkdir(mode=0o700)
                yield _FolderSink(partial)
            sync(partial)
            partial.rename(target)
            sync(target.parent)
        finally:
            if partial.is_dir():
                shutil.rmtree(partial, ignore_errors=True)
            else:
                partial.unlink(missing_ok=True)


class Source(Protocol):
    """Gives the files of a backup."""

    def open(self, name: str) -> IO[bytes]:
        """Open a file by its name."""


class _FolderSource:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self, name: str) -> IO[bytes]:
        path = self._folder / checked_name(name)
        if path.is_symlink() or not path.is_file():
            raise _incomplete(name)
        return path.open("rb")


class _TarSource:
    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._members = {member.name: member for member in tar if member.isfile()}

    def open(self, name: str) -> IO[bytes]:
        member = self._members.get(checked_name(name))
        file = self._tar.extractfile(member) if member is not None else None
        if file is None:
            raise _incomplete(name)
        return file


@contextmanager
def backup_source(path: Path) -> Iterator[Source]:
    """Yield what gives the files of a backup.

    Raises
    ------
    UnreadableFile
        If there is no backup.
    """
    if path.is_dir():
        yield _FolderSource(path)
        return
    try:
        with tarfile.open(path, mode="r:") as tar:
            yield _TarSource(tar)
    except (OSError, tarfile.TarError) as error:
        raise UnreadableFile(
            N_("{path} is not a backup that can be read."),
            remedy=N_("Give the folder or the .tar file that 'harbourlight backup' made."),
            path=str(path),
        ) from error


def copy_checked(file: IO[bytes], target: Path, sha256: str) -> None:
    """Write a file of a backup and compare its hash on the way.

    Raises
    ------
    StorageError
        If it is not what was backed up.
    """
    digest = hashlib.sha256()
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as out:
        while block := file.read(_BLOCK):
            digest.update(block)
            out.write(block)
    sync(target)
    if digest.hexdigest() != sha256:
        raise StorageError(
            N_("{file} of the backup is not what was backed up; nothing was restored."),
            remedy=N_("Use another copy of the backup."),
            file=target.name,
        )


def checked_name(name: str) -> str:
    """Return a name of a backup's file, unless it points anywhere else."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise _incomplete(name)
    return name


def _incomplete(name: str) -> StorageError:
    return StorageError(
        N_("The backup lacks {file}; nothing was restored."),
        remedy=N_("Use another copy of the backup."),
        file=name,
    )
