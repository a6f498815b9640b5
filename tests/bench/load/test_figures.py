"""The figures of a load."""

import math
from collections import Counter
from json import dumps, loads

import pytest

from bench.load.costs import Cost
from bench.load.elements import Screen
from bench.load.figures import (
    Machine,
    Memory,
    Times,
    document,
    everything,
    minute_table,
    notes,
    page_table,
    percentile,
    table,
    times_of,
)
from bench.load.people import Plan, Record

MACHINE = Machine(2, 0.5, 1.5, server_cpu_s=6.0, client_cpu_s=0.6, measured_s=10.0)


@pytest.mark.parametrize(
    ("share", "expected"), [(0.5, 10), (0.95, 19), (0.951, 20), (1.0, 20), (0.0, 1)]
)
def test_a_percentile_is_the_smallest_value_that_covers_the_share(
    share: float, expected: int
) -> None:
    assert percentile(list(range(1, 21)), share) == expected


def test_times_are_in_milliseconds() -> None:
    assert times_of([0.2, 0.1, 0.4]) == Times(3, 200.0, 400.0, 400.0)
    assert times_of([]) is None


def test_the_table_has_a_row_for_each_kind_of_run() -> None:
    record = Record([1.0], [9.0], {"page": [0.1, 0.3], "language": [0.2]})
    assert sorted(everything(record)) == [0.1, 0.2, 0.3]  # the warm-up does not count
    lines = table(record).splitlines()
    assert lines[2] == "| first load | 1 | 1,000 | 1,000 | 1,000 |"
    assert lines[3] == "| rerun | 3 | 200 | 300 | 300 |"
    assert lines[5] == "| – filter | 0 | – | – | – |"


def test_everything_found_can_be_written_and_is_told_page_by_page() -> None:
    record, screen = (
        Record(visits=Counter(drift=2)),
        Screen(parameters={"model": "loans", "kpi": "x"}),
    )
    screen.pages, screen.page = {"#1": "drift"}, "#1"
    plan = Plan(10, 10, measure_from=100.0, stop_at=160.0, begun=40.0)
    for took, start in ((0.1, 100.0), (0.3, 159.9), (9.0, 99.9)):
        record.add("page", took, screen, plan, start)
    assert record.warm_up == [9.0]
    assert record.minutes == {0: [9.0], 1: [0.1, 0.3]}
    assert page_table(record).splitlines()[2:] == ["| drift | 2 | 100 | 300 |"]
    cost = Cost("drift", 3.0, 1.0, 2.0, None)
    found = loads(dumps(document(record, Memory(1, 2, 3), MACHINE, None, [cost])))
    assert found["record"]["visits"] == {"drift": 2}
    assert found["record"]["filters"] == ["model=loans"]
    assert found["pages"]["drift"]["p95"] == 300
    assert found["costs"][0]["fresh"] == 2.0


def test_each_whole_minute_has_a_row_with_the_processor_time_of_its_reruns() -> None:
    record = Record(minutes={0: [9.0], 2: [0.1, 0.3, 0.2], 3: [1.0]})
    lines = minute_table(record, [5.0, 15.0, 16.0, 16.6]).splitlines()
    assert lines[2:] == ["| 1 | 0.0 | 9,000 | 9,000 | 10,000 |", "| 3 | 0.1 | 200 | 300 | 200 |"]


def test_memory_grows_from_the_warm_up_on() -> None:
    assert Memory(100, 200, 210).growth == pytest.approx(0.05)
    assert math.isnan(Memory(100, 0, 210).growth)


@pytest.mark.parametrize(("slowest", "verdict"), [(0.5, "met"), (0.51, "missed")])
def test_the_target_is_judged_and_failures_are_counted(slowest: float, verdict: str) -> None:
    record = Record(reruns={"page": [0.1, slowest]}, failures=["page: gone", "page: gone"])
    told = notes(record, Memory(1, 2, 2), MACHINE)
    assert f"target: rerun p95 of at most 500 ms: {verdict}" in told
    assert "server CPU: 0.60 of a core, 3000 ms a rerun; load generator: 0.06 of a core" in told
    assert told[-1] == "  2 × page: gone"


def test_nothing_measured_is_said() -> None:
    assert notes(Record(), Memory(1, 1, 1), MACHINE)[-1].endswith("not measured")
