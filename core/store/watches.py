"""Watched folders: where files are dropped to be ingested."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from core.errors import Conflict, NotFound
from core.store.rows import insert_if_absent
from core.store.tables import watch


@dataclass(frozen=True, slots=True)
class Watch:
    """A watched folder.

    Parameters
    ----------
    id, model_id, stream : str
        Key, and where its files go.
    folder, pattern : str
        The folder, and the file names taken from it.
    enabled : bool
        Whether it is looked at.
    last_seen_at : datetime, optional
        When it was last looked at; ``None`` for never.
    created_at, created_by : datetime, str
        When and by whom it was set up.
    """

    id: str
    model_id: str
    stream: str
    folder: str
    pattern: str
    enabled: bool
    last_seen_at: datetime | None
    created_at: datetime
    created_by: str


def add(
    conn: Connection,
    *,
    watch_id: str,
    model_id: str,
    stream: str,
    folder: str,
    pattern: str,
    actor: str,
    at: datetime,
) -> None:
    """Watch a folder.

    Parameters
    ----------
    conn : Connection
        A transaction of ``Store.begin()``.
    watch_id : str
        Its id.
    model_id : str
        The model.
    stream : str
        ``predictions``, ``outcomes`` or ``decisions``.
    folder : str
        Full path on the server.
    pattern : str
        Which names.
    actor : str
        Pseudonym of who watches.
    at : datetime
        When.

    Raises
    ------
    Conflict
        If it is watched already for this model, stream and pattern.
    """
    values = {
        "id": watch_id,
        "model_id": model_id,
        "stream": stream,
        "folder": folder,
        "pattern": pattern,
        "enabled": True,
        "created_at": at,
        "created_by": actor,
    }
    if not insert_if_absent(conn, watch, values):
        raise Conflict(
            "The folder {folder} is watched already.",
            remedy="Change the watch that exists.",
            folder=folder,
        )


def get(conn: Connection, watch_id: str) -> Watch:
    """Return a watch.

    Raises
    ------
    NotFound
        If there is none of that id.
    """
    row = conn.execute(select(watch).where(watch.c.id == watch_id)).one_or_none()
    if row is None:
        raise _unknown(watch_id)
    return Watch(**row._mapping)


def list_watches(
    conn: Connection, *, models: Iterable[str] | None = None, enabled_only: bool = False
) -> tuple[Watch, ...]:
    """Return watches by model and folder; ``models`` narrows them to a reader's scope."""
    query = select(watch)
    if models is not None:
        query = query.where(watch.c.model_id.in_(list(models)))
    if enabled_only:
        query = query.where(watch.c.enabled)
    columns = watch.c
    rows = conn.execute(query.order_by(columns.model_id, columns.folder, columns.id))
    return tuple(Watch(**row._mapping) for row in rows)


def set_enabled(conn: Connection, watch_id: str, enabled: bool) -> None:
    """Start or stop looking at a folder; raises :class:`NotFound` for an unknown id."""
    changed = conn.execute(update(watch).where(watch.c.id == watch_id).values(enabled=enabled))
    if changed.rowcount != 1:
        raise _unknown(watch_id)


def mark_seen(conn: Connection, watch_id: str, *, at: datetime) -> None:
    """Note that a folder was looked at; nothing happens if the watch was removed meanwhile."""
    conn.execute(update(watch).where(watch.c.id == watch_id).values(last_seen_at=at))


def remove(conn: Connection, watch_id: str) -> None:
    """Forget a watch; raises :class:`NotFound` for an unknown id."""
    if conn.execute(delete(watch).where(watch.c.id == watch_id)).rowcount != 1:
        raise _unknown(watch_id)


def _unknown(watch_id: str) -> NotFound:
    return NotFound(
        "There is no watched folder {watch}.", remedy="Look it up in the list.", watch=watch_id
    )
