"""The bench of the audit trail runs to its end, and prints a rate for each of its steps."""

from pathlib import Path

import pytest

from bench import audit


@pytest.mark.slow
def test_the_bench_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    words = ["bench.audit", "--entries", "1200", "--home", str(tmp_path / "home")]
    monkeypatch.setattr("sys.argv", words)
    assert audit.main() == 0
    out = capsys.readouterr().out
    for step in ("append, one transaction", "verify against a checkpoint", "verify.py on the"):
        (line,) = [line for line in out.split("\n") if line.startswith(step)]
        assert line.endswith("a second")
