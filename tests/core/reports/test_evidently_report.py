"""Evidently's own report: whatever columns a sample has, one file comes out or a reason."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.errors import NotComputable
from core.reports.evidently_report import write_report

EMPTY = pd.DataFrame({"income": [np.nan] * 5, "sector": [None] * 5}, dtype=object)


def test_samples_without_a_common_value_give_the_reason(tmp_path: Path) -> None:
    full = pd.DataFrame({"income": np.arange(5.0), "sector": list("abcde")})
    for reference, current in ((EMPTY, full), (full, EMPTY)):
        with pytest.raises(NotComputable, match="No feature has values in both samples"):
            write_report(
                reference,
                current,
                numeric=["income"],
                categorical=["sector"],
                target=tmp_path / "report.html",
            )
    assert not (tmp_path / "report.html").exists()


def test_an_empty_column_is_left_out_and_the_report_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DO_NOT_TRACK", raising=False)
    draw = np.random.default_rng(3)
    reference = pd.DataFrame(
        {
            "income": draw.normal(size=200),
            "blank": [np.nan] * 200,
            "sector": draw.choice(["a", "b"], 200),
        }
    )
    target = tmp_path / "report.html"
    write_report(
        reference,
        reference.assign(income=reference["income"] + 1, blank=1.0),
        numeric=["income", "blank"],
        categorical=["sector"],
        target=target,
    )
    text = target.read_text(encoding="utf-8")
    assert text.lstrip().lower().startswith(("<!doctype", "<html"))
    assert "income" in text
    assert "sector" in text
    assert '"blank"' not in text
