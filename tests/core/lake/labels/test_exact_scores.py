"""Figures of the order of scores inside DuckDB against scikit-learn and scipy on raw rows."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp
from sklearn.metrics import average_precision_score, roc_auc_score

from core.lake.labels.exact_scores import exact_scores
from core.metrics.performance import expected_calibration_error, score_counts
from tests.core.lake.labels.test_binary import MATURE, connected, newest, rows, wanted_of, written

__all__ = ["rows"]


def test_figures_equal_those_of_raw_rows(rows: pd.DataFrame, tmp_path: Path) -> None:
    wanted = wanted_of(written(rows, tmp_path / "r.parquet"))
    found = exact_scores(connected(), wanted)
    plain = newest(rows, wanted)
    plain = plain[plain["score"].between(0, 1)]
    assert found.period.tolist() == list(range(len(wanted.chunks)))
    for index, chunk in enumerate(wanted.chunks):
        part = plain[plain["time"].between(chunk.start, chunk.end, inclusive="left")]
        mature = part[part["time"] <= MATURE]
        part = part if mature.empty else mature
        hit = part["label"] == 1
        assert (found.positives[index], found.negatives[index]) == (hit.sum(), (~hit).sum())
        area = roc_auc_score(part["label"], part["score"])
        assert found.roc_auc[index] == pytest.approx(area, rel=1e-12)
        precision = average_precision_score(part["label"], part["score"])
        assert found.average_precision[index] == pytest.approx(precision, rel=1e-12)
        gap = ks_2samp(part.loc[hit, "score"], part.loc[~hit, "score"]).statistic
        assert found.ks_of_score[index] == pytest.approx(gap, rel=1e-12)
        error = expected_calibration_error(score_counts(part["score"], part["label"]))
        assert found.expected_calibration_error[index] == pytest.approx(float(error), rel=1e-9)


def test_mature_rows_without_a_score_do_not_let_early_ones_in(
    rows: pd.DataFrame, tmp_path: Path
) -> None:
    """The rows that count are chosen before their scores are looked at, as they are of counts."""
    wanted = wanted_of("")
    month = next(chunk for chunk in wanted.chunks if chunk.start < MATURE < chunk.end)
    inside = rows["time"].between(month.start, month.end, inclusive="left")
    old = inside & (rows["time"] <= MATURE)
    assert (inside & ~old).any()
    unscored = rows.assign(score=rows["score"].where(~old))
    found = exact_scores(connected(), wanted_of(written(unscored, tmp_path / "r.parquet")))
    assert wanted.chunks.index(month) not in found.period.tolist()


def test_one_class_has_no_order(rows: pd.DataFrame, tmp_path: Path) -> None:
    alone = rows[(rows["label"] == 0) & (rows["revision"] == 0)]
    found = exact_scores(connected(), wanted_of(written(alone, tmp_path / "r.parquet")))
    assert np.isnan(found.roc_auc).all()
    assert np.isnan(found.average_precision).all()
    assert (found.negatives > 0).all()


def test_without_files_there_is_nothing() -> None:
    assert exact_scores(connected(), wanted_of("", resolved=())).period.size == 0
