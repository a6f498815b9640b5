"""Templates of letters: each version that two people agreed on; the newest is in force."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select

from core.store.tables import letter_template


@dataclass(frozen=True, slots=True)
class TemplateRecord:
    """One approved version of the template.

    Parameters
    ----------
    number : int
        From 1.
    document : mapping
        As :func:`core.domain.explanation.letter_template.read_template` reads it.
    sha256 : str
        Of its canonical JSON.
    approval_id : str
        The approval that put it in force.
    proposed_by, approved_by : str
        Pseudonyms of the two people.
    approved_at : datetime
        From when on it is in force.
    """

    number: int
    document: Mapping[str, object]
    sha256: str
    approval_id: str
    proposed_by: str
    approved_by: str
    approved_at: datetime


def put(conn: Connection, approved: TemplateRecord) -> None:
    """Put a template in force."""
    values = asdict(approved) | {"document": dict(approved.document)}
    conn.execute(insert(letter_template).values(**values))


def list_all(conn: Connection, *, limit: int = 50) -> tuple[TemplateRecord, ...]:
    """Return the newest templates, the newest first."""
    query = select(letter_template).order_by(letter_template.c.number.desc()).limit(limit)
    return tuple(_template(row) for row in conn.execute(query))


def in_force(conn: Connection) -> TemplateRecord | None:
    """Return the newest template; ``None`` while the shipped one is in force."""
    return next(iter(list_all(conn, limit=1)), None)


def _template(row: Row[tuple[object, ...]]) -> TemplateRecord:
    return TemplateRecord(**row._mapping)
