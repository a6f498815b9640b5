"""The page Outcomes: what it says first, what cards and drills show, what may be taken away."""

import csv
import io

import pytest

from app.screens.outcomes.warm import read_outcomes
from core.domain.identity import Actor, Role
from core.services import exports
from core.services.memo import Memo
from tests.pages.conftest import Open
from tests.pages.reading import figures, html_of, sentences, states
from tests.support.harbour import Harbour

READER = Actor("worker", "worker", frozenset({Role.auditor}), origin="worker")
SPAN = {"range": "custom", "from": "2024-01-01", "to": "2024-09-30"}


def test_a_manager_begins_here_and_everybody_else_with_the_models(
    open_page: Open, harbour: Harbour
) -> None:
    for role, heading in ((Role.business, "Business outcomes"), (Role.auditor, "Overview")):
        test = open_page(harbour.workspace, harbour[role], "home", model="loans", lang="en")
        assert f"<h1>{heading}</h1>" in html_of(test)


def test_what_was_read_ahead_is_all_that_the_first_reader_asks(
    open_page: Open, harbour: Harbour, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, asked = Memo(), Memo()
    monkeypatch.setitem(vars(harbour.workspace), "memo", read)
    assert read_outcomes(harbour.workspace, actor=READER) >= 1
    monkeypatch.setitem(vars(harbour.workspace), "memo", asked)
    test = open_page(harbour.workspace, harbour[Role.business], "outcomes", model="loans")
    assert "Default rate" in sentences(test)[0]
    assert asked._answers
    assert set(asked._answers) <= set(read._answers)


def test_the_sentence_says_what_was_missed_and_why(open_loans: Open) -> None:
    test = open_loans(Role.business, "outcomes", period="2024-08", **SPAN)
    # Defaults are three times as frequent from August on; what became of all is known.
    said = sentences(test)[0]
    assert "Aug 2024: 1 of 2 targets missed: Default rate." in said
    assert "Default rate rose" in said
    assert "The decisions earned" not in said  # the contract says nothing of what they are worth
    # The newest month whose results are known is shown unless another one is asked for.
    assert "Sept 2024: " in sentences(open_loans(Role.business, "outcomes", **SPAN))[0]


def test_a_card_says_target_day_and_who_and_whether_that_was_late(open_loans: Open) -> None:
    html = html_of(open_loans(Role.business, "outcomes", **SPAN))
    assert "Target: at most 12.0%, set on 1 Jun 2024 by 信貸委員會" in html
    assert "The target was set after go-live." in html
    assert "Target: at least 70.0%, set on 1 Dec 2023 by 信貸委員會" in html


def test_another_kpi_can_be_told_of(open_loans: Open) -> None:
    test = open_loans(Role.business, "outcomes", **SPAN)
    test.button(key="hl_choose_kpi_approval_rate").click().run()
    assert "<h2>Approval rate</h2>" in html_of(test)
    assert "Approval rate" in sentences(test)[0]


def test_what_is_no_sum_has_a_course_but_no_causes(open_loans: Open) -> None:
    test = open_loans(Role.business, "outcomes", **SPAN)
    before = len(figures(test))
    test.button(key="hl_choose_kpi_typical_amount").click().run()
    assert len(figures(test)) == before - 1


def test_other_periods_can_be_set_side_by_side(open_loans: Open) -> None:
    test = open_loans(Role.business, "outcomes", **SPAN)
    test.selectbox(key="outcomes_choose_period").set_value("2024-03").run()
    assert "Mar 2024: " in sentences(test)[0]
    test.radio(key="outcomes_choose_against").set_value("last-year").run()
    assert "The log tells of no period to compare with." in html_of(test)


def test_the_decisions_behind_a_value_are_masked_rows(open_loans: Open) -> None:
    test = open_loans(Role.business, "outcomes", **SPAN)
    test.session_state["outcomes_decisions"] = True
    test.run()
    html = html_of(test)
    assert "decisions that count, those that weigh most first." in html


def test_the_figures_can_be_taken_away(open_loans: Open, harbour: Harbour) -> None:
    test = open_loans(Role.business, "outcomes", **SPAN)
    test.button(key="outcomes_prepare").click().run()
    address = html_of(test).split('href="exports/')[1].split('"')[0]
    record, content = exports.fetch(harbour.workspace, address, actor=harbour[Role.business])
    assert record.name.startswith("outcomes-loans-")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    # Four KPIs, each for the whole period and nine months.
    assert len(rows) == 4 * 10
    assert {row["kpi"] for row in rows} >= {"default_rate", "amount_lent"}


def test_who_may_take_nothing_away_is_not_asked(open_loans: Open) -> None:
    test = open_loans(Role.compliance, "outcomes", **SPAN)
    assert not [each for each in test.button if each.key == "outcomes_prepare"]


def test_without_kpis_the_line_to_add_is_shown(open_page: Open, harbour: Harbour) -> None:
    test = open_page(
        harbour.workspace, harbour[Role.business], "outcomes", model="tenants", lang="en"
    )
    assert states(test) == ["No KPIs yet"]
    assert "kpi_set: bank_credit" in html_of(test)


@pytest.mark.parametrize("lang", ["zh-HK", "zh-CN"])
def test_it_is_told_in_every_language(open_loans: Open, lang: str) -> None:
    said = sentences(open_loans(Role.business, "outcomes", lang=lang, **SPAN))[0]
    assert {"zh-HK": "未達標", "zh-CN": "未达标"}[lang] in said


def test_a_reader_of_one_region_sees_its_figures(open_page: Open, harbour: Harbour) -> None:
    test = open_page(
        harbour.workspace, harbour.hong_kong, "outcomes", model="loans", lang="en", **SPAN
    )
    assert sentences(test)


def test_a_link_keeps_the_kpi_and_both_periods(open_loans: Open) -> None:
    test = open_loans(
        Role.business, "outcomes", kpi="approval_rate", period="2024-Q2",
        beside="2024-02-01..2024-02-29",
    )  # fmt: skip
    html = html_of(test)
    assert "<h2>Approval rate</h2>" in html
    assert "29 Feb 2024</span>" in html
    assert "Q2 2024: " in sentences(test)[0]
    test.segmented_control(key="outcomes_choose_grain").set_value("month").run()
    assert "Jun 2024: " in sentences(test)[0]


@pytest.mark.parametrize("period", ["2031-01", "../..", "2024-Q9", "<b>"])
def test_a_period_that_the_log_does_not_have_is_the_newest_known(
    open_loans: Open, period: str
) -> None:
    test = open_loans(Role.business, "outcomes", period=period, kpi="<script>", beside="..", **SPAN)
    assert "Sept 2024: " in sentences(test)[0]


def test_own_dates_are_asked_for(open_loans: Open) -> None:
    test = open_loans(Role.business, "outcomes", beside="own", **SPAN)
    assert {each.key for each in test.date_input} >= {"outcomes_choose_from", "outcomes_choose_to"}
    assert "The log tells of no period to compare with." in html_of(test)
