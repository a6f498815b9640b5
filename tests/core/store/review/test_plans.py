"""The databases find the queue by its indexes, on a queue of many, and in its order."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event

from core.domain.review import FINISHED, CaseState
from core.services.review import making
from core.store import Store
from core.store.review import cases, claims, lists
from core.store.review.claims import Claimer
from core.store.review.lists import Narrowed, Scope
from tests.support.fakes import START
from tests.support.reviewing import a_case, put_people

COUNT = 1000
ADA = Claimer("u-ada", may_check=True)
EVERYTHING = Scope(None, None, False, "u-ada")
WAITING = [str(each) for each in CaseState if each not in FINISHED]


@pytest.fixture
def queue(store: Store) -> Store:
    """Many cases, and a database that has looked at them."""
    put_people(store, START)
    new = [
        a_case(each, due_at=START + timedelta(hours=each * 7919 % 240), priority=each * 31 % 101)
        for each in range(COUNT)
    ]
    with store.begin() as conn:
        making.make_cases(conn, new, at=START)
    with store.begin() as conn:
        cases.count_anew(conn)
    return store


def plans(store: Store, conn: Connection, asked: list[tuple[str, Any]]) -> str:
    explain = "EXPLAIN QUERY PLAN " if store.dialect == "sqlite" else "EXPLAIN "
    lines = [row for text, given in asked for row in conn.exec_driver_sql(explain + text, given)]
    return "\n".join(str(line[-1]) for line in lines)


def listen(store: Store) -> list[tuple[str, Any]]:
    asked: list[tuple[str, Any]] = []

    def note(_conn: object, _cursor: object, text: str, given: Any, *_: object) -> None:
        if "review_case" in text and not text.startswith("EXPLAIN"):
            asked.append((text, given))

    event.listen(store.engine, "before_cursor_execute", note)
    return asked


def test_claiming_sorts_nothing(queue: Store) -> None:
    asked = listen(queue)
    with queue.begin() as conn:
        best = claims.best(conn, ADA, CaseState.open)
        taken = claims.claim_best(conn, ADA, CaseState.open, until=START)
        assert best is not None
        assert taken is not None
        assert (taken.id, -taken.priority, taken.due_at) == (
            best.case_id,
            best.priority,
            best.due_at,
        )
        found = plans(queue, conn, asked)
    assert "ix_review_case_queue" in found or "ix_review_case_waiting" in found
    assert "Sort" not in found
    assert "TEMP B-TREE" not in found


def test_the_first_page_is_read_in_the_order_of_the_queue(queue: Store) -> None:
    asked = listen(queue)
    with queue.read() as conn:
        page, total = lists.list_cases(
            conn, EVERYTHING, Narrowed(WAITING), order="queue", limit=50, offset=0
        )
        counting, listing = asked
        listed, counted = plans(queue, conn, [listing]), plans(queue, conn, [counting])
        everything, _ = lists.list_cases(
            conn, EVERYTHING, Narrowed(WAITING), order="queue", limit=COUNT, offset=0
        )
    order = [(-each.priority, each.due_at, each.id) for each in everything]
    assert order == sorted(order)
    assert (page, total) == (everything[:50], COUNT)
    assert "ix_review_case_waiting" in listed
    assert "Sort" not in listed
    assert "TEMP B-TREE FOR ORDER" not in listed
    assert "ix_review_case_blind" in counted  # what is hidden is found without a look at every case
