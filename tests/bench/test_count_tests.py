import json
import subprocess
import sys

import pytest

from bench import count_tests
from bench.runner import PROJECT_ROOT


class Item:
    def __init__(self, *marks: str) -> None:
        self.marks = marks

    def get_closest_marker(self, name: str) -> str | None:
        return name if name in self.marks else None


class Session:
    items = (Item(), Item("slow"), Item("slow", "e2e"), Item("hypothesis"))


def test_tests_are_counted_by_their_marks() -> None:
    counter = count_tests.Counter()
    counter.pytest_collection_finish(Session())  # type: ignore[arg-type]
    assert counter.counts == {"all": 4, "fast": 2, "slow": 2, "e2e": 1, "hypothesis": 1}


@pytest.mark.slow
def test_a_folder_is_collected() -> None:
    command = [sys.executable, "-m", "bench.count_tests", "tests/bench/parts"]
    done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["all"] == found["fast"] >= 8
    assert found["slow"] == found["e2e"] == 0
