"""Performance of the test workspace against scikit-learn on its raw rows."""

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

from core.domain.identity import Role
from core.domain.status import NOT_JUDGED, Status
from core.errors import NotComputable
from core.services.performance import Performance, performance
from core.services.questions import Question
from tests.core.services.raw import logged_loans
from tests.support.harbour import Harbour

# The binned score is exact but for the order inside a cell of a five-hundredth of the log odds.
RANKED = {"roc_auc": 1e-3, "average_precision": 2e-3, "gini": 2e-3}
EVERY = (
    Question("loans", by="month"),
    Question("loans", by="all"),
    Question("loans", by="quarter", version="2"),
    Question("loans", by="month", as_of="2024-10-15"),
    Question("loans", by="year", slice="sector=零售"),
)


def ask(harbour: Harbour, question: Question) -> Performance:
    return performance(harbour.workspace, question, actor=harbour[Role.business])


def known_rows(harbour: Harbour, found: Performance) -> pd.DataFrame:
    rows, known, view = logged_loans(harbour), harbour.outcomes, found.view
    known = known[known["observed_at"] <= view.as_of]
    rows = rows[rows["scored_at"] <= view.as_of].merge(known, on="loan_id", how="left")
    if view.question.version:
        rows = rows[rows["release"] == view.question.version]
    if view.slice:
        rows = rows[rows[view.slice[0]] == view.slice[1]]
    outcome = view.contract.outcome
    assert outcome is not None
    return rows.assign(mature=rows["scored_at"] <= outcome.matures_after.before(view.as_of))


def theirs(label: pd.Series, score: pd.Series) -> dict[str, float]:
    said = score >= 0.5  # the contract has no policy
    matrix = sk.confusion_matrix(label, said, labels=[0, 1])
    found = {
        "accuracy": sk.accuracy_score(label, said),
        "brier_score": sk.brier_score_loss(label, score),
        "log_loss": sk.log_loss(label, score, labels=[0, 1]),
        "specificity": matrix[0, 0] / matrix[0].sum(),
        "recall": sk.recall_score(label, said) if label.any() else np.nan,
        "precision": sk.precision_score(label, said) if said.any() else np.nan,
    }
    if label.nunique() == 2:
        found["roc_auc"] = sk.roc_auc_score(label, score)
        found["gini"] = 2 * found["roc_auc"] - 1
        found["average_precision"] = sk.average_precision_score(label, score)
    return found


@pytest.mark.parametrize("question", EVERY)
def test_figures_equal_scikit_learns(harbour: Harbour, question: Question) -> None:
    found = ask(harbour, question)
    rows = known_rows(harbour, found)
    assert found.predictions.sum() == len(rows)
    for index, chunk in enumerate(found.chunks):
        part = rows[rows["scored_at"].between(chunk.start, chunk.end, inclusive="left")]
        far = found.maturity[index]
        assert (far.n, far.matured) == (len(part), part["mature"].sum())
        assert far.labelled == part["defaulted"].notna().sum()
        used = part[part["defaulted"].notna()]
        if far.basis == "matured":
            used = used[used["mature"]]
        assert far.used == len(used)
        if used.empty:
            assert far.state == "none"
            continue
        assert far.state == ("matured" if part["mature"].all() else "partial")
        for name, value in theirs(used["defaulted"].astype(int), used["score"]).items():
            ours = float(found.figures[name].value[index])
            assert ours == pytest.approx(value, abs=RANKED.get(name, 1e-9), nan_ok=True), name


def test_exact_figures_have_no_bound(harbour: Harbour) -> None:
    question = Question("loans", by="quarter")
    found = performance(harbour.workspace, question, actor=harbour[Role.data_scientist], exact=True)
    rows = known_rows(harbour, found)
    for index, chunk in enumerate(found.chunks[:3]):
        part = rows[rows["scored_at"].between(chunk.start, chunk.end, inclusive="left")]
        wanted = theirs(part["defaulted"].astype(int), part["score"])
        for name in ("roc_auc", "average_precision", "gini"):
            ours = float(found.figures[name].value[index])
            assert ours == pytest.approx(wanted[name], rel=1e-12)
    binned = ask(harbour, question).figures["roc_auc"]
    assert found.figures["roc_auc"].low == pytest.approx(binned.low, abs=1e-3, nan_ok=True)


def test_a_partial_period_is_never_judged(harbour: Harbour) -> None:
    found = ask(harbour, Question("loans", by="month", as_of="2024-10-15"))
    partial = [i for i, each in enumerate(found.maturity) if each.state == "partial"]
    assert partial
    rows = [row for row in found.rows() if row.maturity == "partial"]
    assert {row.level for row in rows} <= {str(Status.not_enough_data), NOT_JUDGED}
    assert not any(row.alert for row in rows)
    for row in rows:  # what is known early is no sample: no interval
        assert ("early_labels" in row.warnings) == (row.basis == "early")
        assert row.basis == "matured" or np.isnan([row.realised_low, row.realised_high]).all()
    assert {row.basis for row in rows} == {"matured", "early"}
    assert {row.status for row in rows} <= {"partial", "not_computable"}
    newest = found.newest_matured()
    assert newest is not None
    assert newest < min(partial)


def test_rows_carry_what_programs_need(harbour: Harbour) -> None:
    found = ask(harbour, Question("loans", by="month"))
    row = found.rows()[0]
    assert (row.metric, row.chunk["key"], row.maturity) == ("roc_auc", "2024-01", "matured")
    assert row.realised_low < row.realised < row.realised_high
    assert np.isnan([row.estimated, row.lower, row.upper]).all()
    assert row.labelled_share == 1.0
    assert row.n == row.chunk["n"]
    assert len(found.rows()) == len(found.figures) * 12


def test_bootstrapped_intervals_hold_their_figure(harbour: Harbour) -> None:
    found = performance(
        harbour.workspace, Question("loans", by="all"), actor=harbour[Role.admin], bootstrap=True
    )
    drawn = found.figures["average_precision"]
    assert drawn.low[0] < drawn.value[0] < drawn.high[0]


def test_a_person_limited_to_a_region_sees_its_rows_alone(harbour: Harbour) -> None:
    found = performance(harbour.workspace, Question("loans", by="all"), actor=harbour.hong_kong)
    assert found.predictions[0] == (logged_loans(harbour)["region"] == "HK").sum()


def test_a_model_without_outcomes_says_so(harbour: Harbour) -> None:
    with pytest.raises(NotComputable, match="names no outcome"):
        ask(harbour, Question("tenants", by="all"))


def test_the_confusion_matrix_is_worth_what_the_contract_says(harbour: Harbour) -> None:
    found = ask(harbour, Question("loans", by="all"))
    assert "business_value" not in found.figures  # the contract gives no values


@pytest.mark.parametrize("question", EVERY)
def test_figures_of_counts_lie_within_their_stated_bounds(
    harbour: Harbour, question: Question
) -> None:
    counted = ask(harbour, question)
    exact = performance(harbour.workspace, question, actor=harbour[Role.business], exact=True)
    assert set(counted.bounds) == {
        "roc_auc", "gini", "ks_of_score", "average_precision", "expected_calibration_error",
    }  # fmt: skip
    for row, other in zip(counted.rows(), exact.rows(), strict=True):
        assert other.bound == 0
        if np.isnan(row.bound) or np.isnan(row.realised):
            continue
        assert abs(row.realised - other.realised) <= row.bound + 1e-12, row.metric
        assert (row.bound > 0) <= (row.metric in counted.bounds)
    units = {row.metric: row.unit for row in counted.rows()}
    assert (units["roc_auc"], units["precision"]) == ("none", "share")
