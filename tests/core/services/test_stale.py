"""A reader whose file is gone reads once more, and no oftener."""

import pytest

from core.errors import StaleGeneration
from core.services.stale import retry_when_stale


class Reading:
    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.calls = 0

    @retry_when_stale
    def read(self, value: int, *, plus: int) -> int:
        self.calls += 1
        if self.calls <= self.failures:
            raise StaleGeneration("A file is gone.")
        return value + plus


@pytest.mark.parametrize(("failures", "calls"), [(0, 1), (1, 2)])
def test_one_gap_is_read_past(failures: int, calls: int) -> None:
    reading = Reading(failures)
    assert reading.read(1, plus=2) == 3
    assert reading.calls == calls


def test_a_second_gap_is_told() -> None:
    reading = Reading(2)
    with pytest.raises(StaleGeneration):
        reading.read(1, plus=2)
    assert reading.calls == 2
