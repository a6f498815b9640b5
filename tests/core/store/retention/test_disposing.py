"""Taking out an explanation while a letter is written from it, on both databases."""

from datetime import timedelta
from threading import Thread

from sqlalchemy import Connection, select

from core.store import Store
from core.store.explanations import letters, records
from core.store.retention import disposing
from core.store.tables import explanation
from tests.support.kept_explanations import AT, EXPLANATION, LETTER
from tests.support.reviewing import put_people

OVERDUE = AT + timedelta(days=1)


def kept(store: Store) -> None:
    put_people(store, AT)  # with the model
    with store.begin() as conn:
        records.put(conn, EXPLANATION)


def overdue(conn: Connection) -> frozenset[int | str]:
    return disposing.ids_of(disposing.overdue_explanations(conn, OVERDUE))


def write(store: Store) -> None:
    with store.begin() as conn:
        letters.put(conn, LETTER)


def test_one_that_nothing_was_written_from_goes(store: Store) -> None:
    kept(store)
    with store.begin() as conn:
        assert disposing.take_out(conn, disposing.EXPLANATIONS, overdue(conn)) == 1
        assert conn.execute(select(explanation.c.id)).all() == []


def test_one_that_a_letter_was_written_from_meanwhile_stays(store: Store) -> None:
    kept(store)
    with store.begin() as conn:
        found = overdue(conn)
        assert found == {"e-1"}
        if store.dialect == "postgresql":  # somebody else commits between the two statements
            writer = Thread(target=write, args=(store,))
            writer.start()
            writer.join(30)
        else:  # nobody else can write meanwhile there
            letters.put(conn, LETTER)
        assert disposing.take_out(conn, disposing.EXPLANATIONS, found) == 0
    with store.read() as conn:
        assert conn.execute(select(explanation.c.id)).scalars().all() == ["e-1"]


def test_a_letter_that_comes_too_late_waits_and_finds_no_record(store: Store) -> None:
    kept(store)
    found: list[str] = []

    def look() -> None:
        with store.begin() as other:
            found.append("there" if records.is_kept(other, "e-1") else "gone")

    with store.begin() as conn:
        disposing.take_out(conn, disposing.EXPLANATIONS, overdue(conn))
        writer = Thread(target=look)
        writer.start()
    writer.join(30)
    assert found == ["gone"]
