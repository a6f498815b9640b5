"""Three loads in one part, by what people ask, each with its own figures."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from bench.measure import ChildRun, Usage
from bench.parts.load import found_in, measure_load
from bench.parts.part import Bench

PRINTED = """
4 sessions, each acting every 2 s, {asked}, measured for 5 s

| run | count | p50 ms | p95 ms | max ms |
|---|--:|--:|--:|--:|
| rerun | 2 | 100 | {slowest} | {slowest} |

By page, {asked}

| page | reruns | p50 ms | p95 ms |
|---|--:|--:|--:|
| drift | 2 | 100 | {slowest} |

failures: 0
machine: 2 cores
target: rerun p95 of at most 500 ms: missed
"""


def told(slowest: float) -> dict[str, object]:
    return {
        "record": {"reruns": {"page": [0.1], "filter": [slowest]}, "failures": []},
        "machine": {"server_cpu_s": 0.5},
        "memory": {"end": 900.0},
    }


def test_a_load_is_read_from_what_it_printed_and_wrote() -> None:
    found = found_in(PRINTED.format(asked="days of their own", slowest=700), told(0.7))
    assert found.values == {
        "p50_ms": 100.0, "p95_ms": 700.0, "cpu_ms": 250.0, "failures": 0, "memory_mb": 900.0,
    }  # fmt: skip
    assert [table.title.split(",")[0] for table in found.tables] == ["4 sessions", "By page"]
    assert found.notes == ("failures: 0",)


LOADS = {
    "first": (0.1, "what a page shows first"),
    "offered": (0.2, "what the page offers"),
    "own": (0.7, "days of their own"),
}


class FakeBench(Bench):
    """Answers as the load does, slower with days of one's own."""

    def python(
        self,
        *arguments: object,
        codes: Sequence[int] = (0,),
        env: Mapping[str, str] | None = None,
    ) -> ChildRun:
        words = [str(each) for each in arguments]
        assert (codes, env) == ((0, 1), None)
        days = words[words.index("--days") + 1]
        assert ("--warm-up" in words) is not self.is_small
        slowest, asked = LOADS[days]
        Path(words[words.index("--json") + 1]).write_text(json.dumps(told(slowest)))
        printed = PRINTED.format(asked=asked, slowest=round(slowest * 1000))
        return ChildRun(Usage(1.0, 1.0, 1), printed)


@pytest.mark.parametrize("is_small", [True, False])
def test_the_loads_stand_beside_each_other(tmp_path: Path, is_small: bool) -> None:
    found = measure_load(FakeBench(tmp_path, is_small=is_small))
    names = [name for _, name in LOADS.values()]
    for days, (slowest, _) in LOADS.items():
        assert found.values[f"{days}_p95_ms"] == slowest * 1000
    assert [table.title.split(", ")[-1] for table in found.tables[1::2]] == names
    assert found.notes == tuple(f"{name}: failures: 0" for name in names)
