import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.rates import options_of
from tests.architecture.sources import ROOT

ALL = ("evidently", "nannyml", "whylogs")


@pytest.mark.parametrize(
    ("arguments", "rows", "repeats", "peers"),
    [
        ([], 1_000_000, 3, ALL),
        (["--quick"], 100_000, 1, ()),
        (["--rows", "10_000_000"], 10_000_000, 1, ()),
        (["--rows", "10000000", "--peers", "nannyml"], 10_000_000, 1, ("nannyml",)),
        (["--peers", "none", "--repeats", "5"], 1_000_000, 5, ()),
        (["--quick", "--rows", "5000", "--peers", "whylogs,evidently"], 5_000, 1, ALL[::-2]),
    ],
)
def test_defaults_follow_the_size(
    arguments: list[str], rows: int, repeats: int, peers: tuple[str, ...]
) -> None:
    options = options_of(arguments)
    assert (options.rows, options.repeats, options.peers) == (rows, repeats, peers)


@pytest.mark.parametrize("arguments", [["--peers", "nobody"], ["--rows", "0"], ["--rows", "many"]])
def test_a_wrong_option_is_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        options_of(arguments)


@pytest.mark.slow
def test_a_small_run_times_all_of_our_own_steps(tmp_path: Path) -> None:
    report = tmp_path / "bench.json"
    run = subprocess.run(
        [
            *(sys.executable, "-m", "bench.rates", "--quick", "--rows", "20000"),
            *("--cache", str(tmp_path / "cache"), "--json", str(report)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    figures = json.loads(report.read_text(encoding="utf-8"))["figures"]
    assert all(figure["runs"] and not figure["missing"] for figure in figures)
    assert "| log file to drift report" in run.stdout
    assert "all KPIs of bank_credit" in run.stdout
    assert not list((tmp_path / "cache").glob("run-*"))
