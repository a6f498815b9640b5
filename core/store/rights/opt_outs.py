"""Who asked not to be decided about by a model alone; model ``''`` is every model."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from core.store.tables import opt_out

EVERY_MODEL = ""


@dataclass(frozen=True, slots=True)
class OptOut:
    """One entry of the register."""

    subject_id: str
    model_id: str
    since: datetime
    request_id: int
    ended_at: datetime | None


def add(conn: Connection, entry: OptOut) -> None:
    """Enter an opt-out."""
    values = {name: getattr(entry, name) for name in OptOut.__slots__}
    conn.execute(insert(opt_out).values(**values))


def end(conn: Connection, subject_id: str, model_id: str, *, at: datetime) -> int:
    """End what is in force of a person and model; return how many entries that were."""
    return conn.execute(
        update(opt_out)
        .where(
            opt_out.c.subject_id == subject_id,
            opt_out.c.model_id == model_id,
            opt_out.c.ended_at.is_(None),
        )
        .values(ended_at=at)
    ).rowcount


def in_force(conn: Connection, subject_id: str, model_id: str) -> OptOut | None:
    """Return what holds of a person at a model: the entry of the model, or that of all."""
    query = select(opt_out).where(
        opt_out.c.subject_id == subject_id,
        opt_out.c.model_id.in_([model_id, EVERY_MODEL]),
        opt_out.c.ended_at.is_(None),
    )
    row = conn.execute(query.order_by(opt_out.c.model_id.desc(), opt_out.c.since).limit(1)).first()
    return None if row is None else OptOut(**row._mapping)


def list_register(conn: Connection, *, models: Collection[str] | None = None) -> tuple[OptOut, ...]:
    """Return the register, the newest first; of some models only if asked."""
    query = select(opt_out)
    if models is not None:
        query = query.where(opt_out.c.model_id.in_([*models, EVERY_MODEL]))
    rows = conn.execute(query.order_by(opt_out.c.since.desc(), opt_out.c.subject_id))
    return tuple(OptOut(**row._mapping) for row in rows)
