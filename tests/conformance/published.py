"""NannyML's own figures for the data that it comes with, which are committed beside them."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from core.metrics.arrays import Floats
from core.metrics.drift import (
    chi2,
    hellinger,
    jensen_shannon,
    kolmogorov_smirnov_exact,
    l_infinity,
    wasserstein_exact,
)
from core.metrics.drift.nannyml import Kind, compare, row_chunks
from core.metrics.performance import (
    CellValues,
    Confusion,
    binary_figures,
    error_sums,
    regression_figures,
    score_counts,
)
from tests.conformance.cases import counts
from tests.conformance.measure import Comparison, Pair, pairs
from tests.core.metrics.estimation.data import FIXTURES, car_loan, car_price, published

NUMERIC = (
    *("car_value", "debt_to_income_ratio", "driver_tenure", "loan_length"),
    "y_pred_proba",
)
CATEGORICAL = ("repaid_loan_on_prev_car", "salary_range", "size_of_downpayment", "y_pred")
YATES = "; columns of more than two, since of two NannyML corrects the statistic"
METHODS: dict[str, Kind | None] = {
    "jensen_shannon": None,
    "hellinger": None,
    "l_infinity": "categorical",
    "chi2": "categorical",
    "kolmogorov_smirnov": "numeric",
    "wasserstein": "numeric",
}
THEIR_WAY = "with `--compat nannyml`: its bins, its way with unseen values"
VALUES = (100.0, -50.0, -20.0, 10.0)
"""Money a row of each cell, true positives first: the values of the published figures."""
CELLS = ("accuracy", "precision", "recall", "specificity", "f1", "roc_auc", "average_precision")


def of_drift() -> Iterator[Comparison]:
    """Yield our figures in NannyML's conventions, then in ours, beside the published drift."""
    for method, kind in METHODS.items():
        found: list[Pair] = []
        for column in (*NUMERIC, *CATEGORICAL):
            of_column: Kind = "numeric" if column in NUMERIC else "categorical"
            if kind in (None, of_column):
                found += _compat(method, column, of_column)
        yield Comparison(
            method, "in NannyML's conventions, value and threshold",
            "NannyML UnivariateDriftCalculator",
            THEIR_WAY + ", and Yates' correction of two categories" * (method == "chi2"),
            tuple(found),
        )  # fmt: skip
    yield from _our_way()


@cache
def univariate() -> pd.DataFrame:
    """Return NannyML's figures of drift, the reference's ten chunks first."""
    return pd.read_csv(FIXTURES / "car_loan" / "nannyml_univariate_car_loan.csv")


@cache
def _chunks(part: str, size: int = 5_000) -> tuple[pd.DataFrame, ...]:
    rows = car_loan(part).sort_values("timestamp", kind="stable")
    return tuple(rows.iloc[cut] for cut in row_chunks(len(rows), size))


def _compat(method: str, column: str, kind: Kind) -> Iterator[Pair]:
    before, after = (
        [chunk[column].to_numpy() for chunk in _chunks(part)] for part in ("reference", "analysis")
    )
    series = compare(method, kind, before, after)
    name = f"{column}_{method}"
    yield from _each_chunk(column, series.value, univariate()[f"{name}_value"])
    if series.upper_threshold is not None:
        limit = univariate()[f"{name}_upper_threshold"][0]
        yield from pairs([(f"{column}, threshold", series.upper_threshold, limit)])


def _each_chunk(name: str, ours: Any, theirs: Any) -> Iterator[Pair]:
    numbered = enumerate(zip(ours, theirs, strict=True))
    yield from pairs((f"{name}, chunk {place}", *both) for place, both in numbered)


