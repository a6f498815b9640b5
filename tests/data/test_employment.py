"""The employment log: published scores, stable over the years."""

import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from data.build import employment
from data.build.common import DEMO

FOLDER = DEMO / "acs-employment"
LOG = pd.read_parquet(FOLDER / "predictions.parquet").merge(
    pd.read_parquet(FOLDER / "outcomes.parquet"), on="person_id", validate="one_to_one"
)


@pytest.mark.parametrize(
    ("year", "count", "auc"),
    [(2016, 69_126, 0.9020), (2017, 69_635, 0.9051), (2018, 70_131, 0.9057)],
)
def test_the_model_ranks_as_well_as_ever(year: int, count: int, auc: float) -> None:
    rows = LOG[LOG["scored_at"].dt.tz_convert(employment.ZONE).dt.year == year]
    assert len(rows) == count
    assert roc_auc_score(rows["employed"], rows["employment_score"]) == pytest.approx(auc, abs=6e-5)


def test_the_simulated_night_lies_in_the_survey_year() -> None:
    local = LOG["scored_at"].dt.tz_convert(employment.ZONE)
    assert (local.dt.year == LOG["survey_year"]).all()
    assert set(local.dt.hour) == {1}
    assert (LOG["known_at"] - LOG["scored_at"] == pd.Timedelta(days=90)).all()
    assert local.dt.date.nunique() == 365 + 366 + 365 + 365


def test_the_prediction_is_the_score_cut_at_one_half() -> None:
    expected = (LOG["employment_score"] >= 0.5).map({True: "1", False: "0"})
    assert (LOG["predicted_employed"] == expected).all()


def test_people_are_described_in_words() -> None:
    assert set(LOG["sex"]) == {"male", "female"}
    assert set(LOG["race"]) == set(employment.RACE.values())
