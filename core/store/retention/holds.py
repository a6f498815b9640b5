"""Legal holds: what nobody may erase until somebody lifts the hold.

A hold names a subject (by pseudonym), a model, a class of records, or several of these; then it
covers what all of them have in common.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, insert, select, update

from core.domain.identity import Actor
from core.errors import Conflict, NotFound
from core.store.tables import legal_hold
from core.store.types import clean_text


@dataclass(frozen=True, slots=True)
class Hold:
    """One legal hold.

    Parameters
    ----------
    id : str
        Its key.
    subject_id, model_id, record_class : str, optional
        What it covers; ``None`` does not narrow it. At least one is given.
    reason : str
        Why it was placed.
    placed_at, placed_by : datetime, str
        When, and under which pseudonym.
    lifted_at, lifted_by, lift_reason : optional
        When, by whom and why it was lifted; ``None`` while it is in force.
    """

    id: str
    subject_id: str | None
    model_id: str | None
    record_class: str | None
    reason: str
    placed_at: datetime
    placed_by: str
    lifted_at: datetime | None = None
    lifted_by: str | None = None
    lift_reason: str | None = None

    @property
    def in_force(self) -> bool:
        """Whether nobody has lifted it."""
        return self.lifted_at is None

    def is_seen_by(self, reader: Actor) -> bool:
        """Whether it lies in a reader's scope; one on a person covers rows of any jurisdiction."""
        if self.subject_id is not None and reader.jurisdictions is not None:
            return False
        return self.model_id is None or reader.sees_model(self.model_id)

    def covers(self, *, subject_id: str | None, model_id: str, record_class: str) -> bool:
        """Whether the hold covers records of a class, of a model, of a subject.

        Without a subject the question is whether it covers all of these records.
        """
        return (
            self.in_force
            and self.subject_id in {None, subject_id}
            and self.model_id in {None, model_id}
            and self.record_class in {None, record_class}
        )


def place(conn: Connection, hold: Hold) -> None:
    """Keep a hold."""
    names = [column.name for column in legal_hold.c]
    values = {name: getattr(hold, name) for name in names}
    conn.execute(insert(legal_hold).values(**values | {"reason": clean_text(hold.reason)}))


def lift(conn: Connection, hold_id: str, *, by: str, reason: str, at: datetime) -> None:
    """Lift a hold.

    Raises
    ------
    Conflict
        If it was lifted already.
    """
    changed = conn.execute(
        update(legal_hold)
        .where(legal_hold.c.id == hold_id, legal_hold.c.lifted_at.is_(None))
        .values(lifted_at=at, lifted_by=by, lift_reason=clean_text(reason))
    )
    if changed.rowcount != 1:
        raise Conflict(
            "The hold {hold} was lifted already.", remedy="Nothing is left to do.", hold=hold_id
        )


def forget_reasons(conn: Connection, subject_id: str, mask: str) -> int:
    """Put a mask in the place of the reasons of all holds on a subject; return how many."""
    column = legal_hold.c
    lifted = case((column.lift_reason.is_(None), None), else_=mask)
    changed = conn.execute(
        update(legal_hold)
        .where(column.subject_id == subject_id)
        .values(reason=mask, lift_reason=lifted)
    )
    return changed.rowcount


def get(conn: Connection, hold_id: str) -> Hold:
    """Return a hold.

    Raises
    ------
    NotFound
        If there is none of that id.
    """
    row = conn.execute(select(legal_hold).where(legal_hold.c.id == hold_id)).one_or_none()
    if row is None:
        raise NotFound(
            "There is no hold {hold}.", remedy="Run 'harbourlight hold list'.", hold=hold_id
        )
    return Hold(**row._mapping)


def list_holds(conn: Connection, *, in_force: bool = False) -> tuple[Hold, ...]:
    """Return the holds, the newest first; only those in force if asked."""
    query = select(legal_hold).order_by(legal_hold.c.placed_at.desc(), legal_hold.c.id.desc())
    if in_force:
        query = query.where(legal_hold.c.lifted_at.is_(None))
    return tuple(Hold(**row._mapping) for row in conn.execute(query))
