"""Records beside the lake whose time is over, and taking them out."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    delete,
    exists,
    func,
    not_,
    or_,
    select,
    update,
)

from core.domain.review import CaseState
from core.store.review.feeding import FED_KINDS
from core.store.rows import in_parts
from core.store.tables import (
    disclosure,
    disclosure_notice,
    dispute_note,
    explanation,
    explanation_letter,
    opt_out,
    refusal,
    review_case,
    review_control,
    review_draft,
    review_file,
    review_step,
    review_text,
    review_watch,
    rights_request,
    rights_step,
)

REVIEWS, REQUESTS, DISCLOSURES, REFUSALS = "reviews", "requests", "disclosures", "refusals"
LETTERS, EXPLANATIONS = "letters", "explanations"
Key = int | str
_Key = TypeVar("_Key", bound=Key)
_HANGING = (review_draft, review_text, review_file, review_watch, review_step, review_control)


@dataclass(frozen=True, slots=True)
class Overdue:
    """One record whose time is over.

    Parameters
    ----------
    id : int or str
        Its number or key.
    subject_id : str
        Whom it is about.
    model_id : str, optional
        Of which model; ``None`` for all of them.
    at : datetime or date
        When its time began: the end of a case or of a request, the day of a disclosure or refusal,
        the making of an explanation or a letter.
    prediction_id : str
        Of a case, what it is about.
    """

    id: Key
    subject_id: str
    model_id: str | None
    at: datetime | date
    prediction_id: str = ""


def overdue_cases(conn: Connection, before: datetime) -> tuple[Overdue, ...]:
    """Return cases that ended before an instant, with all that is about them.

    A verdict that the decisions stream has not got yet stays. So does a case as long as an appeal,
    a second review or a control of it is younger, and the other way round.
    """
    column = review_case.c
    last_step = select(func.max(review_step.c.at)).where(review_step.c.case_id == column.id)
    ended = func.coalesce(column.final_at, last_step.scalar_subquery(), column.created_at)
    unfed = and_(
        column.state == str(CaseState.final), column.kind.in_(FED_KINDS), column.fed_batch.is_(None)
    )
    query = select(
        column.id, column.subject_id, column.model_id, ended.label("at"), column.prediction_id
    ).where(
        column.state.in_([str(CaseState.final), str(CaseState.withdrawn)]),
        column.created_at < before,
        ended < before,
        not_(unfed),
    )
    found = {row.id: Overdue(**row._mapping) for row in conn.execute(query.order_by(column.id))}
    pairs = [
        *conn.execute(select(column.id, column.parent_id).where(column.parent_id.is_not(None))),
        *conn.execute(
            select(review_control.c.case_id, review_control.c.source_case_id).where(
                review_control.c.source_case_id.is_not(None)
            )
        ),
    ]
    while apart := [(a, b) for a, b in pairs if (a in found) != (b in found)]:
        for one, two in apart:
            found.pop(one, None)
            found.pop(two, None)
    return tuple(found.values())


def overdue_requests(conn: Connection, before: datetime) -> tuple[Overdue, ...]:
    """Return requests that were closed before an instant and hold more than they have to.

    One that a refusal, a note or an opt-out in force, or a case refers to is emptied once; what
    stays of it, the record that somebody asked and was answered, is not due again.
    """
    column = rights_request.c
    emptied = and_(column.words == "", column.sealed.is_(None), column.snapshot_path.is_(None))
    query = select(column.id, column.subject_id, column.model_id, column.closed_at.label("at"))
    query = query.where(column.closed_at < before, or_(not_(emptied), not_(_is_needed())))
    return _found(conn, query.order_by(column.id))


def overdue_disclosures(conn: Connection, before: date) -> tuple[Overdue, ...]:
    """Return notes of who was given data before a day."""
    column = disclosure.c
    query = select(column.id, column.subject_id, column.model_id, column.disclosed_on.label("at"))
    return _found(conn, query.where(column.disclosed_on < before).order_by(column.id))


def overdue_refusals(conn: Connection, before: datetime, today: date) -> tuple[Overdue, ...]:
    """Return entries of the log book before an instant that need not be kept any longer."""
    column, asked = refusal.c, rights_request.c
    query = select(column.id, asked.subject_id, asked.model_id, column.refused_at.label("at"))
    query = query.join(rights_request, asked.id == column.request_id)
    query = query.where(column.refused_at < before, column.keep_until < today)
    return _found(conn, query.order_by(column.id))


def overdue_letters(conn: Connection, before: datetime) -> tuple[Overdue, ...]:
    """Return letters about decisions that were made before an instant."""
    column = explanation_letter.c
    query = select(
        column.reference.label("id"), column.subject_id, column.model_id, column.made_at.label("at")
    )
    return _found(conn, query.where(column.made_at < before).order_by(column.reference))


def overdue_explanations(conn: Connection, before: datetime) -> tuple[Overdue, ...]:
    """Return explanations of before an instant that no younger letter was written from."""
    column, letter = explanation.c, explanation_letter.c
    younger = exists().where(letter.explanation_id == column.id, letter.made_at >= before)
    query = select(column.id, column.subject_id, column.model_id, column.made_at.label("at"))
    return _found(conn, query.where(column.made_at < before, not_(younger)).order_by(column.id))


def take_out(conn: Connection, store: str, ids: Collection[Key]) -> int:
    """Take records of one kind out; return how many, an emptied request being one of them.

    An explanation that a letter was written from meanwhile stays.
    """
    wanted = sorted(set(ids), key=str)
    stayed = sum(_OUT[store](conn, part) or 0 for part in in_parts(wanted))
    return len(wanted) - stayed


def left_of(conn: Connection, cases: Collection[int], requests: Collection[int]) -> set[str]:
    """Return which of some numbers of cases and requests have a row, such as ``attachments:3``.

    A request counts only while its frozen data are there.
    """
    known = set[str]()
    for part in in_parts(sorted(cases)):
        query = select(review_case.c.id).where(review_case.c.id.in_(part))
        known |= {f"attachments:{each}" for each in conn.execute(query).scalars()}
    for part in in_parts(sorted(requests)):
        query = select(rights_request.c.id).where(
            rights_request.c.id.in_(part), rights_request.c.snapshot_path.is_not(None)
        )
        known |= {f"requests:{each}" for each in conn.execute(query).scalars()}
    return known


def _out_cases(conn: Connection, part: Sequence[int]) -> None:
    cases = review_case.c
    conn.execute(update(review_case).where(cases.parent_id.in_(part)).values(parent_id=None))
    control = review_control.c
    conn.execute(
        update(review_control).where(control.source_case_id.in_(part)).values(source_case_id=None)
    )
    for table in _HANGING:
        conn.execute(delete(table).where(table.c.case_id.in_(part)))
    conn.execute(delete(review_case).where(cases.id.in_(part)))


def _out_requests(conn: Connection, part: Sequence[int]) -> None:
    column, note, entry = rights_request.c, dispute_note.c, opt_out.c
    conn.execute(
        update(rights_request)
        .where(column.id.in_(part))
        .values(
            words="",
            sealed=None,
            prediction_id=None,
            snapshot_path=None,
            revision=column.revision + 1,
        )
    )
    query = select(column.id).where(column.id.in_(part), not_(_is_needed()))
    free = list(conn.execute(query).scalars())
    conn.execute(delete(dispute_note).where(note.request_id.in_(free)))
    conn.execute(delete(opt_out).where(entry.request_id.in_(free)))
    for table in (disclosure_notice, rights_step):
        conn.execute(delete(table).where(table.c.request_id.in_(free)))
    conn.execute(delete(rights_request).where(column.id.in_(free)))


def _out_disclosures(conn: Connection, part: Sequence[int]) -> None:
    notice = disclosure_notice.c.disclosure_id
    conn.execute(delete(disclosure_notice).where(notice.in_(part)))
    conn.execute(delete(disclosure).where(disclosure.c.id.in_(part)))


def _out_refusals(conn: Connection, part: Sequence[int]) -> None:
    conn.execute(delete(refusal).where(refusal.c.id.in_(part)))


def _out_letters(conn: Connection, part: Sequence[str]) -> None:
    column = explanation_letter.c.reference
    conn.execute(delete(explanation_letter).where(column.in_(part)))


def _out_explanations(conn: Connection, part: Sequence[str]) -> int:
    """Return how many stay; locked first, so that letters under way are seen or come too late."""
    column = explanation.c.id
    ids = conn.execute(select(column).where(column.in_(part)).with_for_update()).scalars().all()
    letter = exists().where(explanation_letter.c.explanation_id == column)
    gone = conn.execute(delete(explanation).where(column.in_(ids), not_(letter))).rowcount
    return len(part) - gone


_OUT: Mapping[str, Any] = {
    REVIEWS: _out_cases,
    REQUESTS: _out_requests,
    DISCLOSURES: _out_disclosures,
    REFUSALS: _out_refusals,
    LETTERS: _out_letters,
    EXPLANATIONS: _out_explanations,
}


def _is_needed() -> ColumnElement[bool]:
    """Whether something that stays refers to a request."""
    request = rights_request.c.id
    note, entry = dispute_note.c, opt_out.c
    return or_(
        exists().where(refusal.c.request_id == request),
        exists().where(review_case.c.request_id == request),
        exists().where(note.request_id == request, note.withdrawn_at.is_(None)),
        exists().where(entry.request_id == request, entry.ended_at.is_(None)),
    )


def _found(conn: Connection, query: Select[Any]) -> tuple[Overdue, ...]:
    return tuple(Overdue(**row._mapping) for row in conn.execute(query))


def ids_of(found: Iterable[Overdue]) -> frozenset[Key]:
    """Return the numbers or keys of records."""
    return frozenset(each.id for each in found)
