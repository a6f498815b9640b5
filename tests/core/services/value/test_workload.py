"""What a moved cut-off brings the queue, against asking the rules again with pandas."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from core.domain.identity import Actor
from core.errors import Forbidden
from core.services.questions import Question
from core.services.value import QueueLoad, workload
from tests.core.services.value.test_value import mature
from tests.support.builders import ADMIN
from tests.support.routed import cases_of
from tests.support.valued import REVIEW, Valued, build_valued

ASKED = Question("loans", by="quarter")


@pytest.fixture(scope="module")
def routed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valued]:
    home = tmp_path_factory.mktemp("workload") / "home"
    home.mkdir()
    found = build_valued(home, reviews=False, review=REVIEW)
    yield found
    found.workspace.store.close()


def chosen(rows: pd.DataFrame, cut_off: "pd.Series[float] | float") -> int:
    """Return how many rows the rules choose, counted one condition after the other."""
    near = (rows["score"] - cut_off).abs() <= 0.03
    large = (rows["score"] >= cut_off) & (rows["amount"] >= 12_000)
    declined = (rows["decision"] == "decline") & (rows["amount"] >= 30_000)
    return int((near | large | declined).sum())


def in_force(rows: pd.DataFrame) -> "pd.Series[float]":
    early = rows["approved_at"].dt.tz_convert("Asia/Hong_Kong") < "2025-09-01"
    return pd.Series(np.where(early, 0.5, 0.4), index=rows.index)


def test_it_counts_the_cases_of_both_cut_offs(routed: Valued) -> None:
    rows = mature(routed)
    found = workload(routed.workspace, ASKED, 0.25, actor=ADMIN)
    assert found is not None
    assert found.today.cases == chosen(rows, in_force(rows))
    assert found.then.cases == chosen(rows, 0.25)
    assert found.then.cases > found.today.cases > 0
    assert found.today.rows == found.then.rows == len(rows)


def test_a_week_is_seven_of_the_days_counted(routed: Valued) -> None:
    rows = mature(routed)
    days = rows["approved_at"].dt.tz_convert("Asia/Hong_Kong").dt.date
    found = workload(routed.workspace, ASKED, 0.25, actor=ADMIN)
    assert found is not None
    assert found.then.days == (days.max() - days.min()).days + 1
    assert found.then.per_week == pytest.approx(7 * found.then.cases / found.then.days)
    assert QueueLoad(0, 0, 0).per_week == 0


def test_only_rows_of_the_question_count(routed: Valued) -> None:
    rows = mature(routed)
    food = rows[rows["industry"] == "food"]
    asked = Question("loans", by="quarter", slice="industry=food")
    found = workload(routed.workspace, asked, 0.3, actor=ADMIN)
    assert found is not None
    assert (found.today.rows, found.then.cases) == (len(food), chosen(food, 0.3))
    early = Question("loans", "2025-01-01", "2025-03-31", by="quarter")
    short = workload(routed.workspace, early, 0.3, actor=ADMIN)
    assert short is not None
    assert short.then.days == 90


def test_rules_that_read_the_logged_decision_are_named(routed: Valued) -> None:
    found = workload(routed.workspace, ASKED, 0.25, actor=ADMIN)
    assert found is not None
    assert found.as_logged == ("declined",)


def test_without_rules_there_is_no_queue(valued: Valued) -> None:
    assert workload(valued.workspace, ASKED, 0.3, actor=ADMIN) is None


def test_nothing_becomes_a_case(routed: Valued) -> None:
    workload(routed.workspace, ASKED, 0.2, actor=ADMIN)
    assert not cases_of(routed.workspace)


def test_whoever_may_not_see_value_sees_no_queue(routed: Valued) -> None:
    nobody = Actor("u9", "wai", frozenset())
    with pytest.raises(Forbidden):
        workload(routed.workspace, ASKED, 0.3, actor=nobody)
