"""The bundled data of nannyml 0.13.1 and its own figures: see tests/fixtures/README.md."""

from functools import cache
from pathlib import Path

import pandas as pd

FIXTURES = Path(__file__).parents[3] / "fixtures"


@cache
def car_loan(part: str) -> pd.DataFrame:
    """Return the rows of ``reference`` or ``analysis`` with their outcomes ``repaid``."""
    rows = pd.read_parquet(FIXTURES / "car_loan" / f"{part}.parquet")
    if part == "analysis":
        labels = pd.read_parquet(FIXTURES / "car_loan" / "analysis_labels.parquet")
        assert labels["id"].tolist() == rows["id"].tolist()
        rows["repaid"] = labels["repaid"].astype(float)
    return rows


@cache
def car_price(part: str) -> pd.DataFrame:
    """Return the rows of the reference, or of the chunks 0 and 5 of the analysis."""
    return pd.read_parquet(FIXTURES / "car_price" / f"{part}.parquet")


@cache
def prepaid_card(part: str) -> pd.DataFrame:
    """Return scores, predicted and true class of the three-class data."""
    return pd.read_parquet(FIXTURES / "prepaid_card" / f"{part}.parquet")


@cache
def published(name: str) -> pd.DataFrame:
    """Return nannyml's own figures, the reference's chunks first."""
    folder = name.removeprefix("nannyml_cbpe_").removeprefix("nannyml_dle_")
    return pd.read_csv(FIXTURES / folder / f"{name}.csv")
