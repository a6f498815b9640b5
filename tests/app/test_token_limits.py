import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from app.token_limits import FAILURES, WINDOW_S, FailureLimit, failure_limit


@dataclass
class Seconds:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def one_of_four(monkeypatch: pytest.MonkeyPatch) -> Iterator[FailureLimit]:
    """The limit of a process that was told of three others."""
    monkeypatch.setenv("HARBOURLIGHT_SIBLINGS", os.pathsep.join(["/a/1", "/a/2", "/a/3"]))
    failure_limit.cache_clear()
    yield failure_limit()
    failure_limit.cache_clear()


def test_ten_failures_a_minute_by_caller() -> None:
    clock = Seconds()
    limit = FailureLimit(clock)
    for _ in range(FAILURES):
        verdict = limit.failed("a")
        assert (verdict.limited, verdict.recorded, verdict.retry_after_s) == (False, True, 0)
    clock.now = 20.0
    verdict = limit.failed("a")
    assert (verdict.limited, verdict.recorded, verdict.retry_after_s) == (True, False, 40)
    assert not limit.failed("b").limited
    clock.now = WINDOW_S + 21.0
    assert not limit.failed("a").limited


def test_who_goes_on_failing_goes_on_waiting() -> None:
    clock = Seconds()
    limit = FailureLimit(clock)
    for second in range(300):
        clock.now = float(second)
        verdict = limit.failed("a")
    assert verdict.limited
    assert 1 <= verdict.retry_after_s <= WINDOW_S


def test_a_flood_from_many_addresses_does_not_fill_the_trail() -> None:
    limit = FailureLimit(Seconds())
    recorded = sum(limit.failed(f"caller {number}").recorded for number in range(1000))
    assert recorded == 60


def test_only_so_many_callers_are_remembered() -> None:
    limit = FailureLimit(Seconds())
    for number in range(10_100):
        limit.failed(f"caller {number}")
    assert len(limit._failures) == 10_000


def test_four_processes_allow_no_more_than_one(one_of_four: FailureLimit) -> None:
    answered = sum(not one_of_four.failed("a").limited for _ in range(1000))
    assert 1 <= answered <= FAILURES / 4
    recorded = sum(one_of_four.failed(f"caller {number}").recorded for number in range(1000))
    assert answered + recorded == 60 / 4


def test_each_of_many_processes_allows_one() -> None:
    limit = FailureLimit(Seconds(), processes=64)
    assert [limit.failed("a").limited for _ in range(3)] == [False, True, True]
    assert not limit.failed("b").limited
