"""Other cases about the same person."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from core.store.tables import review_case


@dataclass(frozen=True, slots=True)
class LinkedCase:
    """Another case about a person: what it is, where it stands, and how it ended."""

    id: int
    model_id: str
    prediction_id: str
    kind: str
    state: str
    jurisdiction: str
    decision: str
    verdict: str | None
    final_decision: str | None
    created_at: datetime
    final_at: datetime | None


def of_subject(conn: Connection, subject_id: str, *, limit: int) -> tuple[LinkedCase, ...]:
    """Return the cases about a person, the newest first.

    Blind controls and second reviews are left out: who works on one may not learn of the other.
    """
    names = LinkedCase.__dataclass_fields__
    query = (
        select(*(review_case.c[name] for name in names))
        .where(
            review_case.c.subject_id == subject_id,
            review_case.c.kind.not_in(["control", "second"]),
        )
        .order_by(review_case.c.id.desc())
        .limit(limit)
    )
    return tuple(LinkedCase(**row._mapping) for row in conn.execute(query))
