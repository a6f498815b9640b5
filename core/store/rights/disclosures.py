"""Who else was given a person's data, and who of them was told of a correction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, insert, select

from core.store.rows import insert_if_absent
from core.store.tables import disclosure, disclosure_notice
from core.store.types import clean_text


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One entry of the log: to whom, what for, which columns (none: not known), on which day."""

    id: int
    subject_id: str
    model_id: str | None
    recipient: str
    purpose: str
    what: Sequence[str]
    disclosed_on: date
    noted_at: datetime
    noted_by: str


@dataclass(frozen=True, slots=True)
class Notice:
    """That a recipient was told of a correction: when, and who says so."""

    disclosure_id: int
    request_id: int
    sent_on: date
    sent_by: str


def add(conn: Connection, values: Mapping[str, object]) -> int:
    """Note a disclosure, and return its number."""
    clean = {
        **values,
        "recipient": clean_text(str(values["recipient"])),
        "purpose": clean_text(str(values["purpose"])),
    }
    statement = insert(disclosure).values(**clean).returning(disclosure.c.id)
    return int(conn.execute(statement).scalar_one())


def find(conn: Connection, disclosure_id: int) -> Disclosure | None:
    """Return an entry by its number; ``None`` if it is gone."""
    row = conn.execute(select(disclosure).where(disclosure.c.id == disclosure_id)).one_or_none()
    return None if row is None else Disclosure(**row._mapping)


def list_of(
    conn: Connection, subject_id: str, *, first: date | None = None, last: date | None = None
) -> tuple[Disclosure, ...]:
    """Return what was disclosed of a person between two days, both included, newest first."""
    column = disclosure.c
    query = select(disclosure).where(column.subject_id == subject_id)
    if first is not None:
        query = query.where(column.disclosed_on >= first)
    if last is not None:
        query = query.where(column.disclosed_on <= last)
    rows = conn.execute(query.order_by(column.disclosed_on.desc(), column.id.desc()))
    return tuple(Disclosure(**row._mapping) for row in rows)


def newest(
    conn: Connection, *, models: Collection[str] | None = None, limit: int = 200
) -> tuple[Disclosure, ...]:
    """Return the newest entries; of some models only if asked."""
    query = select(disclosure)
    if models is not None:
        query = query.where(disclosure.c.model_id.in_(list(models)))
    query = query.order_by(disclosure.c.disclosed_on.desc(), disclosure.c.id.desc()).limit(limit)
    return tuple(Disclosure(**row._mapping) for row in conn.execute(query))


def mark_sent(conn: Connection, notice: Notice) -> bool:
    """Note that a recipient was told; return whether that was not noted before."""
    values = {name: getattr(notice, name) for name in Notice.__slots__}
    return insert_if_absent(conn, disclosure_notice, values)


def notices(conn: Connection, request_id: int) -> Mapping[int, Notice]:
    """Return disclosure → notice of a request."""
    query = select(disclosure_notice).where(disclosure_notice.c.request_id == request_id)
    return {row.disclosure_id: Notice(**row._mapping) for row in conn.execute(query)}
