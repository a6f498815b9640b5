"""The customers' log: honest training, over-prediction that one can see, offers without effect."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
import skops.io

from core.contract import load_contract
from data.build import repurchase, retail_story
from data.build.common import DEMO
from data.build.retail import ZONE, tenth
from tests.data.test_contracts import ALLOWED

FOLDER = DEMO / "customer-repurchase"


@cache
def table(name: str) -> pd.DataFrame:
    return pd.read_parquet(FOLDER / f"{name}.parquet")


@cache
def months() -> pd.DataFrame:
    return retail_story.repurchase()


def test_november_2010_is_over_predicted_by_ten_points() -> None:
    # Counted in the source: 3,941 past customers, 1,738 of whom ordered within 90 days.
    row = months().loc["2010-11"]
    assert row["n"] == 3_941
    assert row["bought_again"] == pytest.approx(1_738 / 3_941)
    assert row["mean_score"] == pytest.approx(0.54, abs=0.01)


def test_over_prediction_stays_while_the_base_ages() -> None:
    later = months()["2010-12":"2011-09"]
    assert (later["mean_score"] - later["bought_again"] > 0.1).all()
    assert months()["recency"].iloc[-1] > 2 * months()["recency"].iloc[0]


def test_offers_have_no_effect_because_none_was_made() -> None:
    known = table("outcomes").drop_duplicates("prediction_id", keep="last")
    rows = table("predictions").merge(known, on="prediction_id")
    picked = rows[(rows["decision"] == "offer") & (rows["scored_at"] < "2011-09-02")]
    groups = picked.groupby("campaign_group")["bought_again"].agg(["mean", "size"])
    share = picked["bought_again"].mean()
    error = np.sqrt(share * (1 - share) * (1 / groups["size"]).sum())
    assert abs(groups["mean"].diff().iloc[-1]) < 2 * error


def test_one_row_in_ten_is_held_out() -> None:
    log = table("predictions")
    assert (log["campaign_group"] == "hold-out").mean() == pytest.approx(0.1, abs=0.005)
    held_out = tenth(log["prediction_id"], "campaign") == 0
    assert ((log["campaign_group"] == "hold-out") == held_out).all()


def test_all_that_was_fitted_on_was_known_on_the_training_date() -> None:
    contract = load_contract(FOLDER / "model.yaml")
    trained = pd.Timestamp(str(contract.versions[0].trained_at), tz=ZONE)
    last = pd.Timestamp(str(table("training")["scored_on"].max()), tz=ZONE)
    assert last + repurchase.WINDOW <= trained
    assert table("holdout")["observed_at"].max() <= trained
    assert table("predictions")["scored_at"].min() >= trained


def test_hold_out_customers_were_not_fitted_on() -> None:
    holdout, training = table("holdout"), table("training")
    assert set(tenth(holdout["customer_id"], "hold-out")) == {0, 1}
    # 2,155 customers on 1 April 2010: counted in the source.
    april = (holdout["scored_at"].dt.tz_convert(ZONE).dt.month == 4).sum()
    assert april + (training["scored_on"].astype(str) == "2010-04-01").sum() == 2_155
    assert holdout["repurchase_score"].mean() == pytest.approx(
        holdout["bought_again"].mean(), abs=0.03
    )


@pytest.mark.parametrize("name", ["predictions", "holdout"])
def test_scores_and_decisions_come_from_the_artefact_and_the_policy(name: str) -> None:
    contract = load_contract(FOLDER / "model.yaml")
    pipeline = skops.io.load(FOLDER / "model.skops", trusted=sorted(ALLOWED))
    rows = table(name)
    expected = pipeline.predict_proba(rows[[item.name for item in contract.features]])[:, 1]
    np.testing.assert_allclose(rows["repurchase_score"], expected, rtol=0, atol=6e-7)
    assert contract.policy[0].parts() == ("score", ">=", repurchase.CUT_OFF, "offer")
    assert ((rows["decision"] == "offer") == (rows["repurchase_score"] >= 0.6)).all()
    assert set(rows["decision_source"]) == {"demo policy"}


def test_a_customer_is_described_by_the_orders_before() -> None:
    placed = _orders(("2010-10-03", 1, "A", 10.0), ("2010-10-20", 1, "B", 5.0))
    placed = pd.concat([placed, _orders(("2010-11-01", 1, "C", 99.0), ("2010-11-02", 2, "D", 1.0))])
    (row,) = repurchase.scored(placed, pd.Timestamp("2010-11-01")).to_dict("records")
    assert (row["customer"], row["recency_days"], row["tenure_days"]) == ("1", 12, 29)
    assert (row["orders"], row["spend"], row["average_order"]) == (2, 15.0, 7.5)


def test_an_outcome_says_what_was_known_then() -> None:
    month = pd.Timestamp("2010-11-01")
    rows = pd.DataFrame({"customer": ["1", "2", "3"], "month": month})
    rows["prediction_id"] = rows["customer"] + "-2010-11"
    placed = _orders(
        ("2010-11-05", 1, "A", 10.0),
        ("2010-12-01", 1, "B", 20.0),
        ("2010-12-24", 2, "C", 7.0),
        ("2011-01-30", 3, "D", 9.0),  # 90 days after 1 November at 00:00: too late
    )
    found = repurchase.outcomes(placed, rows).drop(columns="observed_at").to_numpy().tolist()
    assert found == [
        ["1-2010-11", 1, 1, 10.0],
        ["2-2010-11", 1, 1, 7.0],
        ["1-2010-11", 1, 2, 30.0],
        ["3-2010-11", 0, 0, 0.0],
    ]


def test_the_last_months_know_orders_and_no_absence() -> None:
    rows = table("predictions").merge(table("outcomes"), on="prediction_id")
    last = rows[rows["scored_at"] >= "2011-09-30"]
    assert set(last["bought_again"]) == {1}
    assert table("outcomes")["observed_at"].max() < pd.Timestamp("2011-12-10", tz="UTC")


def test_a_second_row_only_adds_to_the_first() -> None:
    twice = table("outcomes")[table("outcomes").duplicated("prediction_id", keep=False)]
    groups = twice.groupby("prediction_id")
    assert set(groups.size()) == {2}
    assert (groups["bought_again"].min() == 1).all()
    assert (groups["orders_90d"].last() > 1).all()
    assert (groups["revenue_90d"].last() > groups["revenue_90d"].first()).all()


def _orders(*rows: tuple[str, int, str, float]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["at", "customer", "invoice", "value"])
    return table.assign(at=pd.to_datetime(table["at"]), country="France")