def _our_way() -> Iterator[Comparison]:
    convention = "our own definition; the categories of the reference are all there are"
    no_yates = [name for name in CATEGORICAL if car_loan("reference")[name].nunique() > 2]
    of_counts: dict[str, tuple[Callable[..., Any], tuple[str, ...] | list[str]]] = {
        "jensen_shannon": (jensen_shannon, CATEGORICAL),
        "hellinger": (hellinger, CATEGORICAL),
        "l_infinity": (l_infinity, CATEGORICAL),
        "chi2": (lambda *both: chi2(*both).statistic, no_yates),
    }
    for method, (ours, columns) in of_counts.items():
        text = convention + YATES * (method == "chi2")
        yield Comparison(
            method, "of categories", "NannyML UnivariateDriftCalculator", text,
            tuple(
                pair for column in columns
                for pair in _categories(method, column, ours)
            ),
        )  # fmt: skip
    yield Comparison(
        "kolmogorov_smirnov", "distance, of raw values", "NannyML UnivariateDriftCalculator",
        "our own definition", tuple(_numbers("kolmogorov_smirnov", _distance)), 2e-3,
        "NannyML reads D off 10,000 bins of equal width, we off the values",
    )  # fmt: skip
    yield Comparison(
        "wasserstein", "of raw values", "NannyML UnivariateDriftCalculator",
        "ours times the reference's sd: NannyML's is in the unit of the column",
        tuple(_numbers("wasserstein", _area)), 0.05,
        "NannyML takes 10,000 bins of equal width and one row more in each tail, we the values",
    )  # fmt: skip


def _distance(one: Floats, other: Floats) -> Floats:
    return kolmogorov_smirnov_exact(one, other).distance


def _area(one: Floats, other: Floats) -> float:
    return wasserstein_exact(one, other) * float(np.std(one))


@cache
def _counts(column: str) -> tuple[tuple[Floats, Floats], ...]:
    before = car_loan("reference")[column].astype(str)
    chunks = (*_chunks("reference"), *_chunks("analysis"))
    return tuple(counts(before, chunk[column].astype(str)) for chunk in chunks)


def _categories(method: str, column: str, ours: Callable[..., Any]) -> Iterator[Pair]:
    found = [ours(*both) for both in _counts(column)]
    yield from _each_chunk(column, found, univariate()[f"{column}_{method}_value"])


def _numbers(method: str, ours: Callable[..., Any]) -> Iterator[Pair]:
    for column in NUMERIC:
        before = car_loan("reference")[column].to_numpy(dtype=float)
        found = [ours(before, chunk[column].to_numpy(float)) for chunk in _chunks("analysis")]
        theirs = univariate()[f"{column}_{method}_value"][10:]
        yield from _each_chunk(column, found, theirs)


def of_outcomes() -> Iterator[Comparison]:
    """Yield our realised figures beside those that NannyML published."""
    want = published("nannyml_cbpe_car_loan")
    figures = [
        _realised(rows.iloc[cut])
        for rows in (car_loan("reference"), car_loan("analysis"))
        for cut in row_chunks(len(rows), 5_000)
    ]
    for metric in (*CELLS, "business_value"):
        yield Comparison(
            metric, "realised, 20 chunks", "NannyML CBPE, realised", _note(metric),
            tuple(
                _each_chunk("car loan", [one[metric].value for one in figures],
                            want[f"{metric}_realized"])
            ),
        )  # fmt: skip
    prices = published("nannyml_dle_car_price").iloc[[10, 15]]
    chunks = [rows for _, rows in car_price("analysis").groupby("chunk")]
    errors = [regression_figures(error_sums(rows["y_pred"], rows["y_true"])) for rows in chunks]
    for metric in ("mae", "mse", "rmse", "mape", "rmsle"):
        yield Comparison(
            metric, "realised, 2 chunks", "NannyML PerformanceCalculator", "",
            tuple(
                _each_chunk("car price", [one[metric].value for one in errors],
                            prices[f"{metric}_realized"])
            ),
        )  # fmt: skip


def _note(metric: str) -> str:
    if metric != "business_value":
        return "at the log's own predictions"
    return (
        "the total; NannyML's value per prediction divides each column of the matrix by its own "
        "rows, which is no mean, and is not compared"
    )


def _realised(rows: pd.DataFrame) -> Any:
    said, was = rows["y_pred"].to_numpy() == 1, rows["repaid"].to_numpy() == 1
    cells = ((said & was), (said & ~was), (~said & was), (~said & ~was))
    return binary_figures(
        score_counts(rows["y_pred_proba"], rows["repaid"]),
        Confusion.of(*(cell.sum() for cell in cells)),
        values=CellValues(*VALUES),
    )
