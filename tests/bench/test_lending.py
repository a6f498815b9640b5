from pathlib import Path

import pandas as pd
import pytest

from bench import lending
from bench.contract import write_contract
from bench.dataset import Dataset
from core.contract import load_contract
from tests.bench.conftest import ROWS


@pytest.fixture(scope="module")
def frame(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Return each decision beside what became of it."""
    folder = tmp_path_factory.mktemp("lent")
    lending.write_lending(dataset, folder)
    made = lending.files_of(dataset, folder)
    decided, came = (
        pd.concat(map(pd.read_parquet, files)) for files in (made.predictions, made.outcomes)
    )
    return decided.merge(came, on="prediction_id", validate="1:1")


def test_every_prediction_has_a_decision_a_group_and_an_outcome(frame: pd.DataFrame) -> None:
    assert len(frame) == ROWS
    assert ((frame["score"] >= lending.CUT_OFF) == (frame["decision"] == "decline")).all()
    assert (frame["sex"] == "female").mean() == pytest.approx(0.48, abs=0.01)
    assert (frame["observed_at"] - frame["made_at"] == pd.Timedelta(days=30)).all()


def test_outcomes_keep_to_the_score_until_summer_only(frame: pd.DataFrame) -> None:
    by_version = frame.groupby("model_version")[["bad", "score"]].mean()
    ratio = by_version["bad"] / by_version["score"]
    assert ratio["1"] == pytest.approx(1.0, abs=0.05)
    assert ratio["2"] == pytest.approx(1.25, abs=0.05)
    assert (frame.loc[frame["bad"] == 0, "loss"] == 0).all()
    lost = frame[frame["bad"] == 1]
    assert (lost["loss"] / lost["loan_amount"]).mean() == pytest.approx(0.45, abs=0.001)


def test_the_contract_asks_for_all_that_a_bank_would(dataset: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "model.yaml"
    write_contract(path, lending.lending_contract(dataset))
    contract = load_contract(path)
    assert [segment.name for segment in contract.segments] == ["region", "sex"]
    assert contract.protected == ("sex",)
    assert contract.value is not None
    assert contract.fairness is not None
    assert contract.kpi_set is not None
