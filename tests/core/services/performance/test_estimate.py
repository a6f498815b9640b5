"""Estimates of the service against those of the raw rows, and their record by hand."""

import numpy as np
import pandas as pd
import pytest

from core.errors import NotComputable
from core.metrics.estimation import (
    Calibrator,
    SamplingErrors,
    estimate,
    expected_rows,
    fit_calibrator,
    fit_sampling_errors,
    walk_forward,
)
from core.metrics.performance import CellValues, Confusion, score_counts
from core.services.performance.estimate import MINIMUM_EFFECT, least_effects
from tests.support.lender import CUT_OFF, VALUES, Lender

MONEY = CellValues(**{name: float(value) for name, value in VALUES.items()})
RATE = "outcome_rate"
MONTHS = range(1, 13)
MATURED = range(9)  # January to September: three months before the newest prediction
# A cell of the score is a five-hundredth of the log odds wide; a total of money is over 700 rows.
MONEY_NEAR = 5.0
# The error of the average precision is drawn: of 50 draws it is known to a tenth.
DRAWN_NEAR = 0.02


def learned(rows: pd.DataFrame) -> tuple[Calibrator, SamplingErrors]:
    """Learn from raw rows what the service learns from counts."""
    score, hit = rows["score"].to_numpy(), rows["defaulted"].to_numpy() == 1
    flagged = score >= CUT_OFF
    cells = Confusion.of(
        (flagged & hit).sum(), (flagged & ~hit).sum(), (~flagged & hit).sum(),
        (~flagged & ~hit).sum(),
    )  # fmt: skip
    errors = fit_sampling_errors(score_counts(score, hit), cells, values=MONEY)
    return fit_calibrator(score, hit), errors


def estimated(rows: pd.DataFrame, calibrator: Calibrator) -> dict[str, list[float]]:
    found = []
    for month in MONTHS:
        part = rows[rows["month"] == month]["score"].to_numpy()
        said = estimate(expected_rows(part, part >= CUT_OFF, calibrator), values=MONEY)
        found.append({name: float(value) for name, value in said.items()})
    return {name: [each[name] for each in found] for name in found[0]}


@pytest.mark.parametrize(("model", "last"), [("loans", 3), ("registered", 6)])
def test_estimates_are_those_of_the_rows(lender: Lender, model: str, last: int) -> None:
    """Once learned from a period of the log, once from a registered file."""
    found, estimates = lender.ask(model)
    rows = lender.rows
    calibrator, errors = learned(rows[rows["month"] <= last])
    theirs = estimated(rows, calibrator)
    assert estimates.reason is None
    assert set(theirs) == set(estimates.figures) - {RATE}
    n = np.asarray([(rows["month"] == month).sum() for month in MONTHS], dtype=float)
    for name, values in theirs.items():
        near = MONEY_NEAR if name == "business_value" else 2e-3
        ours = estimates.figures[name].band
        assert ours.value == pytest.approx(np.asarray(values), abs=near), name
        came = np.where(found.matured, found.figures[name].value, np.nan)
        came[: last if model == "loans" else 0] = np.nan  # what it was learned from proves nothing
        # Money is judged by prediction: months of any number of rows compare.
        of = n if name == "business_value" else 1.0
        parts = (part / of for part in (np.asarray(values), errors.of(name, n), came))
        stood = walk_forward(name, *parts, matured_after=3)
        for end, theirs_ in (("low", stood.low * of), ("high", stood.high * of)):
            wide = MONEY_NEAR if name == "business_value" else DRAWN_NEAR
            assert getattr(ours, end) == pytest.approx(theirs_, abs=wide), (name, end)
        np.testing.assert_array_equal(estimates.figures[name].chunks_behind, stood.chunks)


def test_the_share_of_positives_is_the_mean_of_the_calibrated_scores(lender: Lender) -> None:
    found, estimates = lender.ask()
    assert RATE in found.figures
    rows = lender.rows
    calibrator, _ = learned(rows[rows["month"] <= 3])
    ours = estimates.figures[RATE].band.value
    theirs = [calibrator.predict(rows[rows["month"] == m]["score"]).mean() for m in MONTHS]
    assert ours == pytest.approx(np.asarray(theirs), abs=2e-4)


