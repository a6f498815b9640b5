"""The SBA log tells the published story, from what was known at each moment only."""

from functools import cache

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import skops.io
from sklearn.metrics import roc_auc_score

from core.contract import load_contract
from data.build import sba, story
from data.build.common import DEMO
from tests.data.test_contracts import ALLOWED

FOLDER = DEMO / "sba-loan-default"
# n, 36-month default, median amount: counted in the source. AUC: of another model fitted on the
# same rows, which ours may differ from a little.
COHORTS = {
    2006: (77_247, 0.111, 0.644, 41_000),
    2007: (67_016, 0.207, 0.634, 40_000),
    2008: (30_786, 0.185, 0.657, 50_000),
    2009: (19_696, 0.106, 0.661, 50_000),
    2010: (16_774, 0.068, 0.619, 75_000),
}


@cache
def table(name: str) -> pd.DataFrame:
    return pd.read_parquet(FOLDER / f"{name}.parquet")


@cache
def cohorts() -> pd.DataFrame:
    return story.cohorts(table("predictions"), table("outcomes"))


@pytest.mark.parametrize("year", COHORTS)
def test_a_cohort_shows_the_published_figures(year: int) -> None:
    n, rate, auc, median = COHORTS[year]
    row = cohorts().loc[year]
    assert row["n"] == n
    assert row["default_rate"] == pytest.approx(rate, abs=0.0006)
    assert row["roc_auc"] == pytest.approx(auc, abs=0.04)
    assert row["median_amount"] == median
    assert 0.015 < row["mean_score"] < 0.028


def test_the_loans_of_2007_default_at_many_times_their_score() -> None:
    row = cohorts().loc[2007]
    assert 8 < row["default_rate"] / row["mean_score"] < 10


def test_the_hold_out_is_calibrated_and_matured_before_the_log_begins() -> None:
    holdout = table("holdout")
    assert len(holdout) == 26_137
    assert holdout["default_score"].mean() == pytest.approx(
        holdout["charged_off"].mean(), abs=0.002
    )
    assert roc_auc_score(holdout["charged_off"], holdout["default_score"]) > 0.7
    assert holdout["observed_at"].max() < pd.Timestamp("2006-01-01 12:00", tz="UTC")
    assert holdout["approved_at"].min() >= pd.Timestamp("2002-07-01", tz=sba.ZONE)


def test_training_ends_before_the_hold_out_and_its_outcomes_were_known() -> None:
    approved = pd.to_datetime(table("training")["approved_on"])
    assert approved.min() >= pd.Timestamp("2000-01-01")
    assert approved.max() < pd.Timestamp("2002-07-01")
    assert approved.max() + pd.DateOffset(months=36) < pd.Timestamp("2006-01-01")


@pytest.mark.parametrize("name", ["predictions", "holdout"])
def test_scores_and_decisions_come_from_the_artefact_and_the_policy(name: str) -> None:
    contract = load_contract(FOLDER / "model.yaml")
    pipeline = skops.io.load(FOLDER / "model.skops", trusted=sorted(ALLOWED))
    rows = table(name)
    expected = pipeline.predict_proba(rows[[item.name for item in contract.features]])[:, 1]
    np.testing.assert_allclose(rows["default_score"], expected, rtol=0, atol=6e-7)
    _, comparison, cut_off, decision = contract.policy[0].parts()
    assert (comparison, cut_off, decision) == (">=", sba.CUT_OFF, "decline")
    declined = rows["default_score"] >= cut_off
    assert ((rows["decision"] == "decline") == declined).all()
    assert set(rows["decision_source"]) == {"demo policy"}


def test_the_version_before_is_the_same_recipe_on_loans_until_a_year_earlier() -> None:
    rows = table("training")
    earlier = rows[pd.to_datetime(rows["approved_on"]) < pd.Timestamp("2001-07-01")]
    known = skops.io.load(FOLDER / "model-0.skops", trusted=sorted(ALLOWED))
    inputs = earlier[[item.name for item in load_contract(FOLDER / "model.yaml").features]]
    # Boosting by the log loss keeps the mean of what it was fitted on, here not that of all rows.
    share = known.predict_proba(inputs)[:, 1].mean()
    assert share == pytest.approx(earlier["charged_off"].mean(), rel=1e-3)
    assert rows["charged_off"].mean() != pytest.approx(share, rel=1e-2)


@pytest.mark.parametrize("name", ["predictions", "holdout", "training"])
def test_no_leak_is_stored_beside_the_features(name: str) -> None:
    names = {
        column.lower().replace("_", "")
        for column in pq.read_schema(FOLDER / f"{name}.parquet").names
    }
    assert not names & {leak.lower().replace("_", "") for leak in sba.LEAKS}
    assert not names & {"term", "name", "city", "zip", "bank"}
    if name == "predictions":
        assert not names & {"chargedoff", "loss", "observedat"}


def test_no_leak_is_read_into_the_features() -> None:
    raw = pd.DataFrame({column: ["1"] for column in sba.COLUMNS_READ})
    with_leaks = raw.assign(ChgOffDate="2-Jan-07", ChgOffPrinGr="$9.00 ", Name="x", City="y")
    pd.testing.assert_frame_equal(sba.features(raw), sba.features(with_leaks))


def test_the_inputs_are_quiet_through_2007_and_move_from_late_2008() -> None:
    drift = story.monthly_drift(table("predictions"))
    quiet = drift["2006-07":"2007-12"].median()
    later = drift["2008-10":"2010-12"].median()
    assert (quiet < 0.1).all()
    moved = ["guaranteed_share", "revolving_credit", "same_state_bank", "default_score", "state"]
    assert (later[moved] > 0.15).all()


def test_a_label_is_known_at_its_own_date() -> None:
    both = table("predictions").merge(table("outcomes"), on="loan_id")
    age = both["observed_at"] - both["approved_at"]
    # A charge-off on the last day is known at 18:00, some hours after the 36 months of that loan.
    assert age.max() < pd.Timedelta(days=1096, hours=10)
    assert (age[both["charged_off"] == 0] >= pd.Timedelta(days=1093)).all()
    assert (both.loc[both["charged_off"] == 0, "loss"] == 0).all()
    assert both["observed_at"].max() < pd.Timestamp("2014-01-01", tz="UTC")


def test_operations_have_one_incident_and_the_sources_own_silent_days() -> None:
    log = table("predictions")
    local = log["approved_at"].dt.tz_convert(sba.ZONE)
    during = (local >= sba.INCIDENT.start) & (local < sba.INCIDENT.end)
    assert during.sum() > 20
    assert (log.loc[during, "status"] == "error").mean() > 0.2
    assert (log.loc[~during, "status"] == "error").mean() < 0.003
    assert log.loc[during, "latency_ms"].median() > 5 * log.loc[~during, "latency_ms"].median()
    days = set(local.dt.date.astype(str))
    assert not days & {"2009-08-07", "2010-01-11", "2010-03-09", "2010-03-10"}
    assert local.dt.hour.between(8, 17).all()
