"""Simulated reviewers: near the cut-off only, after the score, and blind to the outcome."""

import pandas as pd
import pytest

from data.build import reviews, sba
from data.build.common import DEMO

FOLDER = DEMO / "sba-loan-default"
LOG = pd.read_parquet(
    FOLDER / "predictions.parquet", columns=["loan_id", "approved_at", "default_score", "decision"]
)
REVIEWS = pd.read_parquet(FOLDER / "decisions.parquet").merge(
    LOG, on="loan_id", suffixes=("", "_of_policy"), validate="one_to_one"
)


def test_the_file_is_what_the_seed_draws() -> None:
    again = reviews.reviews(LOG, cut_off=sba.CUT_OFF, seed=sba.SEED + 2)
    pd.testing.assert_frame_equal(again, pd.read_parquet(FOLDER / "decisions.parquet"))


def test_every_loan_near_the_cut_off_is_reviewed_and_no_other() -> None:
    low, high = reviews.REFERRED
    near = LOG[(LOG["default_score"] >= low) & (LOG["default_score"] < high)]
    assert set(REVIEWS["loan_id"]) == set(near["loan_id"])
    assert (REVIEWS["decided_at"] > REVIEWS["approved_at"]).all()
    hours = (REVIEWS["decided_at"] - REVIEWS["approved_at"]).dt.total_seconds() / 3600
    assert hours.median() == pytest.approx(6, abs=0.2)


def test_reviewers_approve_as_the_readme_says_and_are_called_simulated() -> None:
    late = REVIEWS["approved_at"] >= reviews.STRICTER_FROM
    above = REVIEWS["default_score"] >= sba.CUT_OFF
    shares = (REVIEWS["decision"] == "approve").groupby([late, above]).mean()
    assert shares.tolist() == pytest.approx([0.93, 0.30, 0.80, 0.12], abs=0.03)
    assert (REVIEWS["kind"] == "human").all()
    assert REVIEWS["decided_by"].str.startswith("simulated reviewer ").all()


def test_reviewers_know_nothing_of_the_outcome() -> None:
    known = pd.read_parquet(FOLDER / "outcomes.parquet", columns=["loan_id", "charged_off"])
    rows = REVIEWS.merge(known, on="loan_id")
    declined = rows[rows["decision_of_policy"] == "decline"]
    rates = declined.groupby("decision")["charged_off"].mean()
    assert rates["approve"] == pytest.approx(rates["decline"], abs=0.03)
