"""The log book of refusals: why a request was refused; it names nobody."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, insert, select, update

from core.store.tables import refusal, rights_request
from core.store.types import clean_text


@dataclass(frozen=True, slots=True)
class Refusal:
    """One entry of the log book: the columns of ``refusal``."""

    id: int
    request_id: int
    kind: str
    ground: str
    reasons: str
    language: str
    other_data_user: str
    refused_at: datetime
    refused_by: str
    proposed_by: str
    notice_sent_on: date | None
    keep_until: date


def add(conn: Connection, values: Mapping[str, object]) -> int:
    """Enter a refusal; the database refuses one that nobody else had proposed."""
    clean = {
        **values,
        "reasons": clean_text(str(values["reasons"])),
        "other_data_user": clean_text(str(values["other_data_user"])),
    }
    return int(conn.execute(insert(refusal).values(**clean).returning(refusal.c.id)).scalar_one())


def of_request(conn: Connection, request_id: int) -> Refusal | None:
    """Return the refusal of a request, if it was refused."""
    row = conn.execute(select(refusal).where(refusal.c.request_id == request_id)).one_or_none()
    return None if row is None else Refusal(**row._mapping)


def list_refusals(
    conn: Connection, *, models: Collection[str] | None = None
) -> tuple[Refusal, ...]:
    """Return the log book, the newest first; of some models only if asked."""
    query = select(refusal)
    if models is not None:
        query = query.join(rights_request, rights_request.c.id == refusal.c.request_id).where(
            rights_request.c.model_id.in_(list(models))
        )
    rows = conn.execute(query.order_by(refusal.c.refused_at.desc(), refusal.c.id.desc()))
    return tuple(Refusal(**row._mapping) for row in rows)


def note_sent(conn: Connection, request_id: int, *, on: date) -> None:
    """Note when the customer was sent the notice of refusal."""
    conn.execute(
        update(refusal).where(refusal.c.request_id == request_id).values(notice_sent_on=on)
    )
