"""Days and months of instants, against the domain's own rule."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from core.domain.windows import local_day
from core.lake.local_days import LocalDays, from_microseconds, month_starts, to_microseconds


@pytest.mark.parametrize("zone", ["Asia/Hong_Kong", "America/New_York", "Australia/Lord_Howe"])
def test_every_half_hour_of_a_year_falls_on_its_local_day(zone: str) -> None:
    start = datetime(2024, 1, 1, tzinfo=UTC)
    instants = [start + timedelta(minutes=30) * step for step in range(366 * 48)]
    found = LocalDays(zone).ordinals(np.array([to_microseconds(moment) for moment in instants]))
    assert found.tolist() == [local_day(moment, zone).toordinal() for moment in instants]


def test_the_days_grow_with_what_is_asked() -> None:
    days = LocalDays("Asia/Hong_Kong")
    midnight = datetime(2025, 3, 1, 16, tzinfo=UTC)  # 00:00 of 2 March in Hong Kong
    for moment, day in (
        (midnight, date(2025, 3, 2)),
        (midnight - timedelta(microseconds=1), date(2025, 3, 1)),
        (midnight + timedelta(days=400), date(2026, 4, 6)),
        (midnight - timedelta(days=400), date(2024, 1, 27)),
    ):
        found = days.ordinals(np.array([to_microseconds(moment)]))
        assert found.tolist() == [day.toordinal()]
    assert days.ordinals(np.array([], dtype=np.int64)).size == 0


def test_microseconds_go_there_and_back() -> None:
    moment = datetime(1961, 5, 4, 3, 2, 1, 999_999, tzinfo=UTC)
    assert from_microseconds(to_microseconds(moment)) == moment


def test_months_begin_on_their_first_day() -> None:
    days = [date(1969, 12, 31), date(2024, 2, 29), date(2025, 1, 1)]
    first = [date(1969, 12, 1), date(2024, 2, 1), date(2025, 1, 1)]
    found = month_starts(np.array([day.toordinal() for day in days]))
    assert found.tolist() == [day.toordinal() for day in first]
