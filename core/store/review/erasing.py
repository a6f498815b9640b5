"""What is left of a person in reviews and requests after an erasure: nothing that says anything.

Cases of erased predictions go with all that hangs on them, as what was decided about a release
does. A customer's request stays as a record that somebody, known by the pseudonym alone, asked
and was answered: without words, without the sealed reference, without what was frozen. The log of
refusals names nobody and stays.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, or_, select, update

from core.store.rows import in_parts
from core.store.tables import (
    disclosure,
    disclosure_notice,
    dispute_note,
    review_case,
    review_control,
    review_draft,
    review_file,
    review_step,
    review_text,
    review_watch,
    rights_request,
)

_HANGING = (review_draft, review_text, review_file, review_watch, review_step)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was taken out, and the files that are to be removed now.

    Parameters
    ----------
    cases, texts, files : int
        Cases, words about them, and files with them.
    requests, notes, disclosures : int
        Requests that were emptied, dispute notes, and notes of who was given data.
    attachments, snapshots : tuple of str
        Paths of files, below the folders of attachments and of requests.
    """

    cases: int
    texts: int
    files: int
    requests: int
    notes: int
    disclosures: int
    attachments: tuple[str, ...]
    snapshots: tuple[str, ...]


def forget(
    conn: Connection,
    subject_id: str,
    *,
    model_id: str | None,
    predictions: Iterable[tuple[str, Sequence[str]]] = (),
) -> Forgotten:
    """Take a person out of reviews and requests.

    Parameters
    ----------
    conn : Connection
        The transaction of the erasure.
    subject_id : str
        The person's pseudonym.
    model_id : str, optional
        Only what concerns this model; ``None`` for everything.
    predictions : iterable of (str, sequence of str)
        Model and ids of its predictions that are gone: their cases go, whosever they say they are.
    """
    cases = _cases(conn, subject_id, model_id, predictions)
    attachments = _paths(conn, cases)
    texts = sum(_delete(conn, review_text, review_text.c.case_id, part) for part in in_parts(cases))
    for part in in_parts(cases):
        conn.execute(update(review_case).where(review_case.c.id.in_(part)).values(parent_id=None))
        for table in _HANGING:
            _delete(conn, table, table.c.case_id, part)
        _delete(conn, review_control, review_control.c.case_id, part)
    for part in in_parts(cases):
        _delete(conn, review_case, review_case.c.id, part)
    requests, snapshots = _empty_requests(conn, subject_id, model_id)
    return Forgotten(
        len(cases),
        texts,
        len(attachments),
        requests,
        _forget_notes(conn, subject_id, model_id),
        _forget_disclosures(conn, subject_id, model_id),
        attachments,
        snapshots,
    )


def newest_case(conn: Connection, subject_id: str, model_id: str) -> datetime | None:
    """Return when the newest case about a person was made, of one model."""
    column = review_case.c
    query = select(func.max(column.created_at)).where(
        column.subject_id == subject_id, column.model_id == model_id
    )
    found: datetime | None = conn.execute(query).scalar_one()
    return found


def newest_request(conn: Connection, subject_id: str, model_id: str | None) -> datetime | None:
    """Return when the newest request of a person came in; of one model, and those of none."""
    query = select(func.max(rights_request.c.received_at)).where(*_of_request(subject_id, model_id))
    found: datetime | None = conn.execute(query).scalar_one()
    return found


def snapshot_paths(conn: Connection) -> tuple[str, ...]:
    """Return the paths of all frozen data, below the folder of requests."""
    query = select(rights_request.c.snapshot_path).where(
        rights_request.c.snapshot_path.is_not(None)
    )
    return tuple(conn.execute(query.order_by(rights_request.c.snapshot_path)).scalars())


def _cases(
    conn: Connection,
    subject_id: str,
    model_id: str | None,
    predictions: Iterable[tuple[str, Sequence[str]]],
) -> list[int]:
    """Return the cases that go, locked: nobody adds words to them any more."""
    column = review_case.c
    of_person = column.subject_id == subject_id
    if model_id is not None:
        of_person = and_(of_person, column.model_id == model_id)
    conditions: list[ColumnElement[bool]] = [of_person]
    for model, ids in predictions:
        conditions += [
            and_(column.model_id == model, column.prediction_id.in_(part)) for part in in_parts(ids)
        ]
    found: set[int] = set()
    for condition in conditions:
        query = select(column.id).where(condition).order_by(column.id).with_for_update()
        found |= set(conn.execute(query).scalars())
    new = found
    while new:  # an appeal, a second review or a control of such a case
        about = set[int]()
        for part in in_parts(sorted(new)):
            children = select(column.id).where(column.parent_id.in_(part)).with_for_update()
            controls = select(review_control.c.case_id).where(
                review_control.c.source_case_id.in_(part)
            )
            about |= {*conn.execute(children).scalars(), *conn.execute(controls).scalars()}
        new = about - found
        found |= new
    return sorted(found)


def _paths(conn: Connection, cases: Sequence[int]) -> tuple[str, ...]:
    found: list[str] = []
    for part in in_parts(cases):
        query = select(review_file.c.path).where(
            review_file.c.case_id.in_(part), review_file.c.removed_at.is_(None)
        )
        found += conn.execute(query).scalars()
    return tuple(sorted(found))


def _of_request(subject_id: str, model_id: str | None) -> list[ColumnElement[bool]]:
    column = rights_request.c
    wanted = [column.subject_id == subject_id]
    if model_id is not None:
        wanted.append(or_(column.model_id == model_id, column.model_id.is_(None)))
    return wanted


def _empty_requests(
    conn: Connection, subject_id: str, model_id: str | None
) -> tuple[int, tuple[str, ...]]:
    column = rights_request.c
    about = _of_request(subject_id, model_id)
    frozen = select(column.snapshot_path).where(*about, column.snapshot_path.is_not(None))
    snapshots = tuple(sorted(conn.execute(frozen).scalars()))
    values: dict[str, Any] = {"words": "", "prediction_id": None, "snapshot_path": None}
    if model_id is None:  # who is known to other models can still be found by the reference
        values["sealed"] = None
    changed = conn.execute(
        update(rights_request).where(*about).values(revision=column.revision + 1, **values)
    )
    return changed.rowcount, snapshots


def _forget_notes(conn: Connection, subject_id: str, model_id: str | None) -> int:
    column = dispute_note.c
    wanted = [column.subject_id == subject_id]
    if model_id is not None:
        wanted.append(column.model_id == model_id)
    return conn.execute(delete(dispute_note).where(*wanted)).rowcount


def _forget_disclosures(conn: Connection, subject_id: str, model_id: str | None) -> int:
    column = disclosure.c
    wanted = [column.subject_id == subject_id]
    if model_id is not None:
        wanted.append(column.model_id == model_id)
    ids = list(conn.execute(select(column.id).where(*wanted)).scalars())
    for part in in_parts(ids):
        _delete(conn, disclosure_notice, disclosure_notice.c.disclosure_id, part)
        _delete(conn, disclosure, column.id, part)
    return len(ids)


def _delete(conn: Connection, table: Table, column: ColumnElement[Any], part: Sequence[Any]) -> int:
    return conn.execute(delete(table).where(column.in_(part))).rowcount
