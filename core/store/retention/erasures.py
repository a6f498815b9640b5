"""Erasures: what was asked for, what was done, and what is left of it: a report in numbers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, delete, insert, or_, select, update

from core.errors import Conflict, NotFound
from core.store.rows import in_parts
from core.store.tables import approval, erasure, export_file, reference, release
from core.store.types import clean_text

APPROVAL_KIND = "erasure"
_ENDED = ("rejected", "withdrawn", "expired")


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure.

    Parameters
    ----------
    id, subject_id : str
        Its key, and the pseudonym of whom it concerns.
    model_id : str, optional
        The only model it concerns; ``None`` for all.
    basis : str
        Why the person's data are erased.
    state : {"proposed", "running", "done", "closed"}
        Where it stands; ``closed`` was never approved.
    requested_by, requested_at : str, datetime
        Under which pseudonym it was asked for, and when.
    approved_by, started_at, finished_at : optional
        By whom it was approved, when it began and when it ended.
    sealed : bytes, optional
        The reference, sealed; gone as soon as nothing is left to be found by it.
    report : Mapping, optional
        What was done to which store.
    """

    id: str
    subject_id: str
    model_id: str | None
    basis: str
    state: str
    requested_by: str
    requested_at: datetime
    approved_by: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    sealed: bytes | None = None
    report: Mapping[str, object] | None = None

    def without_secret(self) -> "Erasure":
        """Return the erasure without the sealed reference, for those who read of it."""
        return replace(self, sealed=None)


def add(conn: Connection, asked: Erasure) -> None:
    """Keep an erasure that was asked for."""
    values = {column.name: getattr(asked, column.name) for column in erasure.c}
    conn.execute(insert(erasure).values(**values | {"basis": clean_text(asked.basis)}))


def discard(conn: Connection, erasure_id: str) -> None:
    """Take back a request that could not be handed to anybody for approval."""
    conn.execute(delete(erasure).where(erasure.c.id == erasure_id, erasure.c.state == "proposed"))


def forget_request(conn: Connection, erasure_id: str) -> None:
    """Delete an erasure in whatever state a backup held it; it is entered and run anew."""
    conn.execute(delete(erasure).where(erasure.c.id == erasure_id))


def is_open(conn: Connection, subject_id: str, model_id: str | None) -> bool:
    """Whether the same erasure is asked for, or under way."""
    query = select(erasure.c.id).where(
        erasure.c.subject_id == subject_id,
        erasure.c.model_id == model_id if model_id else erasure.c.model_id.is_(None),
        erasure.c.state.in_(("proposed", "running")),
    )
    return conn.execute(query.limit(1)).one_or_none() is not None


def get(conn: Connection, erasure_id: str) -> Erasure:
    """Return an erasure.

    Raises
    ------
    NotFound
        If there is none of that id.
    """
    row = conn.execute(select(erasure).where(erasure.c.id == erasure_id)).one_or_none()
    if row is None:
        raise NotFound(
            "There is no erasure {erasure}.",
            remedy="Run 'harbourlight erasure list'.",
            erasure=erasure_id,
        )
    return Erasure(**row._mapping)


def list_erasures(conn: Connection, *, state: str | None = None) -> tuple[Erasure, ...]:
    """Return the erasures, the newest first, perhaps of one state only."""
    query = select(erasure).order_by(erasure.c.requested_at.desc(), erasure.c.id.desc())
    if state is not None:
        query = query.where(erasure.c.state == state)
    return tuple(Erasure(**row._mapping) for row in conn.execute(query))


def start(conn: Connection, erasure_id: str, *, approved_by: str, at: datetime) -> None:
    """Begin an approved erasure.

    Raises
    ------
    Conflict
        If it has begun or ended already.
    """
    changed = conn.execute(
        update(erasure)
        .where(erasure.c.id == erasure_id, erasure.c.state == "proposed")
        .values(state="running", approved_by=approved_by, started_at=at)
    )
    if changed.rowcount != 1:
        raise Conflict(
            "This erasure has begun or ended already.", remedy="Run 'harbourlight erasure list'."
        )


def put_report(conn: Connection, erasure_id: str, report: Mapping[str, object]) -> None:
    """Keep what has been done so far."""
    conn.execute(update(erasure).where(erasure.c.id == erasure_id).values(report=dict(report)))


def unseal(conn: Connection, erasure_id: str) -> None:
    """Forget the sealed reference: nothing is left that could be found by it."""
    conn.execute(update(erasure).where(erasure.c.id == erasure_id).values(sealed=None))


def finish(
    conn: Connection, erasure_id: str, *, report: Mapping[str, object], at: datetime
) -> bool:
    """End an erasure with its report; return whether it was still running."""
    changed = conn.execute(
        update(erasure)
        .where(erasure.c.id == erasure_id, erasure.c.state == "running")
        .values(state="done", finished_at=at, sealed=None, report=dict(report))
    )
    return changed.rowcount == 1


def close_unapproved(conn: Connection, *, at: datetime) -> int:
    """Close what was rejected, withdrawn or ran out, and forget whom it concerned."""
    ended = select(approval.c.object_id).where(
        approval.c.kind == APPROVAL_KIND, approval.c.state.in_(_ENDED)
    )
    changed = conn.execute(
        update(erasure)
        .where(erasure.c.state == "proposed", erasure.c.id.in_(ended))
        .values(state="closed", finished_at=at, sealed=None)
    )
    return changed.rowcount


def forget_releases(conn: Connection, model_id: str, prediction_ids: Sequence[str]) -> int:
    """Delete what was decided about the release of some predictions; return how many."""
    removed = 0
    for part in in_parts(prediction_ids):
        removed += conn.execute(
            delete(release).where(
                release.c.model_id == model_id,
                release.c.prediction_id.in_(part),
            )
        ).rowcount
    return removed


def released_before(conn: Connection, model_id: str, before: datetime) -> tuple[str, ...]:
    """Return the predictions whose release people decided by hand before an instant."""
    column = release.c
    query = select(column.prediction_id).where(
        column.model_id == model_id, column.decided_at < before
    )
    return tuple(conn.execute(query.order_by(column.prediction_id)).scalars())


def set_reference_rows(conn: Connection, model_id: str, rows: int) -> None:
    """Say how many rows the counts of the reference in force are now made of."""
    conn.execute(
        update(reference)
        .where(reference.c.model_id == model_id, reference.c.state == "live")
        .values(rows=rows)
    )


def exports_of_others(
    conn: Connection, model_ids: Collection[str], *, at: datetime
) -> frozenset[str]:
    """Mark the downloads of some models as removed; return the paths of those of all others."""
    column = export_file.c
    conn.execute(
        update(export_file)
        .where(
            column.removed_at.is_(None),
            or_(column.model_id.is_(None), column.model_id.in_(list(model_ids))),
        )
        .values(removed_at=at)
    )
    rows = conn.execute(select(column.path).where(column.removed_at.is_(None)))
    return frozenset(rows.scalars())
