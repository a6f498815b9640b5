"""The verdict that counts for each prediction: its newest final one that decided anything."""

from datetime import datetime

from sqlalchemy import Connection, select

from core.domain.review import CaseState
from core.store.review.feeding import FED_KINDS
from core.store.review.records import CaseRecord, case_of
from core.store.tables import review_case


def final_verdicts(
    conn: Connection, model_id: str, *, since: datetime | None = None
) -> tuple[CaseRecord, ...]:
    """Return the newest final case of each prediction of a model, by when it became final.

    Controls and second reviews decide nothing and are left out. An appeal takes the place of what
    it is about.

    Parameters
    ----------
    conn : Connection
        Any transaction.
    model_id : str
        Whose.
    since : datetime, optional
        Only cases that became final at or after this instant.
    """
    column = review_case.c
    query = select(review_case).where(
        column.model_id == model_id,
        column.state == str(CaseState.final),
        column.kind.in_(FED_KINDS),
    )
    if since is not None:
        query = query.where(column.final_at >= since)
    newest: dict[str, CaseRecord] = {}
    for row in conn.execute(query.order_by(column.final_at, column.id)):
        newest.pop(row.prediction_id, None)
        newest[row.prediction_id] = case_of(row)
    return tuple(newest.values())
