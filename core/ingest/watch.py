"""A watched folder: the files in it that are complete and have not been looked at yet."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

SETTLE = timedelta(seconds=3)


def settled_files(
    folder: Path, pattern: str, *, since: datetime | None, now: datetime
) -> tuple[Path, ...]:
    """Return the files whose last change lies in ``[since, now − 3 s)``, the oldest first.

    A file that is still being written changes all the time; one that was moved here counts from
    the move (the change time of its inode), whatever its own date says. Names that begin with a
    dot are left alone: writers use them for what is not finished.

    Parameters
    ----------
    folder : Path
        Where to look; a folder that is not there holds nothing.
    pattern : str
        Which names, such as ``*.parquet``.
    since : datetime, optional
        What :func:`seen_until` gave for the look before; ``None`` for the first.
    now : datetime
        The instant of this look.
    """
    if not folder.is_dir():
        return ()
    changed: list[tuple[datetime, Path]] = []
    for path in folder.glob(pattern):
        if path.is_file() and not path.name.startswith("."):
            status = path.stat()
            moment = datetime.fromtimestamp(max(status.st_mtime, status.st_ctime), UTC)
            if moment < seen_until(now) and (since is None or moment >= since):
                changed.append((moment, path))
    return tuple(path for _, path in sorted(changed))


def seen_until(now: datetime) -> datetime:
    """Return the instant up to which a look has seen every change."""
    return now - SETTLE
