"""The manifest: which files of the lake belong to which generation of a model.

A generation is a number that each publication raises by one. A reader holds one and sees the
files added up to it and not yet removed in it; nothing it sees changes while it reads. A writer
says which generation it worked on: if another was faster, :class:`Conflict` tells it to look at
the files added since and to try again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, insert, or_, select, update

from core.errors import Conflict
from core.store.models import advance_newest_event, unknown_model
from core.store.tables import manifest, model

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class NewFile:
    """A finished file, about to be published.

    Parameters
    ----------
    kind : {"data", "profile", "quarantine", "reference"}
        What it holds.
    path : str
        Where it lies, relative to the lake; unique for ever.
    sha256 : str
        Hash of its bytes.
    bytes, rows : int
        Its size and number of rows.
    stream : {"predictions", "decisions", "outcomes", "resolved"}, optional
        Stream of its rows; required for data.
    profile_kind, bins_id : str, optional
        Of a profile: its kind, and the reference it is cut by (``None``: independent of it).
    month : str, optional
        ``YYYY-MM`` of its rows.
    first_time, last_time : datetime, optional
        Oldest and newest event in it.
    batch_id : str, optional
        The batch that wrote it; ``None`` for the product of a compaction.
    """

    kind: str
    path: str
    sha256: str
    bytes: int
    rows: int
    stream: str | None = None
    profile_kind: str | None = None
    bins_id: str | None = None
    month: str | None = None
    first_time: datetime | None = None
    last_time: datetime | None = None
    batch_id: str | None = None


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """A file in the manifest: the fields of :class:`NewFile`, and since and until when it counts.

    ``added_generation`` and ``removed_generation`` bound the generations that see it;
    ``purged_at`` says that the file itself was deleted afterwards.
    """

    id: int
    model_id: str
    kind: str
    stream: str | None
    profile_kind: str | None
    bins_id: str | None
    path: str
    sha256: str
    bytes: int
    rows: int
    month: str | None
    first_time: datetime | None
    last_time: datetime | None
    batch_id: str | None
    added_generation: int
    added_at: datetime
    removed_generation: int | None
    removed_at: datetime | None
    purged_at: datetime | None


@dataclass(frozen=True, slots=True)
class StreamTotal:
    """Files, rows and bytes of one kind and stream in a generation."""

    kind: str
    stream: str | None
    files: int
    rows: int
    bytes: int


def publish(
    conn: Connection,
    model_id: str,
    expected_generation: int,
    *,
    files: Sequence[NewFile],
    at: datetime,
    newest_event: datetime | None = None,
    remove: Sequence[int] = (),
) -> int:
    """Publish files in a new generation, and return it.

    Parameters
    ----------
    conn : Connection
        Of ``Store.begin()``; end the batch and append the audit entry in the same transaction.
    model_id : str
        Whose files.
    expected_generation : int
        The generation that the writer worked on.
    files : sequence of NewFile
        Files already on disk, with their directory entries.
    at : datetime
        When; aware.
    newest_event : datetime, optional
        Newest event among the rows; moves the model's forward.
    remove : sequence of int
        Manifest ids that the new generation no longer sees.

    Raises
    ------
    Conflict
        If another generation was published meanwhile, or a file to remove is gone already.
    NotFound
        If there is no such model.
    """
    generation = expected_generation + 1
    swapped = conn.execute(
        update(model)
        .where(model.c.id == model_id, model.c.lake_generation == expected_generation)
        .values(lake_generation=generation)
    )
    if swapped.rowcount != 1:
        raise _overtaken(conn, model_id, expected_generation)
    if newest_event is not None:
        advance_newest_event(conn, model_id, newest_event)
    _remove(conn, model_id, generation, remove, at)
    rows = [
        {**asdict(file), "model_id": model_id, "added_generation": generation, "added_at": at}
        for file in files
    ]
    if rows:
        conn.execute(insert(manifest), rows)
    return generation


def swap(
    conn: Connection,
    model_id: str,
    expected_generation: int,
    *,
    add: Sequence[NewFile],
    remove: Sequence[int],
    at: datetime,
) -> int:
    """Put files in the place of others (compaction, new bins) and return the new generation.

    Readers of an older generation still see the removed files; see :func:`removable`. Raises
    what :func:`publish` raises.
    """
    return publish(conn, model_id, expected_generation, files=add, at=at, remove=remove)


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


def mark_purged(conn: Connection, ids: Sequence[int], *, at: datetime) -> None:
    """Note that removed files were deleted from the disk; their rows stay as history."""
    for chunk in _chunks(ids):
        conn.execute(
            update(manifest)
            .where(manifest.c.id.in_(chunk), manifest.c.removed_at.is_not(None))
            .values(purged_at=at)
        )


def _remove(
    conn: Connection, model_id: str, generation: int, ids: Sequence[int], at: datetime
) -> None:
    removed = 0
    for chunk in _chunks(ids):
        removed += conn.execute(
            update(manifest)
            .where(
                manifest.c.id.in_(chunk),
                manifest.c.model_id == model_id,
                manifest.c.removed_generation.is_(None),
            )
            .values(removed_generation=generation, removed_at=at)
        ).rowcount
    if removed != len(set(ids)):
        raise Conflict(
            "A file of {model} that was to be replaced is gone already.",
            remedy="Read the manifest again and repeat.",
            model=model_id,
        )


def _chunks(ids: Sequence[int]) -> Iterable[list[int]]:
    """Cut ids into lists short enough for one statement's parameters."""
    distinct = sorted(set(ids))
    return (distinct[start : start + _CHUNK] for start in range(0, len(distinct), _CHUNK))


def _seen_by(generation: int) -> tuple[ColumnElement[bool], ...]:
    return (
        manifest.c.added_generation <= generation,
        or_(
            manifest.c.removed_generation.is_(None),
            manifest.c.removed_generation > generation,
        ),
    )


def _overtaken(conn: Connection, model_id: str, expected: int) -> Conflict:
    return Conflict(
        "{model} is at generation {found}, not {expected}: another batch was published meanwhile.",
        remedy="Check against the files added since, then publish again.",
        model=model_id,
        found=generation(conn, model_id),
        expected=expected,
    )
