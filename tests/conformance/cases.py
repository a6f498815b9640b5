"""The rows that are compared: bundled real and published data, and small sets that are hard."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from core.metrics.arrays import Floats
from tests.core.metrics.estimation.data import car_loan, car_price
from tests.core.metrics.fairness.people import some_people

DEMO = Path(__file__).parents[2] / "data" / "demo"
CLASSES = ("highstreet_card", "prepaid_card", "upmarket_card")
Sides = tuple[Floats, Floats]


@cache
def sba() -> pd.DataFrame:
    """Return every eighth loan of the demo's labelled reference, scores and outcomes included."""
    return pd.read_parquet(DEMO / "sba-loan-default" / "holdout.parquet").iloc[::8]


@cache
def sba_later() -> pd.DataFrame:
    """Return every hundredth prediction of the demo's loans."""
    return pd.read_parquet(DEMO / "sba-loan-default" / "predictions.parquet").iloc[::100]


@cache
def acs() -> pd.DataFrame:
    """Return every fiftieth person of the demo's survey with the outcome."""
    rows = pd.read_parquet(DEMO / "acs-employment" / "predictions.parquet").iloc[::50]
    came = pd.read_parquet(DEMO / "acs-employment" / "outcomes.parquet")
    return rows.merge(came[["person_id", "employed"]], on="person_id", validate="one_to_one")


@cache
def lending() -> pd.DataFrame:
    """Return all applications of the demo with decision and outcome."""
    folder = DEMO / "loanapp-fair-lending"
    came = pd.read_parquet(folder / "outcomes.parquet")[["application_id", "denied"]]
    return pd.read_parquet(folder / "predictions.parquet").merge(came, on="application_id")


@cache
def numbers() -> Mapping[str, Sides]:
    """Return pairs of samples, reference first; NaN is a missing value."""
    draw = np.random.default_rng(7)
    before, after = car_loan("reference").iloc[::12], car_loan("analysis").iloc[::25]
    found = {
        f"car loan, {name}": _sides(before[name], after[name])
        for name in (
            *("car_value", "debt_to_income_ratio", "driver_tenure"),
            *("loan_length", "y_pred_proba"),
        )
    }
    for name in ("loan_amount", "guaranteed_share", "employees"):
        found[f"SBA, {name}"] = _sides(sba()[name], sba_later()[name])
    years = acs().groupby("survey_year")["age"]
    found["ACS, age"] = _sides(years.get_group(2015), years.get_group(2018))
    said = [car_price(part)["y_pred"] for part in ("reference", "analysis")]
    found["car price, y_pred"] = _sides(said[0][::15], said[1][::8])
    gaps = np.where(draw.random(800) < 0.2, np.nan, draw.normal(0.2, 1, 800))
    found |= {
        "synthetic, ties": (draw.integers(0, 4, 900) / 4, draw.integers(1, 5, 700) / 4),
        "synthetic, missing": (draw.normal(size=1_200), gaps),
        "synthetic, heavy tails": (draw.standard_cauchy(2_000), draw.standard_cauchy(600) + 0.3),
        "synthetic, apart": (draw.random(300), draw.random(200) + 5),
        "synthetic, 3 against 2 rows": (np.array([1.0, 2.0, 4.0]), np.array([2.0, 9.0])),
    }
    return found


@cache
def categories() -> Mapping[str, tuple[pd.Series, pd.Series]]:
    """Return pairs of columns of texts without missing values, reference first."""
    before, after = car_loan("reference").iloc[::12], car_loan("analysis").iloc[::25]
    loans = ("salary_range", "size_of_downpayment", "repaid_loan_on_prev_car")
    found = {f"car loan, {name}": (before[name], after[name]) for name in loans}
    for name in ("industry", "state", "urban_rural", "business_age", "low_documentation"):
        found[f"SBA, {name}"] = (sba()[name], sba_later()[name])
    first, last = (acs()[acs()["survey_year"] == year] for year in (2015, 2018))
    for name in ("schooling", "marital_status", "race"):
        found[f"ACS, {name}"] = (first[name], last[name])
    found |= {
        "synthetic, a category gone and a new one": (
            pd.Series(list("aaaabbbccd")),
            pd.Series(list("aabbbcceee")),
        ),
        "synthetic, 3 against 2 rows": (pd.Series(list("aab")), pd.Series(list("ab"))),
        "synthetic, the same shares": (pd.Series(list("aab") * 5), pd.Series(list("aab"))),
    }
    return {name: (_texts(one), _texts(other)) for name, (one, other) in found.items()}


