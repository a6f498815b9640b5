"""The bench of labelled rows runs to its end, and its two ways give the same."""

import re

import pytest

from bench import performance


def test_the_bench_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert performance.main(["--rows", "5000"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for name in ("plain aggregate by month", "counts by cell of the score", "exact ranking"):
        (line,) = [line for line in lines if line.startswith(name)]
        assert line.endswith("×")
    found = re.search(r"within (\S+) of the exact ones; stated bound (\S+)\.$", lines[-1])
    assert found is not None
    assert float(found[1]) <= float(found[2]) < 0.01
