"""Batches: what an ingest writes, from the first byte to published, skipped, failed or expired.

A batch leaves ``writing`` once, and only once: whoever comes second (a writer that was thought
dead, a janitor that thought so) finds it finished and raises :class:`LostLease`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from core.errors import LostLease, NotFound
from core.store.tables import BATCH_STATES, batch, batch_source
from core.store.types import clean_text

FinalState = Literal["published", "skipped", "failed"]


@dataclass(frozen=True, slots=True)
class BatchSource:
    """One file of a batch: its place, name, hash, size in bytes and number of rows."""

    ordinal: int
    name: str
    sha256: str
    bytes: int
    rows: int = 0


@dataclass(frozen=True, slots=True)
class BatchCounts:
    """Rows of a batch: ``read`` = ``stored`` + ``skipped`` + ``quarantined``."""

    read: int = 0
    stored: int = 0
    skipped: int = 0
    quarantined: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch.

    Parameters
    ----------
    id, model_id, stream : str
        Key, model and stream.
    state : {"writing", "published", "skipped", "failed", "expired"}
        Where it stands.
    actor : str
        Who ingests.
    started_at, heartbeat_at, finished_at : datetime
        When it began, gave its last sign of life, and ended (``None`` while writing).
    rows_read, rows_stored, rows_skipped, rows_quarantined : int
        What became of the rows.
    undeclared : tuple of str
        Columns found in the files that the contract does not declare; not stored.
    message : str
        Why it was skipped or failed; otherwise empty.
    first_time, last_time : datetime, optional
        Oldest and newest event of the stored rows.
    """

    id: str
    model_id: str
    stream: str
    state: str
    actor: str
    started_at: datetime
    heartbeat_at: datetime
    finished_at: datetime | None
    rows_read: int
    rows_stored: int
    rows_skipped: int
    rows_quarantined: int
    undeclared: tuple[str, ...]
    message: str
    first_time: datetime | None
    last_time: datetime | None


def open_batch(
    conn: Connection, *, batch_id: str, model_id: str, stream: str, actor: str, at: datetime
) -> None:
    """Announce a batch before its first file is written, so that nobody removes its files.

    Parameters
    ----------
    conn : Connection
        A transaction of ``Store.begin()``.
    batch_id : str
        Its id.
    model_id : str
        The model.
    stream : str
        ``predictions``, ``outcomes`` or ``decisions``.
    actor : str
        Pseudonym of who ingests.
    at : datetime
        When.
    """
    conn.execute(
        insert(batch).values(
            id=batch_id,
            model_id=model_id,
            stream=stream,
            state="writing",
            actor=actor,
            started_at=at,
            heartbeat_at=at,
            undeclared=[],
            message="",
        )
    )


def add_sources(conn: Connection, batch_id: str, sources: Sequence[BatchSource]) -> None:
    """Note the files that a batch reads."""
    rows = [
        {
            "batch_id": batch_id,
            "ordinal": source.ordinal,
            "name": clean_text(source.name),
            "sha256": source.sha256,
            "bytes": source.bytes,
            "rows": source.rows,
        }
        for source in sources
    ]
    if rows:
        conn.execute(insert(batch_source), rows)


def heartbeat(conn: Connection, batch_id: str, *, at: datetime) -> None:
    """Give a sign of life.

    Raises
    ------
    LostLease
        If the batch is no longer being written: stop, and publish nothing.
    """
    changed = conn.execute(
        update(batch)
        .where(batch.c.id == batch_id, batch.c.state == "writing")
        .values(heartbeat_at=at)
    )
    if changed.rowcount != 1:
        raise _lost(batch_id)


def finish(
    conn: Connection,
    batch_id: str,
    state: FinalState,
    *,
    at: datetime,
    counts: BatchCounts | None = None,
    undeclared: Sequence[str] = (),
    message: str = "",
    first_time: datetime | None = None,
    last_time: datetime | None = None,
) -> None:
    """End a batch; ``published`` belongs into the transaction of the manifest rows.

    Parameters
    ----------
    conn : Connection
        Of ``Store.begin()``.
    batch_id : str
        Which batch.
    state : {"published", "skipped", "failed"}
        How it ended.
    at : datetime
        When; aware.
    counts : BatchCounts, optional
        What became of the rows.
    undeclared : sequence of str
        Columns that were not stored.
    message : str
        Why it was skipped or failed.
    first_time, last_time : datetime, optional
        Oldest and newest event of the stored rows.

    Raises
    ------
    LostLease
        If the batch already ended, such as by expiry.
    """
    counts = counts or BatchCounts()
    changed = conn.execute(
        update(batch)
        .where(batch.c.id == batch_id, batch.c.state == "writing")
        .values(
            state=state,
            heartbeat_at=at,
            finished_at=at,
            rows_read=counts.read,
            rows_stored=counts.stored,
            rows_skipped=counts.skipped,
            rows_quarantined=counts.quarantined,
            undeclared=list(undeclared),
            message=clean_text(message),
            first_time=first_time,
            last_time=last_time,
        )
    )
    if changed.rowcount != 1:
        raise _lost(batch_id)


