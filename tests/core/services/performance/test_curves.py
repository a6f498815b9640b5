"""Curves of one period against scikit-learn on its rows, and lift by hand."""

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve

from core.contract.cut_offs import CutOff
from core.services.performance import curves
from tests.support.lender import CUT_OFF, Lender


@pytest.fixture
def quarter(lender: Lender) -> pd.DataFrame:
    return lender.rows[lender.rows["month"] <= 3]


def test_each_cut_off_is_scikit_learns(lender: Lender, quarter: pd.DataFrame) -> None:
    found, _ = lender.ask(by="quarter")
    drawn = curves(lender.workspace, found, 0)
    assert drawn is not None
    label, score = quarter["defaulted"], quarter["score"]
    assert (drawn.n, drawn.positives) == (len(quarter), label.sum())
    cut = drawn.cut_offs
    assert np.all(np.diff(cut.cut_off) > 0)
    assert 100 < cut.cut_off.size <= 160
    precision, recall, thresholds = sk.precision_recall_curve(label, score)
    for place, value in enumerate(cut.cut_off):
        said = score >= value
        # The same point of scikit-learn's curve: its first threshold that is not below.
        same = np.searchsorted(thresholds, value)
        assert cut.precision[place] == pytest.approx(precision[same])
        assert cut.recall[place] == pytest.approx(recall[same])
        assert cut.flagged_share[place] == pytest.approx(said.mean())
    # They are about equally many rows apart.
    assert np.diff(cut.flagged_share).min() > -3 / 160
    assert cut.flagged_share[0] == pytest.approx(1.0, abs=0.01)


def test_groups_of_calibration_are_scikit_learns(lender: Lender, quarter: pd.DataFrame) -> None:
    found, _ = lender.ask(by="quarter")
    drawn = curves(lender.workspace, found, 0)
    assert drawn is not None
    came, said = calibration_curve(
        quarter["defaulted"], quarter["score"], n_bins=10, strategy="quantile"
    )
    rate = drawn.calibration.outcome_rate
    # A row at the edge of a group of 218 may belong to either, and so may its cell.
    assert rate.value == pytest.approx(came, abs=3 / 218)
    assert drawn.calibration.mean_score == pytest.approx(said, abs=1e-3)
    assert rate.n.sum() == len(quarter)
    assert np.all((rate.low <= rate.value) & (rate.value <= rate.high))


def test_lift_is_that_of_the_sorted_rows(lender: Lender, quarter: pd.DataFrame) -> None:
    found, _ = lender.ask(by="quarter")
    drawn = curves(lender.workspace, found, 0)
    assert drawn is not None
    label = quarter.sort_values("score", ascending=False)["defaulted"].to_numpy()
    sums = np.concatenate([[0], np.cumsum(label)])
    reached = np.interp(np.linspace(0, len(label), 11), np.arange(len(label) + 1), sums)
    hits = np.diff(reached)
    assert drawn.lift.captured == pytest.approx(reached[1:] / label.sum(), abs=3 / label.sum())
    assert drawn.lift.lift == pytest.approx(hits / (label.sum() / 10), abs=30 / label.sum())
    assert drawn.lift.captured[-1] == pytest.approx(1.0)
    assert drawn.lift.lift.mean() == pytest.approx(1.0)
    assert drawn.lift.lift[0] > 1.5


def test_the_cut_off_in_force_is_the_policys(lender: Lender) -> None:
    found, _ = lender.ask()
    drawn = curves(lender.workspace, found, 2)
    assert drawn is not None
    assert drawn.in_force == CutOff(CUT_OFF, policy="p1")


def test_a_period_with_final_labels_leaves_early_ones_out(lender: Lender) -> None:
    """Until the end of May nothing but January's and February's labels are final."""
    found, _ = lender.ask(by="quarter", as_of="2024-05-31", start="2024-01-01", end="2024-05-31")
    drawn = curves(lender.workspace, found, 0)
    assert found.maturity[0].state == "partial"
    assert drawn is not None
    assert drawn.n == found.maturity[0].used == (lender.rows["month"] <= 2).sum()


def test_without_both_classes_there_is_nothing_to_draw(lender: Lender) -> None:
    found, _ = lender.ask()
    assert found.maturity[11].state == "none"
    assert curves(lender.workspace, found, 11) is None
    rows = lender.rows
    day = rows["scored_at"].dt.tz_convert("Asia/Hong_Kong").dt.strftime("%Y-%m-%d")
    lucky = rows.groupby(day)["defaulted"].sum().loc[:"2024-03-31"]
    quiet = str(lucky[lucky == 0].index[0])
    of_day, _ = lender.ask(by="day", start=quiet, end=quiet)
    assert of_day.maturity[0].used == 24
    assert np.isnan(of_day.figures["roc_auc"].value[0])
    assert np.isnan(of_day.figures["recall"].value[0])
    assert of_day.figures["brier_score"].value[0] > 0  # the rest is there
    assert curves(lender.workspace, of_day, 0) is None
