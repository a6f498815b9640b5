"""Code books of reasons: each version that two people agreed on; the newest is in force."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, func, insert, select

from core.store.tables import code_book


@dataclass(frozen=True, slots=True)
class CodeBookRecord:
    """One approved version of a model's code book.

    Parameters
    ----------
    model_id, number : str, int
        Whose it is, and which, from 1.
    document : mapping
        As :func:`core.domain.explanation.read_code_book` reads it.
    sha256 : str
        Of its canonical JSON.
    approval_id : str
        The approval that put it in force.
    proposed_by, approved_by : str
        Pseudonyms of the two people.
    approved_at : datetime
        From when on it is in force.
    """

    model_id: str
    number: int
    document: Mapping[str, object]
    sha256: str
    approval_id: str
    proposed_by: str
    approved_by: str
    approved_at: datetime


def next_number(conn: Connection, model_id: str) -> int:
    """Return the number of a model's next book."""
    column = code_book.c
    query = select(func.max(column.number)).where(column.model_id == model_id)
    return (conn.execute(query).scalar_one() or 0) + 1


def put(conn: Connection, approved: CodeBookRecord) -> None:
    """Put a book in force."""
    values = asdict(approved) | {"document": dict(approved.document)}
    conn.execute(insert(code_book).values(**values))


def list_of(conn: Connection, model_id: str, *, limit: int = 50) -> tuple[CodeBookRecord, ...]:
    """Return the newest books of a model, the newest first."""
    query = select(code_book).where(code_book.c.model_id == model_id)
    rows = conn.execute(query.order_by(code_book.c.number.desc()).limit(limit))
    return tuple(_book(row) for row in rows)


def in_force(conn: Connection, model_id: str) -> CodeBookRecord | None:
    """Return the newest book of a model, if it has one."""
    return next(iter(list_of(conn, model_id, limit=1)), None)


def numbered(conn: Connection, model_id: str, number: int) -> CodeBookRecord | None:
    """Return the book of a number, if the model had it."""
    column = code_book.c
    query = select(code_book).where(column.model_id == model_id, column.number == number)
    row = conn.execute(query).one_or_none()
    return None if row is None else _book(row)


def _book(row: Row[tuple[object, ...]]) -> CodeBookRecord:
    return CodeBookRecord(**row._mapping)
