"""Final verdicts that the decisions stream has not got yet."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, and_, select, update

from core.domain.review import CaseState
from core.store.review.records import CaseRecord, case_of
from core.store.rows import in_parts
from core.store.tables import review_case

FED_KINDS = ("routed", "request", "appeal")
"""Kinds of cases whose verdict decides; a control or a second opinion changes nothing."""
_WAITS: ColumnElement[bool] = and_(
    review_case.c.state == str(CaseState.final),
    review_case.c.kind.in_(FED_KINDS),
    review_case.c.fed_batch.is_(None),
)


def models_waiting(conn: Connection) -> tuple[str, ...]:
    """Return the models that have verdicts to be fed, in order."""
    query = select(review_case.c.model_id).where(_WAITS).distinct()
    return tuple(sorted(conn.execute(query).scalars()))


def waiting(conn: Connection, model_id: str, *, limit: int) -> tuple[CaseRecord, ...]:
    """Return final cases of a model whose verdict is to be fed, the oldest case first."""
    query = (
        select(review_case)
        .where(_WAITS, review_case.c.model_id == model_id)
        .order_by(review_case.c.id)
        .limit(limit)
    )
    return tuple(case_of(row) for row in conn.execute(query))


def mark(conn: Connection, case_ids: Sequence[int], batch: str) -> int:
    """Note the batch that has the verdicts of some cases; return of how many."""
    marked = 0
    for part in in_parts(case_ids):
        change = update(review_case).where(_WAITS, review_case.c.id.in_(part))
        marked += conn.execute(change.values(fed_batch=batch)).rowcount
    return marked
