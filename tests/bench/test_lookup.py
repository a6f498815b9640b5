"""The bench of single predictions runs to its end, and finds what it looks for."""

import pytest

from bench import lookup


def test_the_bench_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert lookup.main(["--rows", "2000"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for name in ("one scan of the ids", "unknown, first", "known, the newest", "known, the oldest"):
        (line,) = [line for line in lines if line.startswith(name)]
        assert line.endswith("×")
    assert lines[-1] == "memory of the filters: 0.0 MB"
