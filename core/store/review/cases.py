"""Cases: making them, reading them, and the one way in which a case is changed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, text, update

from core.domain.review import FINISHED, CaseState
from core.errors import NotFound
from core.i18n import N_
from core.store.review.records import CaseRecord, NewCase, case_of
from core.store.rows import in_parts, insert_absent
from core.store.tables import model, review_case

_WAITING = [str(each) for each in CaseState if each not in FINISHED]


def insert_all(
    conn: Connection, cases: Sequence[NewCase], *, state: CaseState, at: datetime
) -> tuple[int, ...]:
    """Make cases; return the ids of those that were not there before.

    A case that is there for the same model, prediction and occasion is left alone, so whatever
    makes cases may do it again.
    """
    made: list[int] = []
    for part in in_parts(cases):
        rows = [
            {**each.values(), "state": str(state), "revision": 0, "created_at": at} for each in part
        ]
        made.extend(insert_absent(conn, review_case, rows))
    return tuple(made)


def count_anew(conn: Connection) -> None:
    """Let PostgreSQL look at the cases again, once very many were made.

    It plans by what it saw last, which may have been an empty queue; then it would sort all that
    waits for each case that is claimed, until it looks by itself. SQLite plans without.

    Parameters
    ----------
    conn : Connection
        Of a transaction of its own, after that of the cases.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(text("ANALYZE review_case"))


def get(conn: Connection, case_id: int, *, lock: bool = False) -> CaseRecord:
    """Return a case; with ``lock``, others cannot change it until the commit.

    Raises
    ------
    NotFound
        If there is none of that id.
    """
    query = select(review_case).where(review_case.c.id == case_id)
    row = conn.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise no_case(case_id)
    return case_of(row)


def no_case(case_id: int) -> NotFound:
    """Return the error of a case that is not there, or that the reader may not know of."""
    return NotFound(
        N_("There is no case {case} in your scope."),
        remedy=N_("Choose one on the page Human review, or run 'harbourlight review list'."),
        case=str(case_id),
    )


def change(
    conn: Connection,
    case_id: int,
    *,
    state: CaseState,
    revision: int,
    to: CaseState,
    values: Mapping[str, Any],
) -> CaseRecord | None:
    """Change a case if it still is what the caller looked at; ``None`` if it is not.

    Parameters
    ----------
    conn : Connection
        Of ``Store.begin()``.
    case_id : int
        Which.
    state, revision : CaseState, int
        What it must be; the revision grows by one.
    to : CaseState
        Its state from now on.
    values : mapping
        Other columns.
    """
    row = conn.execute(
        update(review_case)
        .where(
            review_case.c.id == case_id,
            review_case.c.state == str(state),
            review_case.c.revision == revision,
        )
        .values(state=str(to), revision=review_case.c.revision + 1, **values)
        .returning(*review_case.c)
    ).one_or_none()
    return None if row is None else case_of(row)


def touch(conn: Connection, case_id: int) -> None:
    """Add one to the revision of a case that the caller has locked: what lies with it changed."""
    conn.execute(
        update(review_case)
        .where(review_case.c.id == case_id)
        .values(revision=review_case.c.revision + 1)
    )


def of_prediction(
    conn: Connection, model_id: str, prediction_id: str, *, lock: bool = False
) -> tuple[CaseRecord, ...]:
    """Return every case of a prediction, the oldest first."""
    query = (
        select(review_case)
        .where(review_case.c.model_id == model_id, review_case.c.prediction_id == prediction_id)
        .order_by(review_case.c.id)
    )
    rows = conn.execute(query.with_for_update() if lock else query)
    return tuple(case_of(row) for row in rows)


def with_occasion(
    conn: Connection, model_id: str, prediction_ids: Collection[str], occasion: str
) -> frozenset[str]:
    """Return those of some predictions that have a case of an occasion."""
    column, found = review_case.c, set[str]()
    for part in in_parts(sorted(prediction_ids)):
        query = select(column.prediction_id).where(
            column.model_id == model_id,
            column.prediction_id.in_(part),
            column.occasion == occasion,
        )
        found.update(map(str, conn.execute(query).scalars()))
    return frozenset(found)


def waiting_of_model(conn: Connection, model_id: str) -> tuple[CaseRecord, ...]:
    """Return the cases of a model that are not finished, locked until the commit, by id."""
    query = (
        select(review_case)
        .where(review_case.c.model_id == model_id, review_case.c.state.in_(_WAITING))
        .order_by(review_case.c.id)
        .with_for_update()
    )
    return tuple(case_of(row) for row in conn.execute(query))


def hiding_of_model(conn: Connection, model_id: str) -> tuple[CaseRecord, ...]:
    """Return the cases of a model that wait and do not show their score at once, by id."""
    query = (
        select(review_case)
        .where(
            review_case.c.model_id == model_id,
            review_case.c.state.in_(_WAITING),
            review_case.c.score_shown != "at_once",
        )
        .order_by(review_case.c.id)
    )
    return tuple(case_of(row) for row in conn.execute(query))


def move_all(
    conn: Connection, case_ids: Sequence[int], to: CaseState, values: Mapping[str, Any]
) -> None:
    """Move cases that the caller has locked to another state; each revision grows by one."""
    for part in in_parts(case_ids):
        conn.execute(
            update(review_case)
            .where(review_case.c.id.in_(part))
            .values(state=str(to), revision=review_case.c.revision + 1, **values)
        )


def lock_model(conn: Connection, model_id: str) -> None:
    """Let whoever makes cases of a model and whoever suspends it do so one after the other."""
    query = select(model.c.id).where(model.c.id == model_id)
    conn.execute(query.with_for_update(key_share=True))


def newest_final(
    conn: Connection, model_id: str, prediction_id: str, kinds: Iterable[str]
) -> CaseRecord | None:
    """Return the newest final case of some kinds of a prediction, or ``None``."""
    column = review_case.c
    query = (
        select(review_case)
        .where(
            column.model_id == model_id,
            column.prediction_id == prediction_id,
            column.state == str(CaseState.final),
            column.kind.in_(sorted(kinds)),
        )
        .order_by(column.final_at.desc(), column.id.desc())
        .limit(1)
    )
    row = conn.execute(query).one_or_none()
    return None if row is None else case_of(row)
