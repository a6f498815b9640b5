"""The demo's loans, every one of which was made: what the page says beside pandas on the files."""

from collections.abc import Iterator

import pandas as pd
import pytest
from scipy import stats

from core.services.questions import Question
from core.services.value import ValueAnswer, cost_of_drift, value, what_if
from core.services.workspace import Workspace
from data.build.common import DEMO
from tests.support.builders import ADMIN
from tests.support.demo_models import demo_model

SBA = "sba-loan-default"
MARGIN, CUT_OFF = 0.04, 0.035

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    workspace: Workspace = demo_model(tmp_path_factory.mktemp("sba"), SBA)
    yield workspace
    workspace.store.close()


@pytest.fixture(scope="module")
def answer(bank: Workspace) -> ValueAnswer:
    return value(bank, Question(SBA, by="year"), actor=ADMIN, cut_off=0.03)


@pytest.fixture(scope="module")
def loans() -> pd.DataFrame:
    """Return the loans of which every one is old enough: the newest outcome is of 2013-12-31."""
    folder = DEMO / SBA
    rows = pd.read_parquet(folder / "predictions.parquet")
    rows = rows.merge(pd.read_parquet(folder / "outcomes.parquet"), on="loan_id")
    decided = pd.read_parquet(folder / "decisions.parquet").sort_values("decided_at")
    final = decided.groupby("loan_id")["decision"].last()
    rows["final"] = rows["loan_id"].map(final).fillna(rows["decision"])
    return rows.assign(kept=rows["loan_amount"] * MARGIN - rows["loss"])


def gain(found: ValueAnswer, other: str) -> tuple[float, float, float]:
    each = next(each for each in found.comparisons if each.other == other)
    return each.gain, each.low, each.high


def paired(x: "pd.Series[float]") -> tuple[float, float, float]:
    low, high = stats.norm.interval(0.95, x.mean(), stats.sem(x))
    return float(x.sum()), float(low * len(x)), float(high * len(x))


def test_the_gains_are_those_of_the_files(answer: ValueAnswer, loans: pd.DataFrame) -> None:
    assert (answer.n, answer.labelled, answer.valued) == (len(loans), len(loans), len(loans))
    flagged = loans["default_score"] >= CUT_OFF
    own = loans["kept"].where(~flagged, 0.0)
    assert gain(answer, "none_flagged") == pytest.approx(paired(own - loans["kept"]), rel=1e-6)
    assert gain(answer, "all_flagged") == pytest.approx(paired(own), rel=1e-6)
    final = loans["kept"].where(loans["final"].str.lower() != "decline", 0.0)
    assert gain(answer, "reviewers") == pytest.approx(paired(own - final), rel=1e-6)


def test_the_ranking_is_that_of_scipy(answer: ValueAnswer, loans: pd.DataFrame) -> None:
    expected = stats.spearmanr(loans["default_score"], loans["charged_off"]).statistic
    assert answer.ranking is not None
    assert float(answer.ranking.correlation.value) == pytest.approx(float(expected), abs=1e-3)


def test_a_moved_cut_off_is_that_of_the_files(answer: ValueAnswer, loans: pd.DataFrame) -> None:
    found, then = what_if(answer, 0.03), loans["default_score"] >= 0.03
    assert found.then.flagged == pytest.approx(then.mean())
    assert float(found.then.outcome_rate.value) == pytest.approx(
        loans.loc[~then, "charged_off"].mean()
    )
    assert float(found.then.value.value) == pytest.approx(loans.loc[~then, "kept"].sum())


def test_losses_already_made_bound_the_cost_of_the_summer_of_2007(bank: Workspace) -> None:
    """At the end of 2009 none of these loans is final; the price of 2006 holds no crisis."""
    summer = [
        (
            pd.Timestamp("2007-07-01", tz="America/New_York").to_pydatetime(),
            pd.Timestamp("2007-10-01", tz="America/New_York").to_pydatetime(),
        )
    ]
    (then,) = cost_of_drift(bank, Question(SBA, as_of="2009-12-31"), summer, actor=ADMIN)
    (now,) = cost_of_drift(bank, Question(SBA), summer, actor=ADMIN)
    assert (then.realised, then.at_least, now.estimated) == (0, True, False)
    assert now.cost == pytest.approx(124.3e6, rel=0.01)
    # A bound and no forecast: most of these loans failed later still.
    assert 80e6 < then.lost_already < now.cost
    assert 15e6 < then.cost < now.cost
