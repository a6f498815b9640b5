"""Dated rates: from the ECB's fixings, and one file that the product imports."""

import pandas as pd
import pytest

from data.build import rates
from data.build.common import DEMO

TABLE = pd.read_csv(DEMO / "rates.csv", parse_dates=["day"])


def test_a_rate_is_the_ratio_of_two_fixings_of_the_last_day_of_a_week() -> None:
    days = pd.to_datetime(["2005-03-23", "2005-03-24", "2005-03-29", "2005-04-01"])
    daily = pd.DataFrame(
        {
            "USD": [1.2, 1.3, 1.2, 1.25],
            "GBP": [0.7, 0.65, 0.7, 0.625],
            "CNY": [None, None, 10.0, 10.0],
            "HKD": [9.0, 10.4, 9.0, 10.0],
            "EUR": 1.0,
        },
        index=pd.DatetimeIndex(days, name="Date"),
    )
    found = rates.week_ends(daily)
    assert [(str(row.day), row.currency, row.hkd) for row in found.itertuples()] == [
        ("2005-03-24", "EUR", 10.4),
        ("2005-03-24", "GBP", 16.0),
        ("2005-03-24", "USD", 8.0),
        ("2005-04-01", "CNY", 1.0),
        ("2005-04-01", "EUR", 10.0),
        ("2005-04-01", "GBP", 16.0),
        ("2005-04-01", "USD", 8.0),
    ]


def test_rates_are_those_that_the_ecb_published() -> None:
    # Euro reference rates of 31 December 2010: USD 1.3362, GBP 0.86075, HKD 10.3856.
    day = TABLE[TABLE["day"] == "2010-12-31"].set_index("currency")["hkd"]
    assert day["USD"] == pytest.approx(10.3856 / 1.3362, abs=5e-6)
    assert day["GBP"] == pytest.approx(10.3856 / 0.86075, abs=5e-6)
    assert day["EUR"] == 10.3856


def test_every_week_has_one_rate_of_each_currency() -> None:
    counts = TABLE.groupby("currency")["day"].agg(["min", "size"])
    assert (
        counts.loc[["EUR", "GBP", "USD"], "size"].tolist() == [736] * 3
    )  # 29 Nov 1999 to 31 Dec 2013
    assert counts["min"]["CNY"] == pd.Timestamp("2005-04-01")
    weeks = TABLE["day"].dt.to_period("W")
    assert not TABLE.assign(week=weeks).duplicated(["currency", "week"]).any()
    dollars = TABLE[TABLE["currency"] == "USD"]
    assert dollars["day"].diff().dt.days.max() <= 10  # never stale, over Christmas neither
    assert dollars["hkd"].between(7.7, 7.85).all()  # linked to the dollar all that time
