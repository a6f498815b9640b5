"""Estimated performance against NannyML's published estimates."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from core.metrics.arrays import Floats
from core.metrics.drift.nannyml import row_chunks
from core.metrics.estimation import (
    Calibrator,
    estimate,
    estimate_classes,
    expected_rows,
    fit_calibrator,
    loss_sampling_errors,
)
from core.metrics.estimation.nannyml import (
    CompatEstimates,
    compat_rows,
    fit_compat_calibrator,
)
from core.metrics.estimation.nannyml import estimates as compat_estimates
from core.metrics.estimation.nannyml_figures import Rows
from core.metrics.performance import CellValues
from tests.conformance.cases import CLASSES
from tests.conformance.measure import SAME, SAME_REASON, Comparison, Pair, pairs
from tests.conformance.published import CELLS, VALUES
from tests.core.metrics.estimation.data import car_loan, car_price, prepaid_card, published

MATRIX = [[VALUES[3], VALUES[1]], [VALUES[2], VALUES[0]]]
SORTED = "it depends on where a sort leaves rows of equal scores"
ROUNDED = "NannyML rounds the scores of its curve to 5 decimals"


def estimates() -> Iterator[Comparison]:
    """Yield the comparisons of estimates: in NannyML's conventions, in ours, of classes."""
    for metric in (*CELLS, "business_value"):
        yield from _compat(metric)
    for metric in (*CELLS, "business_value"):
        yield _ours(metric)
    yield from _classes()
    yield from _losses()


def _chunks(part: str) -> list[pd.DataFrame]:
    rows = car_loan(part)
    return [rows.iloc[cut] for cut in row_chunks(len(rows), 5_000)]


@cache
def _compat_chunks(part: str) -> list[Rows]:
    return [
        compat_rows(rows["y_pred_proba"], rows["y_pred"], rows["repaid"]) for rows in _chunks(part)
    ]


@cache
def _compat_calibrator() -> Calibrator:
    reference = car_loan("reference")
    return fit_compat_calibrator(reference["y_pred_proba"], reference["repaid"])


@cache
def _compat_estimates(metric: str) -> CompatEstimates:
    before, after = (_compat_chunks(part) for part in ("reference", "analysis"))
    return compat_estimates(metric, before, after, _compat_calibrator(), values=MATRIX)


def _of_chunks(ours: Sequence[Any] | Floats, theirs: Any, data: str = "car loan") -> Iterator[Pair]:
    yield from pairs(
        (f"{data}, chunk {place}", *both)
        for place, both in enumerate(zip(ours, theirs, strict=True))
    )


def _compat(metric: str) -> Iterator[Comparison]:
    found, want = _compat_estimates(metric), published("nannyml_cbpe_car_loan")
    limits = pairs(
        (f"car loan, {side} threshold", getattr(found, f"{side}_threshold"),
         want[f"{metric}_{side}_threshold"][0])
        for side in ("lower", "upper")
    )  # fmt: skip
    yield Comparison(
        metric, "estimated in NannyML's conventions, value and thresholds", "NannyML CBPE",
        "with `--compat nannyml`",
        (*_of_chunks(found.value, want[f"{metric}_value"]), *limits),
        *((1e-6, SORTED) if metric in {"roc_auc", "average_precision"} else (SAME, SAME_REASON)),
    )  # fmt: skip
    loose = {
        "roc_auc": (1e-5, SORTED),
        "average_precision": (2e-3, "NannyML's 50 draws of it have no seed"),
    }
    yield Comparison(
        metric, "estimated in NannyML's conventions, sampling error", "NannyML CBPE",
        "with `--compat nannyml`",
        tuple(_of_chunks(found.sampling_error, want[f"{metric}_sampling_error"])),
        *loose.get(metric, (SAME, SAME_REASON)),
        of_machine=metric == "roc_auc",
    )  # fmt: skip


@cache
def _our_estimates() -> list[Any]:
    reference = car_loan("reference")
    calibrator = fit_calibrator(reference["y_pred_proba"], reference["repaid"])
    return [
        estimate(
            expected_rows(rows["y_pred_proba"], rows["y_pred"], calibrator),
            values=CellValues(*VALUES),
        )
        for part in ("reference", "analysis")
        for rows in _chunks(part)
    ]


def _ours(metric: str) -> Comparison:
    want = published("nannyml_cbpe_car_loan")[f"{metric}_value"]
    ties = "rows of equal scores are one cut-off here and in both realised figures, there none"
    close = {"roc_auc": (1e-6, ROUNDED), "average_precision": (1e-3, ties)}
    return Comparison(
        metric, "estimated, our own way", "NannyML CBPE",
        "whether to calibrate is judged on folds of our own; the calibration is the same",
        tuple(_of_chunks([found[metric] for found in _our_estimates()], want)),
        *close.get(metric, (SAME, SAME_REASON)),
    )  # fmt: skip


@cache
def _of_classes() -> list[Any]:
    reference = prepaid_card("reference")
    calibrators = {
        name: fit_compat_calibrator(reference[f"y_pred_proba_{name}"], reference["y_true"] == name)
        for name in CLASSES
    }
    chunks = [
        rows.iloc[cut]
        for rows in (reference, prepaid_card("analysis"))
        for cut in row_chunks(len(rows), 6_000)
    ]
    return [
        estimate_classes(
            {name: rows[f"y_pred_proba_{name}"].to_numpy() for name in CLASSES},
            rows["y_pred"],
            calibrators,
        )
        for rows in chunks
    ]


def _classes() -> Iterator[Comparison]:
    want = published("nannyml_cbpe_prepaid_card")
    ties = (5e-6, "rows of equal scores count together here, in the order of a sort there")
    for metric in ("accuracy", "precision", "recall", "f1", "roc_auc"):
        found = [each[metric].overall for each in _of_classes()]
        yield Comparison(
            metric, "estimated, three classes", "NannyML CBPE",
            "the calibration of each class in NannyML's conventions",
            tuple(_of_chunks(found, want[f"{metric}_value"], "prepaid card")),
            *(ties if metric == "roc_auc" else (SAME, SAME_REASON)),
        )  # fmt: skip


def _losses() -> Iterator[Comparison]:
    rows, want = car_price("reference"), published("nannyml_dle_car_price")
    found = loss_sampling_errors(rows["y_pred"], rows["y_true"])
    for metric in ("mae", "mse", "rmse", "mape", "rmsle"):
        yield Comparison(
            metric, "sampling error of the estimate", "NannyML DLE",
            "the estimates, of LightGBM there and of scikit-learn here, are compared in "
            "`tests/core/metrics/estimation/test_dle.py`",
            tuple(
                _of_chunks(
                    found.of(metric, np.full(20, 6_000)),
                    want[f"{metric}_sampling_error"],
                    "car price",
                )
            ),
        )  # fmt: skip
