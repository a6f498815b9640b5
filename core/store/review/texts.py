"""Words about a case, apart from its steps, so that they can go when the person is erased."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from core.store.tables import assignment, review_case, review_file, review_text
from core.store.types import clean_text


@dataclass(frozen=True, slots=True)
class TextRecord:
    """Words that somebody wrote about a case."""

    id: int
    case_id: int
    kind: str
    author_id: str
    written_at: datetime
    text: str
    mentions: Sequence[str]


def add(
    conn: Connection,
    case_id: int,
    *,
    kind: str,
    author_id: str,
    text: str,
    at: datetime,
    mentions: Sequence[str] = (),
) -> int:
    """Keep words; return their id.

    Parameters
    ----------
    conn : Connection
        Of ``Store.begin()``.
    case_id : int
        About which case.
    kind : {"own_view", "verdict", "check", "comment", "evidence"}
        What they are.
    author_id, text : str
        Who wrote what.
    at : datetime
        When.
    mentions : sequence of str
        Users who are spoken to.
    """
    values = {
        "case_id": case_id,
        "kind": kind,
        "author_id": author_id,
        "written_at": at,
        "text": clean_text(text),
        "mentions": list(mentions),
    }
    made = conn.execute(insert(review_text).values(**values).returning(review_text.c.id))
    return int(made.scalar_one())


def of_case(conn: Connection, case_id: int) -> tuple[TextRecord, ...]:
    """Return all words about a case, the oldest first."""
    query = select(review_text).where(review_text.c.case_id == case_id).order_by(review_text.c.id)
    return tuple(TextRecord(**row._mapping) for row in conn.execute(query))


def count_files(conn: Connection, case_id: int) -> int:
    """Return how many files bear a case out: none that a developer of its model put there."""
    developer = (
        select(assignment.c.user_id)
        .join(review_case, review_case.c.model_id == assignment.c.model_id)
        .where(
            review_case.c.id == case_id,
            assignment.c.kind == "developer",
            assignment.c.user_id == review_file.c.added_by,
        )
    )
    query = select(func.count()).where(
        review_file.c.case_id == case_id,
        review_file.c.removed_at.is_(None),
        ~developer.exists(),
    )
    return int(conn.execute(query).scalar_one())
