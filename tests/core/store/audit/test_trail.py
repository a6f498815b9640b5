from datetime import timedelta

import pytest
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import IntegrityError

from core.store import Store
from core.store.audit import trail as audit
from core.store.tables import audit_entry
from tests.support.fakes import START
from tests.support.stored import audit_kinds

EMPTY_BODY: dict[str, object] = {}


def append(
    conn: Connection,
    kind: str = "model.registered",
    actor: str = "ada",
    minutes: int = 0,
    **objects: str,
) -> int:
    return audit.append(
        conn,
        at=START + timedelta(minutes=minutes),
        actor=actor,
        role="admin",
        kind=kind,
        objects=objects,
        body={"minutes": minutes},
    )


def test_an_entry_is_its_canonical_bytes(store: Store) -> None:
    with store.begin() as conn:
        assert append(conn, model="m", batch="b") == 1
    with store.read() as conn:
        entry = audit.get(conn, 1)
    assert entry is not None
    # Written by hand after RFC 8785: sorted keys, no blanks.
    assert entry.canonical == (
        b'{"actor":"ada","at":"2026-01-05T09:30:00.000000Z","body":{"minutes":0},'
        b'"kind":"model.registered","objects":{"batch":"b","model":"m"},'
        b'"role":"admin","sequence":1}'
    )
    assert (entry.sequence, entry.at, entry.actor) == (1, START, "ada")
    assert (entry.role, entry.kind, entry.objects) == (
        "admin",
        "model.registered",
        {"batch": "b", "model": "m"},
    )
    assert entry.body == {"minutes": 0}


def test_the_sequence_has_no_gap_after_a_transaction_that_failed(store: Store) -> None:
    with store.begin() as conn:
        append(conn)
    with pytest.raises(TypeError), store.begin() as conn:
        audit.append(
            conn, at=START, actor="a", role="", kind="k", objects={}, body={"value": object()}
        )
    with store.begin() as conn:
        assert append(conn) == 2
        assert audit.size(conn) == 2
        assert audit.get(conn, 3) is None


def test_text_of_any_script_and_control_characters_survive(store: Store) -> None:
    body = {"reason": "數據漂移 \x00\x1f\u2028 😀", "數": [1, 2.5, None]}
    with store.begin() as conn:
        audit.append(conn, at=START, actor="陳大文", role="", kind="k", objects={}, body=body)
        (entry,) = audit.read(conn)
    assert entry.body == body
    assert entry.actor == "陳大文"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET actor = 'eve'",
        "UPDATE audit_entry SET sequence = 5 WHERE sequence = 2",
        "DELETE FROM audit_entry WHERE sequence = 2",
        "DELETE FROM audit_object",
        "UPDATE audit_object SET object_id = 'other'",
        "INSERT INTO audit_entry SELECT 7, at, actor, kind, canonical, model_id, jurisdiction "
        "FROM audit_entry WHERE sequence = 1",
        "INSERT INTO audit_object VALUES (1, 'other', 'x')",
        "UPDATE audit_head SET size = 1",
        "UPDATE audit_head SET size = 9",
        "DELETE FROM audit_head",
        "INSERT INTO audit_head VALUES (2, 0)",
    ],
)
def test_sql_cannot_change_the_past(store: Store, statement: str) -> None:
    with store.begin() as conn:
        append(conn, model="m")
        append(conn, model="m")
        before = audit.read(conn)
    with pytest.raises(IntegrityError, match="append-only"), store.begin() as conn:
        conn.execute(text(statement))
    with store.begin() as conn:
        assert audit.read(conn) == before
        assert append(conn) == 3


def test_replacing_and_truncating_are_refused_too(store: Store) -> None:
    with store.begin() as conn:
        append(conn, model="m")
    if store.dialect == "sqlite":
        # INSERT OR REPLACE deletes without firing delete triggers.
        statements = [
            f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} WHERE sequence = 1"
            for table in ("audit_entry", "audit_object")
        ]
    else:
        statements = ["TRUNCATE audit_object", "TRUNCATE audit_entry CASCADE"]
        statements += ["TRUNCATE audit_head"]
    for statement in statements:
        with pytest.raises(IntegrityError, match="append-only"), store.begin() as conn:
            conn.execute(text(statement))


