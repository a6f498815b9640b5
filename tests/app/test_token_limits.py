from dataclasses import dataclass

from app.token_limits import FAILURES, WINDOW_S, FailureLimit


@dataclass
class Seconds:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


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
