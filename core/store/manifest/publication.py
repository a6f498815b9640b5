"""Publishing: files added and removed in one new generation, if nobody was faster."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, insert, update

from core.errors import Conflict
from core.store.manifest.files import generation as newest_generation
from core.store.manifest.records import NewFile
from core.store.models import advance_newest_event
from core.store.rows import in_parts
from core.store.tables import manifest, model


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

    Parameters
    ----------
    conn : Connection
        A transaction of ``Store.begin()``.
    model_id : str
        The model.
    expected_generation : int
        The generation that the new files were made from.
    add : sequence of NewFile
        The new files.
    remove : sequence of int
        Ids of those that they replace.
    at : datetime
        When.
    """
    return publish(conn, model_id, expected_generation, files=add, at=at, remove=remove)


def mark_purged(conn: Connection, ids: Sequence[int], *, at: datetime) -> None:
    """Note that removed files were deleted from the disk; their rows stay as history."""
    for chunk in in_parts(sorted(set(ids))):
        conn.execute(
            update(manifest)
            .where(manifest.c.id.in_(chunk), manifest.c.removed_at.is_not(None))
            .values(purged_at=at)
        )


def _remove(
    conn: Connection, model_id: str, generation: int, ids: Sequence[int], at: datetime
) -> None:
    removed = 0
    for chunk in in_parts(sorted(set(ids))):
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


def _overtaken(conn: Connection, model_id: str, expected: int) -> Conflict:
    return Conflict(
        "{model} is at generation {found}, not {expected}: another batch was published meanwhile.",
        remedy="Check against the files added since, then publish again.",
        model=model_id,
        found=newest_generation(conn, model_id),
        expected=expected,
    )
