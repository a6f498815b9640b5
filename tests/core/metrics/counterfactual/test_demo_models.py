"""Real declined loans and mortgage applications, each result scored again by the model itself."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.contract import ModelContract, load_contract
from core.metrics.arrays import AnyArray, Floats
from core.metrics.counterfactual import Found, Goal, Nothing, Score, find, fit_background, levers_of
from core.metrics.one_thread import one_thread
from tests.support.demo_slices import DEMO, fitted

CASES = 1_000


def answers(
    model: str, artefact: str, training: str, rows: pd.DataFrame, goal: Goal
) -> tuple[ModelContract, list[Found]]:
    """Return what is found for rows, held against a sample of the training set."""
    contract = load_contract(DEMO / model / "model.yaml")
    names = [feature.name for feature in contract.features]
    words = [feature.name for feature in contract.features if feature.type == "categorical"]
    sample = pd.read_parquet(DEMO / model / training, columns=names)
    sample = sample.sample(min(CASES, len(sample)), random_state=1)
    background = fit_background({name: sample[name].to_numpy() for name in names}, words)
    levers = levers_of(contract.features, background)
    with one_thread():
        score = score_of(model, artefact, names)
        found = [find(score, row, levers, background, goal) for row in records(rows[names])]
    return contract, found


def records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return [dict(zip(rows.columns, row, strict=True)) for row in rows.itertuples(index=False)]


def score_of(model: str, artefact: str, names: list[str]) -> Score:
    pipeline = fitted(model, artefact)

    def score(columns: Mapping[str, AnyArray]) -> Floats:
        frame = pd.DataFrame({name: columns[name] for name in names})
        return np.asarray(pipeline.predict_proba(frame)[:, 1]).round(6)  # as the log has it

    return score


def changed_rows(rows: pd.DataFrame, found: list[Found]) -> tuple[pd.DataFrame, list[Any]]:
    """Return the rows as each result would have them, and the results."""
    changed, results = [], []
    for row, answer in zip(records(rows), found, strict=True):
        for one in answer.results:
            after = {each.field: each.after for each in (*one.changes, *one.moved)}
            changed.append({**row, **after})
            results.append(one)
    return pd.DataFrame(changed, columns=rows.columns), results


@pytest.fixture(scope="module", params=[100, pytest.param(1_000, marks=pytest.mark.slow)])
def declined(request: pytest.FixtureRequest) -> pd.DataFrame:
    logged = pd.read_parquet(DEMO / "sba-loan-default" / "predictions.parquet")
    return logged[logged["default_score"] >= 0.035].sample(int(request.param), random_state=2)


@pytest.fixture(scope="module")
def loans(declined: pd.DataFrame) -> tuple[ModelContract, list[Found]]:
    goal = Goal("<", 0.035)
    return answers("sba-loan-default", "model.skops", "training.parquet", declined, goal)


def test_the_scores_of_the_rows_are_those_of_the_log(
    declined: pd.DataFrame, loans: tuple[ModelContract, list[Found]]
) -> None:
    scores = [found.score for found in loans[1]]
    assert scores == pytest.approx(declined["default_score"].tolist(), abs=5e-7)


def test_every_result_is_scored_below_the_cut_off_by_the_model_itself(
    declined: pd.DataFrame, loans: tuple[ModelContract, list[Found]]
) -> None:
    contract, found = loans
    names = [feature.name for feature in contract.features]
    rows, results = changed_rows(declined[names], found)
    again = fitted(contract.id, "model.skops").predict_proba(rows)[:, 1].round(6)
    assert (again < 0.035).all()
    assert again.tolist() == [one.score for one in results]
    assert all(one.nearest <= found[0].limit for one in results)


def test_loans_are_changed_only_as_the_contract_says(
    loans: tuple[ModelContract, list[Found]],
) -> None:
    changes = [each for found in loans[1] for one in found.results for each in one.changes]
    for each in changes:
        if each.field == "loan_amount":
            assert 5_000 <= each.after < each.before
            assert each.after % 1_000 == 0
        elif each.field == "revolving_credit":
            assert {each.before, each.after} == {"N", "Y"}
        else:
            assert (each.field, each.before, each.after) == ("same_state_bank", "no", "yes")
    assert {each.field for each in changes} == {
        "loan_amount",
        "revolving_credit",
        "same_state_bank",
    }


def test_most_are_told_of_one_change_and_the_rest_that_none_was_found(
    loans: tuple[ModelContract, list[Found]],
) -> None:
    reasons = Counter(found.nothing for found in loans[1])
    assert set(reasons) <= {None, Nothing.not_reachable, Nothing.no_actionable_field}
    assert reasons[None] > len(loans[1]) / 2
    fields = [len(found.results[0].changes) for found in loans[1] if found.results]
    assert np.mean(fields) < 1.1


def test_a_smaller_mortgage_is_a_smaller_share_of_the_price() -> None:
    model = "loanapp-fair-lending"
    logged = pd.read_parquet(DEMO / model / "predictions.parquet")
    rows = logged[(logged["model_version"] == "a") & (logged["denial_score"] >= 0.5)]
    contract, found = answers(model, "model-a.skops", "training-a.parquet", rows, Goal("<", 0.5))
    names = [feature.name for feature in contract.features]
    changed, results = changed_rows(rows[names], found)
    again = fitted(model, "model-a.skops").predict_proba(changed)[:, 1].round(6)
    assert again.tolist() == [one.score for one in results]
    assert (again < 0.5).all()
    lowered = [one for one in results if "loan_amount" in one.fields]
    assert lowered
    assert {each.field for one in lowered for each in one.moved} == {"loan_to_price"}
    # The log has the ratio to four decimals.
    assert (changed["loan_amount"] / changed["purchase_price"]).tolist() == pytest.approx(
        changed["loan_to_price"].tolist(), abs=1e-4
    )
