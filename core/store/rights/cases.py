"""The cases of human review that a request led to."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, or_, select

from core.store.tables import review_case, rights_step

_LIVE = ("routed", "request", "appeal")


@dataclass(frozen=True, slots=True)
class RequestCase:
    """A case of a request: what it is about, where it stands, and how it ended.

    ``decision`` is what the model decided; ``parent_id`` the case that an appeal is about.
    """

    id: int
    kind: str
    state: str
    verdict: str | None
    final_decision: str | None
    model_id: str
    prediction_id: str
    decision: str
    parent_id: int | None
    created_at: datetime
    final_at: datetime | None


def of_request(conn: Connection, request_id: int) -> tuple[RequestCase, ...]:
    """Return the cases that a request led to, or was put to, the newest first.

    Blind ones are none of them, nor are those that were withdrawn.
    """
    step = rights_step.c
    opened = conn.execute(
        select(step.body).where(step.request_id == request_id, step.action == "case_opened")
    )
    put_to = {body.get("case") for body in opened.scalars()} - {None}
    columns = [review_case.c[name] for name in RequestCase.__slots__]
    query = select(*columns).where(
        or_(review_case.c.request_id == request_id, review_case.c.id.in_(sorted(put_to))),
        review_case.c.kind.in_(_LIVE),
        review_case.c.state != "withdrawn",
    )
    rows = conn.execute(query.order_by(review_case.c.id.desc()))
    return tuple(RequestCase(**row._mapping) for row in rows)


def appeal_of(conn: Connection, case_id: int) -> RequestCase | None:
    """Return the appeal about a case that was not withdrawn, if there is one."""
    columns = [review_case.c[name] for name in RequestCase.__slots__]
    query = select(*columns).where(
        review_case.c.parent_id == case_id,
        review_case.c.kind == "appeal",
        review_case.c.state != "withdrawn",
    )
    row = conn.execute(query.order_by(review_case.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else RequestCase(**row._mapping)


def final_decision_of(conn: Connection, case_id: int) -> str | None:
    """Return what people decided in a case."""
    query = select(review_case.c.final_decision).where(review_case.c.id == case_id)
    found: str | None = conn.execute(query).scalar_one_or_none()
    return found


def appeal_decided(conn: Connection, model_id: str, prediction_id: str) -> bool:
    """Whether a third person has decided about a prediction; here nobody decides after that."""
    query = select(review_case.c.id).where(
        review_case.c.model_id == model_id,
        review_case.c.prediction_id == prediction_id,
        review_case.c.state == "final",
        review_case.c.kind == "appeal",
    )
    return conn.execute(query.limit(1)).first() is not None


def decided_before(conn: Connection, model_id: str, prediction_id: str) -> bool:
    """Whether a person has decided about a prediction already; then what follows is an appeal."""
    query = select(review_case.c.id).where(
        review_case.c.model_id == model_id,
        review_case.c.prediction_id == prediction_id,
        review_case.c.state == "final",
        review_case.c.kind.in_(_LIVE),
    )
    return conn.execute(query.limit(1)).first() is not None