def expire(conn: Connection, *, stale_before: datetime, at: datetime) -> tuple[str, ...]:
    """End the batches whose last sign of life is older than ``stale_before``; return their ids."""
    rows = conn.execute(
        update(batch)
        .where(batch.c.state == "writing", batch.c.heartbeat_at < stale_before)
        .values(state="expired", finished_at=at)
        .returning(batch.c.id)
    )
    return tuple(sorted(rows.scalars()))


def find(conn: Connection, batch_id: str) -> Batch | None:
    """Return a batch, or ``None``."""
    row = conn.execute(select(batch).where(batch.c.id == batch_id)).one_or_none()
    return None if row is None else _batch(row._mapping)


def get(conn: Connection, batch_id: str) -> Batch:
    """Return a batch.

    Raises
    ------
    NotFound
        If there is none of that id.
    """
    found = find(conn, batch_id)
    if found is None:
        raise NotFound(
            "There is no batch {batch}.", remedy="Look it up in the list.", batch=batch_id
        )
    return found


def list_batches(
    conn: Connection,
    *,
    models: Iterable[str] | None = None,
    streams: Iterable[str] | None = None,
    states: Iterable[str] | None = None,
    finished_before: datetime | None = None,
    limit: int | None = 100,
    offset: int = 0,
) -> tuple[Batch, ...]:
    """Return batches, the newest first, narrowed by what is given; ``None`` means all.

    Parameters
    ----------
    conn : Connection
        A transaction of ``Store.begin()``.
    models : iterable of str, optional
        Of these models.
    streams : iterable of str, optional
        Of these streams.
    states : iterable of str, optional
        In these states.
    finished_before : datetime, optional
        Ended before this instant.
    limit : int, optional
        How many at most.
    offset : int
        How many to pass over.
    """
    query = select(batch)
    if models is not None:
        query = query.where(batch.c.model_id.in_(list(models)))
    if streams is not None:
        query = query.where(batch.c.stream.in_(list(streams)))
    if states is not None:
        query = query.where(batch.c.state.in_(list(states)))
    if finished_before is not None:
        query = query.where(batch.c.finished_at < finished_before)
    query = query.order_by(batch.c.started_at.desc(), batch.c.id.desc())
    rows = conn.execute(query.limit(limit).offset(offset))
    return tuple(_batch(row._mapping) for row in rows)


def sources(conn: Connection, batch_id: str) -> tuple[BatchSource, ...]:
    """Return the files that a batch read, in order."""
    columns = batch_source.c
    query = select(columns.ordinal, columns.name, columns.sha256, columns.bytes, columns.rows)
    rows = conn.execute(query.where(columns.batch_id == batch_id).order_by(columns.ordinal))
    return tuple(BatchSource(**row._mapping) for row in rows)


def published_with_source(
    conn: Connection, *, model_id: str, stream: str, sha256: str
) -> str | None:
    """Return the newest published batch that read a file of this content; ``None`` if none did."""
    query = (
        select(batch.c.id)
        .join(batch_source, batch_source.c.batch_id == batch.c.id)
        .where(
            batch.c.model_id == model_id,
            batch.c.stream == stream,
            batch.c.state == "published",
            batch_source.c.sha256 == sha256,
        )
        .order_by(batch.c.finished_at.desc())
        .limit(1)
    )
    return conn.execute(query).scalar_one_or_none()


def count_by_state(conn: Connection, model_id: str | None = None) -> dict[str, int]:
    """Return the number of batches in each state, zeros included."""
    query = select(batch.c.state, func.count()).group_by(batch.c.state)
    if model_id is not None:
        query = query.where(batch.c.model_id == model_id)
    found = {row.state: row[1] for row in conn.execute(query)}
    return {state: found.get(state, 0) for state in BATCH_STATES}


def _batch(row: RowMapping) -> Batch:
    values = {str(name): value for name, value in row.items()}
    return Batch(**{**values, "undeclared": tuple(values["undeclared"])})


def _lost(batch_id: str) -> LostLease:
    return LostLease(
        "The batch {batch} is no longer being written; it was given up or already ended.",
        remedy="Ingest the files again; rows already stored are skipped.",
        batch=batch_id,
    )