def counts(one: pd.Series, other: pd.Series) -> Sides:
    """Return the rows of each category that either side has."""
    names = sorted({*one.unique(), *other.unique()})
    first, second = (
        np.asarray(side.value_counts().reindex(names, fill_value=0), dtype=np.float64)
        for side in (one, other)
    )
    return first, second


@cache
def scored() -> Mapping[str, Sides]:
    """Return scores with outcomes of 0 and 1."""
    draw = np.random.default_rng(11)
    loans, people = car_loan("analysis").iloc[::10], acs()
    rare = draw.beta(1, 30, 3_000)
    return {
        "car loan": _sides(loans["y_pred_proba"], loans["repaid"]),
        "SBA": _sides(sba()["default_score"], sba()["charged_off"]),
        "ACS": _sides(people["employment_score"], people["employed"]),
        "loanapp": _sides(lending()["denial_score"], lending()["denied"]),
        "synthetic, ties": (draw.integers(0, 5, 400) / 4, draw.integers(0, 2, 400).astype(float)),
        "synthetic, rare": (rare, (draw.random(3_000) < rare).astype(float)),
        "synthetic, one score": (np.full(50, 0.3), np.tile([1.0, 0, 0, 0, 0], 10)),
        "synthetic, 0 and 1 and wrong": (np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.0, 1, 1, 0])),
        "synthetic, 3 rows": (np.array([0.2, 0.7, 0.4]), np.array([0.0, 1, 1])),
    }


@cache
def estimated() -> Mapping[str, Sides]:
    """Return estimates with what came."""
    draw = np.random.default_rng(13)
    prices = car_price("analysis")
    found = {
        f"car price, chunk {place}": _sides(rows["y_pred"], rows["y_true"])
        for place, rows in prices.groupby("chunk")
    }
    found |= {
        "synthetic, small": (draw.gamma(2, 3, 500), draw.gamma(2, 3, 500) + 0.1),
        "synthetic, ties": (draw.integers(1, 4, 60) / 2, draw.integers(1, 4, 60) / 2),
        "synthetic, 2 rows": (np.array([3.0, 5.0]), np.array([4.0, 4.5])),
    }
    return found


@cache
def people() -> Mapping[str, pd.DataFrame]:
    """Return people with group, score, flagged, happened and favourable."""
    found = {f"synthetic, seed {seed}": some_people(seed) for seed in (1, 2)}
    found["synthetic, 40 people"] = some_people(3, groups=2, count=40)
    for name in ("sex", "race"):
        found[f"ACS by {name}"] = _people(acs(), name, "employment_score", "employed", worse=0)
        found[f"loanapp by {name}"] = _people(lending(), name, "denial_score", "denied", worse=1)
    return found


def _people(rows: pd.DataFrame, group: str, score: str, label: str, worse: int) -> pd.DataFrame:
    rows = rows[rows[group].notna()]
    flagged = rows[score] >= 0.5
    return pd.DataFrame(
        {
            "group": rows[group].astype(str),
            "score": rows[score],
            "flagged": flagged,
            "happened": rows[label] == 1,
            "favourable": flagged != bool(worse),
        }
    )


def _sides(one: pd.Series, other: pd.Series) -> Sides:
    return one.to_numpy(dtype=float), other.to_numpy(dtype=float)


def _texts(column: pd.Series) -> pd.Series:
    return column.dropna().astype(str).astype(object).reset_index(drop=True)
