"""Which files a generation sees, and which should be on the disk."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, or_, select

from core.store.manifest.records import ManifestFile, StreamTotal
from core.store.models import unknown_model
from core.store.tables import manifest, model


def generation(conn: Connection, model_id: str) -> int:
    """Return the model's newest generation; 0 before the first publication.

    Raises
    ------
    NotFound
        If there is no such model.
    """
    query = select(model.c.lake_generation).where(model.c.id == model_id)
    newest = conn.execute(query).scalar_one_or_none()
    if newest is None:
        raise unknown_model(model_id)
    return int(newest)


def files_at(
    conn: Connection,
    model_id: str,
    generation: int,
    *,
    kinds: Iterable[str] | None = None,
    streams: Iterable[str] | None = None,
    profile_kind: str | None = None,
    bins_id: str | None = None,
    overlapping: tuple[datetime, datetime] | None = None,
) -> tuple[ManifestFile, ...]:
    """Return the files that a generation sees, by time, narrowed by what is given.

    Parameters
    ----------
    conn : Connection
        Any transaction.
    model_id : str
        Whose files.
    generation : int
        The generation held by the reader.
    kinds, streams : iterable of str, optional
        Only these kinds and streams.
    profile_kind, bins_id : str, optional
        Only profiles of this kind; only files cut by this reference.
    overlapping : (datetime, datetime), optional
        Only files that may hold events in ``[start, end)``; files without times are kept.
    """
    query = select(manifest).where(manifest.c.model_id == model_id, *_seen_by(generation))
    if kinds is not None:
        query = query.where(manifest.c.kind.in_(list(kinds)))
    if streams is not None:
        query = query.where(manifest.c.stream.in_(list(streams)))
    if profile_kind is not None:
        query = query.where(manifest.c.profile_kind == profile_kind)
    if bins_id is not None:
        query = query.where(manifest.c.bins_id == bins_id)
    if overlapping is not None:
        start, end = overlapping
        query = query.where(
            or_(manifest.c.last_time.is_(None), manifest.c.last_time >= start),
            or_(manifest.c.first_time.is_(None), manifest.c.first_time < end),
        )
    # SQLite puts NULLs first, PostgreSQL last, unless told.
    by_time = (manifest.c.month.nulls_first(), manifest.c.first_time.nulls_first(), manifest.c.id)
    rows = conn.execute(query.order_by(*by_time))
    return tuple(ManifestFile(**row._mapping) for row in rows)


def added_since(
    conn: Connection, model_id: str, generation: int, *, stream: str | None = None
) -> tuple[ManifestFile, ...]:
    """Return the data files in force that were added after ``generation``.

    The loser of a publication checks its ids against these, and only these.
    """
    query = select(manifest).where(
        manifest.c.model_id == model_id,
        manifest.c.kind == "data",
        manifest.c.added_generation > generation,
        manifest.c.removed_generation.is_(None),
    )
    if stream is not None:
        query = query.where(manifest.c.stream == stream)
    rows = conn.execute(query.order_by(manifest.c.id))
    return tuple(ManifestFile(**row._mapping) for row in rows)


def of_batch(conn: Connection, batch_id: str) -> tuple[ManifestFile, ...]:
    """Return every file that a batch published, removed ones included."""
    query = select(manifest).where(manifest.c.batch_id == batch_id).order_by(manifest.c.id)
    return tuple(ManifestFile(**row._mapping) for row in conn.execute(query))


def totals(conn: Connection, model_id: str, generation: int) -> tuple[StreamTotal, ...]:
    """Return files, rows and bytes per kind and stream in a generation."""
    query = (
        select(
            manifest.c.kind,
            manifest.c.stream,
            func.count().label("files"),
            func.sum(manifest.c.rows).label("rows"),
            func.sum(manifest.c.bytes).label("bytes"),
        )
        .where(manifest.c.model_id == model_id, *_seen_by(generation))
        .group_by(manifest.c.kind, manifest.c.stream)
        .order_by(manifest.c.kind, manifest.c.stream.nulls_first())
    )
    return tuple(
        StreamTotal(row.kind, row.stream, row.files, int(row.rows), int(row.bytes))
        for row in conn.execute(query)
    )


def kept_files(conn: Connection, model_id: str | None = None) -> tuple[ManifestFile, ...]:
    """Return every file that should be on disk, removed but not yet purged ones included."""
    query = select(manifest).where(manifest.c.purged_at.is_(None))
    if model_id is not None:
        query = query.where(manifest.c.model_id == model_id)
    return tuple(
        ManifestFile(**row._mapping) for row in conn.execute(query.order_by(manifest.c.path))
    )


def removable(conn: Connection, *, removed_before: datetime) -> tuple[ManifestFile, ...]:
    """Return files that no generation newer than ``removed_before`` sees, to be deleted."""
    query = select(manifest).where(
        manifest.c.removed_at < removed_before, manifest.c.purged_at.is_(None)
    )
    return tuple(
        ManifestFile(**row._mapping) for row in conn.execute(query.order_by(manifest.c.id))
    )


def _seen_by(generation: int) -> tuple[ColumnElement[bool], ...]:
    return (
        manifest.c.added_generation <= generation,
        or_(
            manifest.c.removed_generation.is_(None),
            manifest.c.removed_generation > generation,
        ),
    )
