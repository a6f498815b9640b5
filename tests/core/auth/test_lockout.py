from datetime import timedelta

import pytest

from core.auth.lockout import PER_SOURCE, PER_USER, source_key
from tests.support.fakes import START


def test_waiting_doubles_and_ends_at_an_hour() -> None:
    # By hand: 30 s after the fifth failure, twice as long after each further one.
    seconds = [PER_USER.wait(failures).total_seconds() for failures in range(13)]
    assert seconds == [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600]
    assert PER_USER.wait(10_000) == timedelta(hours=1)
    assert PER_SOURCE.wait(29) == timedelta(0)
    assert PER_SOURCE.wait(30) == timedelta(seconds=30)
    assert PER_SOURCE.wait(10_000) == timedelta(hours=1)


def test_failures_are_forgotten_a_day_after_the_last() -> None:
    for rule in (PER_USER, PER_SOURCE):
        assert rule.count(7, START, START + timedelta(minutes=1)) == 7
        assert rule.count(7, START, START + timedelta(hours=24)) == 7
        assert rule.count(7, START, START + timedelta(hours=24, seconds=1)) == 0


@pytest.mark.parametrize(
    ("source", "key"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("a socket", "a socket"),
    ],
)
def test_an_address_is_counted_as_its_network(source: str, key: str) -> None:
    assert source_key(source) == key
