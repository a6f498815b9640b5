"""What took effect without review, against a plain loop over the same facts."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.lake.released_rows import EVER, Declared, ReleaseFiles, Releases, ReviewTimes, releases
from core.lake.row_filter import RowFilter

START = datetime(2026, 1, 1, tzinfo=UTC)
ROWS = 8
MODELS = "approve"
"""What the model decided about each row."""
LEVELS = {"1": "in_the_loop", "2": "in_command", "3": "out_of_the_loop"}
ALWAYS = tuple((version, EVER, level) for version, level in LEVELS.items())
Hours = st.integers(0, 6)


def at(hours: int) -> int:
    return int((START + timedelta(hours=hours)).timestamp() * 1_000_000)


def version(number: int) -> str:
    return str(1 + number % 3)


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
    declared: Declared = Declared(ALWAYS),  # noqa: B008 - frozen
) -> Releases:
    stamp = pa.timestamp("us", tz="UTC")
    predictions = pa.table(
        {
            "prediction_id": [f"P{number}" for number in range(ROWS)],
            "time": pa.array([START] * ROWS, stamp),
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
    )
    return releases(connection, files, times, limit=100)


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
)
@settings(
    deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture]
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
) -> None:
    by_hand, verdicts = (sorted(each, key=lambda one: one[1]) for each in (by_hand, verdicts))
    latest = {(name, hours): level for name, hours, level in levels}  # of one instant the last
    levels = sorted((name, hours, level) for (name, hours), level in latest.items())
    starts = sorted(dict(starts).items())
    declared = Declared(
        (*ALWAYS, *((name, at(hours), level) for name, hours, level in levels)),
        tuple((at(a), None if b is None else at(b)) for a, b in starts),
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
        level = level_at(number, moment)
        if level == "in_the_loop":
            return "without_verdict"
        if level == "":
            return "undeclared" if hand is None else None
        waited = any(n == number and a <= moment and (b is None or b > moment) for n, a, b in waits)
        held = level == "in_command" and waited and hand is None
        return "while_waiting" if held else None

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
    newest = [(each.prediction_id, each.released_at, each.level) for each in found.newest]
    assert sorted(newest) == sorted(told)
    assert [each.released_at for each in found.newest] == sorted(
        (each.released_at for each in found.newest), reverse=True
    )


def test_without_a_log_nothing_took_effect(connection: duckdb.DuckDBPyConnection) -> None:
    none = ReleaseFiles((), (), Declared(ALWAYS))
    assert releases(connection, none, ReviewTimes(), limit=5) == Releases({}, {})


def test_rows_outside_the_filter_are_left_out(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    judged(connection, tmp_path, {0: 1, 1: 1}, [], ReviewTimes())
    paths = (str(tmp_path / "p.parquet"),)
    files = ReleaseFiles(paths, (), Declared(ALWAYS), RowFilter(versions=("2",)))
    found = releases(connection, files, ReviewTimes(), limit=5)
    assert (found.released, found.breaches) == ({"2": 1}, {})
    assert found.first == found.last == START + timedelta(hours=1)
