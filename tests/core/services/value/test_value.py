"""What decisions are worth, against pandas and scipy on the same loans."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.domain.identity import Actor, Role
from core.domain.status import Status
from core.errors import Forbidden, NotComputable
from core.services import ingest
from core.services.questions import Question
from core.services.value import ValueAnswer, value
from core.services.value.compared import (
    NO_HOLD_OUT,
    NO_OTHER_POLICY,
    NO_OUTCOMES,
    NO_REVIEW,
    UNKNOWN_OUTCOME,
)
from core.services.value.newest import newest_value
from tests.support.builders import (
    ADMIN,
    a_log,
    a_workspace,
    contract_document,
    contract_text,
    write_parquet,
)
from tests.support.valued import MARGIN, Valued, build_valued, valued_loans

ASKED = Question("loans", by="quarter")


def mature(valued: Valued) -> pd.DataFrame:
    """Return the loans that are three months old at the newest event, with their price."""
    loans = valued.loans
    newest = loans["approved_at"].max() + pd.Timedelta(days=60)  # the last outcome
    before = newest.tz_convert("Asia/Hong_Kong") - pd.DateOffset(months=3)
    rows: pd.DataFrame = loans[loans["approved_at"] <= before].copy()
    rows["kept"] = rows["amount"] * MARGIN - rows["loss"]
    return rows


def answer(valued: Valued, question: Question = ASKED) -> ValueAnswer:
    return value(valued.workspace, question, actor=ADMIN)


def gain(found: ValueAnswer, other: str) -> tuple[float, float, float]:
    each = next(each for each in found.comparisons if each.other == other)
    return each.gain, each.low, each.high


def paired(x: "pd.Series[float]") -> tuple[float, float, float]:
    """Second source: scipy's interval of a mean, times the rows."""
    low, high = stats.norm.interval(0.95, x.mean(), stats.sem(x))
    return float(x.sum()), float(low * len(x)), float(high * len(x))


def test_the_gain_over_other_ways_is_that_of_the_rows(valued: Valued) -> None:
    found, rows = answer(valued), mature(valued)
    acted = rows[rows["branch"] != "hold-out"]
    assert (found.n, found.labelled, found.valued) == (len(rows), len(rows), len(rows))
    flagged = acted["flagged"]
    own = acted["kept"].where(~flagged, 0.0)
    ways = {
        "none_flagged": acted["kept"],
        "all_flagged": acted["kept"] * 0,
        "previous_policy": acted["kept"].where(acted["score"] < 0.5, 0.0),
        "reviewers": acted["kept"].where(~acted["final"], 0.0),
    }
    for name, worth in ways.items():
        assert gain(found, name) == pytest.approx(paired(own - worth)), name
    assert float(found.worth.value) == pytest.approx(own.sum())
    at_random = acted["kept"].sum() * (1 - flagged.mean())
    assert gain(found, "random")[0] == pytest.approx(own.sum() - at_random)


def test_the_hold_out_is_compared_by_welch(valued: Valued) -> None:
    found, rows = answer(valued), mature(valued)
    held = rows["branch"] == "hold-out"
    own = rows["kept"].where(~rows["flagged"], 0.0)[~held]
    test = stats.ttest_ind(own, rows.loc[held, "kept"], equal_var=False)
    limits = test.confidence_interval(0.95)
    expected = (own.mean() - rows.loc[held, "kept"].mean(), limits.low, limits.high)
    assert gain(found, "hold_out") == pytest.approx(expected)


def test_the_ranking_is_that_of_the_rows(valued: Valued) -> None:
    found, rows = answer(valued).ranking, mature(valued)
    assert found is not None
    expected = stats.spearmanr(rows["score"], rows["charged_off"]).statistic
    # Cells of the score are finer than its four decimals but for the lowest: ties differ a little.
    assert float(found.correlation.value) == pytest.approx(float(expected), abs=1e-3)
    assert found.groups.n.sum() == len(rows)
    assert found.groups.positives.sum() == rows["charged_off"].sum()
    assert found.correlation.low > 0
    assert not found.of_known


def test_a_ranking_without_the_flagged_rows_says_so(lending: Valued) -> None:
    found = answer(lending).ranking
    assert found is not None
    assert found.of_known
    assert found.groups.n.sum() == (~mature(lending)["flagged"]).sum()


def test_every_cut_off_is_tried(valued: Valued) -> None:
    found, rows = answer(valued).table, mature(valued)
    assert found is not None
    acted = rows[rows["branch"] != "hold-out"]
    assert found.over == "none_flagged"
    assert found.cut_off[found.today] == 0.4
    for place in (0, 50, found.today, found.best, len(found.cut_off) - 1):
        cut = found.cut_off[place]
        expected = -acted.loc[acted["score"] >= cut, "kept"].sum()
        assert found.gain.value[place] == pytest.approx(expected), cut
    best = acted["kept"].where(acted["score"] < found.cut_off[found.best], 0.0)
    own = acted["kept"].where(~acted["flagged"], 0.0)
    beyond = found.beyond_today
    limits = [float(part) for part in (beyond.value, beyond.low, beyond.high)]
    assert limits == pytest.approx(paired(best - own))


def test_the_course_adds_up(valued: Valued) -> None:
    found = answer(valued)
    assert [each.chunk.key for each in found.course] == ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"]
    assert [each.maturity for each in found.course] == ["matured"] * 3 + ["partial"]
    total = sum(each.found.gain for each in found.course)
    assert total == pytest.approx(found.over_baseline.gain)
    assert found.over_baseline.other == "none_flagged"
    assert found.status is Status.in_range


