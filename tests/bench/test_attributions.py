"""The bench of attributions: both sides explain the same loans, and say the same of them."""

import json
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from bench.attributions import _loans, _timed, main


def test_both_sides_are_told_and_give_the_same_values(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "found.json"
    assert main(["--rows", "4", "--json", str(kept)]) == 0
    found = json.loads(kept.read_text(encoding="utf-8"))
    ours, peer = found["times"]
    assert found["background"] == 100
    assert found["apart"] < 1e-7  # shap is the second library, and keeps leaves in single precision
    assert ours["who"] == "Harbourlight"
    assert peer["who"].startswith("shap ")
    for each in (ours, peer):
        assert each["rows"] == 4
        assert each["a_second"] * each["ms_a_row"] == pytest.approx(1000)
    told = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in told[:2]] == [ours["who"], peer["who"]]
    assert told[2] == f"largest difference {found['apart']:.1g}"


def test_shares_of_the_loans_are_the_same_in_single_precision() -> None:
    """Or a loan at a threshold of a tree could take one branch here and the other there."""
    share = _loans("training")["guaranteed_share"]
    assert len(share) > 100
    assert (share.astype(np.float32).astype(np.float64) == share).all()


def test_the_first_run_is_not_timed() -> None:
    runs = count(1)
    found, seconds = _timed(lambda: next(runs))
    assert found == 4  # one to warm up, then three
    assert seconds >= 0
