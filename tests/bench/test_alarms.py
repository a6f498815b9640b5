"""The bench of alarms runs to its end and prints a table for each world."""

import numpy as np
import pytest

from bench import alarms
from bench.alarm_worlds import WORLDS


def test_the_bench_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert alarms.main(["--quick", "--world", "autocorrelated"]) == 0
    out = capsys.readouterr().out
    assert "### autocorrelated" in out
    assert "| a new category, 1 % |" in out
    assert set(WORLDS) == {"iid", "weekday", "autocorrelated"}


def test_a_matched_limit_raises_no_more_than_the_rate() -> None:
    null = np.arange(100.0)
    limit = alarms.matched_limit(null, 0.05)
    assert np.count_nonzero(null >= limit) == 5
    assert np.count_nonzero(null >= alarms.matched_limit(null, 0.0)) == 0