def test_what_became_of_declined_loans_is_not_known(lending: Valued) -> None:
    found, rows = answer(lending), mature(lending)
    told = {each.other: each.why for each in found.comparisons}
    assert told == {
        "none_flagged": UNKNOWN_OUTCOME,
        "all_flagged": "",
        "random": UNKNOWN_OUTCOME,
        "previous_policy": UNKNOWN_OUTCOME,
        "reviewers": NO_REVIEW,
        "hold_out": NO_HOLD_OUT,
    }
    assert found.n == len(rows)
    assert found.labelled == (~rows["flagged"]).sum()
    assert found.status is Status.not_enough_data
    # Only what was not declined can be compared: cut-offs that decline more than today's.
    table = found.table
    assert table is not None
    assert table.over == "today"
    told_from = table.cut_off[np.isfinite(table.gain.value)]
    assert told_from.max() <= 0.5
    place = 20
    moved = rows[~rows["flagged"] & (rows["score"] >= table.cut_off[place])]
    assert table.gain.value[place] == pytest.approx(-moved["kept"].sum())


def test_a_period_without_outcomes_says_so(valued: Valued) -> None:
    found = answer(valued, Question("loans", start="2025-12-20", by="month"))
    assert found.why == NO_OUTCOMES
    assert found.table is None
    assert found.ranking is None
    assert {each.why for each in found.comparisons if each.other != "hold_out"} == {NO_OUTCOMES}


def test_as_of_an_earlier_day_less_is_known(valued: Valued) -> None:
    found = answer(valued, Question("loans", by="quarter", as_of="2025-06-30"))
    assert [each.maturity for each in found.course] == ["partial"]
    assert found.asked.in_force is not None
    assert found.asked.in_force.policy == "p1"
    told = {each.other: each.why for each in found.comparisons}
    assert told["previous_policy"] == NO_OTHER_POLICY


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"value": None}, "does not say what a decision is worth"),
        ({"value": None, "outcome": None}, "names no outcome"),
    ],
)
def test_what_a_contract_lacks_is_said(
    tmp_path_factory: pytest.TempPathFactory, changes: dict[str, object], text: str
) -> None:
    home = tmp_path_factory.mktemp("bare") / "home"
    home.mkdir()
    workspace = a_workspace(home, contract=contract_text(**changes))
    log = write_parquet(home / "log.parquet", a_log(20))
    ingest.ingest_files(workspace, "loans", [log], actor=ADMIN)
    with pytest.raises(NotComputable, match=text):
        value(workspace, Question("loans"), actor=ADMIN)
    workspace.store.close()


def test_rows_of_other_jurisdictions_do_not_count(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    home = tmp_path_factory.mktemp("places") / "home"
    home.mkdir()
    log = {
        "prediction_id": "loan_id",
        "time": "approved_at",
        "version": "model_version",
        "score": "score",
        "decision": "decision",
        "amount": "amount",
        "jurisdiction": "industry",
    }
    found = build_valued(home, log=log, reviews=False, segments=None)
    only = Actor("u9", "wai", frozenset({Role.business}), jurisdictions=frozenset({"food"}))
    rows = mature(found)
    asked = value(found.workspace, ASKED, actor=only)
    assert asked.n == (rows["industry"] == "food").sum()
    found.workspace.store.close()


def test_who_may_not_see_the_model_is_refused(valued: Valued) -> None:
    nobody = Actor("u9", "wai", frozenset())
    with pytest.raises(Forbidden):
        value(valued.workspace, ASKED, actor=nobody)


def test_a_word_that_decides_nothing_is_not_taken_for_the_other_side(tmp_path: Path) -> None:
    """Reviewers approve some declined loans and refer others, which stay as the model left them."""
    home = tmp_path / "home"
    home.mkdir()
    loans = valued_loans(1600)
    found = build_valued(home, loans=loans, reviews=False)
    declined = loans[loans["flagged"]].iloc[:120]
    words = np.where(np.arange(len(declined)) % 2, "Approved", "referred")
    path = tmp_path / "decisions.parquet"
    pd.DataFrame(
        {
            "prediction_id": declined["loan_id"],
            "time": declined["approved_at"] + pd.Timedelta(hours=2),
            "kind": "human",
            "decision": words,
        }
    ).to_parquet(path)
    ingest.ingest_files(found.workspace, "loans", [path], stream="decisions", actor=ADMIN)
    rows = mature(found)
    let_in = rows["loan_id"].isin(declined["loan_id"][words == "Approved"])
    told = next(each for each in answer(found).comparisons if each.other == "reviewers")
    assert told.apart == let_in.sum()
    assert told.gain == pytest.approx(-rows["kept"][let_in].sum())
    found.workspace.store.close()


def test_a_last_month_whose_rows_are_all_old_enough_is_final(tmp_path: Path) -> None:
    """Outcomes are final after a month; the last one comes 60 days after the last loan."""
    home = tmp_path / "home"
    home.mkdir()
    outcome = {**contract_document()["outcome"], "matures_after": "1 month"}
    found = build_valued(home, loans=valued_loans(1600), outcome=outcome, reviews=False)
    course = answer(found, Question("loans", by="month")).course
    assert course[-1].chunk.end > found.loans["approved_at"].max()  # in the middle of July
    assert {each.maturity for each in course} == {"matured"}
    newest = newest_value(found.workspace, Question("loans", by="month"), actor=ADMIN)
    assert newest is not None
    assert newest.chunk.end == course[-1].chunk.end
    found.workspace.store.close()
