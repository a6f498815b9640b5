"""Annotations: what people note on a model's time axis."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from core.errors import NotFound
from core.store.tables import annotation


@dataclass(frozen=True, slots=True)
class Annotation:
    """One annotation.

    Parameters
    ----------
    id, model_id : str
        Key, and whose.
    kind : {"version", "incident", "threshold", "note"}
        What kind of thing happened.
    at : datetime
        When.
    label : str
        What, in a few words.
    created_at, created_by : datetime, str
        When it was noted, and under which pseudonym.
    removed_at : datetime, optional
        Since when it is no longer shown.
    """

    id: str
    model_id: str
    kind: str
    at: datetime
    label: str
    created_at: datetime
    created_by: str
    removed_at: datetime | None = None


def put(conn: Connection, made: Annotation) -> None:
    """Keep an annotation."""
    conn.execute(insert(annotation).values(**asdict(made)))


def get(conn: Connection, annotation_id: str) -> Annotation:
    """Return an annotation that is shown.

    Raises
    ------
    NotFound
        If there is none of that id, or it was removed.
    """
    query = select(annotation).where(
        annotation.c.id == annotation_id, annotation.c.removed_at.is_(None)
    )
    row = conn.execute(query).one_or_none()
    if row is None:
        raise NotFound(
            "There is no annotation {annotation}.",
            remedy="Look it up in the list.",
            annotation=annotation_id,
        )
    return Annotation(**row._mapping)


def remove(conn: Connection, annotation_id: str, at: datetime) -> None:
    """Show an annotation no longer; it stays in the audit trail."""
    where = (annotation.c.id == annotation_id, annotation.c.removed_at.is_(None))
    conn.execute(update(annotation).where(*where).values(removed_at=at))


def list_shown(conn: Connection, model_id: str) -> tuple[Annotation, ...]:
    """Return the annotations of a model that are shown, by their time."""
    query = select(annotation).where(
        annotation.c.model_id == model_id, annotation.c.removed_at.is_(None)
    )
    rows = conn.execute(query.order_by(annotation.c.at, annotation.c.id))
    return tuple(Annotation(**row._mapping) for row in rows)
