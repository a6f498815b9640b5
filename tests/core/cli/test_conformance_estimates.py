"""Every figure of nannyml 0.13.1's performance estimation, through the command line."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from core.cli.main import build_app
from core.errors import InvalidInput
from tests.core.cli.test_conformance import CONTRACT, FIXTURES

SHARES = ("roc_auc", "average_precision", "f1", "precision", "recall", "specificity", "accuracy")
CELLS = ("true_positive", "false_positive", "false_negative", "true_negative")
FIGURES = (*SHARES, *CELLS, "business_value")
# nannyml's bootstrap of the average precision has no seed, and its error of the ROC AUC depends on
# where numpy's sort leaves equal scores.
ERRORS = {"average_precision": 0.4, "roc_auc": 1e-3}
BANDS = {"average_precision": 4e-3, "roc_auc": 1e-5}
ESTIMATED: dict[str, Any] = {
    **CONTRACT,
    "segments": ["loan_length"],
    "outcome": {
        "columns": [{"name": "repaid", "type": "label", "positive": 1}],
        "time": "observed_at",
        "matures_after": "1 day",
    },
    "performance_reference": dict(CONTRACT["reference"]),
    "confusion_values": {
        "true_positive": 100,
        "false_positive": -50,
        "false_negative": -20,
        "true_negative": 10,
    },
}
LATER = pd.Timedelta(hours=1)


def files(folder: Path) -> tuple[Path, Path]:
    """Write the log and the outcomes, each known an hour after its prediction."""
    log = pd.concat(
        [pd.read_parquet(FIXTURES / f"{part}.parquet") for part in ("reference", "analysis")]
    )
    labels = pd.read_parquet(FIXTURES / "analysis_labels.parquet").set_index("id")["repaid"]
    log = log.assign(timestamp=log["timestamp"].dt.tz_localize("UTC"))
    known = log["repaid"].fillna(log["id"].map(labels))
    outcomes = pd.DataFrame(
        {"id": log["id"], "observed_at": log["timestamp"] + LATER, "repaid": known.astype(int)}
    )
    paths = folder / "log.parquet", folder / "outcomes.parquet"
    log.drop(columns="repaid").to_parquet(paths[0])
    outcomes.to_parquet(paths[1])
    return paths


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> CliRunner:
    """Register the model and ingest its log and outcomes."""
    folder = tmp_path_factory.mktemp("car-loans")
    spec = folder / "model.yaml"
    spec.write_text(yaml.safe_dump(ESTIMATED), encoding="utf-8")
    runner = CliRunner(env={"HARBOURLIGHT_HOME": str(folder / "home")})
    ask(runner, "init")
    ask(runner, "model", "register", str(spec))
    log, outcomes = files(folder)
    ask(runner, "ingest", "car-loans", str(log))
    ask(runner, "ingest", "car-loans", "--outcomes", str(outcomes))
    return runner


def ask(runner: CliRunner, *words: str) -> str:
    done = runner.invoke(build_app(), list(words), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def rows_of(runner: CliRunner, *words: str) -> pd.DataFrame:
    asked = ("performance", "car-loans", "--compat", "nannyml", *words, "--json")
    return pd.DataFrame(json.loads(ask(runner, *asked))["rows"])


@pytest.fixture(scope="module")
def answer(runner: CliRunner) -> pd.DataFrame:
    return rows_of(runner, "--by", "rows:5000", "--as-of", "2030-01-01")


def test_all_figures_are_here(answer: pd.DataFrame) -> None:
    assert set(answer["metric"]) == set(FIGURES)
    assert answer["part"].tolist() == (["reference"] * 10 + ["analysis"] * 10) * len(FIGURES)


@pytest.mark.parametrize("figure", FIGURES)
def test_every_chunk_agrees(answer: pd.DataFrame, figure: str) -> None:
    rows = answer[answer["metric"] == figure]
    wanted = pd.read_csv(FIXTURES / "nannyml_cbpe_car_loan.csv")
    for ours, theirs, tolerance in (
        ("estimated", "value", 1e-6),
        ("value", "value", 1e-6),
        ("realised", "realized", 1e-6),
        ("lower_threshold", "lower_threshold", 1e-6),
        ("upper_threshold", "upper_threshold", 1e-6),
        ("sampling_error", "sampling_error", ERRORS.get(figure, 1e-6)),
        ("lower", "lower_confidence_boundary", BANDS.get(figure, 1e-6)),
        ("upper", "upper_confidence_boundary", BANDS.get(figure, 1e-6)),
    ):
        found = rows[ours].astype(float).to_numpy()
        column = wanted[f"{figure}_{theirs}"].to_numpy()
        np.testing.assert_allclose(found, column, rtol=tolerance, atol=1e-9, err_msg=ours)
    assert rows["alert"].tolist() == wanted[f"{figure}_alert"].tolist()
    assert (rows["level"] == "act").tolist() == rows["alert"].tolist()
    assert [chunk["n"] for chunk in rows["chunk"]] == [5_000] * 20


def test_what_was_not_known_by_then_is_not_realised(runner: CliRunner) -> None:
    # By hand: the last of the 100,000 rows are 8 minutes 43 seconds apart, and an outcome comes an
    # hour later, so by the last prediction all but the newest seven are known.
    rows = rows_of(runner, "--by", "rows:5000", "--metric", "accuracy", "--as-of", "2019-08-28")
    late = rows.iloc[-1]
    logged = pd.read_parquet(FIXTURES / "analysis.parquet").iloc[45_000:]
    labels = pd.read_parquet(FIXTURES / "analysis_labels.parquet").iloc[45_000:]
    instant = pd.Timestamp("2019-08-29", tz="Asia/Dhaka").tz_convert("UTC").tz_localize(None)
    seen = logged["timestamp"] < instant
    known = logged["timestamp"] + LATER < instant
    assert 0 < (seen & ~known).sum() < 10
    assert late["chunk"]["n"] == seen.sum()
    right = (logged["y_pred"].to_numpy() == labels["repaid"].to_numpy())[known.to_numpy()]
    assert late["realised"] == pytest.approx(right.mean(), rel=1e-12)


def test_months_and_quarters_as_they_are_told(runner: CliRunner) -> None:
    rows = rows_of(runner, "--by", "month", "--metric", "recall", "--metric", "roc_auc")
    assert set(rows["metric"]) == {"recall", "roc_auc"}
    recall = rows[rows["metric"] == "recall"].reset_index()
    # The months of the reference and of the analysis, October 2018 in two parts.
    parts = [pd.read_parquet(FIXTURES / f"{part}.parquet") for part in ("reference", "analysis")]
    sizes = [
        n
        for part in parts
        for n in part.groupby(
            part["timestamp"].dt.tz_localize("UTC").dt.tz_convert("Asia/Dhaka").dt.strftime("%Y-%m")
        ).size()
    ]
    assert [chunk["n"] for chunk in recall["chunk"]] == sizes
    told = ask(
        runner, "performance", "car-loans", "--compat", "nannyml", "--by", "year",
        "--metric", "recall",
    )  # fmt: skip
    assert "Performance" in told
    assert "recall" in told


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--compat", "alibi"), "no conventions of alibi"),
        (("--compat", "nannyml", "--metric", "gini"), "no metric called gini"),
        (("--compat", "nannyml", "--slice", "loan_length=12"), "no conventions of nannyml"),
        (("--by", "rows:100"), "Chunks of N rows"),
    ],
)
def test_what_it_is_not_for(runner: CliRunner, words: tuple[str, ...], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        ask(runner, "performance", "car-loans", *words)
