"""The products' log: the cliff of December 2010, and the replay beside it."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
import skops.io

from core.contract import load_contract
from core.contract.kpi_definitions import kpi_definitions
from data.build import demand, retail_story
from data.build.common import DEMO
from data.build.replay import holding_cost, lost_margin, replay
from data.build.retail import ZONE
from tests.data.test_contracts import ALLOWED

FOLDER = DEMO / "sku-demand"
PRODUCTS = 812


@cache
def table(name: str) -> pd.DataFrame:
    return pd.read_parquet(FOLDER / f"{name}.parquet")


@cache
def months() -> pd.DataFrame:
    return retail_story.demand()


def test_december_2010_is_a_cliff_and_no_other_month() -> None:
    cliff = months().loc["2010-12"]
    assert cliff["wape"] == pytest.approx(1.5, abs=0.1)
    assert cliff["bias"] == pytest.approx(1.1, abs=0.1)
    rest = months().drop("2010-12")
    assert rest["wape"].between(0.55, 0.88).all()
    assert rest["bias"].between(-0.26, 0.26).all()


def test_a_bias_is_judged_by_what_is_too_high_and_too_low() -> None:
    """Errors cancel in a bias, and one limit would call -100 % good."""
    kpis = {each.id: each for each in kpi_definitions(load_contract(FOLDER / "model.yaml"))}
    assert (kpis["bias"].direction, kpis["bias"].targets) == ("neutral", ())
    rows = table("predictions").merge(table("outcomes"), on="prediction_id")
    rows["error"] = rows["forecast_units"] - rows["units_sold"]
    month = rows["forecast_at"].dt.tz_convert(ZONE).dt.strftime("%Y-%m")
    high = rows["error"].clip(lower=0).groupby(month).sum() / months()["units"]
    low = (-rows["error"]).clip(lower=0).groupby(month).sum() / months()["units"]
    assert (high - low).to_numpy() == pytest.approx(months()["bias"].to_numpy())
    assert (high + low).to_numpy() == pytest.approx(months()["wape"].to_numpy())
    act = kpis["over_forecast"].act
    assert act is not None
    assert set(high.index[high > act]) == {"2010-12", "2011-04"}
    assert not (low > (kpis["under_forecast"].act or 0)).any()


def test_the_page_says_how_much_of_the_bias_the_closed_week_is() -> None:
    rows = table("predictions").merge(table("outcomes"), on="prediction_id")
    local = rows["forecast_at"].dt.tz_convert(ZONE)
    december = rows[local.dt.strftime("%Y-%m") == "2010-12"]
    closed = rows[local.dt.strftime("%Y-%m-%d") == "2010-12-27"]
    assert closed["units_sold"].sum() == 0
    sold = december["units_sold"].sum()
    points = 100 * closed["forecast_units"].sum() / sold
    bias = 100 * (december["forecast_units"].sum() / sold - 1)
    said = " ".join(((DEMO.parent / "README.md").read_text(encoding="utf-8")).split())
    assert f"{bias:.0f} % too much, {points:.0f} points of it in the week" in said
    assert f"{0.01 * (113 - bias) * sold / december['forecast_units'].sum():.0%}" == "4%"


def test_the_cliff_costs_stock_rather_than_sales() -> None:
    assert months()["holding_cost"].idxmax() in {"2010-12", "2011-01"}
    served = months()["served"]
    assert served["2010-12"] > served.median()


def test_every_product_is_forecast_every_week() -> None:
    log = table("predictions")
    weeks = log.groupby("forecast_at")["sku"].nunique()
    assert set(weeks) == {PRODUCTS}
    local = log["forecast_at"].dt.tz_convert(ZONE)
    assert (set(local.dt.dayofweek), set(local.dt.hour)) == ({0}, {0})
    assert len(table("outcomes")) == (len(weeks) - 1) * PRODUCTS


@pytest.mark.parametrize("name", ["predictions", "holdout"])
def test_forecasts_come_from_the_artefact(name: str) -> None:
    contract = load_contract(FOLDER / "model.yaml")
    pipeline = skops.io.load(FOLDER / "model.skops", trusted=sorted(ALLOWED))
    rows = table(name)
    expected = pipeline.predict(rows[[item.name for item in contract.features]])
    np.testing.assert_allclose(rows["forecast_units"], expected, rtol=0, atol=6e-7)
    worth = (rows["forecast_units"] * rows["unit_price"]).round(2)
    np.testing.assert_allclose(rows["forecast_value"], worth, rtol=0, atol=1e-9)


def test_training_ends_before_the_hold_out_and_that_before_the_log() -> None:
    contract = load_contract(FOLDER / "model.yaml")
    trained = pd.Timestamp(str(contract.versions[0].trained_at))
    assert pd.to_datetime(table("training")["week"]).max() + pd.Timedelta(days=7) <= trained
    assert table("holdout")["forecast_at"].min() >= trained.tz_localize(ZONE)
    assert table("holdout")["known_at"].max() <= table("predictions")["forecast_at"].min()


def test_inputs_are_the_weeks_before() -> None:
    log = table("predictions").merge(table("outcomes"), on="prediction_id")
    sold = log.pivot_table(index="forecast_at", columns="sku", values="units_sold")
    for name, weeks in (("units_1", 1), ("units_4", 4)):
        given = log.pivot_table(index="forecast_at", columns="sku", values=name)
        assert (given.iloc[4:] == sold.shift(weeks).iloc[4:]).all(axis=None)
    mean = log.pivot_table(index="forecast_at", columns="sku", values="mean_8")
    by_hand = np.mean([sold.shift(weeks).to_numpy() for weeks in range(1, 9)], axis=0)
    np.testing.assert_allclose(mean.to_numpy()[8:], by_hand[8:])


def test_a_replay_by_hand() -> None:
    # Two products over three weeks, stock filled up to twice the forecast.
    forecast = np.array([[5.0, 2.0], [1.0, 2.0], [4.2, 0.0]])
    asked = np.array([[4.0, 7.0], [9.0, 1.0]])
    stock = replay(forecast, asked, 2.0)
    assert stock.up_to.tolist() == [[10, 4], [2, 4], [9, 0]]
    assert stock.before.tolist() == [[0, 0], [6, 0], [0, 3]]
    assert stock.ordered.tolist() == [[10, 4], [0, 4], [9, 0]]
    assert stock.short.tolist() == [[0, 3], [3, 0]]
    assert stock.left.tolist() == [[6, 0], [0, 3]]
    # 52 units at 10 pounds lie a week: 520 x 0.6 x 0.25 / 52; three units at 10: 30 x 0.4.
    assert holding_cost(np.array([52.0]), np.array([10.0])) == pytest.approx([1.5])
    assert lost_margin(np.array([3.0]), np.array([10.0])) == pytest.approx([12.0])


def test_the_log_holds_the_replay_of_its_own_forecasts() -> None:
    rows = table("predictions").merge(table("outcomes"), on="prediction_id", how="left")
    for _, weeks in list(rows.groupby("sku"))[::100]:
        carried = 0
        for row in weeks.to_dict("records"):
            assert row["stock_before"] == carried
            level = int(np.ceil(round(demand.COVER * row["forecast_units"], 6)))
            assert row["order_up_to"] == level
            assert row["replenishment"] == ("order" if level > carried else "hold")
            if not np.isnan(row["units_sold"]):
                there, asked = max(level, carried), int(row["units_sold"])
                carried = max(there - asked, 0)
                assert row["stock_out_units"] == max(asked - there, 0)
                assert row["left_over_units"] == carried


def test_a_family_is_the_first_whose_word_stands_in_the_description() -> None:
    assert demand.family("RED RETROSPOT LUNCH BAG") == "bags"
    assert demand.family("SET OF 3 CAKE TINS PANTRY DESIGN") == "kitchen"
    assert demand.family("ASSORTED COLOURS SILK FAN") == "other"
