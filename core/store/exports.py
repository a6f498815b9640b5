"""Files to take away: known by the hash of their random id, owned, and gone after a while."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from core.store.tables import export_file


@dataclass(frozen=True, slots=True)
class ExportRecord:
    """One file.

    Parameters
    ----------
    id_hash : str
        SHA-256 of the id in its address.
    owner_id : str
        The only user who may fetch it.
    permission : str
        What its owner must still hold to fetch it.
    model_id : str, optional
        The model it is about, which must lie in the owner's scope.
    name, media_type : str
        As the browser is told.
    path : str
        Below the exports folder; unrelated to the id.
    sha256, bytes : str, int
        Of the content.
    personal : bool
        Whether it holds personal data in clear.
    created_at, expires_at : datetime
        From when to when it can be fetched.
    removed_at : datetime, optional
        When the file itself was deleted.
    """

    id_hash: str
    owner_id: str
    permission: str
    model_id: str | None
    name: str
    media_type: str
    path: str
    sha256: str
    bytes: int
    personal: bool
    created_at: datetime
    expires_at: datetime
    removed_at: datetime | None = None


def add(conn: Connection, record: ExportRecord) -> None:
    """Keep a record."""
    conn.execute(insert(export_file).values(**asdict(record)))


def find(conn: Connection, id_hash: str) -> ExportRecord | None:
    """Return the record of a hash; ``None`` without one."""
    row = conn.execute(select(export_file).where(export_file.c.id_hash == id_hash)).one_or_none()
    return None if row is None else ExportRecord(**row._mapping)


def due(conn: Connection, now: datetime) -> tuple[ExportRecord, ...]:
    """Return the records whose time is over and whose files are still there."""
    rows = conn.execute(
        select(export_file).where(
            export_file.c.expires_at <= now, export_file.c.removed_at.is_(None)
        )
    )
    return tuple(ExportRecord(**row._mapping) for row in rows)


def mark_removed(conn: Connection, id_hash: str, *, at: datetime) -> None:
    """Note that a file is gone."""
    conn.execute(update(export_file).where(export_file.c.id_hash == id_hash).values(removed_at=at))
