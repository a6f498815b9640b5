"""What periods are compared with, in words: on the page, in titles, and where nothing is there."""

import pytest

from app.charts import Look
from app.filters import Filters, ModelChoice, resolve
from app.palette import LIGHT
from app.screens.compared import (
    comparison_name,
    comparison_text,
    nothing_beside,
    nothing_compared,
    period_title,
    with_comparison,
)
from app.screens.drift import page as screen
from app.screens.drift.shares import distribution_chart
from core.domain.comparison import Comparison
from core.domain.identity import Role
from core.domain.status import Status
from core.i18n import translator
from core.services.drift.measure import DriftTable, drift
from core.services.questions import Question
from tests.support.harbour import Harbour

T = translator("en")
LOOK = Look(LIGHT, T)
ALL = ("reference", "weekday", "last-year", "previous", "rolling:6")


def table(harbour: Harbour, against: str, **question: str) -> DriftTable:
    return drift(
        harbour.workspace,
        Question("loans", **question),
        actor=harbour[Role.compliance],
        against=Comparison.parse(against),
    )


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("reference", "the reference"),
        ("weekday", "the same weekdays of the reference"),
        ("last-year", "the same period a year earlier"),
        ("previous", "the period before"),
        ("rolling:6", "the 6 periods before"),
    ],
)
def test_names(text: str, name: str) -> None:
    assert comparison_name(T, Comparison.parse(text)) == name


@pytest.mark.parametrize("locale", ["en", "zh-HK", "zh-CN"])
def test_each_comparison_has_its_own_name_and_title(locale: str) -> None:
    t = translator(locale)
    names = {comparison_name(t, Comparison.parse(text)) for text in ALL}
    assert len(names) == len(ALL)
    titles = [with_comparison(t, "Drift", Comparison.parse(text)) for text in ALL]
    assert titles[0] == "Drift"
    assert len(set(titles)) == len(ALL)


def test_charts_say_what_they_compare_with(harbour: Harbour) -> None:
    found = table(harbour, "previous")
    income = found.column("income")
    charts = (
        screen.map_chart(LOOK, found, None),
        screen.trend_chart(LOOK, found, income),
        distribution_chart(LOOK, found, income, 8, "2024-09"),
    )
    for chart in charts:
        assert "compared with the period before" in chart.labels.title
        assert "compared with the period before" in chart.alt
    assert list(charts[2].table.columns)[1:] == ["before", "current"]
    assert charts[2].labels.n == 31 * 24  # August
    fixed = distribution_chart(LOOK, table(harbour, "reference"), income, 8, "2024-09")
    assert fixed.labels.title == "Income: reference against 2024-09"


def test_what_changed_is_told_from_the_period_before(harbour: Harbour) -> None:
    # Incomes have been 1.8 times as high since September: that moved then, and never again.
    fixed, before = table(harbour, "reference"), table(harbour, "previous")
    assert fixed.column("income").status_at(11) is Status.act
    assert before.column("income").status_at(8) is Status.act
    assert before.column("income").status_at(10) is Status.in_range
    assert " in the reference to " in screen.cause(T, fixed, fixed.column("income"))
    told = screen.cause(T, before, before.column("income"))
    assert "in the reference" not in told
    assert told.startswith("The share of ")


def test_periods_with_nothing_beside_them_are_counted_with_the_reason(harbour: Harbour) -> None:
    assert nothing_beside(T, table(harbour, "previous")) == [
        "1 period is not judged. The log does not reach back to the period compared with."
    ]
    assert nothing_beside(T, table(harbour, "rolling:3"))[0].startswith("3 periods are not judged.")
    assert nothing_beside(T, table(harbour, "weekday")) == []


def test_a_page_without_any_comparison_says_why(harbour: Harbour) -> None:
    found = table(harbour, "last-year")
    reason = "The log does not reach back to the period compared with."
    assert nothing_compared(T, found) == reason
    assert screen.summary(T, found) == (reason, Status.not_enough_data)
    assert nothing_compared(T, table(harbour, "previous")) == ""
    few = table(harbour, "previous", start="2024-05-01", end="2024-05-07", by="day")
    assert "too few rows" in screen.summary(T, few)[0]


@pytest.mark.parametrize("text", ALL[1:])
def test_the_foot_of_the_page_says_what_it_is(harbour: Harbour, text: str) -> None:
    found = table(harbour, text)
    said = screen.reference_text(T, found)
    assert said == comparison_text(T, found)
    assert comparison_name(T, found.against) in said
    assert str(found.view.bins_id) in said


def test_titles_of_cumulated_shares(harbour: Harbour) -> None:
    fixed, before = table(harbour, "reference"), table(harbour, "previous")
    titles = [
        period_title(T, each, each.column("income"), "2024-09", cumulated=True)
        for each in (fixed, before)
    ]
    assert titles == [
        "Income: reference against 2024-09, cumulated",
        "Income: 2024-09, cumulated, compared with the period before",
    ]


@pytest.mark.parametrize(
    ("against", "by", "chosen"),
    [
        ("", "", "reference"),
        ("weekday", "", "weekday"),
        ("rolling:4", "", "rolling:4"),
        ("previous", "rows:500", "previous"),
        ("weekday", "rows:500", "reference"),  # a chunk of rows has no weekday
        ("last-year", "rows:500", "reference"),
        ("rolling:999", "", "reference"),
        ("<script>", "", "reference"),
    ],
)
def test_the_address_says_what_to_compare_with(against: str, by: str, chosen: str) -> None:
    model = ModelChoice(id="m", name="M", rows=2_184)
    filters = resolve({"against": against, "by": by}, [model])
    assert str(filters.against) == chosen
    assert ("against=" in filters.query()) == bool(against)


def test_without_a_word_it_is_the_reference() -> None:
    assert Filters().against.is_fixed