def test_coverage_is_counted_over_final_periods(lender: Lender) -> None:
    found, estimates = lender.ask()
    assert np.flatnonzero(found.matured).tolist() == list(MATURED)
    for name, said in estimates.figures.items():
        came, band = found.figures[name].value, said.band
        # January to March taught the estimator: they prove nothing of it.
        judged = [
            month for month in MATURED if month > 2 and not np.isnan(came[month] + band.low[month])
        ]
        held = [month for month in judged if band.low[month] <= came[month] <= band.high[month]]
        assert (said.coverage.covered, said.coverage.judged) == (len(held), len(judged)), name
    assert estimates.figures["roc_auc"].coverage.judged == 6
    # A registered file is no period of the log: all nine count.
    assert lender.ask("registered")[1].figures["roc_auc"].coverage.judged == 9


def test_defaults_that_triple_are_concept_drift_once_their_labels_are_final(lender: Lender) -> None:
    """From August on thrice as many default at the same score: see tests/support/harbour.py."""
    found, estimates = lender.ask()
    for name in ("brier_score", "log_loss"):
        alarm = estimates.figures[name].concept.alarm
        assert [found.chunks[place].key for place in np.flatnonzero(alarm)] == [
            "2024-08",
            "2024-09",
        ], name
    _, then = lender.ask(as_of="2024-10-31", start="2024-01-01", end="2024-10-31")
    assert not any(said.concept.alarm.any() for said in then.figures.values())
    # What cannot see it: the estimate stays where it was.
    band = estimates.figures["brier_score"].band
    assert band.value[7] == pytest.approx(band.value[5], rel=0.1)
    assert found.figures["brier_score"].value[7] > 1.5 * band.value[7]


def test_estimates_stand_beside_what_came_in_the_rows(lender: Lender) -> None:
    found, estimates = lender.ask()
    rows = {(row.metric, row.chunk["key"]): row for row in found.rows(estimates.bands)}
    row, band = rows["roc_auc", "2024-12"], estimates.figures["roc_auc"].band
    assert (row.estimated, row.lower, row.upper) == (band.value[11], band.low[11], band.high[11])
    assert np.isnan(row.realised)
    assert (row.status, row.maturity) == ("no_labels", "none")
    assert np.isnan(rows["gini", "2024-12"].estimated)  # no estimate is made of it


def test_before_anything_is_final_nothing_is_proven(lender: Lender) -> None:
    _, estimates = lender.ask(
        "registered", as_of="2024-02-29", start="2024-01-01", end="2024-02-29"
    )
    for said in estimates.figures.values():
        assert said.coverage.judged == 0
        assert said.chunks_behind.tolist() == [0, 0]
        assert not said.concept.alarm.any()


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("plain", "names no labelled rows"),
        ("unlabelled", "has no labelled rows"),
        ("premature", "has no labelled rows"),
    ],
)
def test_a_reference_without_labels_is_a_reason_and_no_error(
    lender: Lender, model: str, said: str
) -> None:
    found, estimates = lender.ask(model)
    assert estimates.figures == {}
    assert isinstance(estimates.reason, NotComputable)
    assert said in str(estimates.reason)
    assert found.figures["roc_auc"].value[0] > 0.5  # what labels said is there all the same


def test_a_slice_is_estimated_from_its_rows(lender: Lender) -> None:
    _, estimates = lender.ask(slice="sector=零售", by="quarter")
    rows = lender.rows[lender.rows["sector"] == "零售"]
    calibrator, _ = learned(lender.rows[lender.rows["month"] <= 3])
    quarter = rows[rows["month"].between(4, 6)]["score"].to_numpy()
    said = estimate(expected_rows(quarter, quarter >= CUT_OFF, calibrator), values=MONEY)
    ours = estimates.figures["recall"].band
    assert ours.n[1] == len(quarter)
    assert ours.value[1] == pytest.approx(float(said["recall"]), abs=2e-3)


def test_the_least_effect_of_money_is_a_share_of_what_there_is_to_win() -> None:
    found = least_effects(("roc_auc", "business_value"), CellValues(120.0, -30.0, -900.0, 4.0))
    assert found["roc_auc"] == MINIMUM_EFFECT == 0.01
    # One row in a hundred of the best cell instead of the worst: 120 + 900, for each row 10.20.
    assert found["business_value"] == pytest.approx(10.2)
    assert set(least_effects(("roc_auc",), None)) == {"roc_auc"}


def test_a_row_of_money_names_its_currency(lender: Lender) -> None:
    units = {row.metric: row.unit for row in lender.ask()[0].rows()}
    assert units["business_value"] == lender.ask()[0].view.contract.currency
