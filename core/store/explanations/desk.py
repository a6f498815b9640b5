"""What the explanations' desk asks of kept records and letters: which are there, how stable."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from core.store.rows import in_parts
from core.store.tables import explanation, explanation_letter


@dataclass(frozen=True, slots=True)
class SteadyRecord:
    """How stable the reasons of a decision's newest record are.

    Parameters
    ----------
    prediction_id, version : str
        Which decision, and what made it.
    number : int
        Of the record.
    stability : float
        Share of other backgrounds with the same reasons.
    made_at : datetime
        When it was kept.
    """

    prediction_id: str
    version: str
    number: int
    stability: float
    made_at: datetime


def decisions_of(conn: Connection, ids: Collection[str]) -> dict[str, str]:
    """Return record → the decision that it is of, for those of these records still kept."""
    column, found = explanation.c, {}
    for part in in_parts(sorted(ids)):
        query = select(column.id, column.prediction_id).where(column.id.in_(part))
        found.update({str(row[0]): str(row[1]) for row in conn.execute(query)})
    return found


def kept_since(conn: Connection, model_id: str, at: datetime) -> frozenset[str]:
    """Return the decisions of which a record was made at an instant or later."""
    column = explanation.c
    query = select(column.prediction_id).where(column.model_id == model_id, column.made_at >= at)
    return frozenset(str(each) for each in conn.execute(query.distinct()).scalars())


def newest_letters(
    conn: Connection, model_id: str, prediction_ids: Collection[str]
) -> dict[str, datetime]:
    """Return when the newest letter about each of these decisions was made; none, no entry."""
    column, found = explanation_letter.c, {}
    for part in in_parts(sorted(prediction_ids)):
        query = (
            select(column.prediction_id, func.max(column.made_at))
            .where(column.model_id == model_id, column.prediction_id.in_(part))
            .group_by(column.prediction_id)
        )
        found.update({str(row[0]): row[1] for row in conn.execute(query)})
    return found


def steady_records(
    conn: Connection, model_id: str, *, jurisdictions: Collection[str] | None = None
) -> tuple[SteadyRecord, ...]:
    """Return the newest record of each decision of a model, if it says how stable its reasons are.

    Parameters
    ----------
    conn : Connection
        Any transaction.
    model_id : str
        Which model.
    jurisdictions : collection of str, optional
        Only decisions of these places.
    """
    column = explanation.c
    query = select(
        column.prediction_id, column.version, column.number, column.stability, column.made_at
    ).where(column.model_id == model_id)
    if jurisdictions is not None:
        query = query.where(column.jurisdiction.in_(sorted(jurisdictions)))
    newest = {row.prediction_id: row for row in conn.execute(query.order_by(column.number))}
    return tuple(
        SteadyRecord(**row._mapping) for row in newest.values() if row.stability is not None
    )
