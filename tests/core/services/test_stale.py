"""A reader whose file is gone reads once more, and no oftener."""

import duckdb
import pytest

from core.errors import DiskFull, StaleGeneration, StorageError
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


class Ending:
    """A service whose connection is ended by an error the first times it is called."""

    def __init__(self, error: Exception, times: int) -> None:
        self.error, self.times = error, times

    @retry_when_stale
    def read(self) -> str:
        self.times -= 1
        if self.times >= 0:
            raise self.error
        return "read"


@pytest.mark.parametrize(
    "error",
    [
        duckdb.FatalException("FATAL Error: the database has been invalidated"),
        duckdb.InternalException("INTERNAL Error: assertion"),
        duckdb.ConnectionException("Connection Error: Connection already closed!"),
    ],
)
def test_a_connection_that_ended_is_read_past(error: Exception) -> None:
    assert Ending(error, 1).read() == "read"
    with pytest.raises(type(error)):
        Ending(error, 2).read()


def test_a_full_disk_and_a_bad_one_are_told_in_our_words() -> None:
    full = duckdb.IOException('IO Error: Could not write file "x": No space left on device')
    with pytest.raises(DiskFull):
        Ending(full, 1).read()
    with pytest.raises(StorageError, match="Could not read"):
        Ending(duckdb.IOException('IO Error: Could not read from file "x"'), 1).read()
