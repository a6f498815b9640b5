"""What the fairness screen says and draws, from figures whose answers are known."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from app.charts import Look
from app.palette import LIGHT
from app.screens.fairness import page as screen
from app.screens.fairness import pictures, words
from app.screens.fairness.periods import period_frame
from core.domain.identity import Role
from core.domain.status import Status
from core.i18n import Locale, translator
from core.metrics.intervals import Interval
from core.services.fairness.measure import FairnessTable, fairness
from core.services.questions import Question
from core.services.workspace import Workspace
from tests.core.services.fairness.test_measure import people, small
from tests.support.builders import ADMIN, a_row, a_workspace, contract_text, write_parquet
from tests.support.demo_models import LOANAPP, demo_model
from tests.support.harbour import Harbour

T = translator("en")
LOOK = Look(LIGHT, T)
__all__ = ["a_row", "a_workspace", "contract_text", "write_parquet"]


@pytest.fixture(scope="module")
def loanapp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    workspace = demo_model(tmp_path_factory.mktemp("screen"), LOANAPP)
    yield workspace
    workspace.store.close()


@pytest.fixture
def table(loanapp: Workspace) -> FairnessTable:
    return fairness(loanapp, Question(LOANAPP, by="quarter"), actor=ADMIN)


def ask(workspace: Workspace, **asked: str) -> FairnessTable:
    return fairness(workspace, Question("loans", **{"by": "all", **asked}), actor=ADMIN)


def test_the_sentence_names_the_worst_group_its_ratio_and_n(table: FairnessTable) -> None:
    text, status = words.summary(T, table)
    assert status is Status.act
    assert text == (
        "Race: the favourable rate of Black is 0.743 of that of White (67.5% against 90.8%, "
        "n\xa0=\xa0197 and 1,681), below four fifths. All other groups together: 0.779 "
        "(n\xa0=\xa0308). No group's ratio changed over the period by more than chance."
    )


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("zh-HK", "種族：黑人的有利決定比率為白人的 0.743"),
        ("zh-CN", "种族：黑人的有利决定比率为白人的 0.743"),
    ],
)
def test_the_sentence_is_in_the_readers_language(
    table: FairnessTable, locale: Locale, said: str
) -> None:
    assert words.summary(translator(locale), table)[0].startswith(said)


def test_nothing_below_is_said_with_the_lowest_ratio(harbour: Harbour) -> None:
    found = fairness(harbour.workspace, Question("loans"), actor=harbour[Role.admin])
    text, status = words.summary(T, found)
    assert status is Status.in_range
    assert text.startswith("No attribute falls below four fifths; the lowest ratio is 0.9")
    assert "••• " in text


def test_too_few_people_are_not_compared(tmp_path_factory: pytest.TempPathFactory) -> None:
    found = ask(small(tmp_path_factory.mktemp("few"), people(f=10, m=12)))
    text, status = words.summary(T, found)
    assert text == "No two groups have enough rows to be compared."
    assert status is Status.not_enough_data
    sex = found.attributes[0]
    assert words.hidden_text(T, found, sex).startswith("22 rows are in none of the groups shown")
    frame, _ = screen.ranking(T, found)
    assert frame.loc["sex", "note"] == "Fewer than two groups are large enough"
    assert frame.loc["sex", "moved"] == "–"


def test_who_did_not_say_is_counted_beside(table: FairnessTable) -> None:
    by_name = {each.attribute.column: each for each in table.attributes}
    assert (
        words.hidden_text(T, table, by_name["sex"]) == "15 rows give no value; they are no group."
    )
    assert words.hidden_text(T, table, by_name["race"]) == ""


def test_the_ranking_has_the_lowest_first_and_the_others_together(table: FairnessTable) -> None:
    frame, columns = screen.ranking(T, table)
    assert list(frame.index) == ["race", "marital_status", "older_than_median", "sex"]
    assert list(frame["label"]) == ["Race", "Marital status", "Age", "Sex"]
    assert frame.loc["race", "others"] == pytest.approx(0.779, abs=5e-4)
    assert np.isnan(frame["others"].to_numpy(dtype=float)).tolist() == [False, True, True, True]
    assert frame.loc["sex", "note"] == "may be chance"
    assert {column.name for column in columns} == set(frame.columns)


def test_the_charts_say_n_and_where_four_fifths_are(table: FairnessTable) -> None:
    race = table.judged[0]
    ratios = pictures.ratio_chart(LOOK, table)
    assert ratios.table["n"].to_list() == ["1,878", "1,986", "1,989", "1,974"]
    assert "n = 1,989" in ratios.figure.layout.title.text
    rates = pictures.rate_chart(LOOK, table, race)
    assert list(rates.figure.data[0].marker.symbol) == ["circle", "square", "circle"]
    assert "four fifths of the highest 72.7%" in [a.text for a in rates.figure.layout.annotations]
    course = pictures.course_chart(LOOK, table, race)
    assert list(course.table["Black"].notna()) == [True, False, True, False]
    assert [pictures.has_gaps(each) for each in table.judged] == [True, False, False, False]
    assert course.alt.startswith("Race: favourable rate over that of White, over time: last values")


def test_group_figures_and_pairs_are_tables(table: FairnessTable) -> None:
    race = table.judged[0]
    groups, columns = screen.group_frame(T, race)
    assert groups["ratio"].to_list()[:2] == ["1.000", "0.743 (0.652–0.825)"]
    chinese, _ = screen.group_frame(translator("zh-HK"), race)
    assert chinese["ratio"].to_list()[1] == "0.743（0.652–0.825）"
    assert chinese["rate"].to_list()[1].count("（") == 1
    assert groups["flag"].to_list() == ["–", "below", "–"]
    assert groups["false"].to_list()[2] == "–"  # too few of them were denied
    assert {column.name for column in columns} == set(groups.columns)
    apart, _ = screen.summary_frame(T, race)
    assert apart["groups"].to_list()[0] == "Black and White"
    pairs, _ = screen.pair_frame(T, table)
    assert len(pairs) == screen.MOST_PAIRS
    assert pairs["order"].is_monotonic_increasing
    assert pairs["cell"].to_list()[0] == "Black × Not older than the median"
    none, _ = screen.summary_frame(T, race)
    assert len(none) == 6


def test_what_is_favourable_is_said(
    table: FairnessTable, harbour: Harbour, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert words.favourable_text(T, table) == "A favourable decision is “approve”."
    found = fairness(harbour.workspace, Question("loans"), actor=harbour[Role.admin])
    assert words.favourable_text(T, found).startswith("A favourable decision is “approve” or a")
    rows = [a_row(number) for number in range(80)]
    policy = [{"version": "p1", "from": "2025-01-01", "rule": "score >= 0.4 -> decline"}]
    by_policy = ask(small(tmp_path_factory.mktemp("policy"), rows, policy=policy))
    assert words.favourable_text(T, by_policy) == "A favourable decision is any but “decline”."
    log = {"prediction_id": "loan_id", "time": "approved_at", "score": "score"}
    by_score = ask(small(tmp_path_factory.mktemp("score"), rows, log=log))
    assert words.favourable_text(T, by_score).endswith("the row is not flagged.")
    assert words.summary(T, by_score)[0].endswith("the row is not flagged.")
    fairness_ = {"favourable_outcome": "positive"}
    hoped = ask(small(tmp_path_factory.mktemp("hoped"), rows, log=log, fairness=fairness_))
    assert words.favourable_text(T, hoped) == "A favourable prediction is a positive one."


def test_a_low_ratio_of_few_people_may_be_chance(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    # 20 of 31 against 26 of 31: 0.194 ± 1.96 √(0.645·0.355/31 + 0.839·0.161/31) = 0.194 ± 0.212.
    rows = [
        a_row(n, sex="fm"[n % 2], decision="approve" if n // 2 < (20, 26)[n % 2] else "decline")
        for n in range(62)
    ]
    found = ask(small(tmp_path_factory.mktemp("chance"), rows))
    text, status = words.summary(T, found)
    assert "below four fifths; it may be chance." in text
    assert status is Status.watch


def test_all_attributes_that_fail_are_counted_and_inputs_marked(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    features = [
        {"name": "loan amount", "type": "numeric"},
        {"name": "industry", "type": "categorical"},
        {"name": "married", "type": "categorical"},
    ]
    rows = [
        a_row(n, sex="fm"[n % 2], married="yn"[n % 2], decision="approve" if n % 6 else "decline")
        for n in range(240)
    ]
    rows = [row | {"town": ("A", "B")[n % 4 // 2]} for n, row in enumerate(rows)]
    found = ask(
        small(tmp_path_factory.mktemp("both"), rows, features=features, protected=["sex", "town"])
    )
    assert "2 of 3 attributes fall below four fifths." in words.summary(T, found)[0]
    frame, _ = screen.ranking(T, found)
    assert frame.loc["married", "note"] == "Also an input of the model"
    assert frame.loc["town", "label"] == "town"
    assert frame.loc["married", "label"] == "Marital status"


def test_a_log_of_predictions_says_what_stands_for_a_decision(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    log = {
        "prediction_id": "loan_id", "time": "approved_at", "score": "score", "prediction": "said",
    }  # fmt: skip
    rows = [a_row(n, said=str(n % 3 % 2)) for n in range(100)]
    found = ask(small(tmp_path_factory.mktemp("said"), rows, log=log, fairness={"favourable": "1"}))
    assert words.summary(T, found)[0].endswith(
        "A favourable prediction is “1”; the log holds no decisions."
    )


def test_a_ratio_that_changed_is_named(tmp_path_factory: pytest.TempPathFactory) -> None:
    # Eight rows a day: of women every second is declined from February on, of men never more.
    rows = [
        a_row(n, sex=("f", "m")[n % 2], decision="decline" if _declined(n) else "approve")
        for n in range(8 * 150)
    ]
    groups = [{"values": ["f"], "label": "Women"}, {"values": ["m"], "label": "Men"}]
    contract = {"fairness": {"attributes": [{"column": "sex", "groups": groups}]}}
    found = ask(small(tmp_path_factory.mktemp("moved"), rows, **contract), by="month")
    assert "The ratio changed over the period: Sex: Women." in words.summary(T, found)[0]
    assert screen.ranking(T, found)[0].loc["sex", "moved"] == "changed"


def _declined(number: int) -> bool:
    return number % 10 == 1 or (number > 8 * 60 and number % 4 == 0)


def test_outcomes_are_counted_or_said_to_be_missing(
    table: FairnessTable, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert words.outcome_text(T, table).startswith("1,982 of 1,989 rows have a matured outcome")
    found = ask(small(tmp_path_factory.mktemp("none"), people(f=40, m=40), outcome=None))
    assert words.outcome_text(T, found).startswith("The contract names no outcome")


def test_periods_say_what_is_not_final(table: FairnessTable) -> None:
    frame, columns = period_frame(T, table.judged[0])
    assert [column.name for column in columns] == list(frame.columns)
    assert frame["period"].to_list() == ["1990-Q1", "1990-Q2", "1990-Q3", "1990-Q4"]
    final = frame["matured"] >= 1
    assert final.any()
    assert not final.all()
    said = frame["opportunity"]
    assert not said[final].str.contains("not final").any()
    assert said[~final & (said != "–")].str.endswith(", not final").all()


@pytest.mark.parametrize(("high", "word"), [(0.9, "below"), (1.1, "below; may be chance")])
def test_a_ratio_that_may_be_chance_is_marked(high: float, word: str) -> None:
    ratio = Interval(*(np.asarray([part]) for part in (0.7, 0.5, high, 60.0)))
    assert screen.flag(T, ratio, 0) == word
    assert screen.flag(T, replace(ratio, value=np.asarray([0.8])), 0) == "–"
