"""What a time cost, against pandas on the same loans."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.services.questions import Question
from core.services.value import DriftCost, cost_of_drift
from core.services.value.cost_of_drift import NO_REFERENCE, NO_ROWS
from tests.core.services.value.test_value import mature
from tests.support.builders import ADMIN
from tests.support.valued import MARGIN, Valued, build_valued, valued_loans

REFERENCE = ("2025-01-01", "2025-01-21")  # as the contract says, the last day excluded here


def instant(text: str) -> datetime:
    return pd.Timestamp(text, tz="Asia/Hong_Kong").to_pydatetime()


def cost(valued: Valued, start: str, end: str, **question: str) -> DriftCost:
    asked = Question("loans", **question)
    (found,) = cost_of_drift(valued.workspace, asked, [(instant(start), instant(end))], actor=ADMIN)
    return found


def between(rows: pd.DataFrame, start: str, end: str) -> pd.DataFrame:
    return rows[(rows["approved_at"] >= instant(start)) & (rows["approved_at"] < instant(end))]


def test_a_mature_time_is_what_came(valued: Valued) -> None:
    found = cost(valued, "2025-04-01", "2025-07-01")
    rows = mature(valued)
    before, now = between(rows, *REFERENCE), between(rows, "2025-04-01", "2025-07-01")
    own = now["kept"].where(~now["flagged"], 0.0)
    ratio = before["kept"].where(~before["flagged"], 0.0).sum() / before["amount"].sum()
    expected = ratio * now["amount"].sum()
    assert (found.n, found.realised, found.estimated) == (len(now), len(now), False)
    assert found.expected == pytest.approx(expected)
    assert found.found == pytest.approx(own.sum())
    assert found.cost == pytest.approx(expected - own.sum())
    assert found.low < found.cost < found.high
    assert found.currency == "HKD"


def test_an_open_time_is_estimated_from_the_newest_outcomes(valued: Valued) -> None:
    found = cost(valued, "2025-12-25", "2026-01-10")
    assert (found.realised, found.estimated, found.at_least) == (0, True, False)
    rows = mature(valued)
    now = between(valued.loans, "2025-12-25", "2026-01-10")
    assert found.lost_already == pytest.approx(losses(now))
    own = rows["kept"].where(~rows["flagged"], 0.0)
    # Not score band by score band, but near it: the scores are drawn alike all year.
    rough = own.sum() / rows["amount"].sum() * now["amount"].sum()
    assert found.found == pytest.approx(rough, rel=0.15)
    assert found.low < found.cost < found.high
    # What these loans themselves will scatter by is in the interval, not the year's mean alone.
    assert found.high - found.cost > 0.8 * 1.96 * own.std() * np.sqrt(len(now))


def losses(rows: pd.DataFrame) -> float:
    worth = (rows["amount"] * MARGIN - rows["loss"]).where(~rows["flagged"], 0.0)
    return float(-worth[worth < 0].sum())


def test_losses_of_open_rows_beyond_the_estimate_make_it_a_lower_bound(valued: Valued) -> None:
    """All outcomes of these loans are known, and none is final: far more was lost than before."""
    found = cost(valued, "2025-12-15", "2026-01-10")
    now = between(valued.loans, "2025-12-15", "2026-01-10")
    own = (now["amount"] * MARGIN - now["loss"]).where(~now["flagged"], 0.0)
    assert (found.realised, found.at_least) == (0, True)
    assert found.lost_already == pytest.approx(losses(now))
    in_the_end = found.expected - own.sum()
    assert 0.8 * in_the_end < found.cost < in_the_end
    assert np.isnan([found.low, found.high]).all()
    # Before any of their outcomes came there was nothing but the estimate.
    early = cost(valued, "2025-12-15", "2026-01-10", as_of="2026-01-15")
    assert (early.lost_already, early.at_least) == (0.0, False)


def test_losses_that_grow_are_a_cost(tmp_path: Path) -> None:
    """From April every third loan that was let in is lost in full; the inputs are as before."""
    loans = valued_loans(1600)
    late = (loans["approved_at"] >= instant("2025-04-01")) & (loans.index % 3 == 0)
    loans.loc[late, "charged_off"] = 1
    loans.loc[late, "loss"] = loans.loc[late, "amount"]
    home = tmp_path / "home"
    home.mkdir()
    found = build_valued(home, loans=loans, reviews=False)
    lost = cost(found, "2025-04-01", "2025-05-01")
    assert lost.low > 0
    assert cost(found, "2025-02-01", "2025-03-01").low < 0
    # As it stood at the end of May, when no outcome of April was final.
    early = cost(found, "2025-04-01", "2025-05-01", as_of="2025-05-31")
    assert early.realised == 0
    assert early.cost < lost.cost
    found.workspace.store.close()


def test_what_cannot_be_told_says_why(valued: Valued) -> None:
    assert cost(valued, "2031-01-01", "2031-02-01").why == NO_ROWS
    young = cost(valued, "2025-01-05", "2025-01-20", as_of="2025-02-15")
    assert young.why == NO_REFERENCE
    assert np.isnan([young.cost, young.low, young.high]).all()


def test_a_declined_loan_is_known_to_be_worth_nothing(lending: Valued) -> None:
    found = cost(lending, "2025-04-01", "2025-07-01")
    rows = between(mature(lending), "2025-04-01", "2025-07-01")
    assert found.realised == len(rows)
    assert found.found == pytest.approx(rows["kept"].where(~rows["flagged"], 0.0).sum())
