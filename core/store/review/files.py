"""Files that lie with cases: what is known of them; their bytes lie in the workspace's folder."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from core.errors import NotFound
from core.i18n import N_
from core.store.tables import review_file
from core.store.types import clean_text

_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file of a case.

    Parameters
    ----------
    id : str
        Its key.
    case_id : int
        Of which case.
    name, media_type : str
        As it was called, and what its content is.
    bytes, sha256 : int, str
        Size and hash.
    path : str
        Where it lies, below the folder of attachments.
    added_by, added_at : str, datetime
        By which user and when.
    removed_at : datetime, optional
        When its bytes were removed.
    """

    id: str
    case_id: int
    name: str
    media_type: str
    bytes: int
    sha256: str
    path: str
    added_by: str
    added_at: datetime
    removed_at: datetime | None = None


def add(conn: Connection, record: FileRecord) -> None:
    """Keep what is known of a file."""
    values = {name: getattr(record, name) for name in FileRecord.__slots__}
    conn.execute(insert(review_file).values(**values | {"name": clean_text(record.name)}))


def get(conn: Connection, file_id: str) -> FileRecord:
    """Return a file that is there.

    Raises
    ------
    NotFound
        If there is none, or it was removed.
    """
    row = None
    if _ID.fullmatch(file_id):  # an address may hold anything
        column = review_file.c
        query = select(review_file).where(column.id == file_id, column.removed_at.is_(None))
        row = conn.execute(query).one_or_none()
    if row is None:
        raise NotFound(
            N_("There is no such file."), remedy=N_("Open the case again and look at its files.")
        )
    return FileRecord(**row._mapping)


def of_case(conn: Connection, case_id: int) -> tuple[FileRecord, ...]:
    """Return the files of a case that are there, the oldest first."""
    column = review_file.c
    query = select(review_file).where(column.case_id == case_id, column.removed_at.is_(None))
    rows = conn.execute(query.order_by(column.added_at, column.id))
    return tuple(FileRecord(**row._mapping) for row in rows)


def mark_removed(conn: Connection, file_id: str, *, at: datetime, name: str) -> None:
    """Note that a file's bytes are gone; its name goes with them."""
    conn.execute(
        update(review_file).where(review_file.c.id == file_id).values(removed_at=at, name=name)
    )


def every_file(conn: Connection) -> tuple[FileRecord, ...]:
    """Return every file that is there, by its path."""
    column = review_file.c
    rows = conn.execute(
        select(review_file).where(column.removed_at.is_(None)).order_by(column.path)
    )
    return tuple(FileRecord(**row._mapping) for row in rows)


def bytes_of_case(conn: Connection, case_id: int) -> tuple[int, int]:
    """Return number and size of the files of a case that are there."""
    column = review_file.c
    query = select(func.count(), func.coalesce(func.sum(column.bytes), 0)).where(
        column.case_id == case_id, column.removed_at.is_(None)
    )
    number, size = conn.execute(query).one()
    return int(number), int(size)
