"""Alarms on the drift screen: what is said of the rate, the ranking, and why."""

import re
from dataclasses import replace

import pytest

from app.screens.drift.alarms import (
    MEASURED,
    alarm_frame,
    out_of,
    rate_text,
    thresholds_text,
    whole_text,
)
from app.screens.drift.reasons import fault_text, flow_text, slice_text
from core.config import PROJECT_ROOT
from core.domain.identity import Role
from core.i18n import translator
from core.metrics.alarms import FrozenFeed, NewValue, NullBurst, SlicePart, UnitChange
from core.services.drift.measure import drift
from core.services.drift_alarms import JudgedMonth, judged_month, reasons_of
from core.services.questions import Question
from tests.support.harbour import Harbour

T = translator("en")


@pytest.fixture
def month(harbour: Harbour) -> JudgedMonth:
    question = Question("loans", by="month")
    return judged_month(
        harbour.workspace, question, actor=harbour[Role.data_scientist], at="2024-09"
    )


def test_the_rate_is_stated_with_what_it_rests_on(month: JudgedMonth) -> None:
    text = rate_text(T, month)
    rate = round(1 / month.family.stated_rate)
    assert f"one false alarm in {rate} model-months" in text
    assert f"{month.family.size} figures" in text
    assert "91 reference days" in text  # January to March 2024
    assert ("too short" in text) is month.is_short
    assert ("less than half a year" in text) is not month.is_short
    for locale in ("zh-HK", "zh-CN"):
        assert str(rate) in rate_text(translator(locale), month)


def test_a_period_that_is_cut_is_said_to_be_judged_whole(month: JudgedMonth) -> None:
    assert whole_text(T, month.view, month.looks) == ()
    shown = replace(month.view, window=replace(month.view.window, end=month.looks[0].start))
    assert whole_text(T, shown, month.looks) == (
        "A period that the chosen days cut is judged whole.",
    )


def test_measured_rates_are_those_of_the_tables() -> None:
    table = (PROJECT_ROOT / "docs" / "alarms.md").read_text(encoding="utf-8")
    row = next(line for line in table.splitlines() if line.startswith("| measured rate of ours"))
    measured = re.findall(r"([\d.]+) % \(", row)
    said = re.findall(r"([\d.]+)%", MEASURED)
    assert said == ["1", measured[0], measured[-1]]


def test_the_lines_say_where_they_come_from(harbour: Harbour) -> None:
    actor = harbour[Role.data_scientist]
    table = drift(
        harbour.workspace, Question("loans", by="month"), actor=actor, columns=["income", "years"]
    )
    assert "cannot be told" in thresholds_text(T, table)
    told = replace(table.columns[0].limits, expected_rate=0.01)
    first = replace(table.columns[0], limits=told)
    both = thresholds_text(T, replace(table, columns=(first, replace(first, column="years"))))
    assert "0.020 of them" in both
    one = thresholds_text(T, replace(table, columns=(first, table.columns[1])))
    assert one.endswith("The others are numbers that somebody chose.")


def test_harmless_drift_sinks(month: JudgedMonth) -> None:
    columns = {verdict.member.series for verdict in month.alarms}
    assert "income" in columns
    others = dict.fromkeys(columns, 1.0)
    first = alarm_frame(T, month, {**others, "income": 1000.0})[0]
    last = alarm_frame(T, month, {**others, "income": 0.0})[0]
    assert first.index[0] == "income"
    assert last.index[-1] == "income"
    assert set(first.index) == columns  # one row a column, whatever number of figures is out
    verdict = next(each for each in month.alarms if each.member.series == "income")
    assert first.loc["income", "effect"] == verdict.effect
    assert out_of(verdict) == verdict.statistic / verdict.threshold


def test_faults_are_told_in_figures() -> None:
    assert "5.0%" in fault_text(T, NewValue(0.05, 120.0))
    assert "from 1.0% to 12.5%" in fault_text(T, NullBurst(0.01, 0.125))
    assert "1,000 times" in fault_text(T, UnitChange(1000.0, 998.0, "kilo", 0.03))
    assert "3 days" in fault_text(T, FrozenFeed(3, 1.0, "A"))


def test_slices_are_told_only_where_they_matter() -> None:
    parts = (
        SlicePart("CA", 0.06, 0.01, 0.05, 10.0, 12.0),
        SlicePart("NY", 0.03, 0.0, 0.03, 10.0, 12.0),
        SlicePart("TX", 0.001, 0.0, 0.001, 10.0, 12.0),
    )
    text = slice_text(T, "State", parts)
    assert "CA (66%)" in text
    assert "NY (33%)" in text
    assert "TX" not in text
    assert slice_text(T, "State", ()) == ""


def test_rows_move_from_somewhere_to_somewhere(harbour: Harbour, month: JudgedMonth) -> None:
    verdict = next(each for each in month.alarms if each.member.series == "income")
    found = reasons_of(harbour.workspace, month, verdict)
    assert found.why.flows
    text = flow_text(T, found.why.flows[0], "HKD")
    assert T.percent(found.why.flows[0].share) in text