def test_a_reader_of_some_jurisdictions_finds_what_names_his_or_none(store: Store) -> None:
    with store.begin() as conn:
        append(conn, "user.created", user="u1")
        append(conn, "model.suspended", model="a")
        append(conn, model="a", prediction="p1", jurisdiction="HK")
        append(conn, model="a", prediction="p2", jurisdiction="CN")
        append(conn, model="a", prediction="p3", jurisdiction="")
        append(conn, model="b", batch="b1")
        append(conn, subject="s1", erasure="e1")
        append(conn, model="b", reference="r1")
        append(conn, model="b", disposal="d1")

    def found(*places: str, **conditions: object) -> list[int]:
        with store.read() as conn:
            scope = frozenset(places)
            entries = audit.list_newest(conn, jurisdictions=scope, **conditions)  # type: ignore[arg-type]
            numbers = [entry.sequence for entry in entries]
            if "limit" not in conditions:
                every = audit.matching(conn, jurisdictions=scope, **conditions)  # type: ignore[arg-type]
                assert sorted(numbers) == [entry.sequence for entry in every]
        return numbers

    assert found("HK") == [3, 2, 1]
    assert found("HK", "CN") == [4, 3, 2, 1]
    assert found() == [2, 1]
    # Left out before a page is cut, not after.
    assert found("HK", limit=1) == [3]
    assert found("HK", models=frozenset({"b"})) == [1]
    assert found("CN", objects={"prediction": "p1"}) == []


def test_finding_entries(store: Store) -> None:
    with store.begin() as conn:
        append(conn, "user.created", minutes=0)
        append(conn, "model.registered", minutes=1, model="a")
        append(conn, "batch.published", "os:ben", minutes=2, model="a", batch="b1")
        append(conn, "batch.published", minutes=3, model="b", batch="b2")

    def found(**conditions: object) -> list[int]:
        with store.read() as conn:
            entries = audit.list_newest(conn, **conditions)  # type: ignore[arg-type]
        return [entry.sequence for entry in entries]

    assert found() == [4, 3, 2, 1]
    assert found(limit=2) == [4, 3]
    assert found(before=3) == [2, 1]
    assert found(kind="batch.published") == [4, 3]
    assert found(actor="os:ben") == [3]
    assert found(objects={"model": "a"}) == [3, 2]
    assert found(objects={"model": "a", "batch": "b1"}) == [3]
    assert found(models=frozenset({"b"})) == [4, 1]
    assert found(models=frozenset()) == [1]
    assert found(since=START + timedelta(minutes=1), until=START + timedelta(minutes=3)) == [3, 2]
    with store.read() as conn:
        assert [entry.sequence for entry in audit.read(conn, after=1, limit=2)] == [2, 3]
        assert audit_kinds(conn) == {
            "user.created": 1,
            "model.registered": 1,
            "batch.published": 2,
        }


def test_within_a_period_entries_go_by_the_instant_where_a_clock_was_set_back(
    store: Store,
) -> None:
    with store.begin() as conn:
        for minutes in (5, 1, 3, 3, 9):
            append(conn, minutes=minutes)

    def pages(**conditions: object) -> list[list[int]]:
        found: list[list[int]] = []
        with store.read() as conn:
            while not found or found[-1]:
                before = found[-1][-1] if found else None
                page = audit.list_newest(conn, before=before, limit=2, **conditions)  # type: ignore[arg-type]
                found.append([entry.sequence for entry in page])
            past = audit.list_newest(conn, before=99, **conditions)  # type: ignore[arg-type]
        assert [entry.sequence for entry in past] == [number for page in found for number in page]
        return found[:-1]

    assert pages() == [[5, 4], [3, 2], [1]]
    assert pages(since=START) == [[5, 1], [4, 3], [2]]
    assert pages(until=START + timedelta(minutes=9)) == [[1, 4], [3, 2]]
    assert pages(since=START + timedelta(minutes=3)) == [[5, 1], [4, 3]]


def test_pages_are_a_hundred_and_the_walk_goes_by_the_thousand(sqlite_store: Store) -> None:
    with sqlite_store.begin() as conn:
        for _ in range(1001):
            append(conn)
        assert [entry.sequence for entry in audit.list_newest(conn)] == [*range(1001, 901, -1)]
        assert [entry.sequence for entry in audit.read(conn)] == [*range(1, 1001)]
        assert len(list(audit.matching(conn))) == 1001


def test_a_condition_holds_for_an_entry_or_not(store: Store) -> None:
    with store.begin() as conn:
        append(conn, "a.done")
        append(conn, "b.done")
        shown = audit_entry.c.kind == "b.done"
        assert [audit.is_shown(conn, number, shown) for number in (1, 2, 3)] == [False, True, False]
        assert [entry.sequence for entry in audit.list_newest(conn, shown=shown)] == [2]
        assert audit.list_kinds(conn) == ("a.done", "b.done")


def test_a_scope_is_looked_up_in_the_index_alone(store: Store) -> None:
    """Whatever is looked for, its index holds the scope: no entry outside it is read."""
    found = {
        index["name"]: index["column_names"]
        for index in inspect(store.engine).get_indexes("audit_entry")
    }
    assert len(found) == 6
    for name, columns in found.items():
        assert columns[-3:] == ["sequence", "model_id", "jurisdiction"], name
