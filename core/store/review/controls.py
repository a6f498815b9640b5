"""Blind controls and second reviews: what they could be made of, and what came of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from core.domain.review import CONTROL, FINISHED, SECOND, CaseState
from core.store.review.records import CaseRecord, case_of
from core.store.tables import review_case, review_control

_FIRST = ("routed",)
_LIVE = (*_FIRST, "appeal")
_FINAL = str(CaseState.final)


@dataclass(frozen=True, slots=True)
class Unmasked:
    """A control that was decided: what its outcome calls for, and whether that was found."""

    expected: str
    caught: bool
    basis: Mapping[str, Any]


def put(
    conn: Connection, case_id: int, source: int, *, expected: str, basis: Mapping[str, Any]
) -> None:
    """Note that a case is a control, of which case, and what verdict its outcome calls for."""
    conn.execute(
        insert(review_control).values(
            case_id=case_id, source_case_id=source, expected=expected, basis=dict(basis)
        )
    )


def unmask(conn: Connection, case_id: int, verdict: str, *, at: datetime) -> Unmasked | None:
    """Note what was found of a control that was decided just now; ``None`` if it is none."""
    column = review_control.c
    row = conn.execute(
        select(column.expected, column.basis).where(
            column.case_id == case_id, column.unmasked_at.is_(None)
        )
    ).one_or_none()
    if row is None:
        return None
    caught = row.expected == verdict
    conn.execute(
        update(review_control)
        .where(column.case_id == case_id)
        .values(caught=caught, unmasked_at=at)
    )
    return Unmasked(row.expected, caught, row.basis)


def sources(
    conn: Connection, model_id: str, *, matured_before: datetime, unused_since: datetime
) -> list[tuple[int, str]]:
    """Return id and prediction of the decided cases that a control could be made of, by id.

    None that a customer asked for: the desk would find the first verdict at the request.

    Parameters
    ----------
    conn : Connection
        Any transaction.
    model_id : str
        Whose.
    matured_before : datetime
        Only predictions up to then: the outcome of later ones is not final.
    unused_since : datetime
        Not of a prediction that a control was made of since then, nor of one with an open case.
    """
    column, other = review_case.c, review_case.alias()
    taken = (
        select(other.c.id)
        .where(
            other.c.model_id == column.model_id,
            other.c.prediction_id == column.prediction_id,
            other.c.state.not_in([str(each) for each in FINISHED])
            | ((other.c.kind == CONTROL) & (other.c.created_at >= unused_since)),
        )
        .exists()
    )
    query = (
        select(column.id, column.prediction_id)
        .where(
            column.model_id == model_id,
            column.state == _FINAL,
            column.kind.in_(_FIRST),
            column.request_id.is_(None),
            column.predicted_at <= matured_before,
            ~taken,
        )
        .order_by(column.id)
    )
    return [(int(row.id), str(row.prediction_id)) for row in conn.execute(query)]


def undoubled(conn: Connection, model_id: str, *, since: datetime) -> tuple[CaseRecord, ...]:
    """Return the cases decided since a moment that have had no second review, by id.

    None that a customer asked for, as for :func:`sources`.
    """
    column, other = review_case.c, review_case.alias()
    second = (
        select(other.c.id).where(other.c.parent_id == column.id, other.c.kind == SECOND).exists()
    )
    query = (
        select(review_case)
        .where(
            column.model_id == model_id,
            column.state == _FINAL,
            column.final_at >= since,
            column.kind.in_(_FIRST),
            column.request_id.is_(None),
            ~second,
        )
        .order_by(column.id)
    )
    return tuple(case_of(row) for row in conn.execute(query))


def count_made(
    conn: Connection, model_id: str, *, blind: bool, since: datetime, until: datetime
) -> int:
    """Return how many controls, or else how many live cases, were made in a half-open time."""
    column = review_case.c
    query = select(func.count()).where(
        column.model_id == model_id,
        column.kind == CONTROL if blind else column.kind.in_(_LIVE),
        column.created_at >= since,
        column.created_at < until,
    )
    return int(conn.execute(query).scalar_one())


def count_of_prediction(conn: Connection, model_id: str, prediction_id: str) -> int:
    """Return how many controls were made of a prediction."""
    column = review_case.c
    query = select(func.count()).where(
        column.model_id == model_id,
        column.prediction_id == prediction_id,
        column.kind == CONTROL,
    )
    return int(conn.execute(query).scalar_one())
