"""What took effect without review, against a plain loop over the same facts."""

import hmac
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.lake.releases.facts import EVER, Declared, ReleaseFiles, ReviewTimes
from core.lake.releases.rows import Releases, releases
from core.lake.row_filter import RowFilter
from core.lake.upkeep.keyed_hash import KeyedHash

START = datetime(2026, 1, 1, tzinfo=UTC)
ROWS = 8
MODELS = "approve"
"""What the model decided about each row."""
LEVELS = {"1": "in_the_loop", "2": "in_command", "3": "out_of_the_loop"}
ALWAYS = tuple((version, EVER, level) for version, level in LEVELS.items())
OVERSEEN = ((EVER, EVER),)
KEY = KeyedHash(b"k" * 32)
Hours = st.integers(0, 6)


def at(hours: int) -> int:
    return int((START + timedelta(hours=hours)).timestamp() * 1_000_000)


def version(number: int) -> str:
    return str(1 + number % 3)


def customer(number: int) -> str | None:
    """Return whom a row is about: rows 0 to 3 two people, of the others nobody is named."""
    return f"C{number % 2}" if number < 4 else None


def pseudonym(number: int) -> str:
    reference = customer(number) or f"P{number}"
    return hmac.new(KEY.key, reference.encode(), sha256).hexdigest()


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    made = duckdb.connect()
    made.execute("SET TimeZone = 'UTC'")
    yield made
    made.close()


