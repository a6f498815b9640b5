"""The walk over the whole trail: its sections, its roots, and how much it tells."""

from pathlib import Path

import pytest

from core.domain import merkle
from core.store import Store
from core.store.audit import check, subjects
from core.store.audit import trail as audit
from core.store.audit.check import Problem, Walk, walk
from core.store.audit.trail import PersonalPayload
from tests.support.fakes import START
from tests.support.tampering import unlocked

SIZE = 13


@pytest.fixture
def trail(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A trail of thirteen entries that is read in sections of four."""
    monkeypatch.setattr(check, "CHUNK", 4)
    with sqlite_store.begin() as conn:
        for number in range(SIZE):
            audit.append(
                conn,
                at=START,
                actor="p-1",
                role="admin",
                kind="test.done",
                objects={"prediction": f"L{number}"},
                body={"number": number},
                personal=PersonalPayload("s1", {"n": number}) if number == 6 else None,
            )
    return sqlite_store


def walked(store: Store, *sizes: int) -> tuple[Walk, list[float]]:
    shares: list[float] = []
    with store.read() as conn:
        return walk(conn, sizes=sizes, progress=shares.append), shares


def found_after(store: Store, statement: str) -> list[tuple[int | None, str]]:
    """Return what is told after a statement that no trigger and no foreign key hinders."""
    store.close()
    with unlocked(Path(str(store.engine.url.database))) as conn:
        conn.execute(statement)
    conn.close()
    return [(each.sequence, str(each)) for each in walked(store)[0].problems]


def test_roots_are_told_at_the_sizes_asked_for_and_at_the_end(trail: Store) -> None:
    with trail.read() as conn:
        leaves = [merkle.leaf_hash(each.canonical) for each in audit.read(conn)]
    roots = [merkle.EMPTY_ROOT, *merkle.roots(leaves)]
    found, shares = walked(trail, 0, 1, 4, 5, 99, -1)
    assert found.roots == {size: roots[size] for size in (0, 1, 4, 5, SIZE)}
    assert walked(trail)[0].roots == {SIZE: roots[SIZE]}
    assert walked(trail, 1)[0].roots == {1: roots[1], SIZE: roots[SIZE]}
    assert (found.size, found.problems, found.opened, found.erased) == (SIZE, [], 1, 0)
    assert shares == [4 / SIZE, 8 / SIZE, 12 / SIZE]


def test_a_trail_without_entries_has_the_empty_root(sqlite_store: Store) -> None:
    found, shares = walked(sqlite_store)
    assert (found.size, found.roots, found.problems) == (0, {0: merkle.EMPTY_ROOT}, [])
    assert shares == []


@pytest.mark.parametrize("sequence", [1, 4, 5, 8, 9, 13])
def test_a_changed_entry_is_told_once_in_whatever_section_it_lies(
    trail: Store, sequence: int
) -> None:
    told = found_after(
        trail,
        "UPDATE audit_entry SET canonical = CAST(replace(canonical, 'admin', 'nobody') AS BLOB) "
        f"WHERE sequence = {sequence}",
    )
    assert told[0] == (sequence, f"Entry {sequence} is not what was appended.")
    assert {number for number, _ in told[1:]} <= {None}  # nodes above it
    assert all(message.startswith("Node ") for _, message in told[1:])


@pytest.mark.parametrize("put", ["x'00'", f"x'{'ff' * 32}'", "'text'"])
@pytest.mark.parametrize(("level", "position"), [(1, 0), (1, 5), (2, 2), (3, 0)])
def test_a_changed_node_is_told_by_its_place_alone(
    trail: Store, level: int, position: int, put: str
) -> None:
    place = f"level = {level} AND position = {position}"
    told = found_after(trail, f"UPDATE audit_node SET hash = {put} WHERE {place}")
    where = f"Node {position} of level {level}"
    assert told == [(None, f"{where} is not the hash of what is below it.")]


def test_a_gap_is_told_once_and_not_for_all_that_follow(trail: Store) -> None:
    told = found_after(trail, "DELETE FROM audit_entry WHERE sequence = 5")
    gaps = [each for each in told if "stands in its place" in each[1]]
    assert gaps == [(5, "Entry 5 is missing; entry 6 stands in its place.")]
    assert "The trail says to have 13 entries and has 12." in [message for _, message in told]


@pytest.mark.parametrize("put", ["{", "{}", "[]", "null", '{"sequence": 5, "actor": "p-1"}'])
def test_what_is_no_entry_is_told(trail: Store, put: str) -> None:
    told = found_after(trail, f"UPDATE audit_entry SET canonical = '{put}' WHERE sequence = 5")
    assert (5, "Entry 5 is not the text of an entry.") in told


@pytest.mark.parametrize(
    ("stored", "written", "fits"),
    [
        # As PostgreSQL keeps an instant, and as SQLite does.
        (START, "2026-01-05T09:30:00.000000Z", True),
        (START, "2026-01-05T09:30:00.000001Z", False),
        (START, "2026-01-05T09:29:59.999999Z", False),
        ("2026-01-05 09:30:00.000000", "2026-01-05T09:30:00.000000Z", True),
        ("2026-01-05 09:30:00.000000", "2026-01-05T09:30:00.000000", False),
        ("2026-01-05 09:30:00.000000", "2026-01-05T09:30:00.000000Z ", False),
        ("2026-01-05 09:30:00.000001", "2026-01-05T09:30:00.000000Z", False),
        ("2026-01-05 09:29:00.000000", "2026-01-05T09:30:00.000000Z", False),
        (None, "2026-01-05T09:30:00.000000Z", False),
    ],
)
def test_an_instant_fits_what_an_entry_has_written(
    stored: object, written: str, fits: bool
) -> None:
    assert check._is_instant(stored, written) is fits


def test_missing_nodes_are_counted(trail: Store) -> None:
    # 13 leaves: 2 · 13 - 3, for 13 is 1101 in binary.
    told = found_after(trail, "INSERT INTO audit_node VALUES (9, 0, x'00')")
    assert [message for _, message in told] == ["The tree has 24 nodes and should have 23."]


def test_the_payload_of_another_subject_opens_nothing(trail: Store) -> None:
    with trail.begin() as conn:
        subjects.key_of(conn, "s2", at=START)
    told = found_after(trail, "UPDATE audit_payload SET subject_id = 's2'")
    assert told == [(7, "The payload of entry 7 is not the one committed to.")]
    assert walked(trail)[0].opened == 0


@pytest.mark.parametrize(
    ("statement", "stray"),
    [
        ("UPDATE audit_payload SET sequence = 8", 8),
        ("UPDATE audit_payload SET sequence = 99", 99),
        ("UPDATE audit_object SET sequence = 99 WHERE sequence = 13", 99),
    ],
)
def test_what_lies_beside_no_such_entry_is_told(trail: Store, statement: str, stray: int) -> None:
    said = f"What is kept beside entry {stray} belongs to no such entry."
    assert (stray, said) in found_after(trail, statement)


def test_a_thousand_problems_are_told_and_no_more() -> None:
    found = Walk()
    for number in range(1005):
        found.tell("{what} of {sequence}", number, what="hash")
    assert len(found.problems) == 1000
    assert str(found.problems[-1]) == "hash of 999"
    assert Problem("{sequence}", 3, {"sequence": 3}) == Problem("{sequence}", 3, {"sequence": 3})
