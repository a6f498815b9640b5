"""The flights of LaGuardia: as the source has them, none left out, and what the README says."""

import pandas as pd
import pytest

from data.build import flights
from data.build.common import ROOT, describe

TABLE = pd.read_parquet(flights.FLIGHTS)
README = (ROOT / "data" / "README.md").read_text(encoding="utf-8").partition("\n## flights\n")[2]


def test_the_readme_says_which_file_it_is() -> None:
    found = describe(flights.FLIGHTS)
    assert f"`{found['sha256']}`" in README
    assert f"{found['rows']:,} of them in {found['bytes']:,} bytes" in README
    assert f"`{flights.SOURCE.sha256}`" in README


def test_a_flight_keeps_its_schedule_delays_and_airline() -> None:
    # The source's first row of LaGuardia: UA 1714 to Houston, 5:29 in New York, 4 and 20 minutes.
    first = TABLE.iloc[0]
    local = first["scheduled_at"].tz_convert("America/New_York")
    assert f"{local:%Y-%m-%d %H:%M}" == "2013-01-01 05:29"
    assert (first["carrier"], first["flight"], first["dest"]) == ("UA", 1714, "IAH")
    assert (first["distance"], first["dep_delay"], first["arr_delay"]) == (1416, 4, 20)


def test_delays_are_missing_where_the_source_has_none() -> None:
    assert TABLE["dep_delay"].isna().sum() == 3_153
    assert (TABLE["arr_delay"].isna() & TABLE["dep_delay"].notna()).sum() == 369
    # 10.35 minutes by group_by(origin) in R for Data Science, whose data these are.
    assert TABLE["dep_delay"].mean() == pytest.approx(10.35, abs=0.005)


def test_other_airports_are_left_out_and_the_order_is_that_of_the_schedule() -> None:
    row = {"carrier": "B6", "flight": 7, "dest": "BOS", "distance": 184, "minute": 5}
    delays = {"dep_delay": 3.0, "arr_delay": None}
    hours = ("2013-01-02T10:00:00Z", "2013-01-01T10:00:00Z", "2013-01-01T10:00:00Z")
    source = pd.DataFrame(
        {**row, **delays, "time_hour": hour, "origin": origin}
        for hour, origin in zip(hours, ("LGA", "LGA", "JFK"), strict=True)
    )
    found = flights.flights(source)
    assert [str(time) for time in found["scheduled_at"]] == [
        "2013-01-01 10:05:00+00:00",
        "2013-01-02 10:05:00+00:00",
    ]
    assert found["arr_delay"].isna().all()
