"""Every figure that nannyml 0.13.1 computes from its car loans, through the command line."""

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from core.cli.main import build_app

FIXTURES = Path(__file__).parents[2] / "fixtures" / "car_loan"
METHODS = "kolmogorov_smirnov|jensen_shannon|wasserstein|hellinger|chi2|l_infinity"
OURS = {"y_pred": "@prediction", "y_pred_proba": "@score"}
KINDS = {
    "car_value": "numeric",
    "salary_range": "categorical",
    "debt_to_income_ratio": "numeric",
    "loan_length": "numeric",
    "repaid_loan_on_prev_car": "categorical",
    "size_of_downpayment": "categorical",
    "driver_tenure": "numeric",
}
CONTRACT: dict[str, Any] = {
    "id": "car-loans",
    "name": "Car loans",
    "task": "binary_classification",
    "owner": "Credit",
    "purpose": "Predicts whether a car loan is repaid.",
    # The analysis begins where the reference ends, at 18:00 UTC: midnight in Dhaka.
    "timezone": "Asia/Dhaka",
    "log": {
        "prediction_id": "id",
        "time": "timestamp",
        "score": "y_pred_proba",
        "prediction": "y_pred",
    },
    "features": [{"name": name, "type": kind} for name, kind in KINDS.items()],
    "reference": {"from": "2018-01-01", "to": "2018-10-30"},
}


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Register, ingest and ask as a person would; return the rows of the JSON document."""
    folder = tmp_path_factory.mktemp("car-loans")
    spec = folder / "model.yaml"
    spec.write_text(yaml.safe_dump(CONTRACT), encoding="utf-8")
    files = []
    for part in ("reference", "analysis"):
        rows = pd.read_parquet(FIXTURES / f"{part}.parquet")
        files.append(str(folder / f"{part}.parquet"))
        rows.assign(timestamp=rows["timestamp"].dt.tz_localize("UTC")).to_parquet(files[-1])
    runner = CliRunner(env={"HARBOURLIGHT_HOME": str(folder / "home")})
    for words in (["init"], ["model", "register", str(spec)], ["ingest", "car-loans", *files]):
        done = runner.invoke(build_app(), words, catch_exceptions=False)
        assert done.exit_code == 0, done.output
    asked = ["drift", "car-loans", "--compat", "nannyml", "--by", "rows:5000", "--json"]
    done = runner.invoke(build_app(), asked, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return pd.DataFrame(json.loads(done.stdout)["rows"])


def series() -> list[tuple[str, str]]:
    names = pd.read_csv(FIXTURES / "nannyml_univariate_car_loan.csv", nrows=0).columns
    found = (re.fullmatch(rf"(.+)_({METHODS})_value", name) for name in names)
    return [(match[1], match[2]) for match in found if match]


def test_all_columns_and_methods_are_here() -> None:
    assert len(series()) == 36
    assert {column for column, _ in series()} == {*KINDS, *OURS}


@pytest.mark.parametrize(("column", "method"), series())
def test_every_chunk_agrees(answer: pd.DataFrame, column: str, method: str) -> None:
    mine = OURS.get(column, column)
    rows = answer[(answer["column"] == mine) & (answer["method"] == method)]
    wanted = pd.read_csv(FIXTURES / "nannyml_univariate_car_loan.csv")
    prefix = f"{column}_{method}"
    assert rows["value"].tolist() == pytest.approx(wanted[f"{prefix}_value"].tolist(), rel=1e-9)
    assert rows["alert"].tolist() == wanted[f"{prefix}_alert"].tolist()
    upper = wanted[f"{prefix}_upper_threshold"]
    if upper.notna().any():
        assert rows["threshold"].tolist() == pytest.approx(upper.tolist(), rel=1e-9)
    sizes = [chunk["n"] for chunk in rows["chunk"]]
    assert sizes == [5_000] * 20
