"""Dispute notes: what a person says of a figure that was not changed, bound to that figure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from core.errors import Conflict, NotFound
from core.store.rows import in_parts
from core.store.tables import dispute_note
from core.store.types import clean_text


@dataclass(frozen=True, slots=True)
class DisputeNote:
    """One note: the columns of ``dispute_note``; ``text`` are the person's words."""

    id: int
    subject_id: str
    model_id: str
    prediction_id: str
    item: str
    text: str = field(repr=False)
    request_id: int
    made_at: datetime
    made_by: str
    withdrawn_at: datetime | None
    withdrawn_by: str | None


def add(conn: Connection, values: Mapping[str, object]) -> int:
    """Bind a note to a prediction, and return its number."""
    clean = {**values, "text": clean_text(str(values["text"]))}
    statement = insert(dispute_note).values(**clean).returning(dispute_note.c.id)
    return int(conn.execute(statement).scalar_one())


def get(conn: Connection, note_id: int) -> DisputeNote:
    """Return a note.

    Raises
    ------
    NotFound
        If there is none of that number.
    """
    row = conn.execute(select(dispute_note).where(dispute_note.c.id == note_id)).one_or_none()
    if row is None:
        raise NotFound(
            "There is no dispute note {note}.", remedy="Look it up in the list.", note=str(note_id)
        )
    return DisputeNote(**row._mapping)


def withdraw(conn: Connection, note_id: int, *, by: str, at: datetime) -> None:
    """Take a note back; it stays on record and is no longer shown.

    Raises
    ------
    Conflict
        If it was withdrawn before.
    """
    changed = conn.execute(
        update(dispute_note)
        .where(dispute_note.c.id == note_id, dispute_note.c.withdrawn_at.is_(None))
        .values(withdrawn_at=at, withdrawn_by=by)
    )
    if changed.rowcount != 1:
        raise Conflict("This note was withdrawn already.", remedy="Nothing is left to do.")


def notes_for(conn: Connection, model_id: str, prediction_id: str) -> tuple[DisputeNote, ...]:
    """Return the notes in force of one prediction, the oldest first."""
    query = select(dispute_note).where(
        dispute_note.c.model_id == model_id,
        dispute_note.c.prediction_id == prediction_id,
        dispute_note.c.withdrawn_at.is_(None),
    )
    rows = conn.execute(query.order_by(dispute_note.c.id))
    return tuple(DisputeNote(**row._mapping) for row in rows)


def disputed(conn: Connection, model_id: str, prediction_ids: Collection[str]) -> frozenset[str]:
    """Return which of some predictions have a note in force."""
    column = dispute_note.c
    in_force = (column.model_id == model_id, column.withdrawn_at.is_(None))
    if not conn.execute(select(column.id).where(*in_force).limit(1)).first():
        return frozenset()
    found: set[str] = set()
    for part in in_parts(prediction_ids):
        here = column.prediction_id.in_(part)
        found |= set(conn.execute(select(column.prediction_id).where(*in_force, here)).scalars())
    return frozenset(found)


def predictions_of(conn: Connection, model_id: str) -> frozenset[str]:
    """Return every prediction of a model that has a note in force."""
    column = dispute_note.c
    query = select(column.prediction_id).where(
        column.model_id == model_id, column.withdrawn_at.is_(None)
    )
    return frozenset(conn.execute(query).scalars())


def of_request(conn: Connection, request_id: int) -> tuple[DisputeNote, ...]:
    """Return the notes that came of a request, withdrawn ones included."""
    query = select(dispute_note).where(dispute_note.c.request_id == request_id)
    rows = conn.execute(query.order_by(dispute_note.c.id))
    return tuple(DisputeNote(**row._mapping) for row in rows)


def count(conn: Connection, models: Collection[str] | None = None) -> int:
    """Return how many notes are in force."""
    query = select(func.count()).where(dispute_note.c.withdrawn_at.is_(None))
    if models is not None:
        query = query.where(dispute_note.c.model_id.in_(list(models)))
    return int(conn.execute(query).scalar_one())
