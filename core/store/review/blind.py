"""Predictions of which a blind control or second review waits."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Text, and_, cast, func, or_, select

from core.domain.review import CONTROL, FINISHED, SECOND
from core.store.review.partial import is_blind
from core.store.tables import audit_entry, audit_object, review_case

_KINDS = [CONTROL, SECOND]
_FINISHED = [str(each) for each in FINISHED]
_LIVE = ("routed", "request", "appeal")


def waits(
    conn: Connection, model_id: str, prediction_id: str, *, besides: int | None = None
) -> bool:
    """Whether a blind case of a prediction waits, other than one."""
    column = review_case.c
    query = select(column.id).where(
        column.model_id == model_id,
        column.prediction_id == prediction_id,
        is_blind(column.kind),
        column.state.not_in(_FINISHED),
    )
    if besides is not None:
        query = query.where(column.id != besides)
    return conn.execute(query.limit(1)).one_or_none() is not None


def waiting_predictions(
    conn: Connection, model_id: str, *, among: Collection[str] | None = None
) -> frozenset[str]:
    """Return the predictions of a model, or some of them, of which a blind case waits.

    Without ``among`` every case of the model is looked at.
    """
    column = review_case.c
    query = select(column.prediction_id).where(
        column.model_id == model_id,
        is_blind(column.kind),
        column.state.not_in(_FINISHED),
    )
    if among is not None:
        query = query.where(column.prediction_id.in_(sorted(among)))
    return frozenset(map(str, conn.execute(query).scalars()))


def of_subject(conn: Connection, subject_id: str) -> frozenset[tuple[str, str]]:
    """Return model and prediction of a person's blind cases that wait."""
    column = review_case.c
    query = select(column.model_id, column.prediction_id).where(
        column.subject_id == subject_id,
        is_blind(column.kind),
        column.state.not_in(_FINISHED),
    )
    return frozenset((str(row[0]), str(row[1])) for row in conn.execute(query))


def shown_to_worker(user_id: str, *, unmasked: bool) -> ColumnElement[bool]:
    """Return the condition of the cases that somebody may know of who works on them.

    None that is blind, waits and is about an own verdict; unless the reader watches over reviews,
    no decided one of others while a blind one of the same prediction waits.
    """
    column = review_case.c
    others = and_(
        or_(column.barred_maker_id.is_(None), column.barred_maker_id != user_id),
        or_(column.barred_checker_id.is_(None), column.barred_checker_id != user_id),
    )
    seen = or_(column.kind.not_in(_KINDS), column.state.in_(_FINISHED), others)
    if unmasked:
        return seen
    other = review_case.alias()
    beside = (
        select(other.c.id)
        .where(
            other.c.model_id == column.model_id,
            other.c.prediction_id == column.prediction_id,
            is_blind(other.c.kind),
            other.c.state.not_in(_FINISHED),
            other.c.id != column.id,
        )
        .exists()
    )
    mine = or_(
        func.coalesce(column.maker_id, "") == user_id,
        func.coalesce(column.checker_id, "") == user_id,
    )
    return and_(seen, or_(column.state.not_in(_FINISHED), mine, ~beside))


def shown_in_trail(user_id: str, name: str, kinds: frozenset[str]) -> ColumnElement[bool]:
    """Return the condition of the entries of the audit trail that tell a worker of no blind case.

    Left out are entries of some kinds, those about cases that the worker may not know of, and,
    while a blind case of a prediction waits, what others did about that prediction outside of a
    case: its release, a look at its values, a customer's request.

    Parameters
    ----------
    user_id, name : str
        Who reads, and what the trail calls this person.
    kinds : frozenset of str
        Which are left out altogether.
    """
    column, entry = review_case.c, audit_entry.c
    hidden = select(cast(column.id, Text)).where(~shown_to_worker(user_id, unmasked=False))
    other = review_case.alias()
    waiting = select(other.c.prediction_id).where(
        is_blind(other.c.kind), other.c.state.not_in(_FINISHED)
    )
    outside = and_(_about("prediction", waiting), ~_about("case"), entry.actor != name)
    return and_(entry.kind.not_in(sorted(kinds)), ~_about("case", hidden), ~outside)


def _about(name: str, ids: Select[Any] | None = None) -> ColumnElement[bool]:
    named = audit_object.c
    query = select(named.sequence).where(
        named.sequence == audit_entry.c.sequence, named.kind == name
    )
    if ids is not None:
        query = query.where(named.object_id.in_(ids))
    return query.exists()


def newest_live(conn: Connection, model_id: str) -> datetime | None:
    """Return when the newest case of a model was made that is not blind; ``None`` without any."""
    column = review_case.c
    query = (
        select(column.created_at)
        .where(column.model_id == model_id, column.kind.in_(_LIVE))
        .order_by(column.id.desc())
        .limit(1)
    )
    return conn.execute(query).scalar_one_or_none()