def judged(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    logged: dict[int, int],
    later: Sequence[tuple[int, int, str]],
    times: ReviewTimes,
    declared: Declared = Declared(ALWAYS, overseen=OVERSEEN),  # noqa: B008 - frozen
    *,
    whole_since: int | None = None,
) -> Releases:
    stamp = pa.timestamp("us", tz="UTC")
    predictions = pa.table(
        {
            "prediction_id": [f"P{number}" for number in range(ROWS)],
            "time": pa.array([START + timedelta(hours=n // 3) for n in range(ROWS)], stamp),
            "subject": pa.array([customer(number) for number in range(ROWS)], pa.string()),
            "version": [version(number) for number in range(ROWS)],
            "decision": [MODELS] * ROWS,
            "released_at": pa.array(
                [
                    START + timedelta(hours=logged[number]) if number in logged else None
                    for number in range(ROWS)
                ],
                stamp,
            ),
        }
    )
    # What is not of the kind "released", or of another log, says nothing.
    rows = [(f"P{n}", hours, "released", said) for n, hours, said in later]
    rows += [("P0", 0, "human", "approve"), ("elsewhere", 0, "released", "approve")]
    decisions = pa.table(
        {
            "prediction_id": [row[0] for row in rows],
            "time": pa.array([START + timedelta(hours=row[1]) for row in rows], stamp),
            "kind": [row[2] for row in rows],
            "decision": [row[3] for row in rows],
        }
    )
    pq.write_table(predictions, folder / "p.parquet")
    pq.write_table(decisions, folder / "d.parquet")
    files = ReleaseFiles(
        (str(folder / "p.parquet"),),
        (str(folder / "d.parquet"),),
        declared,
        subjects=KEY,
        whole_since=whole_since,
    )
    return releases(connection, files, times, limit=100)


def apart(drawn: Sequence[tuple[int, int, str]]) -> list[tuple[int, int | None, str]]:
    """Return times that do not overlap, as the trail tells them: each ends where another begins."""
    ordered = sorted(drawn)
    found: list[tuple[int, int | None, str]] = []
    for place, (start, hours, over) in enumerate(ordered):
        following = ordered[place + 1][0] if place + 1 < len(ordered) else None
        end = None if hours == 3 else start + hours
        if following is not None:
            end = following if end is None else min(end, following)
        if end != start:
            found.append((start, end, over))
    return found


Which = st.integers(0, ROWS - 1)
Decided = st.sampled_from(["approve", "decline"])
Levels = st.sampled_from(["", *LEVELS.values()])


@given(
    st.dictionaries(Which, Hours),
    st.lists(st.tuples(Which, Hours, Decided), max_size=8),
    st.lists(st.tuples(Which, Hours, Decided), max_size=8),
    st.lists(st.tuples(Which, Hours, st.none() | Hours), max_size=8),
    st.lists(st.tuples(Which, Hours, st.sampled_from(["released", "stopped"])), max_size=8),
    st.lists(st.tuples(st.sampled_from([*LEVELS]), Hours, Levels), max_size=6),
    st.lists(st.tuples(Hours, st.none() | Hours), max_size=3),
    st.lists(st.tuples(Hours, st.none() | Hours), max_size=3),
    st.lists(st.tuples(Hours, st.integers(1, 3), st.sampled_from(["", *LEVELS])), max_size=2),
    st.lists(st.tuples(Which, Hours, st.none() | Hours), max_size=3),
)
@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_it_is_what_a_loop_over_the_facts_says(
    connection: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    logged: dict[int, int],
    later: list[tuple[int, int, str]],
    verdicts: list[tuple[int, int, str]],
    waits: list[tuple[int, int, int | None]],
    by_hand: list[tuple[int, int, str]],
    levels: list[tuple[str, int, str]],
    starts: list[tuple[int, int | None]],
    rules: list[tuple[int, int | None]],
    suspensions: list[tuple[int, int, str]],
    register: list[tuple[int, int, int | None]],
) -> None:
    by_hand, verdicts = (sorted(each, key=lambda one: one[1]) for each in (by_hand, verdicts))
    latest = {(name, hours): level for name, hours, level in levels}  # of one instant the last
    levels = sorted((name, hours, level) for (name, hours), level in latest.items())
    starts, rules = (sorted(dict(each).items()) for each in (starts, rules))
    suspended = apart(suspensions)
    declared = Declared(
        (*ALWAYS, *((name, at(hours), level) for name, hours, level in levels)),
        tuple((at(a), None if b is None else at(b)) for a, b in starts),
        (*OVERSEEN, *((at(a), None if b is None else at(b)) for a, b in rules)),
    )

    def level_at(number: int, moment: int) -> str:
        name = version(number)
        later = [level for known, hours, level in levels if known == name and hours <= moment]
        return [LEVELS[name], *later][-1]

    def counts(moment: int) -> bool:
        in_force = [first for since, first in starts if since <= moment]
        return not in_force or in_force[-1] is None or moment >= in_force[-1]

    times = ReviewTimes(
        tuple((f"P{n}", at(hours), said) for n, hours, said in verdicts),
        tuple((f"P{n}", at(a), None if b is None else at(b)) for n, a, b in waits),
        tuple((f"P{n}", at(hours), said) for n, hours, said in by_hand),
        tuple((at(a), None if b is None else at(b), over) for a, b, over in suspended),
        tuple((pseudonym(n), at(a), None if b is None else at(b)) for n, a, b in register),
    )

    def is_overseen(number: int, moment: int) -> bool:
        said = [(EVER, -1), *rules]
        first = [first for since, first in said if since <= moment][-1]
        return first is not None and number // 3 >= first

    def is_suspended(number: int, moment: int) -> bool:
        spans = [over for a, b, over in suspended if a <= moment and (b is None or moment < b)]
        return bool(spans) and spans[0] != version(number)

    def opted_out(number: int, moment: int) -> bool:
        return any(
            pseudonym(n) == pseudonym(number) and a <= moment and (b is None or moment < b)
            for n, a, b in register
        )

    def last(facts: list[tuple[int, int, str]], number: int, moment: int) -> str | None:
        found = [said for n, hours, said in facts if n == number and hours <= moment]
        return found[-1] if found else None

    def how(number: int, moment: int, decision: str) -> str | None:
        hand, verdict = last(by_hand, number, moment), last(verdicts, number, moment)
        if hand == "stopped":
            return "after_stop"
        if verdict is not None:
            return None if verdict == decision else "other_decision"
        if opted_out(number, moment):
            return "opted_out"
        level = level_at(number, moment)
        if level == "in_the_loop":
            return "without_verdict"
        if hand is not None:
            return None
        if is_suspended(number, moment):
            return "while_suspended"
        if level == "":
            return "undeclared"
        if level == "out_of_the_loop":
            return None
        if any(n == number and a <= moment and (b is None or b > moment) for n, a, b in waits):
            return "while_waiting"
        return None if is_overseen(number, moment) else "without_release"

    released: dict[str, int] = {}
    wrong: dict[tuple[str, str], int] = {}
    told = []
    for number in range(ROWS):
        events = [(logged[number], MODELS)] if number in logged else []
        events += [(hours, said) for n, hours, said in later if n == number]
        events = [each for each in events if counts(each[0])]
        if not events:
            continue
        name = version(number)
        released[name] = released.get(name, 0) + 1
        bad = [(hours, how(number, hours, said)) for hours, said in events]
        bad = [each for each in bad if each[1] is not None]
        if bad:
            # What is surely wrong comes before that of which nobody can say it.
            first, kind = min(bad, key=lambda each: (each[1] == "undeclared", each[0]))
            wrong[name, str(kind)] = wrong.get((name, str(kind)), 0) + 1
            if kind != "undeclared":
                told.append((f"P{number}", START + timedelta(hours=first), level_at(number, first)))
    found = judged(connection, tmp_path, logged, later, times, declared)
    assert found.released == released
    assert found.breaches == wrong
    assert found.unlogged == int(counts(0))
    newest = [(each.prediction_id, each.released_at, each.level) for each in found.newest]
    assert sorted(newest) == sorted(told)
    assert [each.released_at for each in found.newest] == sorted(
        (each.released_at for each in found.newest), reverse=True
    )


def test_without_a_log_nothing_took_effect(connection: duckdb.DuckDBPyConnection) -> None:
    none = ReleaseFiles((), (), Declared(ALWAYS))
    assert releases(connection, none, ReviewTimes(), limit=5) == Releases({}, {}, unlogged=0)


def test_rows_outside_the_filter_are_left_out(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    judged(connection, tmp_path, {0: 1, 1: 1}, [], ReviewTimes())
    paths = (str(tmp_path / "p.parquet"),)
    declared = Declared(ALWAYS, overseen=OVERSEEN)
    files = ReleaseFiles(paths, (), declared, RowFilter(versions=("2",)))
    found = releases(connection, files, ReviewTimes(), limit=5)
    assert (found.released, found.breaches) == ({"2": 1}, {})
    assert found.first == found.last == START + timedelta(hours=1)
    assert found.unlogged is None  # of which jurisdiction or version it would be, nobody knows


def test_what_took_effect_and_is_not_in_the_log_is_counted_apart(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    judged(connection, tmp_path, {2: 3}, [(2, 2, "approve")], ReviewTimes())
    stamp = pa.timestamp("us", tz="UTC")
    # X twice and Y once; Z was decided about by a person, which says nothing of a release.
    rows = [("X", 1, "released"), ("X", 5, "released"), ("Y", 4, "released"), ("Z", 2, "human")]
    told = pa.table(
        {
            "prediction_id": [row[0] for row in rows],
            "time": pa.array([START + timedelta(hours=row[1]) for row in rows], stamp),
            "kind": [row[2] for row in rows],
            "decision": ["approve"] * len(rows),
        }
    )
    pq.write_table(told, tmp_path / "x.parquet")
    paths = ((str(tmp_path / "p.parquet"),), (str(tmp_path / "x.parquet"),))

    def found(declared: Declared, whole_since: int | None = None) -> tuple[object, ...]:
        files = ReleaseFiles(*paths, declared, whole_since=whole_since)
        one = releases(connection, files, ReviewTimes(), limit=5)
        assert one.breaches == {}
        return one.unlogged, one.released, one.first, one.last

    first, last = START + timedelta(hours=1), START + timedelta(hours=5)
    assert found(Declared(ALWAYS)) == (2, {"3": 1}, first, last)
    # From the fourth hour on, by "review.from", and since the log was disposed of.
    counting = Declared(ALWAYS, ((EVER, at(4)),))
    assert found(counting) == (2, {}, START + timedelta(hours=4), last)
    assert found(Declared(ALWAYS), at(5))[0] == 1
    alone = ReleaseFiles((), paths[1], Declared(ALWAYS))
    assert releases(connection, alone, ReviewTimes(), limit=5).unlogged == 2


def test_who_opted_out_is_not_looked_for_without_a_key(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    judged(connection, tmp_path, {2: 1}, [], ReviewTimes())
    files = ReleaseFiles((str(tmp_path / "p.parquet"),), (), Declared(ALWAYS))
    times = ReviewTimes(opted_out=((pseudonym(2), EVER, None),))
    with pytest.raises(TypeError):
        releases(connection, files, times, limit=5)


@pytest.mark.parametrize(
    ("number", "times", "rules", "kind"),
    [
        (1, ReviewTimes(), (), "without_release"),
        (1, ReviewTimes(by_hand=(("P1", at(1), "released"),)), (), None),
        (1, ReviewTimes(), ((EVER, at(0)),), None),
        (1, ReviewTimes(), ((EVER, at(1)),), "without_release"),  # of before "review.from"
        (2, ReviewTimes(), (), None),  # out of the loop needs no rules
        (2, ReviewTimes(suspended=((at(2), None, ""),)), OVERSEEN, "while_suspended"),
        (2, ReviewTimes(suspended=((at(2), None, "1"),)), OVERSEEN, "while_suspended"),
        (2, ReviewTimes(suspended=((at(2), None, "3"),)), OVERSEEN, None),  # it takes over
        (2, ReviewTimes(suspended=((at(0), at(2), ""),)), OVERSEEN, None),  # resumed by then
        (2, ReviewTimes((("P2", at(1), ""),), suspended=((at(2), None, ""),)), OVERSEEN, None),
        (0, ReviewTimes(suspended=((at(2), None, ""),)), OVERSEEN, "without_verdict"),
        (0, ReviewTimes(opted_out=((pseudonym(0), at(1), None),)), OVERSEEN, "opted_out"),
        (2, ReviewTimes(opted_out=((pseudonym(0), at(1), None),)), OVERSEEN, "opted_out"),
        (2, ReviewTimes(opted_out=((pseudonym(0), at(1), at(2)),)), OVERSEEN, None),
        (2, ReviewTimes(opted_out=((pseudonym(1), at(1), None),)), OVERSEEN, None),
        (5, ReviewTimes(opted_out=((pseudonym(5), at(1), None),)), OVERSEEN, "opted_out"),
        (
            5,
            ReviewTimes(
                by_hand=(("P5", at(1), "released"),), opted_out=((pseudonym(5), at(1), None),)
            ),
            OVERSEEN,
            "opted_out",
        ),
    ],
)
def test_each_way_by_hand(
    connection: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    number: int,
    times: ReviewTimes,
    rules: tuple[tuple[int, int | None], ...],
    kind: str | None,
) -> None:
    """Row n is of version 1 + n mod 3; it takes effect in the second hour."""
    found = judged(connection, tmp_path, {number: 2}, [], times, Declared(ALWAYS, (), rules))
    assert [each.kind for each in found.newest] == ([] if kind is None else [kind])
    assert found.breaches == ({} if kind is None else {(version(number), kind): 1})
