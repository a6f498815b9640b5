"""The fair-lending log: recorded decisions, the four-fifths ratio, out-of-sample scores."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.metrics import roc_auc_score

from data.build import loanapp
from data.build.common import DEMO
from tests.data.test_contracts import ALLOWED

FOLDER = DEMO / "loanapp-fair-lending"
LOG = pd.read_parquet(FOLDER / "predictions.parquet")


def test_approval_fails_four_fifths() -> None:
    # Counted in the source: 1,527 of 1,681 white and 218 of 308 other applicants.
    approved = LOG["decision"] == "approve"
    white = LOG["race"] == "white"
    assert (white.sum(), (~white).sum()) == (1_681, 308)
    assert approved[white].mean() == pytest.approx(0.9084, abs=5e-5)
    assert approved[~white].mean() == pytest.approx(0.7078, abs=5e-5)
    assert approved[~white].mean() / approved[white].mean() == pytest.approx(0.779, abs=5e-4)


def test_decisions_and_outcomes_repeat_what_the_lender_did() -> None:
    decisions = pd.read_parquet(FOLDER / "decisions.parquet")
    known = pd.read_parquet(FOLDER / "outcomes.parquet")
    assert set(decisions["kind"]) == {"human"}
    by_id = LOG.set_index("application_id")["decision"]
    assert (by_id[decisions["prediction_id"]].to_numpy() == decisions["decision"]).all()
    assert ((by_id[known["application_id"]] == "decline").to_numpy() == known["denied"]).all()


@pytest.mark.parametrize("version", loanapp.FOLDS)
def test_scores_come_from_the_artefact_of_the_other_half(version: str) -> None:
    rows = LOG[LOG["model_version"] == version]
    training = pd.read_parquet(FOLDER / f"training-{version}.parquet")
    assert not set(training["application_id"]) & set(rows["application_id"])
    assert len(training) + len(rows) == 1_989
    pipeline = skops.io.load(FOLDER / f"model-{version}.skops", trusted=sorted(ALLOWED))
    expected = pipeline.predict_proba(rows[loanapp.FEATURES])[:, 1]
    np.testing.assert_allclose(rows["denial_score"], expected, rtol=0, atol=6e-7)
    assert roc_auc_score(rows["decision"] == "decline", rows["denial_score"]) > 0.8


@pytest.mark.parametrize(
    ("column", "value", "count"),
    [
        ("credit_guidelines", "666", 2),
        ("term", 999999.375, 4),
        ("credit_lines", 999999.375, 1),
        ("liquid_assets", 1_000_000, 9),
    ],
)
def test_sentinels_are_kept_as_the_readme_says(column: str, value: object, count: int) -> None:
    assert (LOG[column] == value).sum() == count


def test_no_column_tells_what_follows_the_decision() -> None:
    later = {"action", "reject", "approve", "denied", "typur", "inson", "review"}
    assert not later & set(LOG.columns)
    assert not later & {*loanapp.NUMERIC.values(), *loanapp.CATEGORICAL.values()}


def test_the_simulated_months_hold_equal_shares_of_every_race() -> None:
    month = LOG["decided_at"].dt.tz_convert(loanapp.ZONE).dt.month
    assert set(month) == set(range(1, 13))
    counts = pd.crosstab(month, LOG["race"] == "white").to_numpy()
    for left, right in permutations(counts, 2):
        assert abs(left[1] / left.sum() - right[1] / right.sum()) < 0.2
