"""Decisions of which an explanation found that the registered model gives another score."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from core.store.audit import trail as audit
from core.store.tables import explanation

KIND = "explanation.score_differs"
NOT_SCORED = "not_scored"
"""Method of the alarm that decisions found to differ cannot be scored again."""
MOST = 200
"""So many decisions are put on record within a day, and so many are scored again, the newest."""
DAY = timedelta(days=1)


def found(conn: Connection, model_id: str) -> dict[str, str]:
    """Return prediction → hash of the model that gave another score, the newest first."""
    entries = audit.list_newest(conn, kind=KIND, objects={"model": model_id}, limit=MOST)
    told: dict[str, str] = {}
    for each in entries:
        told.setdefault(each.objects["prediction"], str(each.body["artefact"]))
    return told


def room_for(conn: Connection, model_id: str, now: datetime) -> int:
    """Return how many more decisions of a model may be put on record now."""
    entries = audit.list_newest(
        conn, kind=KIND, objects={"model": model_id}, since=now - DAY, limit=MOST
    )
    return MOST - len(entries)


def kept_as_differing(conn: Connection, model_id: str) -> tuple[str, ...]:
    """Return the predictions whose newest kept record says that another score was given."""
    column = explanation.c
    newest = (
        select(column.prediction_id, func.max(column.number).label("number"))
        .where(column.model_id == model_id)
        .group_by(column.prediction_id)
        .subquery()
    )
    query = (
        select(column.prediction_id)
        .join(
            newest,
            (newest.c.prediction_id == column.prediction_id) & (newest.c.number == column.number),
        )
        .where(column.model_id == model_id, column.agrees.is_(False))
        .order_by(column.made_at.desc())
        .limit(MOST)
    )
    return tuple(conn.execute(query).scalars())
